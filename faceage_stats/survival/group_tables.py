"""Bootstrapped values of groups at one or more times: the result, and its tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from faceage_stats._resampled import Resampled
from faceage_stats._result import Result
from faceage_stats._wald import wald
from faceage_stats.errors import DesignError

__all__ = ["AdjustedGroups", "GroupDraws", "Method"]

Method = Literal["g-formula", "ipw"]


@dataclass(frozen=True, repr=False, eq=False)
class GroupDraws:
    """Bootstrapped values of groups at one or more times.

    Attributes
    ----------
    groups : tuple of str
    times : ndarray
        Times of the curves, or ends of the restricted means.
    method : {"g-formula", "ipw"}
    draws : Resampled
        Bootstrap of every group and time, groups slowest.
    n_missing : int
    formula : str
    """

    groups: tuple[str, ...]
    times: np.ndarray
    method: Method
    draws: Resampled
    n_missing: int
    formula: str


class AdjustedGroups(GroupDraws, Result):
    """What `AdjustedCurves` and `AdjustedRMST` tabulate."""

    _at: ClassVar[str] = "time"
    _what: ClassVar[str] = ""

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return one row per group and time: ``group time estimate std_error conf_low conf_high``.

        ``tau`` in place of ``time`` for restricted means; percentile limits.
        """
        return _by_group(self.draws, self.groups, self._at, self.times, conf_level)

    def contrasts(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Contrast each later group with the first, at each time.

        Columns ``group1 group2 time estimate1 estimate2 estimate std_error conf_low conf_high
        statistic p_value``, ``tau`` in place of ``time`` for restricted means; `group2` is the
        first group, `estimate` is group1 - group2. The limits are percentiles of the bootstrap,
        the test is the estimate over its bootstrap error.
        """
        return _against_first(self.draws, self.groups, self._at, self.times, conf_level)

    def glance(self) -> pd.DataFrame:
        """Return one row: ``method n n_missing n_resamples n_failed seed``."""
        return self.draws.glance().assign(method=self.method, n_missing=self.n_missing)

    def _further_tables(self) -> tuple[str, ...]:
        return ("contrasts",) if len(self.groups) > 1 else ()

    def _title(self) -> str:
        return f"{self._what} ({self.method}): {self.formula}"


def _by_group(
    draws: Resampled, groups: tuple[str, ...], at: str, times: np.ndarray, conf_level: float
) -> pd.DataFrame:
    """One row per group and time, groups slowest; the column `at` has the times."""
    table = draws.tidy(conf_level=conf_level).drop(columns=["term", "bias"])
    table.insert(0, at, np.tile(times, len(groups)))
    table.insert(0, "group", np.repeat(groups, len(times)))
    return table


def _against_first(
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
