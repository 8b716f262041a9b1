"""Times that are equal up to rounding are one time, as in R (`timefix = TRUE`)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from faceage_stats.errors import InputError

__all__ = ["Times", "merge_near_ties", "merge_rounded", "tolerance_of"]

_TOLERANCE = float(np.sqrt(np.finfo(float).eps))


def tolerance_of(mean_time: float) -> float:
    """Distance up to which two neighbouring times are one, from the mean of the distinct times."""
    return _TOLERANCE * max(1.0, mean_time)


class Times(NamedTuple):
    """Exit times, and entry times where there are any."""

    time: np.ndarray
    entry: np.ndarray | None


def merge_near_ties(time: np.ndarray, entry: np.ndarray | None = None) -> Times:
    """Replace every time by the smallest of the times that it is tied with.

    Two neighbouring times are tied when they differ by at most 1.5e-8, absolutely or relative to
    the mean distinct time. Entry and exit times are treated together; an interval that would
    become empty is refused, as by R's aeqSurv ("an interval has effective length 0").
    """
    in_order = np.sort(time if entry is None else np.concatenate([entry, time]))
    gaps = np.diff(in_order)
    far = max(abs(in_order[0]), abs(in_order[-1])) if len(in_order) else 0.0
    if not ((gaps > 0) & (gaps <= tolerance_of(far))).any():  # no mean is farther
        return Times(time, entry)
    distinct = in_order[np.append(True, gaps > 0)]
    gaps = np.diff(distinct)
    tied = gaps <= tolerance_of(float(np.mean(np.abs(distinct))))
    if not tied.any():
        return Times(time, entry)
    first, later = distinct[np.concatenate([[True], ~tied])], distinct[1:][tied]

    few = pd.Index(later)

    def merged(values: np.ndarray) -> np.ndarray:
        moved = few.get_indexer(pd.Index(values)) >= 0
        out: np.ndarray = np.array(values, float)
        out[moved] = first[np.searchsorted(first, values[moved], side="right") - 1]
        return out

    if entry is None:
        return Times(merged(time), None)
    new_time, new_entry = merged(time), merged(entry)
    n_empty = int((new_time <= new_entry).sum())
    if n_empty:
        raise InputError(
            f"{n_empty} rows start and stop at times that differ only by rounding error. Correct "
            "them, or round the times before the fit."
        )
    return Times(new_time, new_entry)


def merge_rounded(values: np.ndarray) -> np.ndarray:
    """Make values equal that differ by rounding only (1e-12 of the largest distance between two).

    Two identical rows can get linear predictors that differ in the last bit.
    """
    in_order = np.sort(values)
    gaps, least = np.diff(in_order), 1e-12 * (in_order[-1] - in_order[0])
    if not ((gaps > 0) & (gaps <= least)).any():
        return values
    order, is_new = np.argsort(values), np.append(True, gaps > least)
    merged: np.ndarray = np.empty(len(values))
    merged[order] = in_order[is_new][np.cumsum(is_new) - 1]
    return merged
