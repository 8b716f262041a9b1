"""Hosmer-Lemeshow test: observed and expected events in groups of predicted risk."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._result import Result, frozen_result
from faceage_stats._warn import warn
from faceage_stats.errors import DesignError, EstimationWarning, InputError

__all__ = ["HosmerLemeshow", "hosmer_lemeshow"]


@frozen_result
class HosmerLemeshow(Result):
    """Observed and expected events by group; `breaks` are the limits of the groups."""

    breaks: np.ndarray
    table: pd.DataFrame
    statistic: float
    df: int
    n_missing: int

    @property
    def p_value(self) -> float:
        """Of the chi-squared statistic."""
        return float(stats.chi2.sf(self.statistic, self.df))

    def tidy(self) -> pd.DataFrame:
        """Return one row per group: ``group n observed expected``."""
        return self.table.copy()

    def glance(self) -> pd.DataFrame:
        """Return one row: ``method statistic df p_value n n_missing``."""
        row = {
            "method": "Hosmer-Lemeshow test",
            "statistic": self.statistic,
            "df": self.df,
            "p_value": self.p_value,
            "n": int(self.table["n"].sum()),
            "n_missing": self.n_missing,
        }
        return pd.DataFrame([row])

    def _title(self) -> str:
        p_value = f"{self.p_value:.4g}"
        return f"Hosmer-Lemeshow: chi-squared {self.statistic:.4g}, df {self.df}, p {p_value}"


def hosmer_lemeshow(
    y: np.ndarray, risk: np.ndarray, groups: int = 10, n_missing: int = 0
) -> HosmerLemeshow:
    """Compare events with predictions in groups cut at quantiles of the risk.

    Groups are closed on the right, the lowest value included; quantiles as R's type 7, repeated
    ones merged. The statistic sums (observed - expected)^2 / {expected (1 - expected / n)} and
    has (groups - 2) degrees of freedom, which is right for a model fitted on the same rows.

    References
    ----------
    Hosmer DW, Lemeshow S (1980). Goodness of fit tests for the multiple logistic regression model.
    Communications in Statistics - Theory and Methods 9:1043-1069. doi:10.1080/03610928008827941
    """
    if groups < 3:
        raise InputError(f"groups is {groups}; use at least 3, usually 10.")
    breaks = np.unique(np.quantile(risk, np.linspace(0, 1, groups + 1)))
    n = np.bincount(_group(risk, breaks), minlength=len(breaks) - 1)
    # a group between two risks that are far apart may be empty: it joins the one before it
    breaks = np.append(breaks[:-1][n[: len(breaks) - 1] > 0], breaks[-1])
    if len(breaks) < 4:
        raise DesignError(
            f"the risk has too few distinct values for {groups} groups: only "
            f"{len(breaks) - 1} can be formed, 3 are needed."
        )
    if len(breaks) < groups + 1:
        warn(
            f"tied risks leave {len(breaks) - 1} groups of the {groups} requested.",
            EstimationWarning,
        )
    index = _group(risk, breaks)
    n = np.bincount(index)
    observed = np.bincount(index, weights=y, minlength=len(n))
    expected = np.bincount(index, weights=risk, minlength=len(n))
    statistic = float(np.sum((observed - expected) ** 2 / (expected * (1 - expected / n))))
    table = pd.DataFrame({"group": np.arange(1, len(n) + 1), "n": n, "observed": observed})
    return HosmerLemeshow(breaks, table.assign(expected=expected), statistic, len(n) - 2, n_missing)


def _group(risk: np.ndarray, breaks: np.ndarray) -> np.ndarray:
    """Group of each risk, closed on the right; the lowest risk is in the first."""
    return np.maximum(np.searchsorted(breaks, risk, side="left") - 1, 0)
