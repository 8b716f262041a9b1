"""Sums of risk * x over risk sets and over deaths, one column or four at a time."""

from __future__ import annotations

from typing import NamedTuple

from faceage_stats._compiled import FloatArray, compiled
from faceage_stats.survival.cox.kernel.layout import Layout

__all__ = ["sum_columns", "sum_intervals"]

_LONG = 32  # rows per interval from which vector instructions pay within an interval
_compiled = compiled(error_model="numpy", fastmath={"reassoc", "contract", "nsz"})
_exact = compiled(error_model="numpy")


@_compiled
def _sum(risk: FloatArray, x: FloatArray | None, low: int, high: int) -> float:
    """Sum of risk * x over rows low:high; of risk alone when x is None."""
    total = 0.0
    part = risk[low:high]
    if x is None:
        for i in range(part.size):
            total += part[i]
    else:
        values = x[low:high]
        for i in range(part.size):
            total += part[i] * values[i]
    return total


class _Sum(NamedTuple):
    """A sum and the rounding that it has lost."""

    total: float
    carry: float


@_exact
def _add(total: float, carry: float, value: float) -> _Sum:
    """Compensated sum: rows that leave must not leave their rounding behind."""
    t = total + value
    if abs(total) >= abs(value):
        return _Sum(t, carry + ((total - t) + value))
    return _Sum(t, carry + ((value - t) + total))


@_exact
def _move(
    s: int, risk: FloatArray, x: FloatArray | None, layout: Layout, total: float, carry: float
) -> _Sum:
    """With delayed entry, rows join in interval s and rows that have not yet entered leave."""
    for i in range(layout.first[s], layout.first[s + 1]):
        if layout.entry_interval[i] != s:
            total, carry = _add(total, carry, risk[i] if x is None else risk[i] * x[i])
    for q in range(layout.leave_first[s], layout.leave_first[s + 1]):
        i = layout.leave_order[q]
        total, carry = _add(total, carry, -risk[i] if x is None else -risk[i] * x[i])
    return _Sum(total, carry)


@_compiled
def sum_intervals(
    low: int,
    risk: FloatArray,
    x: FloatArray | None,
    layout: Layout,
    state: FloatArray,
    at_risk: FloatArray,
    dying: FloatArray,
) -> None:
    """Sums of risk * x over the risk sets and over the deaths of the intervals from `low` on.

    `state` carries the running sum and its compensation from one batch of intervals to the next.
    """
    total, carry = state[0], state[1]
    first, n_dead, delayed = layout.first, layout.n_dead, layout.entry_interval.size > 0
    for q in range(at_risk.size):
        s = low + q
        if n_dead[s] == 0:
            total, carry, at_risk[q], dying[q] = 0.0, 0.0, 0.0, 0.0
            continue
        middle = first[s] + n_dead[s]
        dying[q] = _sum(risk, x, first[s], middle)
        if delayed:
            total, carry = _move(s, risk, x, layout, total, carry)
        else:
            total += dying[q] + _sum(risk, x, middle, first[s + 1])
        at_risk[q] = total + carry
    state[0], state[1] = total, carry


@_compiled
def _sum_four(
    low: int,
    risk: FloatArray,
    columns: FloatArray,
    j: int,
    layout: Layout,
    state: FloatArray,
    at_risk: FloatArray,
    dying: FloatArray,
) -> None:
    """As sum_intervals without delayed entry, for columns j to j + 3 (the last one repeated).

    Intervals are short, and each sum waits for the one before: four of them do not wait longer.
    """
    last = columns.shape[0] - 1
    j1, j2, j3 = min(j + 1, last), min(j + 2, last), min(j + 3, last)
    x0, x1, x2, x3 = columns[j], columns[j1], columns[j2], columns[j3]
    t0, t1, t2, t3 = state[j, 0], state[j1, 0], state[j2, 0], state[j3, 0]
    first, n_dead = layout.first, layout.n_dead
    for q in range(at_risk.shape[1]):
        s = low + q
        d0, d1, d2, d3 = 0.0, 0.0, 0.0, 0.0
        if n_dead[s] == 0:
            t0, t1, t2, t3 = 0.0, 0.0, 0.0, 0.0
        else:
            middle = first[s] + n_dead[s]
            for i in range(first[s], middle):
                r = risk[i]
                d0, d1, d2, d3 = d0 + r * x0[i], d1 + r * x1[i], d2 + r * x2[i], d3 + r * x3[i]
            t0, t1, t2, t3 = t0 + d0, t1 + d1, t2 + d2, t3 + d3
            for i in range(middle, first[s + 1]):
                r = risk[i]
                t0, t1, t2, t3 = t0 + r * x0[i], t1 + r * x1[i], t2 + r * x2[i], t3 + r * x3[i]
        dying[0, q], dying[1, q], dying[2, q], dying[3, q] = d0, d1, d2, d3
        at_risk[0, q], at_risk[1, q], at_risk[2, q], at_risk[3, q] = t0, t1, t2, t3
    state[j, 0], state[j1, 0], state[j2, 0], state[j3, 0] = t0, t1, t2, t3


@_compiled
def sum_columns(
    low: int,
    risk: FloatArray,
    columns: FloatArray,
    j: int,
    layout: Layout,
    state: FloatArray,
    at_risk: FloatArray,
    dying: FloatArray,
) -> None:
    """As sum_intervals, for columns j to j + 3; those beyond the last are not filled."""
    if layout.entry_interval.size == 0 and risk.size < _LONG * layout.n_dead.size:
        _sum_four(low, risk, columns, j, layout, state, at_risk, dying)
    else:
        for c in range(min(4, columns.shape[0] - j)):
            sum_intervals(low, risk, columns[j + c], layout, state[j + c], at_risk[c], dying[c])
