"""Where times fall among the intervals of each subject."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["PLACES", "Intervals"]

# R's names: before, after, between the intervals, inside one, where two meet, at a start, an end
PLACES = ("early", "late", "gap", "within", "boundary", "leading", "trailing")


@dataclass(frozen=True)
class Intervals:
    """Intervals (start, stop] sorted by subject and time, without overlap.

    Attributes
    ----------
    subject : ndarray of int64
        0, 1, ... in the order of the rows.
    start, stop : ndarray
    """

    subject: np.ndarray
    start: np.ndarray
    stop: np.ndarray

    def find(self, subject: np.ndarray, time: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find for each time the place, a number in `PLACES`, and the interval ending at or after.

        Parameters
        ----------
        subject : ndarray of int64
            -1 for a subject without intervals.
        time : ndarray
        """
        keys = self._keys(subject, time)
        before = np.searchsorted(keys.start, keys.given, side="right") - 1
        after = np.searchsorted(keys.stop, keys.given, side="left")
        last = len(self.subject) - 1
        has_before = (before >= 0) & (self.subject[np.maximum(before, 0)] == subject)
        has_after = (after <= last) & (self.subject[np.minimum(after, last)] == subject)
        at_start = time == self.start[np.maximum(before, 0)]
        at_stop = time == self.stop[np.minimum(after, last)]
        place = np.select(
            [~has_before, ~has_after, after > before, before > after, at_start, at_stop],
            [PLACES.index(name) for name in (
                "early", "late", "gap", "boundary", "leading", "trailing"
            )],
            PLACES.index("within"),
        )  # fmt: skip
        return place, after

    def last_before_stop(self, subject: np.ndarray, time: np.ndarray) -> np.ndarray:
        """Find for each interval the last of its subject's times before its end; -1 without one.

        Parameters
        ----------
        subject, time : ndarray
            Sorted by subject and time.
        """
        if not len(time):
            return np.full(len(self.subject), -1)
        keys = self._keys(subject, time)
        found = np.searchsorted(keys.given, keys.stop, side="left") - 1
        own = (found >= 0) & (subject[np.maximum(found, 0)] == self.subject)
        return np.where(own, found, -1)

    def _keys(self, subject: np.ndarray, time: np.ndarray) -> _Keys:
        """Subject and rank of the time as one number, for the intervals and the times given."""
        distinct = np.unique(np.concatenate([self.start, self.stop, time]))
        width = len(distinct) + 1

        def key(who: np.ndarray, when: np.ndarray) -> np.ndarray:
            return np.asarray(who * width + np.searchsorted(distinct, when))

        return _Keys(
            key(self.subject, self.start), key(self.subject, self.stop), key(subject, time)
        )


@dataclass(frozen=True)
class _Keys:
    start: np.ndarray
    stop: np.ndarray
    given: np.ndarray
