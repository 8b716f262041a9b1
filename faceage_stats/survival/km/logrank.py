"""The sums behind the log-rank family."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from faceage_stats._formula import group_frame
from faceage_stats.errors import DesignError, EstimationWarning, FormulaError
from faceage_stats.survival._ties import merge_near_ties

__all__ = ["Grouped", "chi_squared", "gather", "logrank_sums", "upper_tail"]


@dataclass(frozen=True)
class Grouped:
    """Follow-up with integer groups and strata, rows with missing values gone."""

    time: np.ndarray
    event: np.ndarray
    group: np.ndarray
    labels: tuple[str, ...]
    stratum: np.ndarray
    n_missing: int

    @classmethod
    def read(cls, formula: str, data: Any) -> Grouped:
        """Read outcome, groups and strata of a formula; delayed entry is refused."""
        frame, groups = group_frame(formula, data)
        if frame.surv is None or frame.surv.entry is not None:
            raise FormulaError(
                f"`{formula}`: the log-rank test needs Surv(time, event). For delayed entry use "
                "the score test of coxph(Surv(start, stop, event) ~ group)."
            )
        if groups is None or len(groups.labels) < 2:
            raise DesignError(f"`{formula}`: there is only one group; nothing to compare.")
        time, _ = merge_near_ties(frame.surv.time)
        stratum = np.zeros(frame.n, np.int64) if frame.strata is None else frame.strata
        labels = groups.labels
        return cls(time, frame.surv.event, groups.codes, labels, stratum, frame.n_missing)

    def only(self, first: int, second: int) -> Grouped:
        """The rows of two groups, numbered 0 and 1."""
        rows = np.flatnonzero((self.group == first) | (self.group == second))
        codes = (self.group[rows] == second).astype(np.int64)
        labels = (self.labels[first], self.labels[second])
        return Grouped(
            self.time[rows], self.event[rows], codes, labels, self.stratum[rows], self.n_missing
        )


def logrank_sums(
    time: np.ndarray, event: np.ndarray, group: np.ndarray, n_group: int, rho: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weighted observed and expected events per group and their covariance, in one stratum."""
    distinct, position = np.unique(time, return_inverse=True)
    size = len(distinct)
    cell = position * n_group + group
    leaving = np.bincount(cell, minlength=size * n_group).reshape(size, n_group)
    dying = np.bincount(cell, weights=event, minlength=size * n_group).reshape(size, n_group)
    at_risk = np.cumsum(leaving[::-1], axis=0)[::-1]
    n, d = at_risk.sum(axis=1), dying.sum(axis=1)
    with np.errstate(divide="ignore"):
        after = np.cumprod((n - d) / n)
    weight = np.concatenate([[1.0], after[:-1]]) ** rho  # S(t-)^rho of the pooled curve
    events = d > 0
    weight, n, d = weight[events], n[events], d[events]
    share = at_risk[events] / n[:, None]
    observed = weight @ dying[events]
    expected = (weight * d) @ share
    factor = weight**2 * d * (n - d) / np.maximum(n - 1, 1)
    var = np.diag(factor @ share) - (share * factor[:, None]).T @ share
    return observed, expected, var


def gather(rows: Grouped, rho: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The sums of every stratum: observed and expected (group x stratum) and the variance."""
    size = len(rows.labels)
    parts = [
        logrank_sums(rows.time[keep], rows.event[keep], rows.group[keep], size, rho)
        for keep in (rows.stratum == code for code in np.unique(rows.stratum))
    ]
    observed = np.column_stack([part[0] for part in parts])
    expected = np.column_stack([part[1] for part in parts])
    return observed, expected, np.sum([part[2] for part in parts], axis=0)


def chi_squared(observed: np.ndarray, expected: np.ndarray, var: np.ndarray) -> tuple[float, int]:
    """Statistic and df over the groups that expect any event, the first of them left out."""
    used = np.flatnonzero(expected > 0)
    if len(used) < 2:
        warnings.warn(
            "Fewer than two groups have anyone at risk at an event: there is nothing to test.",
            EstimationWarning,
            stacklevel=4,
        )
        return 0.0, 0
    gap = (observed - expected)[used[1:]]
    return float(gap @ np.linalg.solve(var[np.ix_(used[1:], used[1:])], gap)), len(used) - 1


def upper_tail(statistic: float, df: int) -> float:
    """Upper tail of the chi-squared distribution; 1 without degrees of freedom."""
    return float(stats.chi2.sf(statistic, df)) if df > 0 else 1.0
