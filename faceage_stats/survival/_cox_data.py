"""Sort and scale the data of a Cox fit once, before any iteration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faceage_stats.survival._partial_likelihood import Layout

__all__ = ["CoxData", "prepare"]


@dataclass(frozen=True)
class CoxData:
    """Rows sorted by slot (see `_partial_likelihood`), columns centred and scaled.

    Attributes
    ----------
    x : ndarray, shape (n, p)
        (column - mean) * scale, sorted.
    offset, weights : ndarray, shape (n,)
        Sorted; the offset is centred at its mean.
    order : ndarray of int64
        Row of the input at each sorted position.
    mean, scale : ndarray, shape (p,)
    slot_time, slot_stratum : ndarray
        Event time and stratum of each slot; the empty slot that ends a stratum has time -inf.
    slot : ndarray of int64
        Slot of each sorted row.
    """

    x: np.ndarray
    offset: np.ndarray
    weights: np.ndarray
    order: np.ndarray
    layout: Layout
    mean: np.ndarray
    scale: np.ndarray
    slot_time: np.ndarray
    slot_stratum: np.ndarray
    slot: np.ndarray

    def unsort(self, values: np.ndarray) -> np.ndarray:
        """Row-wise values from sorted order back to the order of the input."""
        out = np.empty_like(values)
        out[self.order] = values
        return out


def prepare(
    x: np.ndarray,
    time: np.ndarray,
    event: np.ndarray,
    *,
    entry: np.ndarray | None = None,
    strata: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    offset: np.ndarray | None = None,
) -> CoxData:
    """Sort rows into slots and scale the columns (times already free of near ties)."""
    n = len(time)
    is_dead = np.asarray(event) == 1
    codes = np.zeros(n, np.int64) if strata is None else np.asarray(strata, np.int64)
    n_strata = int(codes.max()) + 1 if n else 1
    slot_time, slot_stratum = _slots(time, codes, is_dead, n_strata)
    slot = _slot_of(time, codes, slot_time, slot_stratum, n_strata)
    order = np.argsort(2 * slot + ~is_dead, kind="stable")
    slot_sorted, n_slots = slot[order], len(slot_time)
    first = np.searchsorted(slot_sorted, np.arange(n_slots + 1))
    n_dead = np.bincount(slot[is_dead], minlength=n_slots)
    stratum_first = np.searchsorted(slot_stratum, np.arange(n_strata + 1))
    entry_slot = leave_order = np.empty(0, np.int64)
    leave_first = np.zeros(n_slots + 1, np.int64)
    if entry is not None:
        entry_slot = _slot_of(entry, codes, slot_time, slot_stratum, n_strata)[order]
        leave_order = np.argsort(entry_slot, kind="stable")
        leave_order = leave_order[entry_slot[leave_order] != slot_sorted[leave_order]]
        leave_first = np.searchsorted(entry_slot[leave_order], np.arange(n_slots + 1))
    layout = Layout(first, n_dead, stratum_first, entry_slot, leave_order, leave_first)
    w = np.ones(n) if weights is None else np.ascontiguousarray(weights[order], float)
    xs, mean, scale = _centre_and_scale(x, order, w)
    off = np.zeros(n) if offset is None else (offset - offset.mean())[order]
    return CoxData(xs, off, w, order, layout, mean, scale, slot_time, slot_stratum, slot_sorted)


def _slots(
    time: np.ndarray, codes: np.ndarray, is_dead: np.ndarray, n_strata: int
) -> tuple[np.ndarray, np.ndarray]:
    """Distinct event times of each stratum, backwards in time, then one empty slot."""
    times, strata = [], []
    for k in range(n_strata):
        mask = is_dead if n_strata == 1 else is_dead & (codes == k)
        distinct = np.append(np.unique(time[mask])[::-1], -np.inf)
        times.append(distinct)
        strata.append(np.full(len(distinct), k, np.int64))
    return np.concatenate(times), np.concatenate(strata)


def _slot_of(
    time: np.ndarray,
    codes: np.ndarray,
    slot_time: np.ndarray,
    slot_stratum: np.ndarray,
    n_strata: int,
) -> np.ndarray:
    """First slot of the row's stratum whose event time is at or before `time`."""
    slot = np.empty(len(time), np.int64)
    for k in range(n_strata):
        low, high = np.searchsorted(slot_stratum, [k, k + 1])
        rows = slice(None) if n_strata == 1 else codes == k
        forward = slot_time[low : high - 1][::-1]
        slot[rows] = high - 1 - np.searchsorted(forward, time[rows], side="right")
    return slot


def _centre_and_scale(
    x: np.ndarray, order: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sorted columns with mean 0 and mean square 1; a constant column becomes 0."""
    n, p = x.shape
    xs = np.take(x, order, axis=0)
    mean = weights @ xs / weights.sum() if p else np.zeros(0)
    size = np.abs(xs).max(axis=0, initial=0.0) if p else np.zeros(0)
    xs -= mean
    spread = np.sqrt(np.einsum("ij,ij->j", xs, xs) / max(n, 1))
    varies = spread > 1e-13 * size
    scale = np.where(varies, 1.0 / np.where(varies, spread, 1.0), 1.0)
    xs *= np.where(varies, scale, 0.0)
    return xs, mean, scale
