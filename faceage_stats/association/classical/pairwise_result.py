"""The result of comparing every pair of groups."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pandas as pd

from faceage_stats._result import Result, frozen_result
from faceage_stats.association.classical.samples import Groups

__all__ = ["PairwiseTests", "pair_labels", "pairs_of_groups"]


@frozen_result
class PairwiseTests(Result):
    """Tests of every pair of groups, later minus earlier level.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per pair.
    method : str
    n, n_missing : int
        Values used, and rows dropped because value or group was missing.
    conf_level : float or None
        Level of the limits, as in the call; None for a test without limits.
    half_width : callable or None
        From a level to half the width of each interval.
    """

    table: pd.DataFrame
    method: str
    n: int
    n_missing: int
    conf_level: float | None = None
    half_width: Callable[[float], np.ndarray] | None = None

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return one row per pair.

        Parameters
        ----------
        conf_level : float, optional
            Level of the limits, where the test has them; without it that of the call.

        Returns
        -------
        pandas.DataFrame
            ``group1 group2 estimate std_error statistic df p_value conf_low conf_high p_adjusted
            family``, as far as the test defines them.
        """
        table = self.table.copy()
        level = self.conf_level if conf_level is None else conf_level
        if self.half_width is None or level is None:
            return table
        half = self.half_width(level)
        at = list(table.columns).index("p_adjusted")
        table.insert(at, "conf_low", table["estimate"] - half)
        table.insert(at + 1, "conf_high", table["estimate"] + half)
        return table

    def glance(self) -> pd.DataFrame:
        """Return one row: ``method family n n_missing``."""
        row = {
            "method": self.method,
            "family": self.table["family"].iloc[0],
            "n": self.n,
            "n_missing": self.n_missing,
        }
        return pd.DataFrame([row])

    def _printed(self) -> pd.DataFrame:
        return self.tidy().drop(columns="family")

    def _title(self) -> str:
        return f"{self.method}: {self.table['family'].iloc[0]}"


def pairs_of_groups(groups: Groups) -> list[tuple[int, int]]:
    """Positions of the later and the earlier level of every pair."""
    return [(late, early) for early, late in itertools.combinations(range(len(groups.labels)), 2)]


def pair_labels(groups: Groups) -> pd.DataFrame:
    """Return the labels of every pair: ``group1 group2``."""
    labels = [
        (groups.labels[late], groups.labels[early]) for late, early in pairs_of_groups(groups)
    ]
    return pd.DataFrame(labels, columns=["group1", "group2"])
