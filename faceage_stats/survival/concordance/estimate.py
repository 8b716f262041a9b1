"""Concordance of several markers on the same rows, with their joint covariance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faceage_stats._near import check_option
from faceage_stats._surv import Surv
from faceage_stats._ties import merge_near_ties
from faceage_stats.errors import DesignError, InputError
from faceage_stats.survival.concordance.follow_up import FollowUp, TimeWeight
from faceage_stats.survival.concordance.kernel import (
    CONCORDANT,
    DISCORDANT,
    TIED_X,
    TIED_XY,
    TIED_Y,
    count_pairs,
)

__all__ = ["ConcordanceEstimate", "Rows", "Scoring", "estimate_concordance"]


@dataclass(frozen=True)
class Scoring:
    """How pairs are formed and weighed; `reverse`: a higher marker means a shorter time."""

    timewt: TimeWeight = "n"
    ymin: float | None = None
    ymax: float | None = None
    reverse: bool = False

    def __post_init__(self) -> None:
        check_option("timewt", self.timewt, TimeWeight)
        for name, value in (("ymin", self.ymin), ("ymax", self.ymax)):
            if value is not None and not np.isfinite(value):
                raise InputError(f"{name} is {value}; it must be a finite time.")


@dataclass(frozen=True)
class Rows:
    """Rows to compare: follow-up, strata, case weights, clusters."""

    surv: Surv
    strata: np.ndarray | None = None
    weights: np.ndarray | None = None
    cluster: np.ndarray | None = None

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.surv.time)


@dataclass(frozen=True)
class ConcordanceEstimate:
    """C of each marker on the same rows.

    Attributes
    ----------
    concordance : ndarray, shape (k,)
    counts : ndarray, shape (k, 5)
        Concordant, discordant, tied in the marker, in time, in both.
    dfbeta : ndarray, shape (n_unit, k)
        Influence of each independent unit: a row, or a cluster.
    """

    concordance: np.ndarray
    counts: np.ndarray
    dfbeta: np.ndarray

    @property
    def vcov(self) -> np.ndarray:
        """Infinitesimal-jackknife covariance of the concordances."""
        return np.asarray(self.dfbeta.T @ self.dfbeta)


def estimate_concordance(rows: Rows, markers: np.ndarray, scoring: Scoring) -> ConcordanceEstimate:
    """Estimate the concordance of each column of `markers` with the follow-up."""
    surv = rows.surv
    time, entry = merge_near_ties(surv.time, surv.entry)
    if entry is not None and scoring.timewt in ("S/G", "n/G2"):
        raise InputError(
            f"timewt = {scoring.timewt!r} needs Surv(time, event): the censoring distribution is "
            "not defined with delayed entry. Use 'n' or 'S'."
        )
    time = _raise_to_ymin(time, surv.event, scoring.ymin)
    weight = np.ones(rows.n) if rows.weights is None else rows.weights
    counts = np.zeros((markers.shape[1], 5))
    agreement, comparable = np.zeros((markers.shape[1], rows.n)), np.zeros(rows.n)
    for keep in _strata(rows.strata):
        if not surv.event[keep].any():
            continue
        since = None if entry is None else entry[keep]
        follow_up = FollowUp.of(
            time[keep], surv.event[keep], weight[keep], since, scoring.timewt, scoring.ymax
        )
        comparable[keep] = follow_up.comparable
        for column in range(markers.shape[1]):
            part = count_pairs(follow_up, markers[keep, column])
            counts[column] += part.counts
            agreement[column, keep] = part.agreement
    return _summarise(counts, agreement, comparable, weight, rows.cluster, scoring.reverse)


def _strata(strata: np.ndarray | None) -> list[np.ndarray | slice]:
    """Rows of each stratum; without strata all, which costs no copy."""
    if strata is None:
        return [slice(None)]
    return [np.flatnonzero(strata == code) for code in np.unique(strata)]


def _raise_to_ymin(time: np.ndarray, event: np.ndarray, ymin: float | None) -> np.ndarray:
    if ymin is None:
        return time
    n_early = int(((time < ymin) & (event == 0)).sum())
    if n_early:
        raise InputError(
            f"{n_early} rows are censored before ymin = {ymin:g}, so their order beyond it is "
            "unknown. Lower ymin, or exclude those rows."
        )
    return np.asarray(np.maximum(time, ymin))


def _summarise(
    counts: np.ndarray,
    agreement: np.ndarray,
    comparable: np.ndarray,
    weight: np.ndarray,
    cluster: np.ndarray | None,
    reverse: bool,
) -> ConcordanceEstimate:
    pairs = counts[:, [CONCORDANT, DISCORDANT, TIED_X]].sum(axis=1)
    if not (pairs > 0).all():
        raise DesignError(
            "No pair can be compared: there must be an event before the end of another patient's "
            "follow-up (in the same stratum, by ymax). Check the event column and the limits."
        )
    somers = (counts[:, CONCORDANT] - counts[:, DISCORDANT]) / pairs
    dfbeta = np.empty((len(weight), len(counts)))
    for column, derivative in enumerate(agreement):
        per_weight = (derivative - somers[column] * comparable) / (2 * pairs[column])
        dfbeta[:, column] = weight * per_weight
    if cluster is not None:
        _, unit = np.unique(cluster, return_inverse=True)
        dfbeta = np.column_stack([np.bincount(unit, weights=column) for column in dfbeta.T])
    value = (somers + 1) / 2
    if reverse:
        swapped = counts[:, [DISCORDANT, CONCORDANT, TIED_X, TIED_Y, TIED_XY]]
        return ConcordanceEstimate(1 - value, swapped, -dfbeta)
    return ConcordanceEstimate(value, counts, dfbeta)
