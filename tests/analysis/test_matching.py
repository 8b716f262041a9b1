"""The searches behind the matched cohorts."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from matching import exchanges, follow_up
from matching.shifts import rounded, shifted
from matching.slopes import Cox, Outcome

LAST = 700


def followed(seed, n=2000):
    """Groups, days and deaths, with ties, and some after the end of follow-up."""
    rng = np.random.default_rng(seed)
    group = rng.integers(3, size=n)
    days = np.ceil(rng.exponential(600 / (1 + group), n)).astype(np.int64)
    return group, np.minimum(days, LAST + 1), rng.integers(2, size=n) * (days <= LAST)


def small(seed=1, n=300):
    """Three covariates that matter, and an outcome with ties."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.normal(7, 1, n), rng.normal(6, 1, n), rng.integers(2, size=n)])
    days = np.ceil(rng.exponential(60 * np.exp(-0.3 * (x[:, 0] - 7)))).astype(np.int64)
    return Outcome(days, rng.integers(2, size=n)), x


def test_a_fit_is_that_of_coxph():
    outcome, x = small()
    rows = pd.DataFrame(x, columns=list("abc")).assign(time=outcome.days, death=outcome.death)
    fit = fs.coxph("Surv(time, death) ~ a + b + c", rows)
    found = Cox(outcome, x)
    np.testing.assert_allclose(found.log_ratios, fit.coef, rtol=1e-9)
    np.testing.assert_allclose(found.errors, np.sqrt(np.diag(fit.vcov())), rtol=1e-9)


@pytest.mark.parametrize("row", [0, 5, 77])
@pytest.mark.parametrize("column", [0, 1])
def test_slopes_are_differences(row, column):
    outcome, x = small()

    def after(width):
        moved = x.copy()
        moved[row, column] += width
        fit = Cox(outcome, moved)
        return np.array([fit.log_ratios[0], fit.errors[0]])

    difference = (after(1e-4) - after(-1e-4)) / 2e-4
    fit = Cox(outcome, x)
    by_ratio = fit.ratio_slopes(fit.variance[0], [column])[0, row]
    by_error = fit.error_slopes(0, [column])[0, row]
    np.testing.assert_allclose([by_ratio, by_error], difference, rtol=1e-5)


def test_one_more_at_risk_adds_what_longer_follow_up_does():
    group, days, death = followed(1, n=5000)
    fit = follow_up.grouped(group, days, death)
    row = int(np.flatnonzero((death == 0) & (days < 200))[0])
    longer = days.copy()
    longer[row] += 100
    other = follow_up.grouped(group, longer, death)
    added = fit.one_more(np.eye(3)[:, 1:])[:, group[row]]
    between = (fit.outcome.day > days[row]) & (fit.outcome.day <= longer[row])
    change = [*(other.log_ratios - fit.log_ratios), *(other.errors - fit.errors)]
    np.testing.assert_allclose(added[between].sum(0), change, rtol=0.02)


def test_deaths_and_days_bring_groups_to_what_was_wanted():
    group, days, death = followed(2)
    rng = np.random.default_rng(3)
    fit = follow_up.grouped(group, days, death)
    goal = np.concatenate([fit.log_ratios * 1.03, fit.errors * 0.99])
    wanted = follow_up.deaths_wanted(fit, np.bincount(group, death), goal)
    died = follow_up.turned(group, days, death, last=LAST, wanted=wanted, rng=rng)
    assert np.bincount(group, died).tolist() == wanted.tolist()
    near = np.repeat([1e-5, 1e-5], 2)
    moved = follow_up.moved(group, days, died, last=LAST, goal=goal, near=near, rng=rng)
    found = follow_up.grouped(group, moved, died)
    np.testing.assert_allclose([*found.log_ratios, *found.errors], goal, atol=1e-5)
    assert (moved == days)[(died == 1) | (days > LAST)].all()


def test_pairs_that_are_exchanged_sum_to_what_is_missing():
    rng = np.random.default_rng(4)
    cell, died = np.repeat([0, 1, -1], 200), rng.random(600) < 0.3
    pairs = exchanges.pairs_within(cell, died, rng)
    assert (cell[pairs[:, 0]] == cell[pairs[:, 1]]).all()
    assert (cell[pairs] >= 0).all()
    assert died[pairs[:, 0]].all()
    assert not died[pairs[:, 1]].any()
    effects = rng.normal(size=(4, len(pairs)))
    missing = np.array([12.0, -9.0, 7.0, 20.0])
    kept = exchanges.chosen(pairs, effects, missing)
    assert len(set(kept.ravel())) == kept.size  # everyone once
    places = [int(np.flatnonzero((pairs == pair).all(1))[0]) for pair in kept]
    assert np.abs(missing - effects[:, places].sum(1)).max() < 4


def test_the_least_shift_within_limits_is_found():
    """Where two of three numbers end at their limit the third has to go all the way."""
    slopes = np.array([[1.0, 2.0, 1.0]])
    start, high = np.zeros(3), np.array([0.5, 0.25, 9.0])
    x = shifted(start, lambda x: (slopes @ x, slopes), low=-np.ones(3), high=high,
                goal=np.array([4.0]), near=np.array([1e-6]))  # fmt: skip
    np.testing.assert_allclose(x, [0.5, 0.25, 3.0], atol=1e-5)


def test_rounding_cancels():
    rng = np.random.default_rng(5)
    x, slopes = rng.normal(size=1000), rng.normal(size=(3, 1000))
    found = rounded(x, slopes, np.ones(3), 2)
    np.testing.assert_allclose(found, np.round(found, 2), atol=1e-12)
    assert np.abs(found - x).max() < 0.01
    assert np.abs(slopes @ (found - x)).max() < 0.1 * np.abs(slopes @ (x.round(2) - x)).max()
