"""Truth: R 4.2.2 (lm, anova, predict; sandwich variances from their matrix formulas in R)."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.association.regression.lm import lm
from faceage_stats.errors import DesignError, FormulaError, InputError, SingularColumnWarning

COSTS = pd.DataFrame(
    {
        "cost": [1.2, 0.7, 3.1, 2.4, 0.9, 5.6, 1.8, 2.2, 4.0, 1.1, 0.6, 2.9],
        "age": [51, 43, 66, 58, 47, 75, 55, 60, 71, 49, 40, 63],
        "arm": ["a", "b", "c"] * 4,
        "w": [1, 2, 1, 1, 3, 1, 2, 1, 1, 2, 1, 1],
    }
)


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "gap": [3, 5, 1, 6, 2, 8, 4, 4.5],
            "bmi": [22, 27, 31, 24, 35, 19, 28, 26],
            "g": list("abacbcab"),
            "w": [1, 2, 1, 0.5, 1, 3, 1, 2],
            "id": [1, 1, 2, 2, 3, 3, 4, 4],
        }
    )


def test_weighted_fit_equals_r(frame):
    fit = lm("gap ~ bmi + g", frame, weights="w")
    table = fit.tidy()
    table = table[~table["is_reference"].astype(bool)].set_index("term")
    expected = {
        "(Intercept)": (9.805790417627451, 2.896550878295785, 3.38533339466034, 0.0276488635371051),
        "bmi": (-0.264411990776325, 0.104644928368834, -2.52675399465490, 0.0648883951332327),
        "gb": (1.850627722264928, 0.816728598443372, 2.26590292759687, 0.0861165911507230),
        "gc": (3.121188829105822, 1.156382263247908, 2.69909780554693, 0.0541449061760587),
    }
    columns = ["estimate", "std_error", "statistic", "p_value"]
    for term, values in expected.items():
        np.testing.assert_allclose(table.loc[term, columns].astype(float), values, rtol=1e-10)
    row = fit.glance().iloc[0]
    names = ["sigma", "r_squared", "r_squared_adjusted", "statistic", "log_lik", "aic", "bic"]
    values = [1.105053841132269, 0.915498121665507, 0.852121712914637, 14.445408626170231,
              -8.482192279097731, 26.964384558195462, 27.361592266594641]  # fmt: skip
    np.testing.assert_allclose(row[names].astype(float), values, rtol=1e-10)
    predicted = fit.predict(pd.DataFrame({"bmi": [30.0, np.nan], "g": ["b", "b"]}))
    limits = predicted.loc[0, ["estimate", "conf_low", "conf_high"]].astype(float)
    np.testing.assert_allclose(limits, [3.72405841660261, 2.2556664040518, 5.19245042915342])
    assert np.isnan(predicted.loc[1, "estimate"])


def test_robust_standard_errors_equal_their_formulas(frame):
    expected = {
        "HC0": [2.968188382438922, 0.103090508462737],
        "HC1": [3.427368723213264, 0.119038665623713],
        "HC2": [3.638181458043550, 0.127319599475602],
        "HC3": [4.534940509579554, 0.160183954718846],
    }
    for kind, values in expected.items():
        fit = lm("gap ~ bmi", frame, robust=kind)
        np.testing.assert_allclose(fit.tidy()["std_error"], values, rtol=1e-10)
        assert kind in repr(fit)
        # the Wald F of one coefficient is the square of its t
        assert fit.glance()["statistic"].item() == pytest.approx(
            fit.tidy()["statistic"].iloc[1] ** 2
        )
    clustered = lm("gap ~ bmi + cluster(id)", frame)
    np.testing.assert_allclose(
        clustered.tidy()["std_error"], [3.28100476558434, 0.11521702773261], rtol=1e-10
    )
    assert clustered.tidy()["df"].tolist() == [3.0, 3.0]


@pytest.mark.parametrize("kind", ["HC2", "HC3"])
def test_a_row_alone_has_no_such_variance(kind):
    """R's sandwich warns that its numbers are unstable there; they are 0 / 0."""
    data = pd.DataFrame({"y": [1.0, 2, 4, 3, 5], "d": [0, 1, 0, 1, 1], "g": list("aabbc")})
    for fit in (lm, partial(fs.glm, family="poisson")):
        formula = "y ~ g" if fit is lm else "d ~ g"
        with pytest.raises(DesignError, match="1 of 5 rows determine a coefficient alone"):
            fit(formula, data, robust=kind)
        assert fit(formula, data, robust="HC1").tidy()["std_error"].notna().sum() == 3


def test_f_test_equals_anova(frame):
    smaller, larger = lm("gap ~ bmi", frame), lm("gap ~ bmi + g", frame)
    row = larger.f_test(smaller).iloc[0]
    assert row["statistic"] == pytest.approx(4.20064, rel=1e-5)
    assert row["p_value"] == pytest.approx(0.10404, rel=1e-4)
    assert (row["df"], row["df_residual"]) == (2, 4)
    with pytest.raises(DesignError, match="8 and 8 rows and 2 and 4 coefficients; fit a smaller"):
        smaller.f_test(larger)
    with pytest.raises(InputError, match="without a robust variance"):
        larger.f_test(lm("gap ~ bmi", frame, robust="HC3"))


def test_an_offset_is_the_outcome_less_it(frame):
    frame["half"] = frame["bmi"] / 2
    frame["less"] = frame["gap"] - frame["half"]
    with_offset, direct = lm("gap ~ g + offset(half)", frame), lm("less ~ g", frame)
    pd.testing.assert_series_equal(with_offset.coef, direct.coef)
    np.testing.assert_allclose(with_offset.residuals, direct.residuals)
    assert with_offset.augment()["fitted"].sum() == pytest.approx(frame["gap"].sum())


def test_an_outcome_on_the_log_scale_gives_ratios(frame):
    fit = lm("log(gap) ~ g", frame)
    table = fit.tidy(exponentiate=True).set_index("term")
    geometric = np.exp(np.log(frame["gap"]).groupby(frame["g"]).mean())
    assert table.loc["gb", "estimate"] == pytest.approx(geometric["b"] / geometric["a"])
    assert table.loc["ga", "estimate"] == 1
    log = fit.tidy().set_index("term")
    np.testing.assert_allclose(table["conf_low"], np.exp(log["conf_low"]))
    assert table["std_error"].equals(log["std_error"])


def test_intercept_alone_is_the_mean(frame):
    fit = lm("gap ~ 1", frame)
    assert fit.coef.tolist() == pytest.approx([frame["gap"].mean()])
    row = fit.glance().iloc[0]
    assert np.isnan(row["statistic"])
    assert np.isnan(row["p_value"])
    assert row["r_squared"] == pytest.approx(0, abs=1e-12)


def test_missing_rows_are_counted_and_far_columns_do_no_harm(frame):
    frame.loc[0, "bmi"] = np.nan
    fit = lm("gap ~ bmi", frame)
    assert fit.glance()[["n", "n_missing"]].iloc[0].tolist() == [7, 1]
    moved = lm("gap ~ bmi", frame.assign(bmi=frame["bmi"] + 1e6))
    assert moved.coef["bmi"] == pytest.approx(fit.coef["bmi"], rel=1e-6)


def test_a_dependent_column_warns_and_is_nan(frame):
    frame["twice"] = 2 * frame["bmi"]
    with pytest.warns(SingularColumnWarning, match="'twice' is constant or a linear combination"):
        fit = lm("gap ~ bmi + twice", frame)
    assert np.isnan(fit.coef["twice"])
    assert fit.df_residual == 6
    assert fit.coef["bmi"] == pytest.approx(lm("gap ~ bmi", frame).coef["bmi"])
    assert fit.vcov().loc["bmi", "bmi"] > 0


def test_refusals(frame):
    with pytest.raises(InputError, match=r"robust is 'HC9'; choose one of HC0, HC1, HC2, HC3"):
        lm("gap ~ bmi", frame, robust="HC9")
    with pytest.raises(FormulaError, match=r"outcome here is a column of numbers .* not Surv\(\)"):
        lm("Surv(gap, w == 1) ~ bmi", frame)
    with pytest.raises(DesignError, match="4 rows cannot estimate 4 coefficients"):
        lm("gap ~ bmi + g", frame.iloc[[0, 1, 3, 4]])
    with pytest.raises(InputError, match="weights 'w' are 0 in 1 rows"):
        lm("gap ~ bmi", frame.assign(w=[0, *frame["w"][1:]]), weights="w")
    with pytest.raises(InputError, match="already gives a robust variance"):
        lm("gap ~ bmi + cluster(id)", frame, robust="HC3")


def test_rows_keep_the_index_of_the_data(frame):
    frame.index = list("stuvwxyz")
    frame.loc["u", "bmi"] = np.nan
    fit = lm("gap ~ bmi", frame)
    kept = list("stvwxyz")
    for values in (fit.fitted, fit.residuals, fit.augment(), fit.predict()):
        assert values.index.tolist() == kept
    pd.testing.assert_frame_equal(fit.predict(), fit.predict(frame).loc[kept])
    np.testing.assert_allclose(fit.fitted + fit.residuals, frame.loc[kept, "gap"])


def test_an_unused_special_is_refused(frame):
    with pytest.raises(FormulaError, match=r"lm\(\).*strata\(g\) is not used here"):
        lm("gap ~ bmi + strata(g)", frame)


def test_combinations_are_means_at_given_covariates(frame):
    fit = lm("gap ~ bmi", frame)
    at = fit.combination(np.array([[1.0, 25.0]]), conf_level=0.9).iloc[0]
    predicted = fit.predict(pd.DataFrame({"bmi": [25.0]}), conf_level=0.9).iloc[0]
    names = ["estimate", "std_error", "conf_low", "conf_high"]
    np.testing.assert_allclose(at[names], predicted[names])


def test_anova_adds_terms_one_after_the_other():
    # R 4.2.2: anova(lm(cost ~ age * arm, weights = w)); anova(lm(cost ~ age + I(2 * age) + arm))
    table = fs.lm("cost ~ age * arm", COSTS, weights="w").anova()
    assert table["term"].tolist() == ["age", "arm", "age:arm", "Residuals"]
    assert table["df"].tolist() == [1, 2, 2, 6]
    sums = [28.258343751308356, 0.241607908202232, 1.238482537437343, 0.492154038346192]
    np.testing.assert_allclose(table["sum_sq"], sums, rtol=1e-11)
    statistics = [344.50608812963736, 1.47275785248528, 7.54935919005606, np.nan]
    np.testing.assert_allclose(table["statistic"], statistics, rtol=1e-11)
    p_values = [1.57770143309376e-06, 3.01743277738460e-01, 2.29977593493868e-02, np.nan]
    np.testing.assert_allclose(table["p_value"], p_values, rtol=1e-10)
    with pytest.warns(SingularColumnWarning):  # R leaves the row of such a term out
        table = fs.lm("cost ~ age + I(2 * age) + arm", COSTS).anova()
    assert table["term"].tolist() == ["age", "arm", "Residuals"]
    np.testing.assert_allclose(table["statistic"][:2], [111.016769424722426, 0.401335644609556])
