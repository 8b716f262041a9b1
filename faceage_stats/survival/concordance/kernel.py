"""Concordance of markers with survival: pair counts and each row's influence on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faceage_stats._compiled import compiled

__all__ = ["TIME_WEIGHTS", "FollowUp", "PairCounts", "count_pairs"]

TIME_WEIGHTS = ("n", "S", "S/G", "n/G2", "I")
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
        timewt: str,
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
    """Compare every event with everyone still at risk after it.

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
    timewt: str,
) -> np.ndarray:
    """Weight of the pairs of each row's event time, as R's `timewt`."""
    if timewt == "n" or event.sum() < 2:
        return np.ones(len(time))
    distinct, position = np.unique(time, return_inverse=True)
    size = len(distinct)
    died = np.bincount(position, weights=weight * event, minlength=size)
    left = np.bincount(position, weights=weight, minlength=size)
    at_risk = np.cumsum(left[::-1])[::-1]
    if entry is not None:
        late = np.searchsorted(distinct, entry, side="right")
        at_risk = at_risk - np.cumsum(np.bincount(late, weight, size + 1)[::-1])[::-1][1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        surv = _left_limits(np.where(died > 0, (at_risk - died) / at_risk, 1.0))
        stayed = at_risk - died  # events leave before censorings at the same time
        censor = _left_limits(np.where(left > died, (at_risk - left) / stayed, 1.0))
        by_time = {
            "S": weight.sum() * surv / at_risk,
            "S/G": weight.sum() * surv / (censor * at_risk),
            "n/G2": 1 / censor**2,
            "I": 1 / at_risk,
        }[timewt]
    return by_time[position]


def _left_limits(factors: np.ndarray) -> np.ndarray:
    """Product of all earlier factors."""
    return np.concatenate([[1.0], np.cumprod(factors[:-1])])


@compiled(inline="always")
def _add(tree, position, value):
    """Add to one cell of a Fenwick tree."""
    i = position + 1
    while i < len(tree):
        tree[i] += value
        i += i & -i


@compiled(inline="always")
def _below(tree, position):
    """Sum of the cells before `position`."""
    total = 0.0
    i = position
    while i > 0:
        total += tree[i]
        i -= i & -i
    return total


@compiled()
def _move(row, sign, rank, weight, state, influence):
    """Take a row into (sign 1) or out of (-1) the risk set; settle it with the events so far."""
    risk, risk_cell, past, past_cell, _, totals = state
    r = rank[row]
    lower, same = _below(past, r), past_cell[r]
    influence[row, 0] -= sign * lower
    influence[row, 1] -= sign * (totals[1] - lower - same)
    influence[row, 2] -= sign * same
    _add(risk, r, sign * weight[row])
    risk_cell[r] += sign * weight[row]
    totals[0] += sign * weight[row]


@compiled()
def _tied_events(rows, rank, weight, scale, cell, counts, influence):
    """Pairs of events at one time; `cell` holds a zero for each rank, before and after."""
    total = 0.0
    for row in rows:
        total += weight[row]
        cell[rank[row]] += weight[row]
    for row in rows:
        w, same = weight[row], cell[rank[row]]
        influence[row, 3] = scale * (total - same)
        influence[row, 4] = scale * (same - w)
        counts[3] += scale * w * (total - same) / 2
        counts[4] += scale * w * (same - w) / 2
    for row in rows:
        cell[rank[row]] = 0.0


@compiled()
def _meet_events(rows, rank, weight, scale, state, counts, influence):
    """Compare the events of one time with the risk set behind them, then count them as past."""
    risk, risk_cell, past, past_cell, tied_cell, totals = state
    for row in rows:
        r = rank[row]
        lower, same = _below(risk, r), risk_cell[r]
        higher = totals[0] - lower - same
        influence[row, 0] += scale * higher
        influence[row, 1] += scale * lower
        influence[row, 2] += scale * same
        counts[0] += weight[row] * scale * higher
        counts[1] += weight[row] * scale * lower
        counts[2] += weight[row] * scale * same
    if len(rows) > 1:
        _tied_events(rows, rank, weight, scale, tied_cell, counts, influence)
    for row in rows:
        _add(past, rank[row], weight[row] * scale)
        past_cell[rank[row]] += weight[row] * scale
        totals[1] += weight[row] * scale


@compiled()
def _sweep(start_order, time, entry, event, weight, event_weight, rank, n_rank):
    """Walk back in time; one tree holds those still at risk, another the events already met."""
    n = len(time)
    counts = np.zeros(5)
    influence = np.zeros((n, 5))
    risk, past, cells = np.zeros(n_rank + 1), np.zeros(n_rank + 1), np.zeros((3, n_rank))
    state = (risk, cells[0], past, cells[1], cells[2], np.zeros(2))
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
    _settle_rest(start_order[:start], rank, state, influence)
    return counts, influence


@compiled()
def _settle_rest(gone, rank, state, influence):
    """Settle the rows that never left the risk set with all events."""
    past_cell, total = state[3], state[5][1]
    lower = np.zeros(len(past_cell))
    for r in range(1, len(lower)):
        lower[r] = lower[r - 1] + past_cell[r - 1]
    stayed = np.ones(len(rank), np.bool_)
    for row in gone:
        stayed[row] = False
    for row in range(len(rank)):
        if not stayed[row]:
            continue
        r = rank[row]
        influence[row, 0] += lower[r]
        influence[row, 1] += total - lower[r] - past_cell[r]
        influence[row, 2] += past_cell[r]
