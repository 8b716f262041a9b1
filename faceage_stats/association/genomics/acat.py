"""Combination of p values by the Cauchy distribution: valid under dependence."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from faceage_stats._call import checked_call
from faceage_stats._p_adjust import p_values
from faceage_stats._scalar import check_numbers
from faceage_stats._warn import warn
from faceage_stats.association.classical.htest import HTest
from faceage_stats.errors import EstimationWarning, InputError

__all__ = ["Cauchy", "acat", "acat_p"]

_TINY = 1e-15  # below it tan((0.5 - p) pi) is 1 / (p pi) to double precision


@checked_call
def acat(p: ArrayLike, weights: ArrayLike | None = None) -> HTest:
    """Combine p values into one, whatever their dependence, as R's ``ACAT::ACAT``.

    Parameters
    ----------
    p : array_like, shape (k,)
        p values from 0 to 1; missing ones are excluded and counted.
    weights : array_like, shape (k,), optional
        Relative weights, not negative; by default equal.

    Returns
    -------
    HTest
        ``tidy()``: ``statistic`` (weighted mean of tan((0.5 - p) pi), standard Cauchy under the
        null) ``p_value n`` (p values combined) ``n_missing method``.

    Raises
    ------
    InputError
        A p value outside 0 to 1, weights of another length, negative or all zero, or no p value;
        p values of exactly 0 and exactly 1 together, which contradict each other.

    Warns
    -----
    EstimationWarning
        p values of exactly 0 or 1, which decide the result alone.

    See Also
    --------
    set_test : of the variants of a gene.

    Notes
    -----
    In R: ``ACAT::ACAT(p)``

    References
    ----------
    Liu Y, Chen S, Li Z, Morrison AC, Boerwinkle E, Lin X (2019). ACAT: a fast and powerful p value
    combination method for rare-variant analysis in sequencing studies. American Journal of Human
    Genetics 104:410-421. doi:10.1016/j.ajhg.2019.01.002

    Examples
    --------
    >>> round(acat([0.02, 0.4, 0.9, 0.03, 0.5]).p_value, 6)
    0.066127
    """
    values = p_values(p)
    weight = np.ones(len(values)) if weights is None else check_numbers("weights", weights)
    if len(weight) != len(values):
        raise InputError(f"acat: {len(values)} p values but {len(weight)} weights.")
    kept = ~np.isnan(values)
    if (weight < 0).any() or not weight[kept].sum() > 0:
        raise InputError("acat needs a p value, and weights that are not negative nor all zero.")
    n_edge = int(np.isin(values[kept], (0, 1)).sum())
    if n_edge:
        warn(
            f"acat: {n_edge} p values are exactly 0 or 1 and decide the result alone.",
            EstimationWarning,
        )
    statistic, p_value = acat_p(values[kept], weight[kept])
    return HTest(
        method="Cauchy combination of p values (ACAT)",
        statistic=statistic,
        p_value=p_value,
        n=int(kept.sum()),
        n_missing=int((~kept).sum()),
    )


class Cauchy(NamedTuple):
    """A statistic that is standard Cauchy under the null, and its upper tail."""

    statistic: float
    p_value: float


def acat_p(p: np.ndarray, weights: np.ndarray) -> Cauchy:
    """Combine complete p values."""
    if (p == 0).any() and (p == 1).any():
        raise InputError("acat: p values of exactly 0 and exactly 1 cannot be combined.")
    if (p == 0).any():
        return Cauchy(np.inf, 0.0)
    if (p == 1).any():
        return Cauchy(-np.inf, 1.0)
    tiny = p < _TINY
    terms = np.where(tiny, 1 / (np.where(tiny, p, 1.0) * np.pi), np.tan((0.5 - p) * np.pi))
    statistic = float(weights @ terms / weights.sum())
    return Cauchy(statistic, float(np.arctan2(1.0, statistic) / np.pi))  # no cancellation
