"""Tables of curves, whose rows are the times at which patients die."""

from __future__ import annotations

import numpy as np
import pandas as pd

from faceage_stats.cohorts.disclosure.rules import Rules

__all__ = ["has_exact_times", "is_curve"]

_OFF_GRID, _CHOSEN = 1e-6, 3  # so many horizons may lie off the grid


def is_curve(table: pd.DataFrame) -> bool:
    """Whether a table is a survival curve, or compares several: its rows are of a time each."""
    of_groups = {"time", "group1", "estimate1"} <= set(table)
    return of_groups or {"time", "n_risk", "estimate"} <= set(table)


def has_exact_times(table: pd.DataFrame, rules: Rules) -> bool:
    """Whether a table has estimates at times that nobody chose, but at which patients die."""
    if not {"time", "estimate"} <= set(table):
        return False
    times = pd.to_numeric(table["time"], errors="coerce").to_numpy(float, na_value=np.nan)
    steps = times[np.isfinite(times)] / rules.time_grid
    return len(np.unique(steps[np.abs(steps - np.round(steps)) > _OFF_GRID])) > _CHOSEN
