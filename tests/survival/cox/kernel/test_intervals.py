"""The two mean vectors of an interval against the sum over its tied deaths, part by part."""

import numpy as np
import pytest

from faceage_stats.survival.cox.kernel.intervals import interval_of


@pytest.mark.parametrize("efron", [True, False])
@pytest.mark.parametrize("d", [1, 2, 7])
def test_two_outer_products_are_those_of_all_parts(d, efron):
    rng = np.random.default_rng(d)
    x, risk, weight = rng.normal(size=(12, 3)), rng.uniform(0.5, 2, 12), 1.7
    at_risk, dying = risk @ x, risk[:d] @ x[:d]
    base, dead = risk.sum(), risk[:d].sum()
    interval = interval_of(base, dead, weight, d, efron)
    parts = np.arange(d if efron else 1)
    fraction, each = parts / d, weight / len(parts)
    denominator = base - fraction * dead
    means = (at_risk - fraction[:, None] * dying) / denominator[:, None]
    first = interval.set_scale * (at_risk - interval.shift * dying)
    second = interval.death_scale * dying
    both = np.outer(first, first) + np.outer(second, second)
    np.testing.assert_allclose(both, each * means.T @ means, rtol=1e-12)
    assert interval.log_sum == pytest.approx(each * np.log(denominator).sum())
    assert interval.hazard == pytest.approx((each / denominator).sum())
    assert interval.hazard_dead == pytest.approx(((1 - fraction) * each / denominator).sum())


def test_a_denominator_that_is_not_positive_is_said():
    assert interval_of(0.0, 0.0, 1.0, 1, True).log_sum == np.inf
