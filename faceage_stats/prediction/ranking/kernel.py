"""Sums over comparable pairs for the survival ranking loss."""

from __future__ import annotations

import math

import numpy as np

from faceage_stats._compiled import compiled

__all__ = ["pair_sums", "ranking_gradient"]


@compiled()
def _softplus(x: float) -> float:
    """log(1 + exp(x)) without overflow."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


@compiled()
def _follows(time: np.ndarray, event: np.ndarray, i: int, j: int) -> bool:
    """Whether j is known to outlive the event of i: a censoring at its time counts as longer."""
    return time[j] > time[i] or (time[j] == time[i] and event[j] == 0)


@compiled()
def pair_sums(
    time: np.ndarray, event: np.ndarray, strata: np.ndarray, score: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Per row, the sum of the losses of its comparable pairs and their number."""
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
    return losses, pairs


@compiled()
def ranking_gradient(
    time: np.ndarray, event: np.ndarray, score: np.ndarray
) -> tuple[float, np.ndarray]:
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
    return total / pairs, gradient / pairs
