"""Placements and covariance of AUCs (DeLong) in O(n log n); areas under a resampled ROC curve.

The mathematics is derived in MATHS.md beside this module.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from faceage_stats._compiled import compiled

__all__ = [
    "CurveOrder",
    "Focus",
    "Placements",
    "auc_and_placements",
    "curve_area",
    "placement_covariance",
]

Focus = Literal["specificity", "sensitivity"]


class Placements(NamedTuple):
    """Area under a curve, and the placement of each row."""

    auc: float
    placements: np.ndarray


def auc_and_placements(values: np.ndarray, is_case: np.ndarray) -> Placements:
    """AUC and one placement per row; higher values mean a case.

    The placement of a case is the proportion of controls below it (ties count half), that of a
    control the proportion of cases above it: DeLong's structural components, from one sort.

    References
    ----------
    Sun X, Xu W (2014). Fast implementation of DeLong's algorithm for comparing the areas under
    correlated receiver operating characteristic curves. IEEE Signal Processing Letters
    21:1389-1393. doi:10.1109/LSP.2014.2337313
    """
    order = np.argsort(values)
    place = np.empty(len(values))
    twice_wins = _placements(values, order, is_case, place)
    n_case = int(is_case.sum())
    return Placements(float(twice_wins / 2 / n_case / (len(values) - n_case)), place)


@compiled()
def _placements(
    values: NDArray[np.float64],
    order: NDArray[np.int64],
    is_case: NDArray[np.bool_],
    place: NDArray[np.float64],
) -> float:
    """Fill `place`; return twice the number of won pairs, a whole number."""
    n = len(order)
    n_case = 0
    for i in range(n):
        n_case += is_case[i]
    n_control = n - n_case
    cases_before = controls_before = 0
    total = 0.0
    start = 0
    while start < n:
        stop = start
        cases = 0
        while stop < n and values[order[stop]] == values[order[start]]:
            cases += is_case[order[stop]]
            stop += 1
        controls = stop - start - cases
        below = (controls_before + 0.5 * controls) / n_control
        above = (n_case - cases_before - 0.5 * cases) / n_case
        for i in range(start, stop):
            row = order[i]
            place[row] = below if is_case[row] else above
        total += cases * (2.0 * controls_before + controls)
        cases_before += cases
        controls_before += controls
        start = stop
    return total


def placement_covariance(place: np.ndarray, is_case: np.ndarray) -> np.ndarray:
    """DeLong's covariance of k AUCs on the same rows; NaN when a class has one member.

    Parameters
    ----------
    place : ndarray, shape (n, k)
        Placements of each marker.
    is_case : ndarray of bool, shape (n,)

    Returns
    -------
    ndarray, shape (k, k)

    References
    ----------
    DeLong ER, DeLong DM, Clarke-Pearson DL (1988). Comparing the areas under two or more
    correlated receiver operating characteristic curves: a nonparametric approach. Biometrics
    44:837-845. doi:10.2307/2531595
    """
    k = place.shape[1]
    total = np.zeros((k, k))
    for rows in (is_case, ~is_case):
        size = int(rows.sum())
        if size < 2:
            return np.full((k, k), np.nan)
        centred = place[rows] - place[rows].mean(axis=0)
        total += centred.T @ centred / (size - 1) / size
    return total


class CurveOrder:
    """Rows in the order in which a curve visits them, for areas under many resamples of it.

    The x axis is 1 - specificity and y sensitivity (`focus` "specificity"), or x is
    1 - sensitivity and y specificity (`focus` "sensitivity").
    """

    def __init__(self, values: np.ndarray, is_case: np.ndarray, focus: Focus = "specificity"):
        oriented = -values if focus == "specificity" else values
        self.rows = np.argsort(oriented, kind="stable")
        ordered = oriented[self.rows]
        self.last = np.append(ordered[1:] != ordered[:-1], True)
        self.is_x = (is_case if focus == "sensitivity" else ~is_case)[self.rows]

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.rows)

    def area(self, drawn: np.ndarray | None, low: float = 0.0, high: float = 1.0) -> float:
        """Area under the curve of the rows drawn (None: all once), x in [low, high]."""
        if drawn is None:
            counts = np.ones(self.n)
        else:
            counts = np.bincount(drawn, minlength=self.n).astype(float)
        limits = float(low), float(high)  # a whole number would be compiled for anew
        return float(curve_area(self.rows, self.last, self.is_x, counts, *limits))


@compiled()
def curve_area(
    rows: NDArray[np.int64],
    last: NDArray[np.bool_],
    is_x: NDArray[np.bool_],
    counts: NDArray[np.float64],
    low: float,
    high: float,
) -> float:
    """Trapezoid area between x = low and x = high; a group of ties is one straight segment."""
    total_x = total_y = 0.0
    for i in range(len(rows)):
        if is_x[i]:
            total_x += counts[rows[i]]
        else:
            total_y += counts[rows[i]]
    x0 = y0 = x = y = area = 0.0
    for i in range(len(rows)):
        if is_x[i]:
            x += counts[rows[i]]
        else:
            y += counts[rows[i]]
        if not last[i]:
            continue
        left, right = max(x0 / total_x, low), min(x / total_x, high)
        if x > x0 and right > left:
            slope = (y - y0) / total_y / ((x - x0) / total_x)
            at_left = y0 / total_y + slope * (left - x0 / total_x)
            at_right = y0 / total_y + slope * (right - x0 / total_x)
            area += (right - left) * (at_left + at_right) / 2
        x0, y0 = x, y
    return area
