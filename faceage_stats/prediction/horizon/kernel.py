"""Incidence at a horizon under weights: the jackknife and bootstrap call it often."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faceage_stats._compiled import compiled

__all__ = ["incidence_by"]


@compiled()
def incidence_by(
    time: NDArray[np.float64],
    status: NDArray[np.int64],
    weight: NDArray[np.float64],
    t: float,
) -> float:
    """Weighted Aalen-Johansen incidence of status 1 by t; 0 without rows.

    The same recursion as ``aalen_johansen(risk_counts(...))`` of `_steps`, in one pass over rows
    that are sorted already and without a table: O(n) for each set of weights.

    Parameters
    ----------
    time : ndarray, shape (n,)
        Sorted.
    status : ndarray of int, shape (n,)
        0 censored, 1 the event of interest, 2 a competing event.
    weight : ndarray, shape (n,)
        How often each row counts; 0 excludes it.
    t : float
    """
    n = len(time)
    at_risk = 0.0
    for i in range(n):
        at_risk += weight[i]
    surv, incidence = 1.0, 0.0
    i = 0
    while i < n and time[i] <= t:
        of_interest = competing = leaving = 0.0
        j = i
        while j < n and time[j] == time[i]:
            leaving += weight[j]
            of_interest += weight[j] if status[j] == 1 else 0.0
            competing += weight[j] if status[j] == 2 else 0.0
            j += 1
        if at_risk > 0:
            incidence += surv * of_interest / at_risk
            surv *= (at_risk - of_interest - competing) / at_risk
        at_risk -= leaving
        i = j
    return incidence
