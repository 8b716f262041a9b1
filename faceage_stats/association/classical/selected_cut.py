"""Scores of outcomes, and the standardised statistic of a marker cut at every value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from faceage_stats._ties import merge_near_ties
from faceage_stats.errors import DesignError

__all__ = ["Cuts", "logrank_scores", "rank_scores"]


@dataclass(frozen=True)
class Cuts:
    """Cut-points in ascending order: their value, rows up to each, and the statistic."""

    value: np.ndarray
    size: np.ndarray
    statistic: np.ndarray

    @classmethod
    def of(cls, marker: np.ndarray, scores: np.ndarray, minprop: float, maxprop: float) -> Cuts:
        """Standardise the sum of scores up to every cut-point by its permutation variance."""
        n, order = len(marker), np.argsort(marker, kind="stable")
        value, total = marker[order], np.cumsum(scores[order])
        size = np.arange(1, n + 1)
        last = np.append(value[1:] > value[:-1], False)  # of its value, and not the largest
        low, high = max(1, int(n * minprop)), int(n * maxprop)
        kept = last & (size >= low) & (size <= high)
        if not kept.any():
            raise DesignError(
                f"maxstat_test: no cut-point has {low} to {high} of the {n} rows up to it. Widen "
                "minprop and maxprop, or take more rows."
            )
        size, total = size[kept], total[kept]
        centred = scores - scores.mean()
        variance = size * (n - size) / (n * (n - 1)) * float(centred @ centred)
        statistic = np.abs(total - size * scores.mean()) / np.sqrt(variance)
        return cls(value[kept], size, statistic)


def logrank_scores(time: np.ndarray, event: np.ndarray) -> np.ndarray:
    """Event minus the sum of 1 / (n - number of times up to t + 1) over the events up to its time.

    Not the Nelson-Aalen estimate where times tie; as R's maxstat has it.
    """
    distinct, position, count = np.unique(
        merge_near_ties(time).time, return_inverse=True, return_counts=True
    )
    events = np.bincount(position, event, len(distinct))
    return np.asarray(event - np.cumsum(events / (len(time) - np.cumsum(count) + 1))[position])


def rank_scores(outcome: np.ndarray) -> np.ndarray:
    """Mid-ranks."""
    return np.asarray(stats.rankdata(outcome))
