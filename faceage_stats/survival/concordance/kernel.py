"""Counts of concordant pairs and each row's influence on them; derived in MATHS.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from faceage_stats._compiled import FloatArray, IntArray, compiled
from faceage_stats.survival.concordance.fenwick import PAST, RISK, add, below
from faceage_stats.survival.concordance.follow_up import FollowUp

__all__ = [
    "CONCORDANT",
    "DISCORDANT",
    "TIED_X",
    "TIED_XY",
    "TIED_Y",
    "PairCounts",
    "count_pairs",
]

# columns of the counts: agreement, disagreement, ties in the marker, in time, in both
CONCORDANT, DISCORDANT, TIED_X, TIED_Y, TIED_XY = range(5)


@dataclass(frozen=True)
class PairCounts:
    """Concordant, discordant, tied in the marker, tied in time, tied in both.

    `influence[i]` is the derivative of the five counts in the weight of row i.
    """

    counts: np.ndarray
    influence: np.ndarray


def count_pairs(follow_up: FollowUp, marker: np.ndarray) -> PairCounts:
    """Compare every event with all rows still at risk after it.

    A pair is concordant when the longer time has the higher marker.
    """
    values, rank = np.unique(marker[follow_up.order], return_inverse=True)
    swept = _sweep(
        follow_up.order, follow_up.start_order, follow_up.time, follow_up.entry, follow_up.event,
        follow_up.weight, follow_up.event_weight, rank, len(values),
    )  # fmt: skip
    return PairCounts(swept.counts, swept.influence)


class _State(NamedTuple):
    """Weights by rank of the marker, while the sweep walks back in time.

    Column `RISK` is of the rows at risk, column `PAST` of the events already met (with their time
    weight), side by side so that one walk through memory serves both. `trees` are Fenwick trees;
    `cells` the weights themselves, and `totals` their sums; `tied_cell` is a zero for each rank,
    in use within one time.
    """

    trees: FloatArray
    cells: FloatArray
    totals: FloatArray
    tied_cell: FloatArray


class _Rows(NamedTuple):
    """Rows latest first: their place in the input, rank of the marker, weight."""

    place: IntArray
    rank: IntArray
    weight: FloatArray


@compiled(inline="always")
def _settle(at: int, r: int, sign: float, past: float, state: _State, out: FloatArray) -> None:
    """Settle row `at`, which enters (sign 1) or leaves (-1), with the events so far."""
    same = state.cells[r, PAST]
    out[at, CONCORDANT] -= sign * past
    out[at, DISCORDANT] -= sign * (state.totals[PAST] - past - same)
    out[at, TIED_X] -= sign * same


@compiled(inline="always")
def _change(r: int, risk: float, past: float, state: _State) -> None:
    """Add to the weights of a rank."""
    add(state.trees, r, risk, past)
    state.cells[r, RISK] += risk
    state.cells[r, PAST] += past
    state.totals[RISK] += risk
    state.totals[PAST] += past


@compiled()
def _move(row: int, sign: float, rows: _Rows, state: _State, out: FloatArray) -> None:
    """Take a row into the risk set (sign 1) or out of it (-1)."""
    at, r = rows.place[row], rows.rank[row]
    _settle(at, r, sign, below(state.trees, r).past, state, out)
    _change(r, sign * rows.weight[row], 0.0, state)


@compiled()
def _tied_events(
    dying: IntArray,
    rows: _Rows,
    scale: float,
    cell: FloatArray,
    counts: FloatArray,
    out: FloatArray,
) -> None:
    """Pairs of events at one time; `cell` holds a zero for each rank, before and after."""
    total = 0.0
    for row in dying:
        total += rows.weight[row]
        cell[rows.rank[row]] += rows.weight[row]
    for row in dying:
        w, same, at = rows.weight[row], cell[rows.rank[row]], rows.place[row]
        out[at, TIED_Y] = scale * (total - same)
        out[at, TIED_XY] = scale * (same - w)
        counts[TIED_Y] += scale * w * (total - same) / 2
        counts[TIED_XY] += scale * w * (same - w) / 2
    for row in dying:
        cell[rows.rank[row]] = 0.0


@compiled(inline="always")
def _compare(
    row: int, lower: float, scale: float, rows: _Rows, state: _State, counts: FloatArray,
    out: FloatArray,
) -> None:  # fmt: skip
    """Compare an event with the risk set behind it, of which `lower` has a lower marker."""
    at, r, w = rows.place[row], rows.rank[row], rows.weight[row]
    same = state.cells[r, RISK]
    higher = state.totals[RISK] - lower - same
    out[at, CONCORDANT] += scale * higher
    out[at, DISCORDANT] += scale * lower
    out[at, TIED_X] += scale * same
    counts[CONCORDANT] += w * scale * higher
    counts[DISCORDANT] += w * scale * lower
    counts[TIED_X] += w * scale * same


@compiled()
def _meet_one(
    row: int, scale: float, rows: _Rows, state: _State, counts: FloatArray, out: FloatArray
) -> None:
    """Meet the only event of a time, and take it into the risk set."""
    r, w = rows.rank[row], rows.weight[row]
    lower = below(state.trees, r)
    _compare(row, lower.risk, scale, rows, state, counts, out)
    _change(r, w, w * scale, state)
    _settle(rows.place[row], r, 1.0, lower.past, state, out)


@compiled()
def _meet_events(
    dying: IntArray, scale: float, rows: _Rows, state: _State, counts: FloatArray, out: FloatArray
) -> None:
    """Compare the events of one time with the risk set behind them, then count them as past."""
    for row in dying:
        lower = below(state.trees, rows.rank[row]).risk
        _compare(row, lower, scale, rows, state, counts, out)
    _tied_events(dying, rows, scale, state.tied_cell, counts, out)
    for row in dying:
        _change(rows.rank[row], 0.0, rows.weight[row] * scale, state)
    for row in dying:
        _move(row, 1.0, rows, state, out)


class _Swept(NamedTuple):
    """The five counts, and their derivative in the weight of each row."""

    counts: FloatArray
    influence: FloatArray


@compiled()
def _sweep(
    order: IntArray,
    start_order: IntArray,
    time: FloatArray,
    entry: FloatArray,
    event: IntArray,
    weight: FloatArray,
    event_weight: FloatArray,
    rank: IntArray,
    n_rank: int,
) -> _Swept:
    """Walk back in time, with the weights of those at risk and of the events already met."""
    n = len(time)
    counts, influence = np.zeros(5), np.zeros((n, 5))
    state = _State(np.zeros((n_rank + 1, 2)), np.zeros((n_rank, 2)), np.zeros(2), np.zeros(n_rank))
    rows = _Rows(order, rank, weight)
    events = np.empty(n, np.int64)
    first = start = 0
    while first < n:
        now = time[first]
        while start < len(start_order) and entry[start_order[start]] >= now:
            _move(start_order[start], -1.0, rows, state, influence)
            start += 1
        last, n_event = first, 0
        while last < n and time[last] == now:
            if event[last] == 0:  # censored at the time of an event counts as longer
                _move(last, 1.0, rows, state, influence)
            else:
                events[n_event] = last
                n_event += 1
            last += 1
        scale = event_weight[first]
        if n_event == 1 and scale > 0:
            _meet_one(events[0], scale, rows, state, counts, influence)
        elif n_event > 0 and scale > 0:
            _meet_events(events[:n_event], scale, rows, state, counts, influence)
        else:
            for row in events[:n_event]:
                _move(row, 1.0, rows, state, influence)
        first = last
    _settle_remaining(start_order[:start], rows, state, influence)
    return _Swept(counts, influence)


@compiled()
def _settle_remaining(
    remaining: IntArray, rows: _Rows, state: _State, influence: FloatArray
) -> None:
    """Settle the rows that never left the risk set with all events."""
    n_rank, total = len(state.cells), state.totals[PAST]
    lower = np.zeros(n_rank)
    for r in range(1, n_rank):
        lower[r] = lower[r - 1] + state.cells[r - 1, PAST]
    stayed = np.ones(len(rows.rank), np.bool_)
    for row in remaining:
        stayed[row] = False
    for row in range(len(rows.rank)):
        if not stayed[row]:
            continue
        r, at = rows.rank[row], rows.place[row]
        same = state.cells[r, PAST]
        influence[at, CONCORDANT] += lower[r]
        influence[at, DISCORDANT] += total - lower[r] - same
        influence[at, TIED_X] += same
