"""The sums behind the log-rank family."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from faceage_stats._formula.survival_groups import survival_groups
from faceage_stats._ties import merge_near_ties
from faceage_stats._warn import warn
from faceage_stats.errors import DesignError, EstimationWarning, FormulaError
from faceage_stats.survival.km.event_weights import EventWeight

__all__ = [
    "AtEvents",
    "ChiSquared",
    "Grouped",
    "Sums",
    "at_events",
    "chi_squared",
    "gather",
    "logrank_sums",
    "of_strata",
]


@dataclass(frozen=True)
class Grouped:
    """Follow-up with integer groups and strata, of rows without missing values."""

    time: np.ndarray
    event: np.ndarray
    group: np.ndarray
    labels: tuple[str, ...]
    stratum: np.ndarray
    n_missing: int

    @classmethod
    def read(cls, formula: str, data: Any, caller: str, subset: str | None = None) -> Grouped:
        """Read outcome, groups and strata of a formula; delayed entry is refused."""
        frame, groups = survival_groups(
            formula, data, allow={"strata"}, subset=subset, caller=caller
        )
        if frame.surv.entry is not None:
            raise FormulaError(
                f"{caller}: `{formula}` has delayed entry; the log-rank test needs "
                "Surv(time, event). Use the score test of coxph(Surv(start, stop, event) ~ group)."
            )
        if len(groups.labels) < 2:
            raise DesignError(f"{caller}: `{formula}` has only one group; nothing to compare.")
        time = merge_near_ties(frame.surv.time).time
        stratum = np.zeros(frame.n, np.int64) if frame.strata is None else frame.strata
        return cls(time, frame.surv.event, groups.codes, groups.labels, stratum, frame.n_missing)

    @property
    def n(self) -> np.ndarray:
        """Rows of each group."""
        return np.bincount(self.group, minlength=len(self.labels))

    def only(self, first: int, second: int) -> Grouped:
        """The rows of two groups, numbered 0 and 1."""
        rows = np.flatnonzero((self.group == first) | (self.group == second))
        codes = (self.group[rows] == second).astype(np.int64)
        labels = (self.labels[first], self.labels[second])
        return Grouped(
            self.time[rows], self.event[rows], codes, labels, self.stratum[rows], self.n_missing
        )


class Sums(NamedTuple):
    """Weighted observed and expected events, and the covariance of their difference.

    Attributes
    ----------
    observed, expected : ndarray, shape (n_group,) or (n_group, n_strata)
    variance : ndarray, shape (n_group, n_group)
    """

    observed: np.ndarray
    expected: np.ndarray
    variance: np.ndarray


class AtEvents(NamedTuple):
    """One stratum at its event times: at risk and dying in each group, and the weight."""

    time: np.ndarray
    at_risk: np.ndarray
    dying: np.ndarray
    weight: np.ndarray

    def variance_factor(self) -> np.ndarray:
        """Hypergeometric variance of an unweighted event time, for groups of all and nobody."""
        n, d = self.at_risk.sum(axis=1), self.dying.sum(axis=1)
        return np.asarray(d * (n - d) / np.maximum(n - 1, 1))


def at_events(
    time: np.ndarray, event: np.ndarray, group: np.ndarray, n_group: int, weight: EventWeight
) -> AtEvents:
    """Count at every event time of one stratum."""
    distinct, position = np.unique(time, return_inverse=True)
    size = len(distinct)
    cell = position * n_group + group
    leaving = np.bincount(cell, minlength=size * n_group).reshape(size, n_group)
    dying = np.bincount(cell, weights=event, minlength=size * n_group).reshape(size, n_group)
    at_risk = np.cumsum(leaving[::-1], axis=0)[::-1]
    n, d = at_risk.sum(axis=1), dying.sum(axis=1)
    events = d > 0
    return AtEvents(distinct[events], at_risk[events], dying[events], weight.of(n, d)[events])


def logrank_sums(counts: AtEvents) -> Sums:
    """Sum over the event times of one stratum."""
    proportion = counts.at_risk / counts.at_risk.sum(axis=1)[:, None]
    observed = counts.weight @ counts.dying
    expected = (counts.weight * counts.dying.sum(axis=1)) @ proportion
    factor = counts.weight**2 * counts.variance_factor()
    variance = np.diag(factor @ proportion) - (proportion * factor[:, None]).T @ proportion
    return Sums(observed, expected, variance)


def of_strata(rows: Grouped, weight: EventWeight) -> list[AtEvents]:
    """Count within every stratum; a stratum has its own pooled curve."""
    size = len(rows.labels)
    return [
        at_events(rows.time[keep], rows.event[keep], rows.group[keep], size, weight)
        for keep in (rows.stratum == code for code in np.unique(rows.stratum))
    ]


def gather(rows: Grouped, weight: EventWeight) -> Sums:
    """Sum within every stratum: observed and expected (group x stratum) and the variance."""
    parts = [logrank_sums(counts) for counts in of_strata(rows, weight)]
    observed = np.column_stack([part.observed for part in parts])
    expected = np.column_stack([part.expected for part in parts])
    return Sums(observed, expected, np.sum([part.variance for part in parts], axis=0))


# Share of the largest variance below which a variance is what rounding leaves of 0.
_ROUNDING = 1e-10


class ChiSquared(NamedTuple):
    """A chi-squared test; p is 1 without degrees of freedom."""

    statistic: float
    df: int
    p_value: float


def chi_squared(sums: Sums) -> ChiSquared:
    """Test the groups with expected events; the others imply the first.

    Groups that are never at risk together (each within its own strata) have no difference to
    test: the degrees of freedom are the rank of the variance.
    """
    observed, expected = sums.observed.sum(axis=1), sums.expected.sum(axis=1)
    tested = np.flatnonzero(expected > 0)[1:]
    gap, variance = (observed - expected)[tested], sums.variance[np.ix_(tested, tested)]
    solution, _, df, _ = np.linalg.lstsq(variance, gap, rcond=_ROUNDING)
    if df == 0:
        warn(
            "No two groups are at risk together at an event: there is nothing to test.",
            EstimationWarning,
        )
        return ChiSquared(0.0, 0, 1.0)
    statistic = float(gap @ solution)
    return ChiSquared(statistic, int(df), float(stats.chi2.sf(statistic, df)))
