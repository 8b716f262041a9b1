"""Counts of concordant pairs and each row's influence on them; derived in MATHS.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from faceage_stats._compiled import FloatArray, IntArray, compiled
from faceage_stats._steps import censoring_survival, just_before, kaplan_meier, risk_counts

__all__ = [
    "CONCORDANT",
    "DISCORDANT",
    "TIED_X",
    "TIED_XY",
    "TIED_Y",
    "FollowUp",
    "PairCounts",
    "TimeWeight",
    "count_pairs",
]

TimeWeight = Literal["n", "S", "S/G", "n/G2", "I"]
# columns of the counts: agreement, disagreement, ties in the marker, in time, in both
CONCORDANT, DISCORDANT, TIED_X, TIED_Y, TIED_XY = range(5)
_NO_ENTRY = np.empty(0)
_NO_ROWS = np.empty(0, np.int64)


@dataclass(frozen=True)
class FollowUp:
    """One stratum sorted for the sweep, latest first; `order` are the rows of the input.

    `start_order` are sorted positions by entry, latest first; `event_weight` is the time weight
    of each row's event, 0 where it does not count.
    """

    order: np.ndarray
    start_order: np.ndarray
    time: np.ndarray
    entry: np.ndarray
    event: np.ndarray
    weight: np.ndarray
    event_weight: np.ndarray

    @classmethod
    def of(
        cls,
        time: np.ndarray,
        event: np.ndarray,
        weight: np.ndarray,
        entry: np.ndarray | None,
        timewt: TimeWeight,
        ymax: float | None,
    ) -> FollowUp:
        """Sort the rows and weigh their events."""
        order = np.argsort(-time)
        event_weight = _event_weights(time, event, weight, entry, timewt)
        if ymax is not None:
            event_weight = np.where(time > ymax, 0.0, event_weight)
        start_order, starts = _NO_ROWS, _NO_ENTRY
        if entry is not None:
            starts = entry[order]
            start_order = np.argsort(-starts)
        return cls(
            order, start_order, time[order], starts, event[order], weight[order],
            event_weight[order],
        )  # fmt: skip


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
    counts, by_time = _sweep(
        follow_up.start_order, follow_up.time, follow_up.entry, follow_up.event,
        follow_up.weight, follow_up.event_weight, rank, len(values),
    )  # fmt: skip
    influence = np.empty_like(by_time)
    influence[follow_up.order] = by_time
    return PairCounts(counts, influence)


def _event_weights(
    time: np.ndarray,
    event: np.ndarray,
    weight: np.ndarray,
    entry: np.ndarray | None,
    timewt: TimeWeight,
) -> np.ndarray:
    """Weight of the pairs of each row's event time, as R's `timewt`."""
    if timewt == "n" or event.sum() < 2:
        return np.ones(len(time))
    counts = risk_counts(time, event, weight, entry)
    at_risk = counts.n_risk
    before = just_before(kaplan_meier(counts), 1.0)
    censor = just_before(censoring_survival(counts), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        by_time = {
            "S": weight.sum() * before / at_risk,
            "S/G": weight.sum() * before / (censor * at_risk),
            "n/G2": 1 / censor**2,
            "I": 1 / at_risk,
        }[timewt]
    return np.asarray(by_time[counts.position])


@compiled(inline="always")
def _add(tree: FloatArray, position: int, value: float) -> None:
    """Add to one cell of a Fenwick tree."""
    i = position + 1
    while i < len(tree):
        tree[i] += value
        i += i & -i


@compiled(inline="always")
def _below(tree: FloatArray, position: int) -> float:
    """Sum of the cells before `position`."""
    total = 0.0
    i = position
    while i > 0:
        total += tree[i]
        i -= i & -i
    return total


class _State(NamedTuple):
    """Weights by rank of the marker, while the sweep walks back in time.

    `risk` and `past` are Fenwick trees, over the rows at risk and over the events already met
    (with their time weight); `risk_cell` and `past_cell` the weights themselves; `tied_cell` a
    zero for each rank, in use within one time. `at_risk` and `met` hold one number, the totals.
    """

    risk: FloatArray
    risk_cell: FloatArray
    past: FloatArray
    past_cell: FloatArray
    tied_cell: FloatArray
    at_risk: FloatArray
    met: FloatArray


@compiled()
def _move(
    row: int, sign: float, rank: IntArray, weight: FloatArray, state: _State, influence: FloatArray
) -> None:
    """Take a row into (sign 1) or out of (-1) the risk set; settle it with the events so far."""
    r = rank[row]
    lower, same = _below(state.past, r), state.past_cell[r]
    influence[row, CONCORDANT] -= sign * lower
    influence[row, DISCORDANT] -= sign * (state.met[0] - lower - same)
    influence[row, TIED_X] -= sign * same
    _add(state.risk, r, sign * weight[row])
    state.risk_cell[r] += sign * weight[row]
    state.at_risk[0] += sign * weight[row]


@compiled()
def _tied_events(
    rows: IntArray,
    rank: IntArray,
    weight: FloatArray,
    scale: float,
    cell: FloatArray,
    counts: FloatArray,
    influence: FloatArray,
) -> None:
    """Pairs of events at one time; `cell` holds a zero for each rank, before and after."""
    total = 0.0
    for row in rows:
        total += weight[row]
        cell[rank[row]] += weight[row]
    for row in rows:
        w, same = weight[row], cell[rank[row]]
        influence[row, TIED_Y] = scale * (total - same)
        influence[row, TIED_XY] = scale * (same - w)
        counts[TIED_Y] += scale * w * (total - same) / 2
        counts[TIED_XY] += scale * w * (same - w) / 2
    for row in rows:
        cell[rank[row]] = 0.0


@compiled()
def _meet_events(
    rows: IntArray,
    rank: IntArray,
    weight: FloatArray,
    scale: float,
    state: _State,
    counts: FloatArray,
    influence: FloatArray,
) -> None:
    """Compare the events of one time with the risk set behind them, then count them as past."""
    for row in rows:
        r = rank[row]
        lower, same = _below(state.risk, r), state.risk_cell[r]
        higher = state.at_risk[0] - lower - same
        influence[row, CONCORDANT] += scale * higher
        influence[row, DISCORDANT] += scale * lower
        influence[row, TIED_X] += scale * same
        counts[CONCORDANT] += weight[row] * scale * higher
        counts[DISCORDANT] += weight[row] * scale * lower
        counts[TIED_X] += weight[row] * scale * same
    if len(rows) > 1:
        _tied_events(rows, rank, weight, scale, state.tied_cell, counts, influence)
    for row in rows:
        _add(state.past, rank[row], weight[row] * scale)
        state.past_cell[rank[row]] += weight[row] * scale
        state.met[0] += weight[row] * scale


class _Swept(NamedTuple):
    """The five counts, and their derivative in the weight of each row."""

    counts: FloatArray
    influence: FloatArray


@compiled()
def _sweep(
    start_order: IntArray,
    time: FloatArray,
    entry: FloatArray,
    event: IntArray,
    weight: FloatArray,
    event_weight: FloatArray,
    rank: IntArray,
    n_rank: int,
) -> _Swept:
    """Walk back in time; one tree holds those still at risk, another the events already met."""
    n = len(time)
    counts = np.zeros(5)
    influence = np.zeros((n, 5))
    state = _State(
        np.zeros(n_rank + 1), np.zeros(n_rank), np.zeros(n_rank + 1), np.zeros(n_rank),
        np.zeros(n_rank), np.zeros(1), np.zeros(1),
    )  # fmt: skip
    events = np.empty(n, np.int64)
    first = start = 0
    while first < n:
        now = time[first]
        while start < len(start_order) and entry[start_order[start]] >= now:
            _move(start_order[start], -1.0, rank, weight, state, influence)
            start += 1
        last, n_event = first, 0
        while last < n and time[last] == now:
            if event[last] == 0:  # censored at the time of an event counts as longer
                _move(last, 1.0, rank, weight, state, influence)
            else:
                events[n_event] = last
                n_event += 1
            last += 1
        dying = events[:n_event]
        if n_event > 0 and event_weight[first] > 0:
            scale = event_weight[first]
            _meet_events(dying, rank, weight, scale, state, counts, influence)
        for row in dying:
            _move(row, 1.0, rank, weight, state, influence)
        first = last
    _settle_remaining(start_order[:start], rank, state, influence)
    return _Swept(counts, influence)


@compiled()
def _settle_remaining(
    remaining: IntArray, rank: IntArray, state: _State, influence: FloatArray
) -> None:
    """Settle the rows that never left the risk set with all events."""
    past_cell, total = state.past_cell, state.met[0]
    lower = np.zeros(len(past_cell))
    for r in range(1, len(lower)):
        lower[r] = lower[r - 1] + past_cell[r - 1]
    stayed = np.ones(len(rank), np.bool_)
    for row in remaining:
        stayed[row] = False
    for row in range(len(rank)):
        if not stayed[row]:
            continue
        r = rank[row]
        influence[row, CONCORDANT] += lower[r]
        influence[row, DISCORDANT] += total - lower[r] - past_cell[r]
        influence[row, TIED_X] += past_cell[r]
