"""Repeated measurements. Truths: densities, pingouin, least squares, closed forms."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import faceage_stats as fs
from faceage_stats.errors import ConvergenceError, DesignError, FormulaError, InputError


def visits(patients: int = 40, seed: int = 6) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    own, month = np.repeat(np.arange(patients), 4), np.tile([0.0, 3, 6, 12], patients)
    level, pace = rng.normal(0, 6, patients), rng.normal(0.2, 0.3, patients)
    face = 60 + level[own] + pace[own] * month + rng.normal(0, 2, len(own))
    bmi = 25 - 0.2 * (face - level[own]) + rng.normal(0, 1, len(own)) + level[own]
    table = {"id": own, "month": month, "face": face, "bmi": bmi, "frail": face + bmi > 85}
    return pd.DataFrame(table).assign(arm=lambda d: np.where(d["id"] % 2, "a", "b"))


def test_the_likelihood_is_the_normal_one_and_largest():
    """The density of each patient's visits, by scipy, at the estimates and beside them."""
    data = visits().drop(index=[3, 7, 8])
    fit = fs.lmer("face ~ month", data, id="id", slope="month", reml=False)

    def log_lik(fixed: np.ndarray, random: np.ndarray, residual: float) -> float:
        total = 0.0
        for _, own in data.groupby("id"):
            z = np.column_stack([np.ones(len(own)), own["month"]])
            spread = z @ random @ z.T + residual * np.eye(len(own))
            total += stats.multivariate_normal(z @ fixed, spread).logpdf(own["face"])
        return total

    best = fit.coef.to_numpy(), fit.fit.random, fit.fit.residual
    assert fit.fit.log_lik == pytest.approx(log_lik(*best), rel=1e-10)
    for step in (0.99, 1.01):
        assert log_lik(best[0] * step, *best[1:]) < fit.fit.log_lik
        assert log_lik(best[0], best[1] * step, best[2]) < fit.fit.log_lik
        assert log_lik(*best[:2], best[2] * step) < fit.fit.log_lik


def test_balanced_random_intercepts_have_a_closed_form():
    """Between and within mean squares of one-way analysis of variance."""
    data = visits()
    fit = fs.lmer("face ~ 1", data, id="id")
    means = data.groupby("id")["face"].mean()
    within = ((data["face"] - data["id"].map(means)) ** 2).sum() / (160 - 40)
    between = 4 * means.var(ddof=1)
    table = fit.components().set_index("term")["estimate"]
    assert table["Residual"] == pytest.approx(within, rel=1e-6)
    assert table["(Intercept)"] == pytest.approx((between - within) / 4, rel=1e-6)
    assert fit.tidy()["std_error"].item() == pytest.approx(np.sqrt(between / 160), rel=1e-6)


def test_a_unit_of_time_changes_nothing_else():
    data = visits().assign(day=lambda d: d["month"] * 30)
    one = fs.lmer("face ~ month * arm", data, id="id", slope="month")
    other = fs.lmer("face ~ day * arm", data, id="id", slope="day")
    np.testing.assert_allclose(one.tidy()["statistic"], other.tidy()["statistic"], rtol=1e-5)
    np.testing.assert_allclose(one.augment()["fitted"], other.augment()["fitted"], rtol=1e-6)
    test = one.lr_test(fs.lmer("face ~ month", data, id="id", slope="month"))
    assert test["df"].item() == 2


def test_independent_equations_are_a_glm_with_clusters():
    data = visits()
    for outcome, family in (("face", "gaussian"), ("frail", "binomial")):
        one = fs.gee(
            f"{outcome} ~ month + arm", data, id="id", family=family, correlation="independence"
        )
        other = fs.glm(f"{outcome} ~ month + arm + cluster(id)", data, family=family, robust="CR0")
        np.testing.assert_allclose(one.coef, other.coef, rtol=1e-8)
        np.testing.assert_allclose(one.vcov(), other.vcov(), rtol=1e-6)


def test_the_exchangeable_correlation_is_the_mean_over_pairs():
    data = visits()
    fit = fs.gee("face ~ month", data, id="id")
    r = fit.augment()["residual"].to_numpy().reshape(-1, 4)
    phi = np.mean(r**2)
    pairs = [(r[:, i] * r[:, j]).mean() for i in range(4) for j in range(i)]
    row = fit.glance().iloc[0]
    assert row["dispersion"] == pytest.approx(phi, rel=1e-9)
    assert row["correlation"] == pytest.approx(np.mean(pairs) / phi, rel=1e-9)


def test_rows_of_a_patient_need_not_stand_together():
    data = visits()
    mixed = data.sort_values(["month", "id"])
    for kind in ("exchangeable", "ar1"):
        one, other = (fs.gee("face ~ month", d, id="id", correlation=kind) for d in (data, mixed))
        np.testing.assert_allclose(one.vcov(), other.vcov(), rtol=1e-9)


def serial() -> pd.DataFrame:
    """Some fifteen patients of a file of the conformance cases; some missed their second visit."""
    file = Path(__file__).parents[2] / "conformance" / "cases" / "data" / "more_serial.csv"
    data = pd.read_csv(file).query("pid <= 15 and (visit != 1 or pid % 3 > 0)")
    return data.dropna(subset=["faceage", "month", "age", "frail"])


def test_few_patients_are_judged_by_leaving_one_out():
    # geepack 1.3.9: geeglm(..., std.err = "san.se", "j1s", "fij")
    errors = {
        "sandwich": [12.09912869412, 0.0774912761682, 0.2048138233825],
        "one_step": [12.19916962514, 0.07066414482276, 0.2062172219829],
        "jackknife": [12.29970269428, 0.07090637254628, 0.2076703109363],
    }
    for variance, expected in errors.items():
        fit = fs.gee("faceage ~ month + age", serial(), id="pid", variance=variance)
        np.testing.assert_allclose(fit.tidy()["std_error"], expected, rtol=1e-9)
    fit = fs.gee("frail ~ month", serial(), id="pid", family="binomial", correlation="ar1",
                 waves="visit", variance="jackknife")  # fmt: skip
    expected = [0.35601693614871, 0.02872158739332]
    np.testing.assert_allclose(fit.tidy()["std_error"], expected, rtol=1e-8)
    with pytest.raises(DesignError, match="3 patients cannot judge 4 parameters"):
        fs.gee("faceage ~ month", serial().query("pid < 4"), id="pid", variance="one_step")


@pytest.mark.parametrize("variance", ["one_step", "jackknife"])
def test_a_patient_who_determines_a_coefficient_alone_has_no_jackknife(variance):
    data = serial().assign(first=lambda d: (d["pid"] == d["pid"].min()).astype(int))
    with pytest.raises(DesignError, match="patients determine a coefficient alone"):
        fs.gee("faceage ~ month + first", data, id="pid", variance=variance)


def test_a_missed_visit_counts_in_the_distance():
    # geeglm(faceage ~ month + age, waves = visit, corstr = "ar1")
    fit = fs.gee("faceage ~ month + age", serial(), id="pid", correlation="ar1", waves="visit")
    expected = [11.6867775187394, 0.3507994082522, 0.8417273329361]
    np.testing.assert_allclose(fit.coef, expected, rtol=1e-9)
    expected = [12.40145487377672, 0.08508316682631, 0.21083079313914]
    np.testing.assert_allclose(fit.tidy()["std_error"], expected, rtol=1e-9)
    assert fit.glance()["correlation"].item() == pytest.approx(0.6271827467217, rel=1e-9)
    with pytest.raises(InputError, match="`month` is missing or no whole number in"):
        fs.gee("faceage ~ age", serial(), id="pid", correlation="ar1", waves="month")
    with pytest.raises(InputError, match="a visit of `arm1` that their patient has already"):
        fs.gee("faceage ~ age", serial().assign(arm1=1), id="pid", waves="arm1")


def test_the_correlation_within_patients_is_that_of_pingouin():
    import pingouin

    data = visits().drop(index=range(3))  # patient 0 has one visit left
    fit = fs.rmcorr("~ face + bmi", data, id="id")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = pingouin.rm_corr(data[data["id"] > 0], x="face", y="bmi", subject="id").iloc[0]
    row = fit.tidy().iloc[0]
    assert row["estimate"] == pytest.approx(other["r"], rel=1e-9)
    assert fit.glance()[["n", "n_subject", "n_missing"]].iloc[0].tolist() == [156, 39, 1]
    own = fs.lm("bmi ~ factor(id) + face", data[data["id"] > 0])
    assert fit.slope == pytest.approx(own.coef["face"], rel=1e-9)
    assert row["statistic"] == pytest.approx(own.tidy().iloc[-1]["statistic"], rel=1e-7)
    large = fs.rmcorr("~ face + bmi", data.assign(face=1e200 * data["face"]), id="id")
    assert large.estimate == pytest.approx(row["estimate"], rel=1e-12)
    assert large.slope == pytest.approx(fit.slope * 1e-200, rel=1e-12)


def test_two_visits_are_a_paired_t_test_and_two_groups_a_t_test():
    data = visits()
    pair = data[data["month"].isin([0, 12])]
    fit = fs.rm_anova("face ~ month", pair, id="id", between="arm").tidy().set_index("term")
    wide = pair.pivot(index="id", columns="month", values="face")
    arm = np.where(wide.index % 2, "a", "b")
    gap = pd.DataFrame({"gap": wide[12] - wide[0], "mean": wide.mean(axis=1), "arm": arm})
    for term, outcome in (("arm", "mean"), ("arm:month", "gap")):
        test = fs.t_test(f"{outcome} ~ arm", gap, var_equal=True).tidy().iloc[0]
        assert fit.loc[term, "statistic"] == pytest.approx(test["statistic"] ** 2, rel=1e-9)
    alone = fs.rm_anova("face ~ month", pair, id="id").tidy().iloc[0]
    paired = (gap["gap"].mean() / gap["gap"].sem()) ** 2
    assert alone["statistic"] == pytest.approx(paired, rel=1e-9)


def test_the_corrections_are_those_of_pingouin():
    import pingouin

    data = visits()
    fit = fs.rm_anova("face ~ month", data, id="id").tidy().iloc[0]
    other = pingouin.rm_anova(
        data, dv="face", within="month", subject="id", correction=True, detailed=True
    ).iloc[0]
    assert fit["statistic"] == pytest.approx(other["F"], rel=1e-9)
    assert fit["epsilon_gg"] == pytest.approx(other["eps"], rel=1e-9)


def test_what_cannot_be_followed_is_refused():
    data = visits()
    with pytest.raises(DesignError, match="one with two visits"):
        fs.lmer("face ~ month", data.drop_duplicates("id"), id="id")
    with pytest.raises(InputError, match="average them first"):
        fs.rm_anova("face ~ month", pd.concat([data, data.head(2)]), id="id")
    with pytest.raises(InputError, match="two levels of 'month'"):
        fs.rm_anova("face ~ arm", data.assign(arm=data["month"]), id="id", between="month")
    with pytest.raises(DesignError, match="never changes"):
        fs.rmcorr("~ face + arm2", data.assign(arm2=data["id"] % 2), id="id")
    with pytest.raises(DesignError, match="only one patient"):
        fs.gee("face ~ month", data.head(4), id="id")


def test_an_outcome_without_error_is_refused():
    data = pd.DataFrame({"y": 2.0, "x": [1.0, 2, 3, 4, 5, 7], "id": list("aabbcc")})
    with pytest.raises(ConvergenceError, match="fitted without error"):
        fs.lmer("y ~ x", data, id="id")


def test_the_random_part_is_written_as_in_lme4():
    data = visits()
    one = fs.lmer("face ~ month * arm + (1 + month | id)", data)
    other = fs.lmer("face ~ month * arm", data, id="id", slope="month")
    pd.testing.assert_frame_equal(one.tidy(), other.tidy())
    pd.testing.assert_frame_equal(one.components(), other.components())
    formulas = ["face ~ (1 | id) + month", "face ~ month + (1|`id`)", "face ~ (1 | id)"]
    read = [fs.lmer(formula, data).frame.design.formula for formula in formulas]
    assert read == ["face ~ month", "face ~ month", "face ~ 1"]
    assert fs.lmer("face ~ month + (month | id)", data).slope == "month"
    others = ("(0 + month | id)", "(month || id)", "(1 | id/arm)", "(log(month) | id)")
    for part in others:
        with pytest.raises(FormulaError, match="is not here; write"):
            fs.lmer(f"face ~ month + {part}", data)
    with pytest.raises(FormulaError, match="has 2 random parts"):
        fs.lmer("face ~ (1 | id) + (1 | arm)", data)
    with pytest.raises(FormulaError, match="names no patient"):
        fs.lmer("face ~ month", data)
    with pytest.raises(FormulaError, match="leave id= and slope= out"):
        fs.lmer("face ~ (1 | id)", data, id="id")


def test_limits_and_means_of_a_mixed_model():
    data = visits()
    fit = fs.lmer("face ~ month * arm + (1 | id)", data)
    limits = fit.confint(conf_level=0.9)
    half = stats.norm.ppf(0.95) * np.sqrt(np.diag(fit.vcov()))
    np.testing.assert_allclose(limits["conf_low"], fit.coef - half)
    new = pd.DataFrame({"month": [6], "arm": ["b"]})
    row = np.array([1.0, 6, 1, 6])
    table = fit.predict(new)
    assert table["estimate"].item() == pytest.approx(row @ fit.coef)
    assert table["std_error"].item() == pytest.approx(np.sqrt(row @ fit.vcov() @ row))
    ratios = fs.lmer("log(face) ~ month + (1 | id)", data).tidy(exponentiate=True)
    assert ratios["scale"].unique().tolist() == ["ratio"]


def test_marginal_means_of_repeated_measurements():
    data = visits()
    mixed = fs.lmer("face ~ month * arm + (1 | id)", data)
    means = fs.emmeans(mixed, data, "arm", at={"month": 12})
    new = pd.DataFrame({"month": [12, 12], "arm": ["a", "b"]})
    columns = ["estimate", "std_error", "conf_low", "conf_high"]
    np.testing.assert_allclose(means.tidy()[columns], mixed.predict(new)[columns])
    equations = fs.gee("frail ~ month + arm", data, id="id", family="binomial")
    table = fs.emmeans(equations, data, "arm").contrasts()
    of_arm = equations.tidy().query("term == 'armb'")
    assert table["estimate"].item() == pytest.approx(-of_arm["estimate"].item())
    assert table["p_value"].item() == pytest.approx(of_arm["p_value"].item())
    assert table["scale"].item() == "log odds ratio"
