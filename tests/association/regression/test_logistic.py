"""Logistic regression against statsmodels, closed forms and R 4.2.2."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from faceage_stats.association.regression.hosmer_lemeshow import hosmer_lemeshow
from faceage_stats.association.regression.logistic import logistic
from faceage_stats.errors import (
    DesignError,
    EstimationWarning,
    FormulaError,
    InfiniteCoefficientWarning,
    InputError,
    SingularColumnWarning,
)


def simulate(seed: int = 1, n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=(2, n))
    site = rng.choice(["breast", "lung", "other"], n)
    y = rng.random(n) < 1 / (1 + np.exp(-(0.5 * x - 0.4 + 0.8 * (site == "lung"))))
    return pd.DataFrame({"y": y.astype(int), "x": x, "z": z, "site": site})


def test_two_by_two_table_has_a_closed_form() -> None:
    # truth: log odds ratio and Woolf's standard error
    cells = {(0, 0): 20, (0, 1): 10, (1, 0): 8, (1, 1): 25}
    rows = [(g, y) for (g, y), count in cells.items() for _ in range(count)]
    fit = logistic("y ~ g", pd.DataFrame(rows, columns=["g", "y"]))
    row = fit.tidy(exponentiate=True).set_index("term").loc["g"]
    assert row["estimate"] == pytest.approx(20 * 25 / (10 * 8))
    assert row["std_error"] == pytest.approx(np.sqrt(1 / 20 + 1 / 10 + 1 / 8 + 1 / 25))


def test_estimates_and_offset_equal_newton_of_statsmodels() -> None:
    # truth: another optimiser of a second library
    from statsmodels.discrete.discrete_model import Logit

    data = simulate()
    fit = logistic("y ~ x + offset(z)", data)
    design = np.column_stack([np.ones(len(data)), data["x"]])
    other = Logit(data["y"], design, offset=data["z"]).fit(disp=0, tol=1e-12)
    np.testing.assert_allclose(fit.coef, other.params, rtol=1e-8)
    assert fit.log_lik == pytest.approx(other.llf)
    assert fit.glance()["log_lik_null"].iloc[0] == pytest.approx(
        Logit(data["y"], design[:, :1], offset=data["z"]).fit(disp=0).llf
    )


def test_factor_has_its_reference_row_and_predictions_use_the_encoding() -> None:
    data = simulate()
    fit = logistic("y ~ x + site", data)
    table = fit.tidy(exponentiate=True)
    assert table["term"].tolist() == ["(Intercept)", "x", "sitebreast", "sitelung", "siteother"]
    assert table.loc[2, ["is_reference", "estimate"]].tolist() == [True, 1.0]
    back = fit.predict(data)
    np.testing.assert_allclose(back["estimate"], fit.fitted, rtol=1e-10)
    link = fit.predict(data.head(3), type="link")
    np.testing.assert_allclose(1 / (1 + np.exp(-link["conf_low"])), back["conf_low"].head(3))
    with pytest.raises(InputError, match="none of the known levels: skin"):
        fit.predict(data.assign(site="skin"))
    augmented = fit.augment()
    np.testing.assert_allclose(augmented["linear_predictor"].head(3), link["estimate"])
    residual = augmented["residual_deviance"]
    np.testing.assert_allclose((residual**2).sum(), fit.fit.deviance)
    assert ((residual > 0) == (augmented["outcome"] == 1)).all()


@pytest.mark.parametrize("unit", [1e-9, 1e9])
def test_profile_limits_go_with_the_unit_of_a_column(unit: float) -> None:
    rng = np.random.default_rng(8)
    data = pd.DataFrame({"x": rng.normal(size=60), "y": rng.integers(0, 2, 60)})
    limits = ["conf_low", "conf_high"]
    one, other = (
        logistic("y ~ x", data.assign(x=data["x"] / u)).tidy(limits="profile")[limits].to_numpy()
        for u in (1.0, unit)
    )
    np.testing.assert_allclose(other, one * [[1.0], [unit]], rtol=1e-6)


def test_the_intercept_of_a_column_far_from_zero_has_limits() -> None:
    rng = np.random.default_rng(8)
    data = pd.DataFrame({"x": rng.normal(size=60), "y": rng.integers(0, 2, 60)})
    there = logistic("y ~ x", data.assign(x=data["x"] + 1e6)).tidy(limits="profile")
    near = logistic("y ~ x", data).tidy(limits="profile")
    # so far away the intercept is the slope times the distance
    low, high = near.loc[1, ["conf_low", "conf_high"]]
    assert there.loc[0, "conf_low"] == pytest.approx(-1e6 * high, rel=1e-4)
    assert there.loc[0, "conf_high"] == pytest.approx(-1e6 * low, rel=1e-4)


def test_profile_limits_solve_their_equation() -> None:
    # truth: the deviance at the limit is the smallest one plus the chi-squared quantile
    data = simulate(2, 80)
    fit = logistic("y ~ x", data)
    row = fit.tidy(limits="profile", conf_level=0.9).set_index("term").loc["x"]
    for limit in (row["conf_low"], row["conf_high"]):
        held = logistic("y ~ 1 + offset(shift)", data.assign(shift=limit * data["x"]))
        rise = held.fit.deviance - fit.fit.deviance
        assert rise == pytest.approx(stats.chi2.ppf(0.9, 1), rel=1e-6)


def test_intercept_only() -> None:
    data = simulate()
    fit = logistic("y ~ 1", data)
    # truth: the log odds of the mean
    assert fit.coef.iloc[0] == pytest.approx(np.log(data["y"].mean() / (1 - data["y"].mean())))
    assert fit.glance()[["p_value_log", "statistic_log"]].iloc[0].tolist() == [
        1.0,
        pytest.approx(0),
    ]
    limits = fit.tidy(limits="profile").iloc[0]
    assert limits["conf_low"] < fit.coef.iloc[0] < limits["conf_high"]


def test_separation_and_singular_columns_are_announced() -> None:
    data = pd.DataFrame({"y": [0, 0, 0, 1, 1, 1], "x": [1, 2, 3, 4, 5, 6.0]})
    with pytest.warns(InfiniteCoefficientWarning, match="separation"):
        fit = logistic("y ~ x", data)
    assert fit.fit.deviance < 1e-6
    half = pd.DataFrame({"y": [0, 0, 1, 1, 1, 1], "g": [0, 0, 0, 1, 1, 1]})
    with pytest.warns(InfiniteCoefficientWarning):
        one_sided = logistic("y ~ g", half)
    limits = one_sided.tidy(limits="profile").set_index("term").loc["g"]
    assert np.isinf(limits["conf_high"])
    assert np.isfinite(limits["conf_low"])
    with pytest.warns(SingularColumnWarning, match=r"column 'I\(2 \* x\)' is constant or"):
        twice = logistic("y ~ x + I(2 * x)", simulate())
    assert np.isnan(twice.coef["I(2 * x)"])
    assert twice.glance()["df"].iloc[0] == 2
    assert np.isnan(twice.tidy(limits="profile")["conf_low"].iloc[2])


def test_r_default_control_stops_early() -> None:
    # truth: R 4.2.2, summary(glm(am ~ wt, binomial, mtcars)): standard error 4.5097 (default
    # epsilon) against 4.5101 at full convergence
    from pathlib import Path

    data = pd.read_csv(Path(__file__).parents[2] / "conformance" / "cases" / "data" / "mtcars.csv")
    early, full = (logistic("am ~ wt", data, epsilon=e).tidy() for e in (1e-8, 1e-15))
    assert early["std_error"].iloc[0].round(4) == 4.5097
    assert full["std_error"].iloc[0].round(4) == 4.5101


def test_hosmer_lemeshow_tables() -> None:
    data = simulate(3)
    test = logistic("y ~ x + z", data).hosmer_lemeshow()
    table = test.tidy()
    assert table["n"].sum() == 300
    assert table["observed"].sum() == pytest.approx(table["expected"].sum())  # score equation
    assert test.glance()["p_value"].iloc[0] == pytest.approx(stats.chi2.sf(test.statistic, 8))
    assert "Hosmer-Lemeshow: chi-squared" in repr(test)
    few = logistic("y ~ step", data.assign(step=np.digitize(data["x"], [-1, 0, 1])))
    with pytest.warns(EstimationWarning, match="3 groups of the 10"):
        few.hosmer_lemeshow()
    two = logistic("y ~ step", data.assign(step=(data["x"] > 0).astype(int)))
    with pytest.raises(DesignError, match="too few distinct"):
        two.hosmer_lemeshow()


def test_a_group_of_risks_without_patients_joins_its_neighbour() -> None:
    rng = np.random.default_rng(0)
    risk = rng.choice(np.sort(rng.uniform(0.05, 0.95, 8)), 60)
    ends = np.unique(np.quantile(risk, np.linspace(0, 1, 11)))
    ends[0] = 0.0
    assert 0 in np.histogram(-risk, -ends[::-1])[0]  # closed on the right
    with pytest.warns(EstimationWarning, match="leave . groups of the 10"):
        test = hosmer_lemeshow(rng.binomial(1, risk), risk, 10, 0)
    assert test.tidy()["n"].min() > 0
    assert test.tidy()["n"].sum() == 60
    assert np.isfinite(test.statistic)


def test_bad_options_are_refused() -> None:
    data = simulate()
    with pytest.raises(InputError, match="epsilon is 0"):
        logistic("y ~ x", data, epsilon=0)
    with pytest.raises(DesignError, match="one class only"):
        logistic("y ~ x", data.assign(y=1))
    fit = logistic("y ~ x", data)
    with pytest.raises(InputError, match="limits is 'exact'"):
        fit.tidy(limits="exact")
    with pytest.raises(InputError, match="type is 'terms'"):
        fit.predict(data, type="terms")
    with pytest.raises(InputError, match="groups is 2"):
        fit.hosmer_lemeshow(2)
    assert "positive: 1" in repr(fit)
    assert list(fit.vcov().columns) == ["(Intercept)", "x"]


@pytest.mark.parametrize("special", ["strata(site)", "cluster(z)"])
def test_an_unused_special_is_refused(special: str) -> None:
    with pytest.raises(FormulaError, match=r"logistic\(\).*is not used here"):
        logistic(f"y ~ x + {special}", simulate())


def test_rows_keep_the_index_of_the_data() -> None:
    data = simulate().set_index(pd.Index(range(1000, 1300)))
    data.loc[1003, "x"] = np.nan
    fit = logistic("y ~ x", data)
    kept = [row for row in data.index if row != 1003]
    for values in (fit.fitted, fit.augment(), fit.predict()):
        assert values.index.tolist() == kept
    pd.testing.assert_frame_equal(fit.predict(), fit.predict(data).loc[kept])
