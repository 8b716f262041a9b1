"""One stratum's follow-up, sorted for the sweep of a concordance, and the weights of its events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from faceage_stats._steps import censoring_survival, just_before, kaplan_meier, risk_counts

__all__ = ["FollowUp", "TimeWeight"]

TimeWeight = Literal["n", "S", "S/G", "n/G2", "I"]
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
