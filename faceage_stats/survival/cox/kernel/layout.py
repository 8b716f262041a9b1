"""Where the rows of each event time lie, once they are sorted."""

from __future__ import annotations

from typing import NamedTuple

from faceage_stats._compiled import IntArray

__all__ = ["Layout"]


class Layout(NamedTuple):
    """Sorted rows, interval by interval.

    An interval starts at an event time of a stratum and ends before the next one. Its rows
    are those that die or are censored in it. Intervals of a stratum run backwards in time; the
    last one lies before the first event and has no deaths.

    Attributes
    ----------
    first : ndarray of int64, shape (n_intervals + 1,)
        Rows of interval s are first[s]:first[s + 1], the deaths before the others.
    n_dead : ndarray of int64, shape (n_intervals,)
        Rows that die, per interval; 0 marks the end of a stratum.
    n_tied : ndarray of int64, shape (n_intervals,)
        Deaths per interval; more than `n_dead` where one row stands for several equal ones, whose
        weights it has together.
    stratum_first : ndarray of int64, shape (n_strata + 1,)
        Intervals of stratum k are stratum_first[k]:stratum_first[k + 1].
    entry_interval : ndarray of int64, shape (n,)
        Interval from which a row has not yet entered; empty without delayed entry.
    leave_order, leave_first : ndarray of int64
        Rows by entry_interval, and where the rows of each interval lie in that order.
    """

    first: IntArray
    n_dead: IntArray
    n_tied: IntArray
    stratum_first: IntArray
    entry_interval: IntArray
    leave_order: IntArray
    leave_first: IntArray
