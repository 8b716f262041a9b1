"""Truth: R's psych through the conformance cases; here closed forms, simulation and properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from faceage_stats.association.agreement.icc import icc
from faceage_stats.association.agreement.repeatability import repeatability
from faceage_stats.errors import DesignError, InputError

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
    with pytest.raises(DesignError, match="icc: name two or more different columns"):
        icc(frame, ["photo1", "photo1"])
    with pytest.raises(DesignError, match="icc: name two or more different columns"):
        icc(frame, "photo1")
    with pytest.raises(DesignError, match="icc: 1 subjects have every measurement"):
        icc(frame.head(1), PHOTOS)
    with pytest.raises(DesignError, match="differ by a constant only"):
        icc(frame.assign(photo2=frame["photo1"] + 1), ["photo1", "photo2"])
    with pytest.raises(InputError, match="photo9"):
        icc(frame, ["photo1", "photo9"])


def test_repeatability_of_two_is_the_spread_of_their_difference():
    """Truth: within-subject variance of pairs = mean squared difference / 2; R's chi-squared."""
    frame = simulated(40)[["photo1", "photo2"]]
    fit = repeatability(frame, ["photo1", "photo2"], limit=3)
    table = fit.tidy().set_index("quantity")
    change = frame["photo2"] - frame["photo1"]
    spread = np.sqrt((change**2).mean() / 2)
    row = table.loc["within-subject standard deviation"]
    assert row["estimate"] == pytest.approx(spread)
    limits = spread * np.sqrt(40 / stats.chi2.ppf([0.975, 0.025], 40))
    np.testing.assert_allclose(row[["conf_low", "conf_high"]].astype(float), limits)
    assert table.loc["coefficient of repeatability", "estimate"] == pytest.approx(
        stats.norm.ppf(0.975) * np.sqrt(2) * spread
    )
    test = stats.ttest_1samp(change, 0).confidence_interval()
    assert table.loc["mean change", "conf_low"] == pytest.approx(test.low)
    share = (change.abs() > 3).mean()
    row = table.loc["share of |change| > 3"]
    assert (row["estimate"], row["method"]) == (pytest.approx(share), "Wilson")
    # prop.test(7, 40, correct = FALSE) has Wilson's limits: the roots of (p - x)^2 = z^2 x(1-x)/n
    z2 = stats.norm.ppf(0.975) ** 2
    for limit in row[["conf_low", "conf_high"]].astype(float):
        assert (share - limit) ** 2 == pytest.approx(z2 * limit * (1 - limit) / 40)


def test_a_share_of_none_or_all_ends_exactly_at_0_or_1():
    """Truth: Wilson's limit z^2 / (n + z^2)."""
    frame = simulated(6)[["photo1", "photo2"]]
    limit = stats.norm.ppf(0.975) ** 2 / (6 + stats.norm.ppf(0.975) ** 2)
    for large, limits in ((1e6, (0, limit)), (1e-6, (1 - limit, 1))):
        row = repeatability(frame, ["photo1", "photo2"], limit=large).tidy().iloc[3]
        assert (row["conf_low"] == 0, row["conf_high"] == 1) == (large > 1, large < 1)
        assert (row["conf_low"], row["conf_high"]) == pytest.approx(limits)


def test_repeatability_of_three_uses_shares_within_subjects():
    frame = simulated(30)
    frame.loc[0, "photo1"] = np.nan
    fit = repeatability(frame, PHOTOS)
    assert fit.glance().iloc[0].tolist() == [29, 3, 1]
    complete = frame.dropna()
    change = complete[["photo2", "photo3"]].sub(complete["photo1"], axis=0)
    row = fit.tidy().iloc[3]
    assert row["estimate"] == pytest.approx((change.abs() > 5).to_numpy().mean())
    assert row["method"] == "Student t"
    assert 0 <= row["conf_low"] <= row["conf_high"] <= 1


@pytest.mark.parametrize("limit", [0, -1, np.nan, np.inf])
def test_repeatability_refuses_a_limit_that_is_not_positive(limit):
    with pytest.raises(InputError, match=r"give a positive change, e\.g\. 5 years"):
        repeatability(simulated(5), PHOTOS, limit=limit)
