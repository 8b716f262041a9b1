"""Standardised differences between two groups."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from faceage_stats._call import checked_call
from faceage_stats._columns import numeric
from faceage_stats._wald import check_conf_level, two_sided
from faceage_stats.association.classical.htest import HTest, wald_interval
from faceage_stats.association.classical.samples import two_samples
from faceage_stats.errors import DesignError, InputError

__all__ = ["hedges_g", "smd", "smd_categorical"]


@checked_call
def smd(formula: Any, data: Any = None, *, conf_level: float = 0.95) -> HTest:
    """Standardise a difference of means by the average of the two variances.

    The measure of balance of Table 1: (mean1 - mean2) / sqrt((var1 + var2) / 2).

    Parameters
    ----------
    formula : str or array_like, shape (n,)
        ``"value ~ group"`` with `data` (two groups, first level minus second), or the first
        sample.
    data : pandas.DataFrame, polars.DataFrame or array_like
        The table of a formula, or the second sample. Missing values are dropped and counted.
    conf_level : float
        Level of the interval.

    Returns
    -------
    HTest
        ``tidy(conf_level=...)``: ``estimate std_error`` (large sample) ``statistic p_value conf_low
        conf_high conf_level n n_missing method``.

    Raises
    ------
    DesignError
        Fewer than two values in a group, or no variance in either.

    See Also
    --------
    hedges_g : by the pooled standard deviation.
    smd_categorical : for categories.

    References
    ----------
    Austin PC (2009). Balance diagnostics for comparing the distribution of baseline covariates
    between treatment groups in propensity-score matched samples. Statistics in Medicine
    28:3083-3107. doi:10.1002/sim.3697

    Examples
    --------
    >>> round(smd([61.0, 70, 66], [60.0, 63, 62, 65]).estimate, 3)
    0.902
    """
    first, second, n_missing = two_samples(formula, data, "smd()")
    _need_two(first, second)
    scale = math.sqrt((first.var(ddof=1) + second.var(ddof=1)) / 2)
    return _difference(first, second, scale, n_missing, conf_level, "Standardised mean difference")


@checked_call
def hedges_g(
    formula: Any, data: Any = None, *, correct: bool = True, conf_level: float = 0.95
) -> HTest:
    """Standardise a difference of means by the pooled standard deviation (Hedges' g, Cohen's d).

    Parameters
    ----------
    formula : str or array_like, shape (n,)
        ``"value ~ group"`` with `data` (two groups, first level minus second), or the first
        sample.
    data : pandas.DataFrame, polars.DataFrame or array_like
        The table of a formula, or the second sample. Missing values are dropped and counted.
    correct : bool
        Hedges' small-sample factor 1 - 3 / (4 df - 1); False gives Cohen's d.
    conf_level : float
        Level of the interval.

    Returns
    -------
    HTest
        As :func:`smd`.

    Raises
    ------
    DesignError
        Fewer than two values in a group, or no variance in either.

    See Also
    --------
    smd : by the average of the two variances.
    cliff_delta : by ranks.

    Notes
    -----
    In R: ``effectsize::hedges_g(gap ~ sex, data = df)``

    References
    ----------
    Hedges LV (1981). Distribution theory for Glass's estimator of effect size and related
    estimators. Journal of Educational Statistics 6:107-128. doi:10.3102/10769986006002107

    Examples
    --------
    >>> round(hedges_g([61.0, 70, 66], [60.0, 63, 62, 65]).estimate, 3)
    0.814
    """
    first, second, n_missing = two_samples(formula, data, "hedges_g()")
    _need_two(first, second)
    df = len(first) + len(second) - 2
    pooled = ((len(first) - 1) * first.var(ddof=1) + (len(second) - 1) * second.var(ddof=1)) / df
    factor = 1 - 3 / (4 * df - 1) if correct else 1.0
    name = "Hedges' g" if correct else "Cohen's d"
    return _difference(first, second, math.sqrt(pooled) / factor, n_missing, conf_level, name)


def _need_two(first: np.ndarray, second: np.ndarray) -> None:
    if min(len(first), len(second)) < 2 or (np.ptp(first) == 0 and np.ptp(second) == 0):
        raise DesignError(
            f"Groups of {len(first)} and {len(second)} values; each needs 2, and they must vary."
        )


def _difference(
    first: np.ndarray,
    second: np.ndarray,
    scale: float,
    n_missing: int,
    conf_level: float,
    method: str,
) -> HTest:
    if not scale > 0:  # too small for the arithmetic of floats
        raise DesignError(f"{method}: the values hardly vary; their spread cannot be measured.")
    estimate = float(first.mean() - second.mean()) / scale
    return _large_sample(estimate, len(first), len(second), conf_level, method, n_missing)


def _large_sample(
    d: float, n1: int, n2: int, conf_level: float, method: str, n_missing: int = 0
) -> HTest:
    """Hedges and Olkin's standard error of a standardised difference."""
    check_conf_level(conf_level)
    std_error = math.sqrt((n1 + n2) / (n1 * n2) + d * d / (2 * (n1 + n2)))
    return HTest(
        estimate=d,
        std_error=std_error,
        statistic=d / std_error,
        p_value=float(two_sided(d / std_error)),
        conf_level=conf_level,
        interval=wald_interval(d, std_error),
        n=n1 + n2,
        n_missing=n_missing,
        method=method,
    )


@checked_call
def smd_categorical(counts1: ArrayLike, counts2: ArrayLike, *, conf_level: float = 0.95) -> HTest:
    """Standardise the difference between two distributions over the same levels.

    With two levels (p1 - p2) / sqrt((p1 (1 - p1) + p2 (1 - p2)) / 2), with the sign of the last
    level; with more, Yang and Dalton's Mahalanobis distance between the proportions, which has no
    sign.

    Parameters
    ----------
    counts1, counts2 : array_like, shape (k,)
        Counts of each level in the two groups.
    conf_level : float
        Level of the interval.

    Returns
    -------
    HTest
        As :func:`smd`.

    Raises
    ------
    InputError
        Different numbers of levels, fewer than two, an empty group, or no whole numbers.
    DesignError
        The groups hold no level in common, so that the difference has no scale.

    See Also
    --------
    smd : for numbers.

    References
    ----------
    Yang D, Dalton JE (2012). A unified approach to measuring the effect size between two groups
    using SAS. SAS Global Forum 2012, paper 335.

    Examples
    --------
    >>> round(smd_categorical([30, 70], [45, 55]).estimate, 3)
    0.314
    """
    first, second = numeric(counts1, "counts1"), numeric(counts2, "counts2")
    if first.shape != second.shape or len(first) < 2:
        raise InputError("smd_categorical: as many counts in both groups, of at least two levels.")
    both = np.concatenate([first, second])
    if not (np.isfinite(both) & (both >= 0) & (both == np.round(both))).all():
        raise InputError("smd_categorical: counts are whole numbers from 0, and none is missing.")
    if first.sum() == 0 or second.sum() == 0:
        raise InputError("smd_categorical: a group is empty.")
    used = (first + second) > 0  # a level without rows adds nothing
    p, q = first[used] / first.sum(), second[used] / second.sum()
    if len(p) == 1:
        estimate = 0.0
    else:
        covariance = (_multinomial(p) + _multinomial(q)) / 2
        difference = (p - q)[1:]
        if np.linalg.matrix_rank(covariance) < len(difference):
            raise DesignError("smd_categorical: the groups have no level in common.")
        estimate = math.sqrt(float(difference @ np.linalg.solve(covariance, difference)))
        if len(p) == 2:
            estimate = math.copysign(estimate, difference[0])
    return _large_sample(
        estimate,
        int(first.sum()),
        int(second.sum()),
        conf_level,
        "Standardised difference of proportions",
    )


def _multinomial(p: np.ndarray) -> np.ndarray:
    """Covariance of the proportions of all levels but the first."""
    return np.diag(p[1:]) - np.outer(p[1:], p[1:])
