"""Measures of the error of a prediction, all functions of eight means."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

__all__ = ["METRICS", "ErrorMetrics"]

METRICS = ("mae", "mean_error", "rmse", "pearson_r", "r_squared", "r_squared_identity")


@dataclass(frozen=True)
class ErrorMetrics:
    """Errors of n predictions, ready to be resampled: a resample costs one weighted mean.

    Attributes
    ----------
    terms : ndarray, shape (n, 8)
        Per row d, abs(d), d^2, x, y, x^2, y^2 and xy, where x is the prediction, y the
        observation, both less the mean observation, and d = x - y.
    """

    terms: np.ndarray

    @classmethod
    def of(cls, predicted: np.ndarray, observed: np.ndarray) -> ErrorMetrics:
        """Prepare complete pairs; one shift for both keeps differences, without cancellation."""
        centre = float(observed.mean())
        x, y = predicted - centre, observed - centre
        d = x - y
        return cls(np.column_stack([d, np.abs(d), d**2, x, y, x * x, y * y, x * y]))

    def on_rows_of(self, data: Any) -> ErrorMetrics:
        """Return itself: `resample` draws positions of its rows."""
        return self

    def observed(self) -> dict[str, float]:
        """Return the metrics of all rows."""
        return self._metrics(self.terms.mean(axis=0))

    def on_rows(self, rows: np.ndarray) -> dict[str, float]:
        """Return the metrics of some rows, by position; no row is copied."""
        counts = np.bincount(rows, minlength=len(self.terms))
        return self._metrics(counts @ self.terms / len(rows))

    @cached_property
    def _least_variance(self) -> float:
        return float(1e-12 * self.terms[:, 5:7].max())

    def _metrics(self, means: np.ndarray) -> dict[str, float]:
        error, absolute, squared, x, y, xx, yy, xy = means.tolist()
        var_x, var_y = xx - x * x, yy - y * y
        # a resample of a small group may repeat one row only: it has no correlation
        r = identity = math.nan
        if min(var_x, var_y) > self._least_variance:
            r = min(1.0, max(-1.0, (xy - x * y) / math.sqrt(var_x * var_y)))
            identity = 1 - squared / var_y
        values = (absolute, error, math.sqrt(squared), r, r * r, identity)
        return dict(zip(METRICS, values, strict=True))
