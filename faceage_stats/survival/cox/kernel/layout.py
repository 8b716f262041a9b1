"""Where the rows of each event time lie, once they are sorted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = ["Layout"]


class Layout(NamedTuple):
    """Sorted rows, slot by slot.

    A slot is one event time of one stratum; slots of a stratum run backwards in time and end with
    an empty one that takes the rows never at risk at an event.

    first : rows of slot s are first[s]:first[s + 1], the deaths before the others
    n_dead : deaths per slot, 0 marks the end of a stratum
    stratum_first : slots of stratum k are stratum_first[k]:stratum_first[k + 1]
    entry_slot : slot from which a row has not yet entered; empty without delayed entry
    leave_order, leave_first : rows by entry_slot, and where each slot's rows lie in that order
    """

    first: np.ndarray
    n_dead: np.ndarray
    stratum_first: np.ndarray
    entry_slot: np.ndarray
    leave_order: np.ndarray
    leave_first: np.ndarray
