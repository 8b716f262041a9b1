"""Rows of subjects who move between states, and the paths that they are on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from faceage_stats._compiled import FloatArray, IntArray

__all__ = ["Moves", "Paths"]


@dataclass(frozen=True)
class Moves:
    """Rows at risk in (entry, time] in a state, and the state that they move to at its end.

    Attributes
    ----------
    entry, time, weight : ndarray, shape (n,)
    origin, target : ndarray of int, shape (n,)
        Numbers of states; `target` is -1 where the row is censored.
    subject : ndarray of int, shape (n,)
    """

    entry: np.ndarray
    time: np.ndarray
    weight: np.ndarray
    origin: np.ndarray
    target: np.ndarray
    subject: np.ndarray

    def take(self, rows: np.ndarray) -> Moves:
        """Keep the rows at these positions; subjects are numbered anew."""
        subject = np.unique(self.subject[rows], return_inverse=True)[1]
        return Moves(
            self.entry[rows], self.time[rows], self.weight[rows], self.origin[rows],
            self.target[rows], subject,
        )  # fmt: skip

    def n_risk(self, at: np.ndarray, n_states: int) -> np.ndarray:
        """Count who is in each state just before given times, shape (times, states)."""
        counts = self.at_risk(at, n_states, np.ones(len(self.time)))
        return np.asarray(counts, np.int64)

    def at_risk(self, at: np.ndarray, n_states: int, weight: np.ndarray) -> np.ndarray:
        """Add the weights of those in each state just before given times: (times, states)."""
        total = np.zeros((len(at), n_states))
        for state in range(n_states):
            rows = self.origin == state
            total[:, state] = _not_before(at, self.time[rows], weight[rows])
            total[:, state] -= _not_before(at, self.entry[rows], weight[rows])
        return total


def _not_before(at: np.ndarray, time: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Sum the weights of the times at or after some others."""
    order = np.argsort(time, kind="stable")
    from_here = np.append(np.cumsum(weight[order][::-1])[::-1], 0.0)
    return np.asarray(from_here[np.searchsorted(time[order], at, side="left")])


class Paths(NamedTuple):
    """Rows that are at risk at a transition, by the number of the last one; and their paths.

    Attributes
    ----------
    last, target, following, path : ndarray of int, shape (n,)
        Last transition time at which a row is at risk, the state that it moves to there or -1, the
        next row of the subject or -1, the path that it is on.
    weight, share : ndarray, shape (n,)
        Weight of the row; the influence of its subject over that of the path.
    begin, state : ndarray of int, shape (n_path,)
        First transition time at which the rows of a path are at risk, and their state.
    pull : ndarray, shape (n_path,)
        Weight with which those at risk move the influence of the path.
    """

    last: IntArray
    target: IntArray
    following: IntArray
    path: IntArray
    weight: FloatArray
    share: FloatArray
    begin: IntArray
    state: IntArray
    pull: FloatArray

    @classmethod
    def of(cls, moves: Moves, times: np.ndarray) -> Paths:
        """Number the paths: one for all who begin alike, and one for each later row."""
        begin = np.searchsorted(times, moves.entry, side="right")
        last = np.searchsorted(times, moves.time, side="right") - 1
        rows = np.flatnonzero(last >= begin)
        rows = rows[np.lexsort((moves.time[rows], moves.subject[rows]))]
        begin, last, subject = begin[rows], last[rows], moves.subject[rows]
        origin, weight = moves.origin[rows], moves.weight[rows]
        later = np.append(False, subject[1:] == subject[:-1])[: len(rows)]
        alike = np.where(later, -1 - np.arange(len(rows)), begin * (origin.max(initial=0) + 1))
        alike = np.where(later, alike, alike + origin)
        first, path = np.unique(alike, return_index=True, return_inverse=True)[1:]
        target = np.where(moves.time[rows] == times[last], moves.target[rows], -1)
        order = np.argsort(last, kind="stable")
        place = np.full(len(rows) + 1, -1)
        place[order] = np.arange(len(rows))
        following = place[np.where(np.append(later[1:], False), np.arange(1, len(rows) + 1), -1)]
        return cls(
            last[order], target[order], following[order], path[order], weight[order],
            np.where(later, 1.0, weight)[order], begin[first], origin[first],
            np.where(later, weight, 1.0)[first],
        )  # fmt: skip

    def beginning(self, away: np.ndarray) -> np.ndarray:
        """Influence of each path when it begins, from that of a row by its state."""
        return np.asarray(np.where(self.begin == 0, 1.0, 0.0)[:, None] * away[self.state])
