"""NHANES: discrimination, calibration, decision. Truth: survival, pROC 1.18, riskRegression."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from tests.real.people import ITERATIVE, close, column, cut, same_columns, same_p
from tests.real.test_nhanes_models import same_fit

OUTCOME = "Surv(years, death)"
STEPS = {"age_sex": "age10 + sex", "pheno_sex": "pheno10 + sex",
         "pheno_age_sex": "pheno10 + age10 + sex", "age": "age10", "pheno": "pheno10"}  # fmt: skip
PAIRED = {"c1": "estimate2", "c2": "estimate1", "difference": "estimate", "se": "std_error",
          "conf_low": "conf_low", "conf_high": "conf_high", "z": "statistic",
          "p": "p_value"}  # fmt: skip


def same_difference(row, expected, each=None):
    """A gain is new minus old; R's first is the old one. `each` holds both by themselves."""
    for theirs, ours in PAIRED.items():
        theirs = theirs if theirs in expected else theirs.replace("c", "auc")
        close(row[ours], expected[theirs], ITERATIVE)
    if each is not None:
        close(each["std_error"], [expected["se1"], expected["se2"]], ITERATIVE)
        for i, limits in enumerate(expected.get(f"ci{k}") for k in (1, 2)):
            if limits is not None:
                close(each[["conf_low", "conf_high"]].iloc[i], limits, ITERATIVE)


def each_concordance(fits, rows, **options):
    """Both C indices by themselves: the higher the predictor, the earlier the death."""
    scores = {f"lp{i}": fit.predict(rows, "lp")["estimate"] for i, fit in enumerate(fits)}
    right = " + ".join(scores)
    return fs.concordance(f"{OUTCOME} ~ {right}", rows.assign(**scores), reverse=True,
                          **options).tidy()  # fmt: skip


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
    kinds = {f"{old}_to_{new}": {}}
    if old == "age":
        kinds |= {
            "age_to_pheno_up_to_10_years": {"ymax": 10},
            "age_to_pheno_uno": {"timewt": "n/G2"},
        }
    for name, options in kinds.items():
        test = fs.concordance_test(*fits, **options).tidy().iloc[0]
        same_difference(test, expected[name], each_concordance(fits, rows, **options))


def test_gain_of_concordance_to_18_years(nhanes):
    rows, r = nhanes
    late = cut(rows, 18)
    fits = [fs.coxph(f"{OUTCOME} ~ {STEPS[name]}", late) for name in ("age_sex", "pheno_age_sex")]
    expected = r["robustness"]["follow_up_cut_at_18_years"]["c_difference"]
    same_difference(fs.concordance_test(*fits).tidy().iloc[0], expected,
                    each_concordance(fits, late))  # fmt: skip


def test_auc_of_death_within_ten_years(scored, nhanes):
    _, r = nhanes
    expected = r["auc10_delong"]
    assert [len(scored), scored["died10"].sum()] == [expected["n"], expected["n_case"]]
    for name, formula in {"age_to_pheno": "died10 ~ age + phenoage",
                          "base_to_full": "died10 ~ base + full"}.items():  # fmt: skip
        both = fs.roc(formula, scored, direction="<")
        same_difference(both.contrasts().iloc[0], expected[name], both.tidy())
        test = fs.roc_test(*(fs.roc(f"died10 ~ {marker}", scored, direction="<") for marker in
                             formula.removeprefix("died10 ~ ").split(" + ")))  # fmt: skip
        same_p(test.tidy()["p_value"], [expected[name]["proc_p"]])
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
    same_columns(auc.tidy(), r["auc_ipcw"]["score"], time="times", estimate="AUC", std_error="se",
                 conf_low="lower", conf_high="upper")  # fmt: skip
    same_columns(auc.contrasts(), r["auc_ipcw"]["contrasts"], ITERATIVE, time="times",
                 estimate="delta.AUC", std_error="se", conf_low="lower", conf_high="upper",
                 p_value="p")  # fmt: skip


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
        same_p(row["p_value"], pair["p"])
    for name, mean in expected["mean_risk"].items():
        close(scored[name].mean(), mean, ITERATIVE)


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
    close(table.loc["intercept", "std_error"], expected["in_the_large_se"], ITERATIVE)
    assert len(rows) == expected.get("n", len(rows))


@pytest.mark.filterwarnings("ignore::faceage_stats.errors.InfiniteCoefficientWarning")
def test_a_score_that_rounds_to_certainty(scored, nhanes):
    """Its logit is infinite in 15 people: bounded as the refusal asks, all else is as R's."""
    _, r = nhanes
    with pytest.raises(fs.errors.InputError, match="exactly 0 or 1"):
        fs.calibration("died10 ~ levine", scored, n_resamples=0)
    bounded = scored.assign(levine=scored["levine"].clip(upper=np.nextafter(1, 0)))
    fit = fs.calibration("died10 ~ levine", bounded, n_resamples=0)
    table = fit.tidy().set_index("quantity")["estimate"]
    for theirs, value in r["calibration10"]["levine_all"].items():
        close(table[NAMES[theirs]], value)


@pytest.mark.filterwarnings("ignore::faceage_stats.errors.InfiniteCoefficientWarning")
@pytest.mark.parametrize(("name", "risk"), [("cox_pheno_age_sex", "full"), ("levine", "levine")])
def test_tenths_of_risk(scored, nhanes, name, risk):
    _, r = nhanes
    expected = pd.DataFrame(r["calibration10"][f"groups_{name}"])
    scored = scored.assign(levine=scored["levine"].clip(upper=np.nextafter(1, 0)))
    groups = fs.calibration(f"died10 ~ {risk}", scored, groups=10, n_resamples=0).groups()
    assert groups["group"].tolist() == expected["group"].tolist()
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
    terms = {"covariates": "sex", "with_phenoage": "pheno10 + sex", "with_age": "age10 + sex",
             "both": "pheno10 + age10 + sex"}  # fmt: skip
    close([m.log_lik for m in fit.models.values()],
          [expected["models"][name]["loglik"] for name in terms], ITERATIVE)  # fmt: skip
    fits = {name: fs.coxph(f"{OUTCOME} ~ {right}", rows) for name, right in terms.items()}
    for name, cox in fits.items():
        same_fit(cox, expected["models"][name])
    gains = fit.contrasts().set_index(["marker1", "marker2"])
    swapped = gains.loc[("covariates + pheno10", "covariates + age10")]
    pair = (fits["with_age"], fits["with_phenoage"])
    same_difference(swapped, expected["c_age_to_phenoage"], each_concordance(pair, rows))


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
        same_fit(fit, expected[name])
    same_difference(fs.concordance_test(*fits).tidy().iloc[0], expected["c_difference"],
                    each_concordance(fits, rows))  # fmt: skip
    both = fs.roc("died10 ~ score_age + score_pheno", rows, direction="<")
    same_difference(both.contrasts().iloc[0], expected["auc10"], both.tidy())
    moved = np.sign(rows["score_pheno"] - rows["score_age"]).value_counts()
    assert [moved[k] for k in (-1, 0, 1)] == list(expected["moved"].values())
