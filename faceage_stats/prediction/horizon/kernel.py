"""Incidence and area under the curve at a horizon, under weights."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from faceage_stats._compiled import FloatArray, IntArray, compiled

__all__ = ["AreaAt", "incidence_by", "weighted_area"]


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


class AreaAt(NamedTuple):
    """Area under the curve, and each row's influence on it."""

    estimate: float
    influence: FloatArray


@compiled(error_model="numpy")
def weighted_area(
    value: FloatArray, order: IntArray, case: FloatArray, control: FloatArray
) -> AreaAt:
    """Probability that a case has the higher marker, under weights; ties count half.

    Each row's influence, the weights taken as known, is proportional to its weight.

    Parameters
    ----------
    value : ndarray, shape (n,)
        The marker, sorted.
    order : ndarray of int, shape (n,)
        The row of each value.
    case, control : ndarray, shape (n,)
        Weights of the rows.
    """
    n = len(value)
    all_cases = all_controls = 0.0
    for row in range(n):
        all_cases += case[row]
        all_controls += control[row]
    won = np.empty(n)
    cases_before = controls_before = area = 0.0
    first = 0
    while first < n:
        last, cases, controls = first, 0.0, 0.0
        while last < n and value[last] == value[first]:
            cases += case[order[last]]
            controls += control[order[last]]
            last += 1
        below = controls_before + controls / 2
        above = all_cases - cases_before - cases / 2
        area += cases * below
        for i in range(first, last):
            won[order[i]] = case[order[i]] * below + control[order[i]] * above
        cases_before += cases
        controls_before += controls
        first = last
    pairs = all_cases * all_controls
    for row in range(n):
        expected = area * (case[row] / all_cases + control[row] / all_controls)
        won[row] = (won[row] - expected) * n / pairs
    return AreaAt(area / pairs, won)
