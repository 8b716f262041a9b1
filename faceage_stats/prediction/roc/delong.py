"""Placements and covariance of AUCs (DeLong) in O(n log n); areas under a resampled ROC curve."""

from __future__ import annotations

import numpy as np

from faceage_stats._compiled import compiled

__all__ = ["CurveOrder", "auc_and_placements", "curve_area", "placement_covariance"]


def auc_and_placements(values: np.ndarray, is_case: np.ndarray) -> tuple[float, np.ndarray]:
    """AUC and one placement per row; higher values mean a case.

    The placement of a case is the share of controls below it (ties count half), that of a
    control the share of cases above it: DeLong's structural components, from one sort
    (Sun and Xu 2014).
    """
    order = np.argsort(values)
    place = np.empty(len(values))
    twice_wins = _placements(values, order, is_case, place)
    n_case = int(is_case.sum())
    return twice_wins / 2 / n_case / (len(values) - n_case), place


@compiled()
def _placements(values, order, is_case, place):
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
    """DeLong's covariance of k AUCs on the same rows; NaN when a class has one member."""
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

    def __init__(self, values: np.ndarray, is_case: np.ndarray, focus: str = "specificity"):
        oriented = -values if focus == "specificity" else values
        self.rows = np.argsort(oriented, kind="stable")
        ordered = oriented[self.rows]
        self.last = np.append(ordered[1:] != ordered[:-1], True)
        self.is_x = (is_case if focus == "sensitivity" else ~is_case)[self.rows]

    def area(self, counts: np.ndarray, low: float, high: float) -> float:
        """Area under the curve of a resample (how often each row was drawn), x in [low, high]."""
        return float(curve_area(self.rows, self.last, self.is_x, counts, low, high))


@compiled()
def curve_area(rows, last, is_x, counts, low, high):
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
