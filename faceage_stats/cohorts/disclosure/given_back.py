"""Estimates from which a suppressed number of events can be worked out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

__all__ = ["given_back"]


def given_back(
    table: pd.DataFrame, counted: Sequence[str], hidden: np.ndarray, counts: np.ndarray
) -> np.ndarray:
    """Rows whose estimate gives a hidden number of events back.

    A rate times its denominator is the count, and so is the number at risk times the drop of a
    survival curve since the row before.
    """
    at = {column: j for j, column in enumerate(counted)}
    found = np.zeros(len(table), dtype=bool)
    if "n_event" not in at or "estimate" not in table:
        return found
    estimate = pd.to_numeric(table["estimate"], errors="coerce").to_numpy(float, na_value=np.nan)
    before = np.concatenate([[1.0], estimate[:-1]])
    before[(estimate > before) | np.isnan(before)] = 1.0  # another curve begins
    events = counts[:, at["n_event"]]
    with np.errstate(all="ignore"):
        for size in (counts[:, at[c]] for c in ("n", "n_risk") if c in at):
            for share in (estimate, 1 - estimate, 1 - estimate / before):
                found |= np.abs(size * share - events) < 0.5
    return np.asarray(found & hidden[:, at["n_event"]], dtype=bool)
