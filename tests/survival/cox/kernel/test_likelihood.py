"""The compiled kernel against the definition, written out with loops over risk sets."""

import numpy as np
import pytest

from faceage_stats._compiled import compiled
from faceage_stats._formula.rows import Encoded
from faceage_stats.survival.cox.data import prepare
from faceage_stats.survival.cox.kernel.exp import EXP_BLOCK, exp_block
from faceage_stats.survival.cox.kernel.likelihood import evaluate, weighted_informations
from faceage_stats.survival.cox.kernel.risks import death_totals, mark_deaths


def by_definition(x, beta, time, event, entry, strata, weights, efron, power=0):
    """Log-likelihood, score and information, times t^power, event time by event time."""
    p = x.shape[1]
    value, score, information = 0.0, np.zeros(p), np.zeros((p, p))
    risk = weights * np.exp(x @ beta)
    for k in np.unique(strata):
        for t in np.unique(time[(event == 1) & (strata == k)]):
            at_risk = (strata == k) & (time >= t) & (entry < t)
            dead = at_risk & (event == 1) & (time == t)
            d, weight = dead.sum(), weights[dead].mean()
            value += weights[dead] @ (x[dead] @ beta)
            score += weights[dead] @ x[dead]
            for i in range(d):
                r = risk * at_risk - (i / d if efron else 0.0) * risk * dead
                mean = r @ x / r.sum()
                value -= weight * np.log(r.sum())
                score -= weight * mean
                information += (
                    t**power * weight * (x.T @ (r[:, None] * x) / r.sum() - np.outer(mean, mean))
                )
    return value, score, information


@pytest.mark.parametrize("efron", [True, False])
@pytest.mark.parametrize("delayed", [True, False])
@pytest.mark.parametrize(
    "n_times", [3, 25, 10_000]
)  # long intervals, short intervals, hardly any ties
@pytest.mark.parametrize("p", [1, 4, 6])
def test_equals_the_definition(p, n_times, delayed, efron):
    rng = np.random.default_rng(p * n_times)
    n = 400
    x, beta = rng.normal(size=(n, p)), rng.normal(size=p) / 2
    time, event = rng.integers(2, n_times + 2, n).astype(float), rng.integers(0, 2, n)
    entry = np.minimum(rng.integers(0, n_times, n), time - 1).astype(float)
    if not delayed:
        entry = np.zeros(n)
    strata, weights = rng.integers(0, 3, n), rng.uniform(0.5, 2, n)
    data = prepare(
        Encoded(x), time, event, entry=entry if delayed else None, strata=strata, weights=weights
    )
    score, information, work = np.empty(p), np.empty((p, p)), np.empty(n)
    mark_deaths(data.weights, data.layout, work)
    deaths = death_totals(data.x.T, data.offset, work)
    value = evaluate(
        data.x.T, beta / data.scale, data.offset, data.weights, data.layout, efron,
        deaths, work, score, information,
    )  # fmt: skip
    centred = (x - data.mean) * data.scale
    expected = by_definition(centred, beta / data.scale, time, event, entry, strata, weights, efron)
    assert value == pytest.approx(expected[0], rel=1e-12)
    np.testing.assert_allclose(score, expected[1], atol=1e-10)
    np.testing.assert_allclose(information, expected[2], rtol=1e-10, atol=1e-10)
    powers = np.maximum(data.interval_time, 0.0) ** np.array([[1], [2]])
    weighted = weighted_informations(
        data.x.T, beta / data.scale, data.offset, data.weights, data.layout, efron, powers
    )
    for power, found in enumerate(weighted, start=1):
        due = by_definition(
            centred, beta / data.scale, time, event, entry, strata, weights, efron, power
        )
        np.testing.assert_allclose(found, due[2], rtol=1e-9, atol=1e-9 * np.abs(due[2]).max())


@compiled()
def _exp(x):
    power = np.empty(EXP_BLOCK, np.int64)
    for low in range(0, x.size, EXP_BLOCK):
        exp_block(x[low : low + EXP_BLOCK], power)


def test_exp_is_numpys_to_two_units_in_the_last_place():
    x = -np.concatenate(
        [np.random.default_rng(1).exponential(50, 20_000), np.linspace(0, 708, 999)]
    )
    value = x.copy()
    _exp(value)
    np.testing.assert_array_max_ulp(value[x >= -708], np.exp(x[x >= -708]), maxulp=2)


def test_exp_of_hardly_anything_and_of_nothing_known():
    value = np.array([0.0, -708.5, -1e300, -np.inf, np.nan])
    _exp(value)
    np.testing.assert_array_equal(value, [1.0, 0.0, 0.0, 0.0, np.nan])
