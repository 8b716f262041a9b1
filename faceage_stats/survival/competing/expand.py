"""Rows of a Fine-Gray model: arrays in, arrays out.

A patient who had another cause stays at risk after it, with a weight that falls as censoring goes
on; the rows are those of R's ``survival::finegray``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from faceage_stats._steps import censoring_survival, kaplan_meier, risk_counts, step_at
from faceage_stats.errors import DesignError

__all__ = ["FineGrayRows", "FollowUp", "fine_gray_rows"]


_MOST = 50_000_000  # rows: beyond, a table of them takes tens of gigabytes


@dataclass(frozen=True)
class FollowUp:
    """Intervals at risk (start, stop]; `code` is 0 for censored, 1 the cause, 2 another cause.

    `goes_on` marks a row whose patient has a next one; it is not censored at its end.
    """

    start: np.ndarray
    stop: np.ndarray
    code: np.ndarray
    subject: np.ndarray
    goes_on: np.ndarray

    def take(self, rows: np.ndarray) -> FollowUp:
        """Keep the rows at these positions."""
        return FollowUp(*(values[rows] for values in vars(self).values()))

    def per_subject(self) -> FollowUp:
        """Join the rows of each patient, from the first start to the last stop."""
        order = np.lexsort((self.stop, self.subject))
        is_last = ~self.goes_on[order]
        is_first = np.concatenate([[True], is_last[:-1]])
        last = order[is_last]
        whole = self.take(last)
        return FollowUp(
            self.start[order[is_first]], whole.stop, whole.code, whole.subject, whole.goes_on
        )


@dataclass(frozen=True)
class FineGrayRows:
    """The rows: position in the data, interval, and weight; the event is at the end of code 1."""

    row: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    weight: np.ndarray


class _Steps(NamedTuple):
    """Weight over (cut before, cut]: `level` at each cut; `kept` are the intervals with events."""

    cut: np.ndarray
    level: np.ndarray
    kept: np.ndarray


def fine_gray_rows(follow: FollowUp, group: np.ndarray) -> FineGrayRows:
    """Make the rows group by group; a group without an event of the cause has none.

    Each group has its own distribution of censoring and, where anyone enters after the first exit,
    of entry.
    """
    whole = follow.per_subject()
    delayed = bool((whole.start > follow.stop.min()).any())
    parts = []
    for k in np.unique(group):
        rows = np.flatnonzero(group == k)
        part = follow.take(rows)
        if (part.code == 1).any():
            made = _expand(part, _steps(part, delayed))
            parts.append((rows[made.row], made.start, made.stop, made.weight))
    return FineGrayRows(*map(np.concatenate, zip(*parts, strict=True)))


def _steps(follow: FollowUp, delayed: bool) -> _Steps:
    """Find where the weight falls, and the intervals in which an event of the cause falls."""
    whole = follow.per_subject()
    entry = whole.start if delayed else None
    counts = risk_counts(whole.stop, (whole.code > 0).astype(np.int64), entry=entry)
    uncensored = censoring_survival(counts)
    cut = counts.time[counts.n_censor > 0]
    if delayed:  # time backwards: an entry is an exit
        backwards = risk_counts(-whole.start, np.ones(len(whole.start)), entry=-whole.stop)
        cut = np.union1d(cut, whole.start)
        entered = step_at(backwards.time, kaplan_meier(backwards), -cut, 1.0, side="left")
    else:
        entered = np.ones(len(cut))
    level = np.concatenate([[1.0], step_at(counts.time, uncensored, cut, 1.0) * entered])
    cut = np.append(cut, follow.stop.max())
    held = np.unique(np.searchsorted(cut, follow.stop[follow.code == 1], side="left"))
    return _Steps(cut, level, held)


def _expand(follow: FollowUp, steps: _Steps) -> FineGrayRows:
    """Add to each row of another cause one row for each later interval with events."""
    stays = follow.code == 2
    own = np.searchsorted(steps.cut, follow.stop, side="left")
    after = np.searchsorted(steps.kept, own, side="right")
    n_pieces = np.where(stays, 1 + len(steps.kept) - after, 1)
    if n_pieces.sum() > _MOST:
        raise DesignError(
            f"the rows of a Fine-Gray model would be {n_pieces.sum():,}, one for each patient of "
            "another cause and later time of censoring. Round the times, e.g. to days; crr() "
            "itself needs no such rows."
        )
    row = np.repeat(np.arange(len(n_pieces)), n_pieces)
    piece = np.arange(len(row)) - np.repeat(np.cumsum(n_pieces) - n_pieces, n_pieces)
    start = follow.start[row]
    stop = np.where(stays, steps.cut[own], follow.stop)[row]
    weight = np.ones(len(row))
    later = np.flatnonzero(piece)
    interval = steps.kept[after[row[later]] + piece[later] - 1]
    start[later], stop[later] = steps.cut[interval - 1], steps.cut[interval]
    base = steps.level[own[row[later]]]
    if (base == 0).any():
        n_lost = len(np.unique(follow.subject[row[later]][base == 0]))
        raise DesignError(
            f"{n_lost} patients had another cause while everyone at risk had just entered: the "
            "distribution of entries says nothing of so early a time. Start follow-up later, or "
            "leave them out with a stated reason."
        )
    weight[later] = steps.level[interval] / base
    return FineGrayRows(row, start, stop, weight)
