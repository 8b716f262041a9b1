"""Wilcoxon's rank tests with the Hodges-Lehmann estimate and its interval, as R gives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import optimize, stats

from faceage_stats.association.classical.columns import numeric_vector
from faceage_stats.association.classical.htest import (
    HTest,
    check_alternative,
    check_conf_level,
    paired_values,
    two_samples,
)
from faceage_stats.errors import DesignError, InputError

__all__ = ["wilcox_test"]


def wilcox_test(
    x: Any,
    y: Any = None,
    *,
    data: Any = None,
    paired: bool = False,
    exact: bool | None = None,
    correct: bool = True,
    alternative: str = "two.sided",
    conf_level: float = 0.95,
) -> HTest:
    """Compare two samples, or pairs, by ranks, as R's ``wilcox.test(conf.int = TRUE)``.

    Parameters
    ----------
    x, y, data
        ``"value ~ group"`` with data (first level against second), two samples, two columns of
        data or arrays with `paired`, or one sample of differences. Missing values are dropped
        and counted.
    paired : bool
        Signed-rank test of the differences x - y.
    exact : bool, optional
        Exact distribution; by default below 50 values without ties (and without zero
        differences), as in R. It is refused where ties make it undefined.
    correct : bool
        Continuity correction of the normal approximation.
    alternative : {"two.sided", "less", "greater"}
        Side of the alternative hypothesis.
    conf_level : float
        Level of the interval; that of the exact interval is at least this.

    Returns
    -------
    HTest
        ``estimate`` (Hodges-Lehmann shift or pseudo-median)``, statistic`` (W or V)``, p_value,
        conf_low, conf_high, conf_level, n, n_missing, method, alternative``.

    Raises
    ------
    DesignError
        No values, or only zero differences.
    InputError
        ``exact=True`` with ties or zero differences.

    Notes
    -----
    With the normal approximation estimate and limits solve for the shift at which the (corrected)
    statistic is 0 or at its quantile; R's root finder stops at 1e-4, this one at full precision.
    Where all pairwise shifts are equal there is no interval (NaN; R stops with an error).

    Examples
    --------
    >>> test = wilcox_test([1.1, 2.2, 3.3, 4.4], [0.5, 0.9, 1.7, 2.0, 2.6])
    >>> round(test.estimate, 2), test.statistic, round(test.p_value, 4)
    (1.3, 16.0, 0.1905)
    """
    check_alternative(alternative)
    check_conf_level(conf_level)
    if paired or (y is None and not isinstance(x, str)):
        if paired:
            first, second, n_missing = paired_values(x, y, data)
            differences = first - second
        else:
            differences = numeric_vector(x, "x")
            n_missing = int(np.isnan(differences).sum())
            differences = differences[~np.isnan(differences)]
        fields = _signed_rank(differences, exact, correct, alternative, conf_level)
        n = len(differences)
    else:
        first, second, n_missing = two_samples(x, y, data)
        fields = _rank_sum(first, second, exact, correct, alternative, conf_level)
        n = len(first) + len(second)
    return HTest(**fields, n=n, n_missing=n_missing, conf_level=conf_level, alternative=alternative)


def _rank_sum(
    x: np.ndarray,
    y: np.ndarray,
    exact: bool | None,
    correct: bool,
    alternative: str,
    conf_level: float,
) -> dict[str, Any]:
    m, n = len(x), len(y)
    if min(m, n) == 0:
        raise DesignError(f"wilcox_test: samples of {m} and {n} values; both need some.")
    pooled = np.concatenate([x, y])
    tied = len(np.unique(pooled)) < len(pooled)
    use_exact = _use_exact(exact, max(m, n) < 50 and not tied, tied)
    statistic = float(stats.rankdata(pooled)[:m].sum() - m * (m + 1) / 2)
    shifts = np.sort(np.subtract.outer(x, y).ravel())
    if use_exact:
        counts = _rank_sum_counts(m, n)
        fields = _exact_fields(statistic, counts, shifts, alternative, conf_level)
        return {**fields, "method": "Wilcoxon rank sum exact test"}

    def z(shift: float, corrected: str) -> float:
        ranks = stats.rankdata(np.concatenate([x - shift, y]))
        ties = np.unique(ranks, return_counts=True)[1].astype(float)
        spread = m * n / 12 * (m + n + 1 - (ties**3 - ties).sum() / ((m + n) * (m + n - 1)))
        distance = ranks[:m].sum() - m * (m + 1) / 2 - m * n / 2
        return _standardised(_corrected(distance, corrected if correct else ""), spread)

    fields = _normal_fields(statistic, z, shifts, alternative, conf_level)
    note = " with continuity correction" if correct else ""
    return {**fields, "method": f"Wilcoxon rank sum test{note}"}


def _signed_rank(
    differences: np.ndarray,
    exact: bool | None,
    correct: bool,
    alternative: str,
    conf_level: float,
) -> dict[str, Any]:
    d = differences[differences != 0]
    n = len(d)
    if n == 0:
        raise DesignError("wilcox_test: no differences, or only zero ones.")
    uneven = len(np.unique(np.abs(d))) < n or n < len(differences)
    use_exact = _use_exact(exact, len(differences) < 50 and not uneven, uneven)
    statistic = float(stats.rankdata(np.abs(d))[d > 0].sum())
    rows, columns = np.triu_indices(n)
    walsh = np.sort((d[rows] + d[columns]) / 2)
    if use_exact:
        fields = _exact_fields(statistic, _signed_rank_counts(n), walsh, alternative, conf_level)
        return {**fields, "method": "Wilcoxon signed rank exact test"}

    def z(shift: float, corrected: str) -> float:
        moved = d - shift
        moved = moved[moved != 0]
        size = len(moved)
        ranks = stats.rankdata(np.abs(moved))
        ties = np.unique(ranks, return_counts=True)[1].astype(float)
        spread = size * (size + 1) * (2 * size + 1) / 24 - (ties**3 - ties).sum() / 48
        distance = ranks[moved > 0].sum() - size * (size + 1) / 4
        return _standardised(_corrected(distance, corrected if correct else ""), spread)

    fields = _normal_fields(statistic, z, walsh, alternative, conf_level)
    note = " with continuity correction" if correct else ""
    return {**fields, "method": f"Wilcoxon signed rank test{note}"}


def _use_exact(exact: bool | None, default: bool, undefined: bool) -> bool:
    if exact and undefined:
        raise InputError(
            "wilcox_test: ties or zero differences have no exact distribution; use exact=False."
        )
    return default if exact is None else exact


def _corrected(distance: float, alternative: str) -> float:
    """Move a rank sum half a unit towards its expectation."""
    return (
        distance
        - {
            "two.sided": float(np.sign(distance)) * 0.5,
            "greater": 0.5,
            "less": -0.5,
            "": 0.0,
        }[alternative]
    )


def _standardised(distance: float, variance: float) -> float:
    """Distance in standard errors; a shift that ties everything has neither."""
    return float(distance / np.sqrt(variance)) if variance > 0 else 0.0


def _rank_sum_counts(m: int, n: int) -> np.ndarray:
    """Number of arrangements with each value of W: coefficients of the Gaussian binomial."""
    counts = np.zeros(m * n + 1)
    counts[0] = 1.0
    for i in range(1, m + 1):
        for value in range(m * n, n + i - 1, -1):  # times (1 - q^(n + i))
            counts[value] -= counts[value - n - i]
        for value in range(i, m * n + 1):  # divided by (1 - q^i)
            counts[value] += counts[value - i]
    return counts


def _signed_rank_counts(n: int) -> np.ndarray:
    """Number of sign patterns with each value of V."""
    counts = np.ones(1)
    for rank in range(1, n + 1):
        counts = np.concatenate([counts, np.zeros(rank)]) + np.concatenate([np.zeros(rank), counts])
    return counts


def _exact_fields(
    statistic: float,
    counts: np.ndarray,
    sorted_shifts: np.ndarray,
    alternative: str,
    conf_level: float,
) -> dict[str, Any]:
    """P value from the distribution; limits are order statistics of the pairwise shifts."""
    below = np.cumsum(counts) / counts.sum()
    position = int(statistic)
    less = below[position]
    greater = 1.0 if position == 0 else below[-1 - position]  # the distribution is symmetric
    p_value = {"less": less, "greater": greater, "two.sided": min(1.0, 2 * min(less, greater))}
    tail = (1 - conf_level) / (2 if alternative == "two.sided" else 1)
    order = max(1, int(np.searchsorted(below, tail * (1 - 1e-12))))
    return {
        "estimate": float(np.median(sorted_shifts)),
        "statistic": statistic,
        "p_value": float(p_value[alternative]),
        "conf_low": -np.inf if alternative == "less" else float(sorted_shifts[order - 1]),
        "conf_high": np.inf if alternative == "greater" else float(sorted_shifts[-order]),
    }


def _normal_fields(
    statistic: float,
    z: Callable[[float, str], float],
    sorted_shifts: np.ndarray,
    alternative: str,
    conf_level: float,
) -> dict[str, Any]:
    """P value and limits from the normal approximation; z falls as the shift grows."""
    observed = z(0.0, alternative)
    p_value = {
        "less": stats.norm.cdf(observed),
        "greater": stats.norm.sf(observed),
        "two.sided": 2 * min(stats.norm.cdf(observed), stats.norm.sf(observed)),
    }
    tail = (1 - conf_level) / (2 if alternative == "two.sided" else 1)
    quantile = float(stats.norm.isf(tail))
    least, most = float(sorted_shifts[0]), float(sorted_shifts[-1])
    spread = most > least  # without it the data say nothing about the width of an interval

    def solve(target: float, corrected: str) -> float:
        low, high = z(least, corrected) - target, z(most, corrected) - target
        if low <= 0:
            return least
        if high >= 0:
            return most
        return float(optimize.brentq(lambda s: z(s, corrected) - target, least, most, xtol=1e-12))

    def limit(open_end: float, open_for: str, target: float) -> float:
        if alternative == open_for:
            return open_end
        return solve(target, alternative) if spread else np.nan

    return {
        "estimate": solve(0.0, ""),
        "statistic": statistic,
        "p_value": float(min(1.0, p_value[alternative])),
        "conf_low": limit(-np.inf, "less", quantile),
        "conf_high": limit(np.inf, "greater", -quantile),
    }
