"""Truth: closed forms, R's chi-squared and Wilson's limits."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from faceage_stats.association.agreement.repeatability import repeatability
from faceage_stats.errors import InputError

PHOTOS = ["photo1", "photo2", "photo3"]


def simulated(n=60, shift=0.0, noise=2.0, seed=1):
    rng = np.random.default_rng(seed)
    true = rng.normal(65, 9, n)
    readings = true[:, None] + np.array([0, shift, -shift]) + rng.normal(0, noise, (n, 3))
    return pd.DataFrame(readings, columns=PHOTOS)


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
    row = table.loc["proportion of |change| > 3"]
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
