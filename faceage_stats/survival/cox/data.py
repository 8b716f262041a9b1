"""Sort and scale the data of a Cox fit once, before any iteration."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from faceage_stats._compiled import BoolArray, FloatArray, IntArray, compiled
from faceage_stats.survival.cox.kernel.layout import Layout

__all__ = [
    "CoxData", "Scales", "count_at_or_below", "prepare", "scales",
    "take_scaled",
]  # fmt: skip


@dataclass(frozen=True)
class CoxData:
    """Rows sorted by interval (see `Layout`), columns centred and scaled.

    Attributes
    ----------
    x : ndarray, shape (n, p)
        (column - mean) * scale, sorted; each column lies in one piece (Fortran order).
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

    x: FloatArray
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


def prepare(
    x: FloatArray,
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
    mean, scale = scales(x, np.ones(n) if weights is None else weights)
    columns = take_scaled(x, order, mean, scale)
    scale[scale == 0.0] = 1.0  # of a constant column
    off = np.zeros(n) if offset is None else (offset - offset.mean())[order]
    return CoxData(
        columns.T,
        off,
        w,
        order,
        layout,
        mean,
        scale,
        intervals.time,
        intervals.stratum,
        interval_sorted,
    )


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


@compiled(error_model="numpy")
def count_at_or_below(values: FloatArray, x: FloatArray) -> IntArray:
    """How many of the sorted, distinct values are <= each x.

    A table over equal steps leaves about one value to compare; within a step the search is binary.
    """
    count, m = np.zeros(x.size, np.int64), values.size
    if m == 0:
        return count
    n_steps = 4 * m
    per_unit = n_steps / (values[m - 1] - values[0]) if m > 1 else 0.0
    first = np.zeros(n_steps + 2, np.int64)  # values before each step
    for value in values:
        first[min(int((value - values[0]) * per_unit), n_steps) + 1] += 1
    for k in range(n_steps + 1):
        first[k + 1] += first[k]
    for i in range(x.size):
        if x[i] >= values[m - 1]:
            count[i] = m
        elif x[i] >= values[0]:
            step = int((x[i] - values[0]) * per_unit)
            low, high = first[step], first[step + 1]
            while low < high:
                middle = (low + high) // 2
                if values[middle] <= x[i]:
                    low = middle + 1
                else:
                    high = middle
            count[i] = low
    return count


class Scales(NamedTuple):
    """Weighted mean of each column, and what brings its mean square to 1 (0 if constant)."""

    mean: FloatArray
    scale: FloatArray


@compiled(error_model="numpy")
def scales(x: FloatArray, weights: FloatArray) -> Scales:
    """Centre and scale of the columns of x, shape (n, p)."""
    n, p = x.shape
    mean, square, scale = np.zeros(p), np.zeros(p), np.ones(p)
    total = 0.0
    for i in range(n):
        total += weights[i]
        for j in range(p):
            mean[j] += weights[i] * x[i, j]
    for j in range(p):
        mean[j] /= total
    for i in range(n):
        for j in range(p):
            square[j] += (x[i, j] - mean[j]) ** 2
    for j in range(p):
        spread = math.sqrt(square[j] / n)
        scale[j] = 1.0 / spread if spread > 1e-13 * abs(mean[j]) else 0.0
    return Scales(mean, scale)


@compiled()
def take_scaled(x: FloatArray, order: IntArray, mean: FloatArray, scale: FloatArray) -> FloatArray:
    """(x - mean) * scale, its rows in a new order, column by column: shape (p, n)."""
    p, n = x.shape[1], order.size
    columns = np.empty((p, n))
    for i in range(n):
        for j in range(p):
            columns[j, i] = (x[order[i], j] - mean[j]) * scale[j]
    return columns
