"""Results of reclassification measures."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._outcome import require_probabilities
from faceage_stats._result import Result, frozen_result, normal_interval
from faceage_stats.errors import InputError

__all__ = [
    "Reclassification",
    "cross_table",
    "idi_table",
    "moves",
    "nri_name",
    "risk_category",
    "two_risks",
]


@frozen_result
class Reclassification(Result):
    """Net reclassification or integrated discrimination of a new risk against an old one.

    Attributes
    ----------
    metric, method : str
    table : pandas.DataFrame
        ``quantity estimate std_error`` and, where the test has its own standard error under the
        null hypothesis, ``null_se``.
    shares : dict of str to float
        What the quantities are made of (shares moving up and down, risks in the groups).
    tables : dict of str to pandas.DataFrame
        Old by new category: ``event``, ``nonevent`` for a binary outcome; ``all`` and
        ``expected_event`` for a censored one; empty without categories.
    n, n_event, n_missing : int
    """

    metric: str
    method: str
    table: pd.DataFrame
    shares: dict[str, float]
    tables: dict[str, pd.DataFrame]
    n: int
    n_event: int
    n_missing: int

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per quantity.

        Columns ``quantity estimate std_error statistic p_value conf_low conf_high``; statistic
        and p use the standard error of the estimate (as ``Hmisc::improveProb``), or, in
        ``null_se null_statistic null_p_value`` of the category NRI, Pencina's (2008) under the
        null hypothesis.
        """
        out = self.table.copy()
        low, high = normal_interval(out["estimate"], out["std_error"], conf_level)
        out["statistic"], out["p_value"] = _test(out["estimate"], out["std_error"])
        out["conf_low"], out["conf_high"] = low, high
        if "null_se" in out:
            null = out.pop("null_se")
            statistic, p_value = _test(out["estimate"], null)
            out = out.assign(null_se=null, null_statistic=statistic, null_p_value=p_value)
        return out

    def glance(self) -> pd.DataFrame:
        """One row: ``metric method n n_event n_missing``."""
        columns = ("metric", "method", "n", "n_event", "n_missing")
        return pd.DataFrame([{name: getattr(self, name) for name in columns}])

    def _title(self) -> str:
        return f"{self.metric} ({self.method})"


def _test(estimate: Any, std_error: Any) -> tuple[np.ndarray, np.ndarray]:
    """Normal statistic and two-sided p; p 1 where nothing moves."""
    estimate, std_error = np.asarray(estimate, float), np.asarray(std_error, float)
    same = (std_error == 0) & (estimate == 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(same, 0.0, estimate / std_error)
    return statistic, 2 * stats.norm.sf(np.abs(statistic))


def risk_category(risk: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """Category of each risk, from 0; closed on the left: [c1, c2)."""
    return np.searchsorted(cuts, risk, side="right")


def cross_table(
    old: np.ndarray, new: np.ndarray, cuts: np.ndarray, weights: np.ndarray | None = None
) -> pd.DataFrame:
    """Old category by new category, every category shown."""
    ends = ["-inf", *(f"{cut:g}" for cut in cuts), "inf"]
    labels = [f"[{low}, {high})" for low, high in itertools.pairwise(ends)]
    size = len(labels)
    cells = np.bincount(old * size + new, weights=weights, minlength=size**2).reshape(size, size)
    table = pd.DataFrame(cells, index=labels, columns=labels)
    return table.rename_axis(index="old", columns="new")


def two_risks(x: np.ndarray, names: Sequence[str], formula: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the old and the new risk; any other number of columns is refused."""
    if len(names) != 2:
        raise InputError(f"`{formula}` must name two risks, ~ old + new; it names {len(names)}.")
    require_probabilities(x, names)
    return x[:, 0], x[:, 1]


def moves(
    old: np.ndarray, new: np.ndarray, limits: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Who moves up, who moves down, and the categories (the risks themselves without cuts)."""
    if limits is not None:
        old, new = risk_category(old, limits), risk_category(new, limits)
    return new > old, new < old, (old, new)


def idi_table(event: float, nonevent: float, std_error: Any) -> pd.DataFrame:
    """Integrated discrimination improvement of cases, of controls and in all."""
    return pd.DataFrame(
        {
            "quantity": ["idi_event", "idi_nonevent", "idi"],
            "estimate": [event, nonevent, event + nonevent],
            "std_error": std_error,
        }
    )


def nri_name(limits: np.ndarray | None) -> str:
    """Name of the net reclassification improvement, with or without categories."""
    return f"{'continuous' if limits is None else 'category'} net reclassification improvement"
