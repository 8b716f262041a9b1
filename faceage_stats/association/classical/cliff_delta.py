"""Cliff's delta: how often a value of one group exceeds one of another."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
from scipy import stats

from faceage_stats._call import checked_call
from faceage_stats._wald import check_conf_level, two_sided
from faceage_stats.association.classical.htest import HTest, Limits
from faceage_stats.association.classical.samples import two_samples
from faceage_stats.errors import DesignError

__all__ = ["cliff_delta"]


@checked_call
def cliff_delta(formula: Any, data: Any = None, *, conf_level: float = 0.95) -> HTest:
    """Estimate P(first > second) - P(first < second) over pairs of values of two groups.

    Parameters
    ----------
    formula : str or array_like, shape (n,)
        ``"value ~ group"`` with `data` (two groups, first level against second), or the first
        sample.
    data : pandas.DataFrame, polars.DataFrame or array_like
        The table of a formula, or the second sample. Missing values are dropped and counted.
    conf_level : float
        Level of the interval.

    Returns
    -------
    HTest
        ``tidy(conf_level=...)``: ``estimate`` (from -1 to 1; the area under the ROC curve is
        (1 + delta) / 2) ``std_error statistic`` (z) ``p_value conf_low conf_high conf_level n
        n_missing method``.

    Raises
    ------
    DesignError
        Fewer than two values in a group.

    See Also
    --------
    wilcox_test : the test of the same ranks.

    Notes
    -----
    Cliff's unbiased variance and the asymmetric interval of Feng and Cliff, which stays within -1
    and 1. Groups that do not overlap have no variance: the limit is then (n - z^2) / (n + z^2),
    n being the smaller group, and p that of the exact rank sum test.

    In R: ``effsize::cliff.delta(gap ~ sex, data = df)``

    References
    ----------
    Cliff N (1993). Dominance statistics: ordinal analyses to answer ordinal questions.
    Psychological Bulletin 114:494-509. doi:10.1037/0033-2909.114.3.494

    Feng D, Cliff N (2004). Monte Carlo evaluation of ordinal d with improved confidence interval.
    Journal of Modern Applied Statistical Methods 3:322-332.

    Examples
    --------
    >>> test = cliff_delta([61.0, 70, 66, 68], [60.0, 63, 62, 65])
    >>> round(test.estimate, 3), round(test.conf_low, 3), round(test.conf_high, 3)
    (0.625, -0.279, 0.942)
    """
    check_conf_level(conf_level)
    first, second, n_missing = two_samples(formula, data, "cliff_delta()")
    n1, n2 = len(first), len(second)
    if min(n1, n2) < 2:
        raise DesignError(f"cliff_delta: groups of {n1} and {n2} values; each needs 2.")
    by_first = _dominance(first, second)
    by_second = -_dominance(second, first)
    delta = float(by_first.mean())
    variance = _variance(by_first, by_second, _untied(first, second), delta)
    std_error = math.sqrt(variance)
    statistic = delta / std_error if std_error > 0 else None
    # without overlap there is no error to estimate, but a rank sum that chance gives this rarely
    by_chance = 2 / math.comb(n1 + n2, n1)
    return HTest(
        estimate=delta,
        std_error=std_error,
        statistic=statistic,
        p_value=by_chance if statistic is None else float(two_sided(statistic)),
        conf_level=conf_level,
        interval=partial(_feng_cliff, delta, variance, min(n1, n2)),
        n=n1 + n2,
        n_missing=n_missing,
        method="Cliff's delta",
        alternative="two.sided",
    )


def _dominance(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    """For each value, the proportion of the others below it less the proportion above it."""
    ordered = np.sort(others)
    below = np.searchsorted(ordered, values, side="left")
    above = len(others) - np.searchsorted(ordered, values, side="right")
    return (below - above) / len(others)


def _untied(first: np.ndarray, second: np.ndarray) -> float:
    """Mean of the squared dominance of a pair: the proportion of pairs that are not tied."""
    ordered = np.sort(second)
    tied = np.searchsorted(ordered, first, side="right") - np.searchsorted(ordered, first, "left")
    return 1 - float(tied.sum()) / (len(first) * len(second))


def _variance(by_first: np.ndarray, by_second: np.ndarray, squared: float, delta: float) -> float:
    """Unbiased variance of delta, not below that of a pair over the number of pairs."""
    n1, n2 = len(by_first), len(by_second)
    rows, columns = ((values - delta) @ (values - delta) for values in (by_first, by_second))
    pairs = n1 * n2 * (squared - delta**2)  # sum of (d_ij - delta)^2
    scale = n1 * n2 * (n1 - 1) * (n2 - 1)
    unbiased = (n2**2 * rows + n1**2 * columns - pairs) / scale
    return max(float(unbiased), (1 - delta**2) / (n1 * n2 - 1))


def _feng_cliff(delta: float, variance: float, n: int, level: float) -> Limits:
    """Asymmetric limits; for groups without overlap those of the value (n - z^2) / (n + z^2)."""
    z2 = float(stats.norm.ppf(0.5 + level / 2)) ** 2
    if abs(delta) == 1:
        inner = (n - z2) / (n + z2)
        return Limits(inner, 1.0) if delta > 0 else Limits(-1.0, -inner)
    middle, scale = delta - delta**3, 1 - delta**2 + z2 * variance
    half = math.sqrt(z2 * variance * ((1 - delta**2) ** 2 + z2 * variance))
    return Limits(max(-1.0, (middle - half) / scale), min(1.0, (middle + half) / scale))
