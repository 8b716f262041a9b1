"""Refit a Cox model on resampled rows without going back to the formula.

The rows of a fit are sorted already. A resample only says how often each of them occurs: a row that
occurs three times counts three times in every sum, and as three deaths where it dies, so that
Efron's ties are those of a fit on the resampled rows (case weights would not give the same).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from faceage_stats._compiled import IntArray, compiled
from faceage_stats.errors import InputError
from faceage_stats.survival.cox.data import CoxData, standardise
from faceage_stats.survival.cox.estimate import EPS
from faceage_stats.survival.cox.fit import CoxFit
from faceage_stats.survival.cox.kernel.layout import Layout
from faceage_stats.survival.cox.kernel.newton import newton

__all__ = ["CoxRefit"]

_ITER_MAX = 20
_compiled = compiled(error_model="numpy", fastmath={"reassoc", "contract"})


class _Intervals(NamedTuple):
    """Deaths of every interval in the resample, and its number among those that still have any."""

    deaths: IntArray
    number: IntArray


@_compiled
def _kept_intervals(counts: IntArray, layout: Layout) -> _Intervals:
    """Count the deaths of every interval, and number those that still have any.

    An interval without deaths passes its rows to the next one, which is earlier in time.
    """
    n_intervals = layout.n_dead.size
    deaths, number = np.zeros(n_intervals, np.int64), np.empty(n_intervals + 1, np.int64)
    for s in range(n_intervals):
        for i in range(layout.first[s], layout.first[s] + layout.n_dead[s]):
            deaths[s] += counts[i]
    kept = 0
    for s in range(n_intervals):
        number[s] = kept
        if deaths[s] > 0 or layout.n_dead[s] == 0:
            kept += 1
    number[n_intervals] = kept
    return _Intervals(deaths, number)


class _Drawn(NamedTuple):
    """Sorted rows that occur in the resample, where its intervals start, and their dying rows."""

    rows: IntArray
    first: IntArray
    n_dead: IntArray


@_compiled
def _place_drawn(counts: IntArray, interval: IntArray, layout: Layout, number: IntArray) -> _Drawn:
    """Put every row that occurs into its interval, deaths first."""
    n_new = number[-1]
    first_of_key = np.zeros(2 * n_new + 1, np.int64)
    for i in range(counts.size):
        s = interval[i]
        key = 2 * number[s] + (0 if i < layout.first[s] + layout.n_dead[s] else 1)
        first_of_key[key + 1] += min(counts[i], 1)
    for key in range(2 * n_new):
        first_of_key[key + 1] += first_of_key[key]
    place, rows = first_of_key.copy(), np.empty(first_of_key[-1], np.int64)
    for i in range(counts.size):
        s = interval[i]
        key = 2 * number[s] + (0 if i < layout.first[s] + layout.n_dead[s] else 1)
        if counts[i] > 0:
            rows[place[key]] = i
            place[key] += 1
    first = first_of_key[::2].copy()
    return _Drawn(rows, first, first_of_key[1::2] - first[:-1])


class _Leavers(NamedTuple):
    """Rows by the interval from which they have not yet entered, and where those of each start."""

    order: IntArray
    first: IntArray


@_compiled
def _leavers(entry_interval: IntArray, first: IntArray) -> _Leavers:
    """Sort the rows by entry, except those that enter in their exit interval."""
    n_intervals = first.size - 1
    leave_first = np.zeros(n_intervals + 1, np.int64)
    for s in range(n_intervals):
        for i in range(first[s], first[s + 1]):
            if entry_interval[i] != s:
                leave_first[entry_interval[i] + 1] += 1
    for s in range(n_intervals):
        leave_first[s + 1] += leave_first[s]
    place, order = leave_first.copy(), np.empty(leave_first[-1], np.int64)
    for s in range(n_intervals):
        for i in range(first[s], first[s + 1]):
            if entry_interval[i] != s:
                order[place[entry_interval[i]]] = i
                place[entry_interval[i]] += 1
    return _Leavers(order, leave_first)


class _Resample(NamedTuple):
    """Layout of the resample, and the sorted row behind each of its rows."""

    layout: Layout
    rows: IntArray


@_compiled
def _new_layout(counts: IntArray, interval: IntArray, layout: Layout) -> _Resample:
    """Lay the resample out."""
    deaths, number = _kept_intervals(counts, layout)
    rows, first, n_dead = _place_drawn(counts, interval, layout, number)
    n_tied = np.zeros(first.size - 1, np.int64)
    for s in range(deaths.size):
        if deaths[s] > 0:
            n_tied[number[s]] = deaths[s]
    entry_interval = np.empty(rows.size if layout.entry_interval.size else 0, np.int64)
    for i in range(entry_interval.size):
        entry_interval[i] = number[layout.entry_interval[rows[i]]]
    leave_order, leave_first = np.empty(0, np.int64), np.zeros(first.size, np.int64)
    if entry_interval.size:
        leave_order, leave_first = _leavers(entry_interval, first)
    stratum_first = number[layout.stratum_first]
    new = Layout(first, n_dead, n_tied, stratum_first, entry_interval, leave_order, leave_first)
    return _Resample(new, rows)


def refit(counts: np.ndarray, data: CoxData, efron: bool, start: np.ndarray) -> np.ndarray:
    """Coefficients (of `data.x`) when sorted row i occurs counts[i] times; NaN if singular."""
    layout, rows = _new_layout(counts, data.interval, data.layout)
    if not layout.n_dead.any():
        return np.full(start.size, np.nan)
    weights, offset = data.weights[rows] * counts[rows], data.offset[rows]
    columns = np.take(data.x.T, rows, axis=1)
    scale = standardise(columns, weights).scale
    fit = newton(columns, offset, weights, layout, efron, start / scale, _ITER_MAX, EPS)
    if fit.runaway.any() or not fit.converged or not fit.kept.all():  # as a fit from zero says it
        fit = newton(columns, offset, weights, layout, efron, 0.0 * start, _ITER_MAX, EPS)
    return np.where(fit.kept, fit.beta * scale, np.nan)


@dataclass(frozen=True)
class CoxRefit:
    """The coefficients of a fit as a function of the rows of its data."""

    fit: CoxFit
    sorted_row: np.ndarray  # of each row of the data; -1 where the fit dropped it

    @classmethod
    def of(cls, fit: CoxFit, n_rows: int) -> CoxRefit:
        """Refuses data that cannot be those of the fit."""
        if n_rows != fit.frame.n_given:
            raise InputError(
                f"the data have {n_rows} rows, the fit was made on {fit.frame.n_given}. Give the "
                "data that coxph was given."
            )
        if fit.design.right.tt or fit.ties == "exact":
            raise InputError(
                "a fit with tt() or exact ties cannot be repeated on resampled rows. Refit without."
            )
        sorted_row = np.full(n_rows, -1, np.int64)
        sorted_row[fit.frame.rows[fit.sorting.order]] = np.arange(fit.n)
        return cls(fit, sorted_row)

    def observed(self) -> dict[str, float]:
        """Coefficients on the data as they are."""
        return {str(name): float(value) for name, value in self.fit.coef.items()}

    def on_rows(self, rows: np.ndarray) -> dict[str, float]:
        """Coefficients on these rows of the data."""
        data, used = self.fit.data, self.sorted_row[rows]
        counts = np.bincount(used[used >= 0], minlength=self.fit.n)
        beta = refit(counts, data, self.fit.efron, self.fit.estimate.filled / data.scale)
        return dict(zip(self.fit.design.names, (beta * data.scale).tolist(), strict=True))
