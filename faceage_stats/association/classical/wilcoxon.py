"""Wilcoxon's rank sum and signed rank: exact and normal p values, Hodges-Lehmann intervals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Protocol

import numpy as np
from scipy import optimize, stats

from faceage_stats.association.classical.htest import Alternative, IntervalAt, Limits
from faceage_stats.errors import DesignError, InputError

__all__ = ["RankTest", "rank_sum", "rank_sum_counts", "signed_rank", "signed_rank_counts"]


class RankTest(NamedTuple):
    """Statistic (W or V), Hodges-Lehmann estimate, p value, and limits by level."""

    statistic: float
    estimate: float
    p_value: float
    interval: IntervalAt
    method: str


class _Deviate(Protocol):
    """Standardised rank statistic after the data are shifted; it falls as the shift grows."""

    def __call__(self, shift: float, correction: str) -> float:
        """`correction` names the side of the continuity correction; "" means none."""


def rank_sum(
    x: np.ndarray, y: np.ndarray, exact: bool | None, correct: bool, alternative: Alternative
) -> RankTest:
    """Compare two independent samples by the rank sum of the first."""
    m, n = len(x), len(y)
    if min(m, n) == 0:
        raise DesignError(f"wilcox_test: samples of {m} and {n} values; both need some.")
    pooled = np.concatenate([x, y])
    tied = len(np.unique(pooled)) < len(pooled)
    statistic = float(stats.rankdata(pooled)[:m].sum() - m * (m + 1) / 2)
    if _use_exact(exact, max(m, n) < 50 and not tied, tied):
        name = "Wilcoxon rank sum exact test"
        shifts = np.sort(np.subtract.outer(x, y).ravel())
        return _exact(statistic, rank_sum_counts(m, n), shifts, alternative, name)
    deviate, range_ = _RankSum(x, y, correct), Limits(x.min() - y.max(), x.max() - y.min())
    return _normal(statistic, deviate, range_, alternative, "Wilcoxon rank sum test", correct)


def signed_rank(
    differences: np.ndarray, exact: bool | None, correct: bool, alternative: Alternative
) -> RankTest:
    """Test differences by the rank sum of the positive ones; zero differences are excluded."""
    d = differences[differences != 0]
    n = len(d)
    if n == 0:
        raise DesignError("wilcox_test: no differences, or only zero ones.")
    uneven = len(np.unique(np.abs(d))) < n or n < len(differences)
    statistic = float(stats.rankdata(np.abs(d))[d > 0].sum())
    if _use_exact(exact, len(differences) < 50 and not uneven, uneven):
        name = "Wilcoxon signed rank exact test"
        rows, columns = np.triu_indices(n)
        walsh = np.sort((d[rows] + d[columns]) / 2)
        return _exact(statistic, signed_rank_counts(n), walsh, alternative, name)
    deviate, range_ = _SignedRank(d, correct), Limits(d.min(), d.max())
    return _normal(statistic, deviate, range_, alternative, "Wilcoxon signed rank test", correct)


def _use_exact(exact: bool | None, default: bool, undefined: bool) -> bool:
    if exact and undefined:
        raise InputError(
            "wilcox_test: ties or zero differences have no exact distribution; use exact=False."
        )
    return default if exact is None else exact


@dataclass(frozen=True)
class _RankSum:
    x: np.ndarray
    y: np.ndarray
    correct: bool

    def __call__(self, shift: float, correction: str) -> float:
        m, n = len(self.x), len(self.y)
        ranks = stats.rankdata(np.concatenate([self.x - shift, self.y]))
        ties = np.unique(ranks, return_counts=True)[1].astype(float)
        variance = m * n / 12 * (m + n + 1 - (ties**3 - ties).sum() / ((m + n) * (m + n - 1)))
        distance = ranks[:m].sum() - m * (m + 1) / 2 - m * n / 2
        return _standardised(distance, variance, correction if self.correct else "")


@dataclass(frozen=True)
class _SignedRank:
    differences: np.ndarray
    correct: bool

    def __call__(self, shift: float, correction: str) -> float:
        moved = self.differences - shift
        moved = moved[moved != 0]
        size = len(moved)
        ranks = stats.rankdata(np.abs(moved))
        ties = np.unique(ranks, return_counts=True)[1].astype(float)
        variance = size * (size + 1) * (2 * size + 1) / 24 - (ties**3 - ties).sum() / 48
        distance = ranks[moved > 0].sum() - size * (size + 1) / 4
        return _standardised(distance, variance, correction if self.correct else "")


def _standardised(distance: float, variance: float, correction: str) -> float:
    """Distance from the expectation in standard errors, half a unit nearer when corrected."""
    half = {"two.sided": float(np.sign(distance)) * 0.5, "greater": 0.5, "less": -0.5, "": 0.0}
    # a shift that ties everything has no variance
    return float((distance - half[correction]) / np.sqrt(variance)) if variance > 0 else 0.0


def rank_sum_counts(m: int, n: int) -> np.ndarray:
    """Number of arrangements with each value of W: coefficients of the Gaussian binomial."""
    counts = np.zeros(m * n + 1)
    counts[0] = 1.0
    for i in range(1, m + 1):
        for value in range(m * n, n + i - 1, -1):  # times (1 - q^(n + i))
            counts[value] -= counts[value - n - i]
        for value in range(i, m * n + 1):  # divided by (1 - q^i)
            counts[value] += counts[value - i]
    return counts


def signed_rank_counts(n: int) -> np.ndarray:
    """Number of sign patterns with each value of V."""
    counts = np.ones(1)
    for rank in range(1, n + 1):
        counts = np.concatenate([counts, np.zeros(rank)]) + np.concatenate([np.zeros(rank), counts])
    return counts


def _exact(
    statistic: float,
    counts: np.ndarray,
    sorted_shifts: np.ndarray,
    alternative: Alternative,
    method: str,
) -> RankTest:
    """P value from the distribution; limits are order statistics of the pairwise shifts."""
    below = np.cumsum(counts) / counts.sum()
    position = int(statistic)
    less = below[position]
    greater = 1.0 if position == 0 else below[-1 - position]  # the distribution is symmetric
    p_value = {"less": less, "greater": greater, "two.sided": min(1.0, 2 * min(less, greater))}
    return RankTest(
        statistic,
        float(np.median(sorted_shifts)),
        float(p_value[alternative]),
        partial(_exact_limits, below, sorted_shifts, alternative),
        method,
    )


def _exact_limits(
    below: np.ndarray, sorted_shifts: np.ndarray, alternative: Alternative, level: float
) -> Limits:
    tail = (1 - level) / (2 if alternative == "two.sided" else 1)
    order = max(1, int(np.searchsorted(below, tail * (1 - 1e-12))))
    return Limits(
        -np.inf if alternative == "less" else float(sorted_shifts[order - 1]),
        np.inf if alternative == "greater" else float(sorted_shifts[-order]),
    )


def _normal(
    statistic: float,
    deviate: _Deviate,
    range_: Limits,
    alternative: Alternative,
    name: str,
    correct: bool,
) -> RankTest:
    """P value and limits from the normal approximation; all pairwise shifts lie in `range_`."""
    observed = deviate(0.0, alternative)
    less, greater = float(stats.norm.cdf(observed)), float(stats.norm.sf(observed))
    p_value = {"less": less, "greater": greater, "two.sided": min(1.0, 2 * min(less, greater))}
    return RankTest(
        statistic,
        _solve(deviate, 0.0, "", range_),
        p_value[alternative],
        partial(_normal_limits, deviate, range_, alternative),
        f"{name} with continuity correction" if correct else name,
    )


def _normal_limits(
    deviate: _Deviate, range_: Limits, alternative: Alternative, level: float
) -> Limits:
    tail = (1 - level) / (2 if alternative == "two.sided" else 1)
    quantile = float(stats.norm.isf(tail))
    varies = range_.high > range_.low  # without it the data say nothing about a width
    low = _solve(deviate, quantile, alternative, range_) if varies else np.nan
    high = _solve(deviate, -quantile, alternative, range_) if varies else np.nan
    return Limits(
        -np.inf if alternative == "less" else low, np.inf if alternative == "greater" else high
    )


def _solve(deviate: _Deviate, target: float, correction: str, range_: Limits) -> float:
    """Shift at which the deviate is `target`, within the range of the pairwise shifts."""

    def excess(shift: float) -> float:
        return deviate(shift, correction) - target

    if excess(range_.low) <= 0:
        return range_.low
    if excess(range_.high) >= 0:
        return range_.high
    return float(optimize.brentq(excess, range_.low, range_.high, xtol=1e-12))
