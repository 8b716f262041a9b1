"""Combination of p values by the Cauchy distribution: valid under dependence."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike

from faceage_stats.association.classical.htest import HTest
from faceage_stats.errors import EstimationWarning, InputError

__all__ = ["acat", "acat_p"]

_TINY = 1e-15  # below it tan((0.5 - p) pi) is 1 / (p pi) to double precision


def acat(p: ArrayLike, weights: ArrayLike | None = None) -> HTest:
    """Combine p values into one, whatever their dependence, as R's ``ACAT::ACAT``.

    Parameters
    ----------
    p : array-like of shape (k,)
        p values from 0 to 1; missing ones are left out and counted.
    weights : array-like of shape (k,), optional
        Relative weights, not negative; by default equal.

    Returns
    -------
    HTest
        ``statistic`` (weighted mean of tan((0.5 - p) pi), standard Cauchy under the null),
        ``p_value``, ``n`` (p values combined), ``n_missing``, ``method``.

    Raises
    ------
    InputError
        A p value outside 0 to 1, weights of another length, negative or all zero, or no p value;
        p values of exactly 0 and exactly 1 together, which contradict each other.

    Warns
    -----
    EstimationWarning
        p values of exactly 0 or 1, which decide the result alone.

    References
    ----------
    Liu Y, Chen S, Li Z, and others (2019). ACAT: a fast and powerful p value combination method
    for rare-variant analysis in sequencing studies. Am J Hum Genet 104, 410-421.

    Examples
    --------
    >>> round(acat([0.02, 0.4, 0.9, 0.03, 0.5]).p_value, 6)
    0.066127
    """
    values = np.asarray(p, dtype=float).ravel()
    shares = np.ones(len(values)) if weights is None else np.asarray(weights, float).ravel()
    if len(shares) != len(values):
        raise InputError(f"acat: {len(values)} p values but {len(shares)} weights.")
    kept = ~np.isnan(values)
    outside = int(((values[kept] < 0) | (values[kept] > 1)).sum())
    if outside:
        raise InputError(f"p holds {outside} values outside 0 to 1; p values are expected.")
    if not np.isfinite(shares).all() or (shares < 0).any() or not shares[kept].sum() > 0:
        raise InputError("acat needs a p value, and weights that are not negative nor all zero.")
    n_edge = int(np.isin(values[kept], (0, 1)).sum())
    if n_edge:
        warnings.warn(
            f"acat: {n_edge} p values are exactly 0 or 1 and decide the result alone.",
            EstimationWarning,
            stacklevel=2,
        )
    statistic, p_value = acat_p(values[kept], shares[kept])
    return HTest(
        method="Cauchy combination of p values (ACAT)",
        statistic=statistic,
        p_value=p_value,
        n=int(kept.sum()),
        n_missing=int((~kept).sum()),
    )


def acat_p(p: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Statistic and p value of complete p values."""
    if (p == 0).any() and (p == 1).any():
        raise InputError("acat: p values of exactly 0 and exactly 1 cannot be combined.")
    if (p == 0).any():
        return np.inf, 0.0
    if (p == 1).any():
        return -np.inf, 1.0
    tiny = p < _TINY
    terms = np.where(tiny, 1 / (np.where(tiny, p, 1.0) * np.pi), np.tan((0.5 - p) * np.pi))
    statistic = float(weights @ terms / weights.sum())
    return statistic, float(np.arctan2(1.0, statistic) / np.pi)  # upper tail, no cancellation
