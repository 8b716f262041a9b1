"""Small counts of a baseline table, and what would reveal them."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["suppress_variable"]


def suppress_variable(part: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Hide small counts of one variable, and enough further counts that no sum reveals them."""
    part = part.copy()
    row, column = (
        part.groupby(keys, sort=False, dropna=False).ngroup()
        for keys in (["is_missing", "level"], ["is_overall", "group"])
    )
    counts = part.assign(row=row, column=column).pivot(index="row", columns="column", values="n")
    shown = counts.to_numpy(dtype=float)
    hidden = (shown > 0) & (shown < threshold)
    while True:
        before = hidden.sum()
        for axis in (0, 1):
            hidden = _hide_partner(shown, hidden, axis)
        if hidden.sum() == before:
            break
    mask = pd.DataFrame(hidden, index=counts.index, columns=counts.columns).stack()
    part["suppressed"] = mask.reindex(pd.MultiIndex.from_arrays([row, column])).to_numpy(dtype=bool)
    names = ("n", "n_missing", "fraction", "mean", "std_dev", "median", "q25", "q75",
             "weight", "std_error")  # fmt: skip
    numbers = [name for name in names if name in part]
    part[numbers] = part[numbers].astype(float).mask(part["suppressed"])
    missing_hidden = part["is_missing"] & part["suppressed"]
    part.loc[column.isin(column[missing_hidden]), "n_missing"] = np.nan
    return part


def _hide_partner(counts: np.ndarray, hidden: np.ndarray, axis: int) -> np.ndarray:
    """Where one cell alone is hidden along an axis, hide the smallest other one too."""
    counts, hidden = (counts, hidden) if axis == 1 else (counts.T, hidden.T)
    hidden = hidden.copy()
    if counts.shape[1] > 1:
        for line in np.flatnonzero(hidden.sum(axis=1) == 1):
            candidates = np.where(hidden[line], np.inf, counts[line])
            hidden[line, np.argmin(candidates)] = True
    return hidden if axis == 1 else hidden.T
