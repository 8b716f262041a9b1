"""Where the rows of each event time lie, once they are sorted."""

from __future__ import annotations

from typing import NamedTuple

from faceage_stats._compiled import IntArray

__all__ = ["Layout"]


class Layout(NamedTuple):
    """Sorted rows, slot by slot.

    A slot is one event time of one stratum. Slots of a stratum run backwards in time and end with
    an empty one that takes the rows never at risk at an event.

    Attributes
    ----------
    first : ndarray of int64, shape (n_slots + 1,)
        Rows of slot s are first[s]:first[s + 1], the deaths before the others.
    n_dead : ndarray of int64, shape (n_slots,)
        Deaths per slot; 0 marks the end of a stratum.
    stratum_first : ndarray of int64, shape (n_strata + 1,)
        Slots of stratum k are stratum_first[k]:stratum_first[k + 1].
    entry_slot : ndarray of int64, shape (n,)
        Slot from which a row has not yet entered; empty without delayed entry.
    leave_order, leave_first : ndarray of int64
        Rows by entry_slot, and where the rows of each slot lie in that order.
    """

    first: IntArray
    n_dead: IntArray
    stratum_first: IntArray
    entry_slot: IntArray
    leave_order: IntArray
    leave_first: IntArray
