"""Follow-up cut at given times: arrays in, arrays out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = ["Pieces", "cut_intervals"]


class Pieces(NamedTuple):
    """The pieces of intervals, in the order of the intervals and of time.

    Attributes
    ----------
    row : ndarray of int64
        Interval that each piece comes from.
    start, stop : ndarray
        A piece is (start, stop].
    episode : ndarray of int64
        Number of cut times at or before the start: 0 before the first.
    is_last : ndarray of bool
        Whether the piece ends where its interval does.
    """

    row: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    episode: np.ndarray
    is_last: np.ndarray


def cut_intervals(start: np.ndarray, stop: np.ndarray, cuts: np.ndarray) -> Pieces:
    """Cut (start, stop] at every time strictly inside; a time at the end cuts nothing.

    Parameters
    ----------
    start, stop : ndarray, shape (n,)
        An interval with a missing end stays whole.
    cuts : ndarray, shape (m,)
        Increasing.

    Examples
    --------
    >>> pieces = cut_intervals(np.array([0.0, 0.0]), np.array([5.0, 10.0]), np.array([5.0, 8.0]))
    >>> pieces.row.tolist(), pieces.stop.tolist()
    ([0, 1, 1, 1], [5.0, 5.0, 8.0, 10.0])
    """
    first = np.searchsorted(cuts, start, side="right")
    count = np.searchsorted(cuts, stop, side="left") - first
    count[np.isnan(start) | np.isnan(stop)] = 0
    row = np.repeat(np.arange(len(start)), count + 1)
    end = np.cumsum(count + 1)
    step = np.arange(len(row)) - np.repeat(end - count - 1, count + 1)
    episode = first[row] + step
    is_last = np.zeros(len(row), bool)
    is_last[end - 1] = True
    lower, upper = start[row], stop[row]
    lower[step > 0] = cuts[episode[step > 0] - 1]
    upper[~is_last] = cuts[episode[~is_last]]
    return Pieces(row, lower, upper, episode, is_last)
