"""Small counts of a baseline table, and what would reveal them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from faceage_stats.reporting.tables.summaries import MISSING_LEVEL

__all__ = ["suppress_variable"]


def suppress_variable(part: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Hide small counts of one variable, and enough further counts that no sum reveals them."""
    part = part.copy()
    part["_level"] = part["level"].astype(object).fillna("")
    counts = part.pivot_table(index="_level", columns="group", values="n", sort=False, dropna=False)
    shown = counts.to_numpy(dtype=float)
    hidden = (shown > 0) & (shown < threshold)
    while True:
        before = hidden.sum()
        for axis in (0, 1):
            hidden = _hide_partner(shown, hidden, axis)
        if hidden.sum() == before:
            break
    mask = pd.DataFrame(hidden, index=counts.index, columns=counts.columns).stack()
    keys = pd.MultiIndex.from_frame(part[["_level", "group"]])
    part["suppressed"] = mask.reindex(keys).to_numpy(dtype=bool)
    numbers = ["n", "n_missing", "fraction", "mean", "std_dev", "median", "q25", "q75"]
    part[numbers] = part[numbers].astype(float).mask(part["suppressed"])
    missing_hidden = part["_level"].eq(MISSING_LEVEL) & part["suppressed"]
    part.loc[part["group"].isin(part.loc[missing_hidden, "group"]), "n_missing"] = np.nan
    return part.drop(columns="_level")


def _hide_partner(counts: np.ndarray, hidden: np.ndarray, axis: int) -> np.ndarray:
    """Where one cell alone is hidden along an axis, hide the smallest other one too."""
    counts, hidden = (counts, hidden) if axis == 1 else (counts.T, hidden.T)
    hidden = hidden.copy()
    if counts.shape[1] > 1:
        for line in np.flatnonzero(hidden.sum(axis=1) == 1):
            candidates = np.where(hidden[line], np.inf, counts[line])
            hidden[line, np.argmin(candidates)] = True
    return hidden if axis == 1 else hidden.T
