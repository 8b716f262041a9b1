"""Averaging ROC curves of readers at equal specificity."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from faceage_stats.errors import DesignError
from faceage_stats.prediction.bootstrap import bootstrap
from faceage_stats.prediction.readers.covariance import auc_covariance, reader_aucs
from faceage_stats.prediction.readers.obuchowski_rockette import ObuchowskiRockette

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
    return np.asarray(np.interp(one_minus_specificity, false_positive, true_positive))


def average_curve(
    positive: np.ndarray,
    negative: np.ndarray,
    *,
    points: int,
    conf_level: float,
    n_resamples: int,
    seed: int,
) -> pd.DataFrame:
    """Mean sensitivity of the curves, with limits that count readers and cases as random.

    The degrees of freedom are those of the mean AUC: at single points they are unstable.
    """
    grid = np.linspace(0, 1, points)
    auc, vcov = reader_aucs(positive, negative).auc, auc_covariance(positive, negative, "delong")
    df = ObuchowskiRockette(auc[None, :], vcov, None).mean(0).df
    each = _curves(positive, negative, grid)
    covariance = _covariance(positive, negative, grid, n_resamples, seed)
    rows = []
    for index, at in enumerate(grid):
        mean = ObuchowskiRockette(each[:, index][None, :], covariance[index], None).mean(0)
        limits = replace(mean, df=df).limits(conf_level)
        low, high = limits if mean.std_error > 0 else (np.nan, np.nan)
        rows.append((at, mean.estimate, mean.std_error, low, high))
    columns = ["one_minus_specificity", "estimate", "std_error", "conf_low", "conf_high"]
    return pd.DataFrame(rows, columns=columns)


def _curves(positive: np.ndarray, negative: np.ndarray, grid: np.ndarray) -> np.ndarray:
    return np.array([sensitivity_at(x, y, grid) for x, y in zip(positive, negative, strict=True)])


def _covariance(
    positive: np.ndarray, negative: np.ndarray, grid: np.ndarray, n_resamples: int, seed: int
) -> np.ndarray:
    """Covariance of the readers' sensitivities at each grid point, cases drawn within each class.

    A sensitivity at a given specificity depends on a quantile, for which the jackknife fails. A
    draw in which some reader has rated no case of one class gives no curve and is excluded.
    """
    n_positive = positive.shape[1]
    is_positive = np.arange(n_positive + negative.shape[1]) < n_positive

    def curves(rows: np.ndarray) -> np.ndarray:
        x = positive[:, rows[rows < n_positive]]
        y = negative[:, rows[rows >= n_positive] - n_positive]
        if (np.isnan(x).all(axis=1) | np.isnan(y).all(axis=1)).any():
            raise DesignError("a reader rated no case of one class in this draw.")
        return _curves(x, y, grid)

    draws = bootstrap(
        curves, (len(positive), len(grid)), is_positive,
        n_resamples=n_resamples, seed=seed, name="average ROC curve",
    )  # fmt: skip
    values = draws[~np.isnan(draws).any(axis=(1, 2))]
    centred = values - values.mean(axis=0)
    return np.asarray(np.einsum("nrg,nsg->grs", centred, centred) / (len(values) - 1))
