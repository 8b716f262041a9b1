"""The smooth calibration curve: observed risk as a function of the predicted risk."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from faceage_stats._expression.splines import rcs_basis, rcs_knots
from faceage_stats._wald import limits
from faceage_stats.association.regression.binomial import fit_binomial
from faceage_stats.prediction.bootstrap import bootstrap
from faceage_stats.prediction.horizon.pseudo import pseudo_risk

__all__ = ["DISTANCES", "LogisticSmooth", "PseudoSmooth", "Smooth"]

DISTANCES = ("ici", "e50", "e90")
_N_KNOTS = 4
_CURVE_POINTS = 101


class _Line(NamedTuple):
    """A regression of the outcome on the spline."""

    coefficients: np.ndarray
    variance: np.ndarray


@dataclass(frozen=True)
class Smooth(ABC):
    """A regression on a restricted cubic spline of `x`, the predicted risk on a link scale.

    The two kinds differ in what the response is, how it is fitted, and which link leads from the
    linear predictor to a risk.
    """

    x: np.ndarray

    @abstractmethod
    def response(self, rows: np.ndarray) -> np.ndarray:
        """Outcome of the rows drawn."""

    @abstractmethod
    def fit(self, response: np.ndarray, design: np.ndarray) -> _Line:
        """Coefficients and their variance."""

    @abstractmethod
    def risk(self, value: np.ndarray) -> np.ndarray:
        """Risk that belongs to a linear predictor."""

    @abstractmethod
    def slope(self, risk: np.ndarray) -> np.ndarray:
        """Derivative of `risk`, at this risk."""

    @abstractmethod
    def predicted(self, x: np.ndarray) -> np.ndarray:
        """Predicted risk that x is the link of."""

    @cached_property
    def knots(self) -> np.ndarray:
        """Default knots; none (a straight line) when the predictions have few distinct values."""
        if len(np.unique(self.x)) < 2 * _N_KNOTS or len(self.x) < 30:
            return np.empty(0)
        knots = np.unique(rcs_knots(self.x, _N_KNOTS))
        return knots if len(knots) >= 3 else np.empty(0)

    @cached_property
    def design(self) -> np.ndarray:
        """Design matrix of all rows; resamples take rows of it."""
        return self._design(self.x, self.knots)

    def _design(self, x: np.ndarray, knots: np.ndarray) -> np.ndarray:
        basis = rcs_basis(x, knots) if len(knots) >= 3 else x[:, None]
        return np.column_stack([np.ones(len(x)), basis])

    def curve(self, conf_level: float) -> pd.DataFrame:
        """The curve between the smallest and the largest prediction, with pointwise limits."""
        line = self.fit(self.response(np.arange(len(self.x))), self.design)
        grid = np.linspace(self.x.min(), self.x.max(), _CURVE_POINTS)
        design = self._design(grid, self.knots)
        value = design @ line.coefficients
        variance = np.einsum("ij,jk,ik->i", design, line.variance, design)
        se = np.sqrt(np.maximum(variance, 0.0))
        low, high = limits(value, se, conf_level)
        estimate = self.risk(value)
        return pd.DataFrame(
            {
                "predicted": self.predicted(grid),
                "estimate": estimate,
                "std_error": se * self.slope(estimate),
                "conf_low": self.risk(low),
                "conf_high": self.risk(high),
            }
        )

    def distances(self, predicted: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
        """Mean (ICI), median and 90th percentile of the distance between curve and prediction."""
        rows = np.arange(len(self.x)) if rows is None else rows
        design = self.design[rows]
        line = self.fit(self.response(rows), design)
        gap = np.abs(self.risk(design @ line.coefficients) - predicted[rows])
        return np.array([gap.mean(), np.median(gap), np.quantile(gap, 0.9)])

    def resampled_distances(self, predicted: np.ndarray, n_resamples: int, seed: int) -> np.ndarray:
        """`distances` of each resample, shape (n_resamples, 3); the knots stay."""
        if not n_resamples:
            return np.empty((0, len(DISTANCES)))
        return bootstrap(
            lambda rows: self.distances(predicted, rows), (len(DISTANCES),),
            np.zeros(len(predicted)), n_resamples=n_resamples, seed=seed, name="calibration",
        )  # fmt: skip


@dataclass(frozen=True)
class LogisticSmooth(Smooth):
    """Logistic regression of a 0/1 outcome on a spline of the logit of the predicted risk."""

    y: np.ndarray

    def response(self, rows: np.ndarray) -> np.ndarray:
        """The 0/1 outcome."""
        return np.asarray(self.y[rows])

    def fit(self, response: np.ndarray, design: np.ndarray) -> _Line:
        """By maximum likelihood."""
        fit = fit_binomial(response, design, epsilon=1e-10, quiet=True)
        return _Line(np.nan_to_num(fit.coefficients), np.nan_to_num(fit.variance))

    def risk(self, value: np.ndarray) -> np.ndarray:
        """Inverse logit."""
        return np.asarray(special.expit(value))

    def slope(self, risk: np.ndarray) -> np.ndarray:
        """Of the inverse logit."""
        return np.asarray(risk * (1 - risk))

    def predicted(self, x: np.ndarray) -> np.ndarray:
        """Inverse logit."""
        return np.asarray(special.expit(x))


@dataclass(frozen=True)
class PseudoSmooth(Smooth):
    """Least squares of jackknife pseudo-observations on a spline of log(-log(1 - risk))."""

    time: np.ndarray
    status: np.ndarray
    t: float

    def response(self, rows: np.ndarray) -> np.ndarray:
        """Pseudo-observations of the rows drawn: each depends on all of them."""
        return pseudo_risk(self.time[rows], self.status[rows], self.t)

    def fit(self, response: np.ndarray, design: np.ndarray) -> _Line:
        """By least squares, with the sandwich variance (HC0)."""
        from statsmodels.regression.linear_model import OLS  # slow to import

        with warnings.catch_warnings():  # equal predictions: the flat line that is fitted is right
            warnings.filterwarnings("ignore", message="The design matrix is rank-deficient")
            fit = OLS(response, design).fit()
            variance = fit.cov_HC0
        return _Line(np.asarray(fit.params), np.asarray(variance))

    def risk(self, value: np.ndarray) -> np.ndarray:
        """The value itself, cut to 0 and 1."""
        return np.asarray(np.clip(value, 0.0, 1.0))

    def slope(self, risk: np.ndarray) -> np.ndarray:
        """1 everywhere."""
        return np.ones(len(risk))

    def predicted(self, x: np.ndarray) -> np.ndarray:
        """Inverse of log(-log(1 - risk))."""
        return np.asarray(-np.expm1(-np.exp(x)))
