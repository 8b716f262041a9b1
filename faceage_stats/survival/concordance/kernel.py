"""Counts of concordant pairs and each row's influence on them; derived in MATHS.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from faceage_stats._compiled import FloatArray, IntArray, compiled
from faceage_stats.survival.concordance.fenwick import add, below
from faceage_stats.survival.concordance.follow_up import FollowUp

__all__ = [
    "CONCORDANT",
    "DISCORDANT",
    "TIED_X",
    "TIED_XY",
    "TIED_Y",
    "PairCounts",
    "count_pairs",
]

# columns of the counts: agreement, disagreement, ties in the marker, in time, in both
CONCORDANT, DISCORDANT, TIED_X, TIED_Y, TIED_XY = range(5)


@dataclass(frozen=True)
class PairCounts:
    """Concordant, discordant, tied in the marker, tied in time, tied in both.

    `agreement[i]` is the derivative of concordant minus discordant in the weight of row i.
    """

    counts: np.ndarray
    agreement: np.ndarray


def count_pairs(follow_up: FollowUp, marker: np.ndarray) -> PairCounts:
    """Compare every event with all rows still at risk after it.

    A pair is concordant when the longer time has the higher marker.
    """
    order = np.argsort(marker)
    swept = _sweep(
        marker[order], follow_up.slot[order], follow_up.start[order], follow_up.weight[order],
        follow_up.scale, follow_up.later, follow_up.earlier,
    )  # fmt: skip
    swept.counts[TIED_Y] = follow_up.tied - swept.counts[TIED_XY]
    agreement = np.empty(len(marker))
    agreement[order] = swept.agreement
    return PairCounts(swept.counts, agreement)


class _Swept(NamedTuple):
    """The counts (without `TIED_Y`), and the derivative of agreement in the weight of each row."""

    counts: FloatArray
    agreement: FloatArray


@compiled()
def _sweep(
    value: FloatArray,
    slot: IntArray,
    start: IntArray,
    weight: FloatArray,
    scale: FloatArray,
    later: FloatArray,
    earlier: FloatArray,
) -> _Swept:
    """Walk up the marker, with the weights by slot of the rows met so far.

    The rows are sorted by `value`. `cells` are the weights at risk, a late entry counting against
    the slots before it, `total` is their sum; `trees` are of them and of the events. One loop over
    plain arrays: helpers that take them would cost more than the trees, in counted references.
    """
    n, n_slot = len(value), len(scale)
    counts, agreement = np.zeros(5), np.empty(n)
    trees, cells, total = np.zeros((n_slot + 1, 2)), np.zeros(n_slot), 0.0
    tied_cell = np.zeros(n_slot)
    lower, past = np.empty(n), np.empty(n)  # of lower value: at risk after the row, events before
    first = 0
    while first < n:
        last = first
        while last < n and value[last] == value[first]:
            met = below(trees, slot[last])
            lower[last] = total - met.risk - cells[slot[last]]
            past[last] = met.past - below(trees, start[last]).past
            last += 1
        for i in range(first, last):
            w, s = weight[i], slot[i]
            add(trees, s, w, w * scale[s])
            cells[s] += w
            total += w
            if start[i] > 0:
                add(trees, start[i], -w, 0.0)
                cells[start[i]] -= w
                total -= w
        for i in range(first, last):
            s = slot[i]
            same = same_past = 0.0
            if last - first > 1:
                met = below(trees, s)
                same = total - met.risk - cells[s] - lower[i]
                same_past = met.past - below(trees, start[i]).past - past[i]
            higher = later[s] - lower[i] - same
            counts[CONCORDANT] += weight[i] * scale[s] * higher
            counts[DISCORDANT] += weight[i] * scale[s] * lower[i]
            counts[TIED_X] += weight[i] * scale[s] * same
            met_past = earlier[s] - earlier[start[i]]
            agreement[i] = scale[s] * (higher - lower[i]) + 2 * past[i] + same_past - met_past
        if last - first > 1:
            counts[TIED_XY] += _tied_in_both(first, last, slot, weight, scale, tied_cell)
        first = last
    return _Swept(counts, agreement)


@compiled()
def _tied_in_both(
    first: int, last: int, slot: IntArray, weight: FloatArray, scale: FloatArray, cell: FloatArray
) -> float:
    """Weighted pairs of events at one time and value; `cell` is a zero for each slot."""
    pairs = 0.0
    for i in range(first, last):
        pairs += scale[slot[i]] * weight[i] * cell[slot[i]]
        cell[slot[i]] += weight[i]
    for i in range(first, last):
        cell[slot[i]] = 0.0
    return pairs
