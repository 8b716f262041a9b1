"""Spearman's and Kendall's coefficients with the p values of R's ``cor.test``, on arrays."""

from __future__ import annotations

import math
import warnings
from typing import NamedTuple

import numpy as np
from scipy import stats

from faceage_stats._warn import warn
from faceage_stats.association.classical.htest import Alternative, p_of, scipy_side
from faceage_stats.errors import EstimationWarning

__all__ = ["Correlation", "Kind", "kendall", "pearson", "spearman", "spearman_counts", "t_of_r"]


_LARGEST_EDGEWORTH = 1290  # pairs, from which R takes the t approximation


class Correlation(NamedTuple):
    """A coefficient with its test; `df` where the statistic has some."""

    estimate: float
    statistic: float
    df: float | None
    p_value: float


class Kind(NamedTuple):
    """What kind of test: its side, and how its p value is computed."""

    alternative: Alternative = "two.sided"
    exact: bool | None = None
    continuity: bool = False


class TTest(NamedTuple):
    """Student's t with its p value."""

    statistic: float
    p_value: float


def t_of_r(r: float, df: float, alternative: Alternative = "two.sided") -> TTest:
    """Return t and the p value of a correlation coefficient."""
    t = math.copysign(math.inf, r) if abs(r) >= 1 else r * math.sqrt(df / ((1 - r) * (1 + r)))
    return TTest(t, p_of(t, alternative, df))


def pearson(x: np.ndarray, y: np.ndarray, kind: Kind) -> Correlation:
    """Product-moment correlation, tested by t."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", stats.NearConstantInputWarning)
        r, df = float(stats.pearsonr(x, y).statistic), float(len(x) - 2)
    if caught:
        warn(
            "cor_test(): values vary by less than the rounding error of their mean; measure them "
            "from a number near it.",
            EstimationWarning,
        )
    test = t_of_r(r, df, kind.alternative)
    return Correlation(r, test.statistic, df, test.p_value)


def spearman(x: np.ndarray, y: np.ndarray, kind: Kind) -> Correlation:
    """Correlation of ranks; S, its p value without ties as R's, otherwise the t approximation."""
    n = len(x)
    rho = float(stats.pearsonr(stats.rankdata(x), stats.rankdata(y)).statistic)
    size = n * (n * n - 1) / 6
    s = size * (1 - rho)
    untied = len(np.unique(x)) == n == len(np.unique(y))
    if untied and kind.exact is not False and n <= _LARGEST_EDGEWORTH:
        p_value = (_spearman_exact if n <= 9 else _spearman_edgeworth)(n, round(s), size, kind)
        return Correlation(rho, s, None, p_value)
    # R shrinks the coefficient by this amount before the t approximation
    r = 1 - s / size
    if kind.continuity:
        r = 1 - s / (size + 1)
    return Correlation(rho, s, None, t_of_r(r, n - 2, kind.alternative).p_value)


def _spearman_exact(n: int, s: int, size: float, kind: Kind) -> float:
    """P over all orders of n ranks; a large S is a small correlation."""
    counts = spearman_counts(n)
    above, below = counts[s:].sum() / counts.sum(), counts[: s + 1].sum() / counts.sum()
    return _side(above, below, s > size, kind.alternative)


def _spearman_edgeworth(n: int, s: int, size: float, kind: Kind) -> float:
    """P by the Edgeworth series of algorithm AS 89, from 10 untied pairs on, as R has it."""

    def tail(squares: int, sign: float) -> float:
        b = 1 / n
        x = (6 * (squares - 1) * b / (n * n - 1) - 1) * math.sqrt(n - 1)
        y = x * x
        high = 0.0879 + b * 0.0151 - y * (0.0072 - 0.0831 * b + y * b * (0.0131 - 4.6e-4 * y))
        middle = y * (-0.0758 + b * (0.1033 + 0.3932 * b) - y * b * high)
        u = x * b * (0.2274 + b * (0.2531 + 0.1745 * b) + middle)
        p = sign * u / math.exp(y / 2) + float(stats.norm.sf(sign * x))
        return min(max(p, 0.0), 1.0)

    return _side(tail(s, 1.0), tail(s + 2, -1.0), s > size, kind.alternative)


def _side(above: float, below: float, is_above: bool, alternative: Alternative) -> float:
    if alternative == "two.sided":
        return float(min(1.0, 2 * (above if is_above else below)))
    return float(above if alternative == "less" else below)


def spearman_counts(n: int) -> np.ndarray:
    """Number of orders with each sum of squared rank differences, over the sets of used ranks."""
    largest = n * (n * n - 1) // 3
    ways: dict[int, np.ndarray] = {0: np.eye(1, largest + 1)[0]}
    for i in range(n):
        longer: dict[int, np.ndarray] = {}
        for used, counts in ways.items():
            for j in (j for j in range(n) if not used >> j & 1):
                moved = longer.setdefault(used | 1 << j, np.zeros(largest + 1))
                moved[(i - j) ** 2 :] += counts[: largest + 1 - (i - j) ** 2]
        ways = longer
    return ways[2**n - 1]


def kendall(x: np.ndarray, y: np.ndarray, kind: Kind) -> Correlation:
    """Kendall's tau-b; T with its exact p below 50 untied pairs, otherwise z."""
    n = len(x)
    tau = float(stats.kendalltau(x, y).statistic)
    tied = len(np.unique(x)) < n or len(np.unique(y)) < n
    pairs = n * (n - 1) / 2
    if (not tied and n < 50) if kind.exact is None else (kind.exact and not tied):
        side = scipy_side(kind.alternative)
        p_value = float(stats.kendalltau(x, y, method="exact", alternative=side).pvalue)
        return Correlation(tau, float(round((tau + 1) * pairs / 2)), None, p_value)
    ties_x, ties_y = (np.unique(v, return_counts=True)[1].astype(float) for v in (x, y))
    untied_x, untied_y = (pairs - (t * (t - 1)).sum() / 2 for t in (ties_x, ties_y))
    s = tau * math.sqrt(untied_x * untied_y)
    if kind.continuity:
        s = math.copysign(max(abs(s) - 1, 0.0), s)
    z = s / math.sqrt(_kendall_variance(n, ties_x, ties_y))
    return Correlation(tau, z, None, p_of(z, kind.alternative))


def _kendall_variance(n: int, ties_x: np.ndarray, ties_y: np.ndarray) -> float:
    """Variance of concordant minus discordant pairs under independence, with ties."""
    main = n * (n - 1) * (2 * n + 5)
    main -= sum((t * (t - 1) * (2 * t + 5)).sum() for t in (ties_x, ties_y))
    twos = [(t * (t - 1)).sum() for t in (ties_x, ties_y)]
    threes = [(t * (t - 1) * (t - 2)).sum() for t in (ties_x, ties_y)]
    return float(
        main / 18
        + twos[0] * twos[1] / (2 * n * (n - 1))
        + threes[0] * threes[1] / (9 * n * (n - 1) * (n - 2))
    )
