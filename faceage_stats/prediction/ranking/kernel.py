"""Sums over comparable pairs for the survival ranking loss."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from faceage_stats._compiled import compiled

__all__ = ["LossGradient", "PairSums", "pair_sums", "ranking_gradient"]


class PairSums(NamedTuple):
    """Per row: sum of the losses of its comparable pairs, and their number."""

    losses: NDArray[np.float64]
    pairs: NDArray[np.float64]


class LossGradient(NamedTuple):
    """Mean loss, and its derivative in each score."""

    loss: float
    gradient: NDArray[np.float64]


@compiled()
def _softplus(x: float) -> float:
    """log(1 + exp(x)) without overflow."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


@compiled()
def _follows(time: NDArray[np.float64], event: NDArray[np.int64], i: int, j: int) -> bool:
    """Whether j is known to outlive the event of i: a censoring at its time counts as longer."""
    return bool(time[j] > time[i] or (time[j] == time[i] and event[j] == 0))


@compiled()
def pair_sums(
    time: NDArray[np.float64],
    event: NDArray[np.int64],
    strata: NDArray[np.int64],
    score: NDArray[np.float64],
) -> PairSums:
    """Sum the losses of the comparable pairs of each row; O(n^2), as there are pairs."""
    n = len(time)
    losses, pairs = np.zeros(n), np.zeros(n)
    for i in range(n):
        if event[i] == 0:
            continue
        for j in range(n):
            if strata[j] == strata[i] and _follows(time, event, i, j):
                loss = _softplus(score[j] - score[i])
                losses[i] += loss
                losses[j] += loss
                pairs[i] += 1
                pairs[j] += 1
    return PairSums(losses, pairs)


@compiled()
def ranking_gradient(
    time: NDArray[np.float64], event: NDArray[np.int64], score: NDArray[np.float64]
) -> LossGradient:
    """Mean loss over comparable pairs and its gradient in the scores; rows sorted by time."""
    n = len(time)
    gradient, total, pairs = np.zeros(n), 0.0, 0
    for i in range(n):
        if event[i] == 0:
            continue
        for j in range(n - 1, -1, -1):
            if time[j] < time[i]:
                break
            if _follows(time, event, i, j):
                x = score[j] - score[i]
                small = math.exp(-abs(x))
                total += max(x, 0.0) + math.log1p(small)
                slope = (1.0 if x >= 0 else small) / (1 + small)
                gradient[j] += slope
                gradient[i] -= slope
                pairs += 1
    return LossGradient(total / pairs, gradient / pairs)
