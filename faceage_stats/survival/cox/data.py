"""Sort and scale the data of a Cox fit once, before any iteration."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np

from faceage_stats._compiled import BoolArray, FloatArray, IntArray, compiled
from faceage_stats._formula.rows import DesignRows
from faceage_stats._places import count_at_or_below
from faceage_stats.survival.cox.kernel.layout import Layout

__all__ = ["CoxData", "Scales", "Sorting", "prepare", "standardise"]


@dataclass(frozen=True)
class Sorting:
    """How rows are sorted by interval (see `Layout`), and what centres and scales their columns.

    Attributes
    ----------
    offset, weights : ndarray, shape (n,)
        Sorted; the offset is centred at its mean.
    order : ndarray of int64
        Row of the input at each sorted position.
    mean, scale : ndarray, shape (p,)
    interval_time, interval_stratum : ndarray
        Event time and stratum of each interval; the one before the first event has time -inf.
    interval : ndarray of int64
        Interval of each sorted row.
    """

    offset: FloatArray
    weights: FloatArray
    order: IntArray
    layout: Layout
    mean: FloatArray
    scale: FloatArray
    interval_time: FloatArray
    interval_stratum: IntArray
    interval: IntArray

    def unsort(self, values: FloatArray) -> FloatArray:
        """Row-wise values from sorted order back to the order of the input."""
        out = np.empty_like(values)
        out[self.order] = values
        return out

    def columns_of(self, design: DesignRows) -> CoxData:
        """Sort and scale the columns of the same rows again."""
        columns = design.in_order(self.order)
        standardise(columns, self.weights)
        return CoxData(**vars(self), x=columns.T)


@dataclass(frozen=True)
class CoxData(Sorting):
    """Rows sorted by interval, their columns centred and scaled.

    Attributes
    ----------
    x : ndarray, shape (n, p)
        (column - mean) * scale, sorted; each column lies in one piece (Fortran order).
    """

    x: FloatArray

    def columns_of(self, design: DesignRows) -> CoxData:
        """Give these: they are there."""
        return self

    def without_columns(self) -> Sorting:
        """Give what the columns can be made from again."""
        return Sorting(**{each.name: getattr(self, each.name) for each in fields(Sorting)})


def prepare(
    design: DesignRows,
    time: FloatArray,
    event: IntArray,
    *,
    entry: FloatArray | None = None,
    strata: IntArray | None = None,
    weights: FloatArray | None = None,
    offset: FloatArray | None = None,
) -> CoxData:
    """Sort rows into intervals and scale the columns (times already free of near ties)."""
    n = len(time)
    is_dead = np.asarray(event) == 1
    codes = np.zeros(n, np.int64) if strata is None else np.asarray(strata, np.int64)
    intervals = _Intervals.of(time, codes, is_dead)
    interval, n_intervals = intervals.of_rows(time, codes), len(intervals.time)
    by_interval = _counting_sort(2 * interval + ~is_dead, 2 * n_intervals)
    order = by_interval.order
    interval_sorted, first = interval[order], by_interval.first[::2].copy()
    n_dead = by_interval.first[1::2] - first[:-1]
    entry_interval = leave_order = np.empty(0, np.int64)
    leave_first = np.zeros(n_intervals + 1, np.int64)
    if entry is not None:
        entry_interval = intervals.of_rows(entry, codes)[order]
        leave_order = _counting_sort(entry_interval, n_intervals).order
        leave_order = leave_order[entry_interval[leave_order] != interval_sorted[leave_order]]
        leave_first = np.searchsorted(entry_interval[leave_order], np.arange(n_intervals + 1))
    layout = Layout(
        first, n_dead, n_dead, intervals.stratum_first, entry_interval, leave_order, leave_first
    )
    w = np.ones(n) if weights is None else np.ascontiguousarray(weights[order], float)
    off = np.zeros(n) if offset is None else (offset - offset.mean())[order]
    del codes, interval  # before the largest array is made
    columns = design.in_order(order)
    mean, scale = standardise(columns, w)
    return CoxData(
        off, w, order, layout, mean, scale, intervals.time, intervals.stratum, interval_sorted,
        columns.T,
    )  # fmt: skip


@dataclass(frozen=True)
class _Intervals:
    """Intervals of each stratum backwards in time, the last one before the first event."""

    time: FloatArray
    stratum: IntArray
    stratum_first: IntArray
    distinct: FloatArray  # event times of any stratum, forwards
    keys: IntArray  # stratum and rank of each interval's time as one number, forwards

    @classmethod
    def of(cls, time: FloatArray, codes: IntArray, is_dead: BoolArray) -> _Intervals:
        """Find the intervals that the event times begin."""
        n_strata = int(codes.max()) + 1 if len(codes) else 1
        distinct = np.unique(time[is_dead])
        width = len(distinct) + 1
        keys = np.arange(1, width)
        if n_strata > 1:
            ranks = np.searchsorted(distinct, time[is_dead], side="right")
            keys = np.unique(codes[is_dead] * width + ranks)
        stratum_first = np.searchsorted(keys, np.arange(n_strata + 1) * width)
        stratum_first += np.arange(n_strata + 1)  # those before the first event
        stratum = np.repeat(np.arange(n_strata), np.diff(stratum_first))
        times = np.full(len(stratum), -np.inf)
        owner = keys // width
        position = stratum_first[owner] + stratum_first[owner + 1] - 2
        position -= np.arange(len(keys)) + owner
        times[position] = distinct[keys % width - 1]
        return cls(times, stratum, stratum_first, distinct, keys)

    def of_rows(self, time: FloatArray, codes: IntArray) -> IntArray:
        """First interval of the row's stratum whose event time is at or before `time`."""
        rank = count_at_or_below(self.distinct, time)
        if len(self.stratum_first) == 2:
            return len(self.distinct) - rank
        width = len(self.distinct) + 1
        place = codes * width + rank
        before = count_at_or_below(self.keys.astype(float), place.astype(float))
        earlier = before - (self.stratum_first[codes] - codes)
        return self.stratum_first[codes + 1] - 1 - earlier


class _Sorted(NamedTuple):
    """Positions in the order of their keys, and where each key starts."""

    order: IntArray
    first: IntArray


@compiled()
def _counting_sort(key: IntArray, n_keys: int) -> _Sorted:
    """Stable order of small integers, and where each of them starts."""
    first = np.zeros(n_keys + 1, np.int64)
    for k in key:
        first[k + 1] += 1
    for k in range(n_keys):
        first[k + 1] += first[k]
    place, order = first.copy(), np.empty(key.size, np.int64)
    for i in range(key.size):
        order[place[key[i]]] = i
        place[key[i]] += 1
    return _Sorted(order, first)


class Scales(NamedTuple):
    """Mean of each column, and what brought its mean square to 1 (1 if it is constant)."""

    mean: FloatArray
    scale: FloatArray


@compiled(error_model="numpy", fastmath={"reassoc", "contract"})
def standardise(columns: FloatArray, weights: FloatArray) -> Scales:
    """Centre the columns, shape (p, n), at their weighted means and scale them, in place."""
    p, n = columns.shape
    means, scales, total = np.empty(p), np.ones(p), weights.sum()
    for j in range(p):
        x, mean, square = columns[j], 0.0, 0.0
        for i in range(n):
            mean += weights[i] * x[i]
        mean /= total
        for i in range(n):
            x[i] -= mean
            square += x[i] * x[i]
        spread = math.sqrt(square / n)
        scale = 1.0 / spread if spread > 1e-13 * abs(mean) else 0.0
        for i in range(n):
            x[i] *= scale
        means[j] = mean
        if scale > 0.0:
            scales[j] = scale
    return Scales(means, scales)
