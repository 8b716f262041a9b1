"""Tables of bootstrapped values of groups, at one or more times."""

from __future__ import annotations

import numpy as np
import pandas as pd

from faceage_stats._resampled import Resampled
from faceage_stats._wald import wald
from faceage_stats.errors import DesignError

__all__ = ["against_first", "by_group"]


def by_group(
    draws: Resampled, groups: tuple[str, ...], at: str, times: np.ndarray, conf_level: float
) -> pd.DataFrame:
    """One row per group and time, groups slowest; the column `at` has the times."""
    table = draws.tidy(conf_level=conf_level).drop(columns=["term", "bias"])
    table.insert(0, at, np.tile(times, len(groups)))
    table.insert(0, "group", np.repeat(groups, len(times)))
    return table


def against_first(
    draws: Resampled, groups: tuple[str, ...], at: str, times: np.ndarray, conf_level: float
) -> pd.DataFrame:
    """Each later group minus the first; percentile limits, and the estimate over its error."""
    if len(groups) < 2:
        raise DesignError(f"there is only {groups[0]!r} to compare.")
    shape = (-1, len(groups), len(times))
    observed = np.reshape(list(draws.observed.values()), shape[1:])
    drawn = draws.draws.to_numpy().reshape(shape)
    gaps = drawn[:, 1:] - drawn[:, :1]
    tail = (1 - conf_level) / 2
    low, high = np.nanquantile(gaps, [tail, 1 - tail], axis=0)
    first, later = np.broadcast_arrays(observed[:1], observed[1:])
    std_error = np.nanstd(gaps, axis=0, ddof=1).ravel()
    test = wald((later - first).ravel(), std_error)
    return pd.DataFrame(
        {
            "group1": np.repeat(groups[1:], len(times)),
            "group2": groups[0],
            at: np.tile(times, len(groups) - 1),
            "estimate1": later.ravel(),
            "estimate2": first.ravel(),
            "estimate": test["estimate"],
            "std_error": std_error,
            "conf_low": low.ravel(),
            "conf_high": high.ravel(),
            "statistic": test["statistic"],
            "p_value": test["p_value"],
        }
    )
