"""Averaging ROC curves of readers at equal specificity."""

from __future__ import annotations

import numpy as np
import pandas as pd

from faceage_stats.prediction._obuchowski_rockette import ObuchowskiRockette

__all__ = ["average_curve", "sensitivity_at"]


def sensitivity_at(
    positive: np.ndarray, negative: np.ndarray, one_minus_specificity: np.ndarray
) -> np.ndarray:
    """Sensitivity of the empirical ROC curve, straight between its corners."""
    x, y = positive[~np.isnan(positive)], negative[~np.isnan(negative)]
    cuts = np.unique(np.concatenate([x, y]))[::-1]
    false_positive = np.concatenate([[0.0], (y[:, None] >= cuts).mean(axis=0)])
    true_positive = np.concatenate([[0.0], (x[:, None] >= cuts).mean(axis=0)])
    # where the curve rises straight up, numpy.interp reads its upper end
    return np.interp(one_minus_specificity, false_positive, true_positive)


def average_curve(
    positive: np.ndarray, negative: np.ndarray, points: int, conf_level: float
) -> pd.DataFrame:
    """Mean sensitivity of the curves, with limits that count readers and cases as random."""
    grid = np.linspace(0, 1, points)
    each = _curves(positive, negative, grid)
    covariance = _jackknife(positive, negative, grid)
    rows = []
    for index, at in enumerate(grid):
        mean = ObuchowskiRockette(each[:, index][None, :], covariance[index], "").mean(0)
        low, high = np.clip(mean.limits(conf_level), 0, 1) if mean.std_error > 0 else [np.nan] * 2
        rows.append((at, mean.estimate, mean.std_error, low, high))
    columns = ["one_minus_specificity", "estimate", "std_error", "conf_low", "conf_high"]
    return pd.DataFrame(rows, columns=columns)


def _curves(positive: np.ndarray, negative: np.ndarray, grid: np.ndarray) -> np.ndarray:
    return np.array([sensitivity_at(x, y, grid) for x, y in zip(positive, negative, strict=True)])


def _jackknife(positive: np.ndarray, negative: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Covariance of the readers' sensitivities at each grid point, one case left out at a time."""
    without = [
        *(
            _curves(np.delete(positive, i, axis=1), negative, grid)
            for i in range(positive.shape[1])
        ),
        *(
            _curves(positive, np.delete(negative, i, axis=1), grid)
            for i in range(negative.shape[1])
        ),
    ]
    values = np.array(without)  # cases x readers x grid
    n = len(values)
    centred = values - values.mean(axis=0)
    return (n - 1) / n * np.einsum("nrg,nsg->grs", centred, centred)
