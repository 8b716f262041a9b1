"""NHANES: discrimination, calibration, decision. Truth: survival, pROC 1.18, riskRegression."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from tests.real.people import ITERATIVE, close, column, cut

OUTCOME = "Surv(years, death)"
STEPS = {"age_sex": "age10 + sex", "pheno_sex": "pheno10 + sex",
         "pheno_age_sex": "pheno10 + age10 + sex", "age": "age10", "pheno": "pheno10"}  # fmt: skip
PAIRED = {"c1": "estimate2", "c2": "estimate1", "difference": "estimate", "se": "std_error",
          "conf_low": "conf_low", "conf_high": "conf_high", "z": "statistic",
          "p": "p_value"}  # fmt: skip


def same_difference(row, expected):
    """A gain is new minus old; R's first is the old one."""
    for theirs, ours in PAIRED.items():
        theirs = theirs if theirs in expected else theirs.replace("c", "auc")
        close(row[ours], expected[theirs], ITERATIVE)


@pytest.fixture(scope="module")
def scored(nhanes):
    """The 10-year risks of two Cox models, and the score as published."""
    rows, _ = nhanes
    risks = {}
    for name, right in {"base": STEPS["age_sex"], "full": STEPS["pheno_age_sex"]}.items():
        fit = fs.coxph(f"{OUTCOME} ~ {right}", rows)
        risks[name] = 1 - fit.predict(rows, "survival", times=[10])["estimate"].to_numpy()
    return rows.assign(**risks, levine=rows["mortality10"])


@pytest.mark.parametrize(("old", "new"), [("age_sex", "pheno_age_sex"), ("age_sex", "pheno_sex"),
                                          ("age", "pheno")])  # fmt: skip
def test_gain_of_concordance(nhanes, old, new):
    rows, r = nhanes
    fits = [fs.coxph(f"{OUTCOME} ~ {STEPS[name]}", rows) for name in (old, new)]
    expected = r["c_difference"]
    same_difference(fs.concordance_test(*fits).tidy().iloc[0], expected[f"{old}_to_{new}"])
    if old == "age":
        early = fs.concordance_test(*fits, ymax=10).tidy().iloc[0]
        same_difference(early, expected["age_to_pheno_up_to_10_years"])
        uno = fs.concordance_test(*fits, timewt="n/G2").tidy().iloc[0]
        same_difference(uno, expected["age_to_pheno_uno"])


def test_gain_of_concordance_to_18_years(nhanes):
    rows, r = nhanes
    late = cut(rows, 18)
    fits = [fs.coxph(f"{OUTCOME} ~ {STEPS[name]}", late) for name in ("age_sex", "pheno_age_sex")]
    expected = r["robustness"]["follow_up_cut_at_18_years"]["c_difference"]
    same_difference(fs.concordance_test(*fits).tidy().iloc[0], expected)


def test_auc_of_death_within_ten_years(scored, nhanes):
    _, r = nhanes
    expected = r["auc10_delong"]
    for name, formula in {"age_to_pheno": "died10 ~ age + phenoage",
                          "base_to_full": "died10 ~ base + full"}.items():  # fmt: skip
        same_difference(fs.roc(formula, scored, direction="<").contrasts().iloc[0], expected[name])
    gaps = fs.roc("died10 ~ gap + accel", scored, direction="<").tidy().set_index("marker")
    for name in ("gap", "accel"):
        got = gaps.loc[name, ["estimate", "std_error"]]
        close(got, list(expected[name].values()), ITERATIVE)
    best = fs.roc("died10 ~ phenoage", scored, direction="<").coords("youden").iloc[0]
    close(best[["threshold", "sensitivity", "specificity"]],
          list(expected["youden_pheno"][0].values()))  # fmt: skip


def test_auc_at_fixed_times(nhanes):
    rows, r = nhanes
    auc = fs.time_roc(f"{OUTCOME} ~ age + phenoage", rows, [5, 10, 15])
    for ours, theirs in {"estimate": "AUC", "std_error": "se", "conf_low": "lower",
                         "conf_high": "upper"}.items():  # fmt: skip
        close(auc.tidy()[ours], column(r["auc_ipcw"]["score"], theirs))
    gain = auc.contrasts()
    for ours, theirs in {"estimate": "delta.AUC", "std_error": "se", "p_value": "p"}.items():
        close(gain[ours], column(r["auc_ipcw"]["contrasts"], theirs), ITERATIVE)


def test_brier(scored, nhanes):
    _, r = nhanes
    expected = r["brier10"]
    risks = {name: scored[[name]].to_numpy() for name in ("base", "full", "levine")}
    score = fs.brier(f"{OUTCOME} ~ 1", scored, 10, risks=risks)
    close(score.tidy()["estimate"], column(expected["score"], "Brier"), ITERATIVE)
    close(score.tidy()["std_error"], column(expected["score"], "se"), ITERATIVE)
    close(score.ipa().tidy()["estimate"], column(expected["score"], "IPA"), ITERATIVE)
    gains = score.contrasts().set_index(["marker1", "marker2"])
    for pair in expected["contrasts"]:
        row = gains.loc[(pair["model"], pair["reference"])]
        close(row[["estimate", "std_error"]], [pair["delta.Brier"], pair["se"]], ITERATIVE)


NAMES = {"in_the_large": "intercept", "intercept": "intercept_with_slope", "slope": "slope",
         "brier": "brier", "auc": "c_statistic", "observed": "mean_observed",
         "predicted": "mean_predicted", "o_e": "observed_expected_ratio"}  # fmt: skip


@pytest.mark.parametrize(("name", "risk"), [("cox_age_sex", "base"), ("cox_pheno_age_sex", "full"),
                                            ("levine_below_1", "levine")])  # fmt: skip
def test_calibration(scored, nhanes, name, risk):
    _, r = nhanes
    rows = scored[scored["levine"] < 1 - 1e-9] if name == "levine_below_1" else scored
    table = fs.calibration(f"died10 ~ {risk}", rows, n_resamples=0).tidy().set_index("quantity")
    expected = r["calibration10"][name]
    for theirs, ours in NAMES.items():
        close(table.loc[ours, "estimate"], expected[theirs], ITERATIVE)
    close(table.loc["slope", "std_error"], expected["slope_se"], ITERATIVE)


def test_tenths_of_risk(scored, nhanes):
    _, r = nhanes
    expected = pd.DataFrame(r["calibration10"]["groups_cox_pheno_age_sex"])
    groups = fs.calibration("died10 ~ full", scored, groups=10, n_resamples=0).groups()
    assert groups["n"].tolist() == expected["n"].tolist()
    close(groups["predicted"], expected["predicted"], ITERATIVE)
    close(groups["n_event"] / groups["n"], expected["observed"])


def test_net_benefit(scored, nhanes):
    _, r = nhanes
    expected = pd.DataFrame(r["decision_curve10"])
    curve = fs.decision_curve("died10 ~ base + full + levine", scored,
                              expected["threshold"].tolist(), n_resamples=0)  # fmt: skip
    wide = curve.tidy().pivot(index="threshold", columns="marker", values="estimate")
    names = {"base": "cox_age_sex", "full": "cox_pheno_age_sex", "levine": "levine",
             "treat all": "treat_all"}  # fmt: skip
    for ours, theirs in names.items():
        close(wide[ours], expected[theirs])


def test_substitution(nhanes):
    rows, r = nhanes
    expected = r["substitution"]
    fit = fs.marker_substitution(f"{OUTCOME} ~ sex", rows, marker="pheno10", other="age10")
    names = ["covariates", "with_phenoage", "with_age", "both"]
    close([m.log_lik for m in fit.models.values()],
          [expected["models"][n]["loglik"] for n in names], ITERATIVE)  # fmt: skip
    gains = fit.contrasts().set_index(["marker1", "marker2"])
    swapped = gains.loc[("covariates + pheno10", "covariates + age10")]
    same_difference(swapped, expected["c_age_to_phenoage"])


def test_points(nhanes):
    rows, r = nhanes
    expected = r["substitution"]["points_score"]
    points = {
        f"score_{name}": np.maximum(0, (rows[column] - 20) // 5) + 2 * (rows["sex"] == "male")
        for name, column in {"age": "age", "pheno": "phenoage"}.items()
    }
    rows = rows.assign(**points)
    fits = [fs.coxph(f"{OUTCOME} ~ {name}", rows) for name in points]
    for fit, name in zip(fits, ("with_age", "with_phenoage"), strict=True):
        close(fit.coef.iloc[0], expected[name]["coef"][0], ITERATIVE)
    same_difference(fs.concordance_test(*fits).tidy().iloc[0], expected["c_difference"])
    gain = fs.roc("died10 ~ score_age + score_pheno", rows, direction="<").contrasts()
    same_difference(gain.iloc[0], expected["auc10"])
    moved = np.sign(rows["score_pheno"] - rows["score_age"]).value_counts()
    assert [moved[k] for k in (-1, 0, 1)] == list(expected["moved"].values())
