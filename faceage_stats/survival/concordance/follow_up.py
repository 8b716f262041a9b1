"""One stratum's follow-up: slots in time for the sweep of a concordance, and their weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from faceage_stats._compiled import BoolArray, FloatArray, IntArray, compiled
from faceage_stats._steps import censoring_survival, just_before, kaplan_meier, risk_counts

__all__ = ["FollowUp", "TimeWeight"]

TimeWeight = Literal["n", "S", "S/G", "n/G2", "I"]


@dataclass(frozen=True)
class FollowUp:
    """One stratum's follow-up in slots, and what does not depend on a marker.

    A slot is the events of a time, or the censorings of a time, which come after them.

    Attributes
    ----------
    slot, start : ndarray of int
        Of each row: its slot, and the first slot after its entry.
    weight : ndarray
        Case weight of each row.
    scale : ndarray
        Of each slot: the time weight of its events; 0 where none counts.
    later, earlier : ndarray
        Of each slot: weight at risk that outlives it, and of the events before it (with their time
        weight).
    tied : float
        Weighted pairs of events at one time.
    """

    slot: np.ndarray
    start: np.ndarray
    weight: np.ndarray
    scale: np.ndarray
    later: np.ndarray
    earlier: np.ndarray
    tied: float

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
        """Put the rows into slots, and weigh their events."""
        slots = _slots(np.argsort(time), time, event, weight)
        scale = slots.is_event.astype(float)
        if timewt != "n" and event.sum() >= 2:
            scale[slots.of_row] *= _event_weights(time, event, weight, entry, timewt)
        if ymax is not None:
            scale[slots.time > ymax] = 0.0
        at_risk, start = slots.weight, np.zeros(len(time), np.int64)
        if entry is not None:
            start = np.searchsorted(slots.time, entry, side="right")
            at_risk = at_risk - np.bincount(start, weight, len(at_risk))
        of_events = scale * slots.weight
        return cls(
            slots.of_row, start, weight, scale,
            later=np.cumsum(at_risk[::-1])[::-1] - at_risk,
            earlier=np.cumsum(of_events) - of_events,
            tied=float(scale @ (slots.weight**2 - slots.squares)) / 2,
        )  # fmt: skip

    @property
    def comparable(self) -> np.ndarray:
        """Derivative of the number of comparable pairs in the weight of each row."""
        of_slot = self.scale * self.later + self.earlier
        return np.asarray(of_slot[self.slot] - self.earlier[self.start])


class _Slots(NamedTuple):
    """Slot of each row; time of each slot, whether it is of events, sums of weights and squares."""

    of_row: IntArray
    time: FloatArray
    is_event: BoolArray
    weight: FloatArray
    squares: FloatArray


@compiled()
def _slots(order: IntArray, time: FloatArray, event: IntArray, weight: FloatArray) -> _Slots:
    """Number the slots by time; `order` are the rows by time."""
    n = len(order)
    of_row, is_event = np.empty(n, np.int64), np.zeros(n, np.bool_)
    slot_time, total, squares = np.empty(n), np.zeros(n), np.zeros(n)
    slot = first = 0
    while first < n:
        now, last = time[order[first]], first
        while last < n and time[order[last]] == now:
            last += 1
        for status in (1, 0):
            n_row = 0
            for i in range(first, last):
                row = order[i]
                if event[row] == status:
                    of_row[row] = slot
                    total[slot] += weight[row]
                    squares[slot] += weight[row] ** 2
                    n_row += 1
            if n_row > 0:
                slot_time[slot], is_event[slot] = now, status == 1
                slot += 1
        first = last
    return _Slots(of_row, slot_time[:slot], is_event[:slot], total[:slot], squares[:slot])


def _event_weights(
    time: np.ndarray,
    event: np.ndarray,
    weight: np.ndarray,
    entry: np.ndarray | None,
    timewt: TimeWeight,
) -> np.ndarray:
    """Weight of the pairs of each row's event time, as R's `timewt`."""
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
