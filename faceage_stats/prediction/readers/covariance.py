"""AUCs of many readers on shared cases, and their joint covariance by three methods."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from faceage_stats._near import check_option
from faceage_stats.prediction.roc.delong import auc_and_placements

__all__ = ["COVARIANCES", "Covariance", "ReaderAreas", "auc_covariance", "reader_aucs"]

Covariance = Literal["delong", "jackknife", "unbiased"]

_BLOCK = 4_000_000  # pair scores held at a time


class ReaderAreas(NamedTuple):
    """AUC of each curve, and the placements of its positives and negatives (NaN if not rated)."""

    auc: np.ndarray
    positive: np.ndarray
    negative: np.ndarray


def reader_aucs(positive: np.ndarray, negative: np.ndarray) -> ReaderAreas:
    """AUC and placements of each curve; `positive` and `negative` are curves x cases."""
    auc = np.empty(len(positive))
    place_positive = np.full(positive.shape, np.nan)
    place_negative = np.full(negative.shape, np.nan)
    for k, (x, y) in enumerate(zip(positive, negative, strict=True)):
        rated_x, rated_y = ~np.isnan(x), ~np.isnan(y)
        values = np.concatenate([x[rated_x], y[rated_y]])
        n_positive = int(rated_x.sum())
        is_positive = np.arange(len(values)) < n_positive
        auc[k], place = auc_and_placements(values, is_positive)
        place_positive[k, rated_x] = place[:n_positive]
        place_negative[k, rated_y] = place[n_positive:]
    return ReaderAreas(auc, place_positive, place_negative)


def auc_covariance(positive: np.ndarray, negative: np.ndarray, method: Covariance) -> np.ndarray:
    """Covariance of the AUCs; needs two rated positives and two negatives per curve.

    A case that one of two curves did not rate adds nothing to their covariance.
    """
    check_option("covariance", method, Covariance)
    return COVARIANCES[method](positive, negative)


def _delong(positive: np.ndarray, negative: np.ndarray) -> np.ndarray:
    """DeLong, DeLong and Clarke-Pearson (1988)."""
    auc, *placements = reader_aucs(positive, negative)
    total = np.zeros((len(auc), len(auc)))
    for place in placements:
        size = (~np.isnan(place)).sum(axis=1)
        influence = np.nan_to_num(place - auc[:, None]) / np.sqrt(size * (size - 1.0))[:, None]
        total += influence @ influence.T
    return total


def _jackknife(positive: np.ndarray, negative: np.ndarray) -> np.ndarray:
    """Leave one case out of every curve that rated it: (n - 1) / n times the sum of squares."""
    auc, *placements = reader_aucs(positive, negative)
    without = []
    for place in placements:
        size = (~np.isnan(place)).sum(axis=1, keepdims=True)
        left = (size * auc[:, None] - place) / (size - 1)
        without.append(np.where(np.isnan(left), auc[:, None], left))
    values = np.concatenate(without, axis=1)
    n = values.shape[1]
    centred = values - values.mean(axis=1, keepdims=True)
    return np.asarray((n - 1) / n * centred @ centred.T)


def _unbiased(positive: np.ndarray, negative: np.ndarray) -> np.ndarray:
    """U-statistic estimate: E[A B] - E[A] E[B], the latter from pairs without a common case."""
    auc, place_positive, place_negative = reader_aucs(positive, negative)
    rated_x, rated_y = ~np.isnan(positive), ~np.isnan(negative)
    n_x, n_y = rated_x.sum(axis=1), rated_y.sum(axis=1)
    row_sums = np.nan_to_num(place_positive) * n_y[:, None]
    column_sums = np.nan_to_num(place_negative) * n_x[:, None]
    total = auc * n_x * n_y
    apart = (
        np.outer(total, total)
        - row_sums @ row_sums.T
        - column_sums @ column_sums.T
        + _shared_pairs(positive, negative)
    )
    pairs_x = np.outer(n_x, n_x) - rated_x.astype(float) @ rated_x.T
    pairs_y = np.outer(n_y, n_y) - rated_y.astype(float) @ rated_y.T
    return np.asarray(np.outer(auc, auc) - apart / (pairs_x * pairs_y))


def _shared_pairs(positive: np.ndarray, negative: np.ndarray) -> np.ndarray:
    """Sum over pairs of cases of the products of the curves' scores (1 won, 1/2 tied)."""
    k = len(positive)
    step = max(1, _BLOCK // (k * negative.shape[1]))
    total = np.zeros((k, k))
    for start in range(0, positive.shape[1], step):
        x, y = positive[:, start : start + step, None], negative[:, None, :]
        scores = ((x > y) + 0.5 * (x == y)).reshape(k, -1)  # NaN compares false: no score
        total += scores @ scores.T
    return total


COVARIANCES = {"delong": _delong, "jackknife": _jackknife, "unbiased": _unbiased}
