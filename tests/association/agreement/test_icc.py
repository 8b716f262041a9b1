"""Truth: R's psych through the conformance cases; here closed forms, simulation and properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceage_stats.association.agreement.icc import icc
from faceage_stats.errors import DesignError, FormulaError

PHOTOS = ["photo1", "photo2", "photo3"]


def simulated(n=60, shift=0.0, noise=2.0, seed=1):
    rng = np.random.default_rng(seed)
    true = rng.normal(65, 9, n)
    readings = true[:, None] + np.array([0, shift, -shift]) + rng.normal(0, noise, (n, 3))
    return pd.DataFrame(readings, columns=PHOTOS)


def estimates(frame, columns=PHOTOS):
    return icc(frame, columns).tidy().set_index("term")["estimate"]


def test_mean_squares_are_those_of_the_two_way_layout():
    """Truth: statsmodels' analysis of variance of the long table."""
    import statsmodels.formula.api as smf
    from statsmodels.stats.anova import anova_lm

    frame = simulated(12)
    long = frame.reset_index().melt("index", value_name="y", var_name="photo")
    table = anova_lm(smf.ols("y ~ C(index) + C(photo)", long).fit())["mean_sq"]
    squares = icc(frame, PHOTOS).mean_squares
    expected = [table["C(index)"], table["C(photo)"], table["Residual"]]
    found = [squares.between, squares.measurement, squares.error]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_shift_lowers_agreement_but_not_consistency():
    same, shifted = estimates(simulated()), estimates(simulated(shift=4.0))
    assert shifted["ICC3"] == pytest.approx(same["ICC3"], rel=1e-12)
    assert shifted["ICC2"] < same["ICC2"] - 0.05


@settings(max_examples=25, deadline=None)
@given(shift=st.floats(-1e4, 1e4), scale=st.floats(0.01, 100), seed=st.integers(0, 50))
def test_unit_and_origin_do_not_matter(shift, scale, seed):
    frame = simulated(15, seed=seed)
    one, two = icc(frame, PHOTOS).tidy(), icc(frame * scale + shift, PHOTOS).tidy()
    columns = ["estimate", "std_error", "conf_low", "conf_high"]
    np.testing.assert_allclose(one[columns], two[columns], rtol=1e-6, atol=1e-9)
    assert (one["conf_low"] < one["estimate"]).all()
    assert (one["estimate"] < one["conf_high"]).all()


def test_averages_follow_spearman_and_brown():
    values = estimates(simulated())
    for single in ("ICC1", "ICC2", "ICC3"):
        r = values[single]
        assert values[f"{single}k"] == pytest.approx(3 * r / (1 + 2 * r), rel=1e-12)


def test_standard_errors_and_intervals_hold_in_simulation():
    true = 81 / 85
    found = [icc(simulated(80, seed=s), PHOTOS).tidy().set_index("term") for s in range(300)]
    for term in ("ICC1", "ICC2", "ICC3"):
        estimate = np.array([table.loc[term, "estimate"] for table in found])
        std_error = np.array([table.loc[term, "std_error"] for table in found])
        assert std_error.mean() == pytest.approx(estimate.std(), rel=0.12)
        held = [t.loc[term, "conf_low"] <= true <= t.loc[term, "conf_high"] for t in found]
        assert np.mean(held) == pytest.approx(0.95, abs=0.04)


def test_missing_subjects_are_counted():
    frame = simulated(10)
    frame.loc[2, "photo3"] = np.nan
    fit = icc(frame, PHOTOS)
    assert fit.glance()[["n", "n_repeat", "n_missing"]].iloc[0].tolist() == [9, 3, 1]
    assert "9 subjects x 3" in repr(fit)
    assert fit.glance()["sigma"].item() ** 2 == pytest.approx(fit.mean_squares.error)


def test_icc_refuses():
    frame = simulated(10)
    with pytest.raises(DesignError, match=r"icc\(\): name two or more different columns"):
        icc(frame, ["photo1", "photo1"])
    with pytest.raises(DesignError, match=r"icc\(\): name two or more different columns"):
        icc(frame, "photo1")
    with pytest.raises(DesignError, match=r"icc\(\): 1 subjects have every measurement"):
        icc(frame.head(1), PHOTOS)
    with pytest.raises(DesignError, match="differ by a constant only"):
        icc(frame.assign(photo2=frame["photo1"] + 1), ["photo1", "photo2"])
    with pytest.raises(FormulaError, match="photo9"):
        icc(frame, ["photo1", "photo9"])
