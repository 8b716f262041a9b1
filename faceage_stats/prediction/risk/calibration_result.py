"""The result of a calibration, and the smooth curve behind ICI, E50 and E90."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special, stats

from faceage_stats._formula.splines import rcs_basis, rcs_knots
from faceage_stats._result import Result, frozen_result
from faceage_stats.association.regression.glm import fit_binomial

__all__ = ["Calibration", "Smooth", "quantity_row"]

_N_KNOTS = 4
_CURVE_POINTS = 101


def quantity_row(
    quantity: str,
    estimate: float,
    std_error: float = np.nan,
    *,
    log: bool = False,
    statistic: float = np.nan,
    df: float = np.nan,
    p_value: float = np.nan,
) -> dict[str, Any]:
    """One row of the table; `log`: the standard error and the interval are on the log scale."""
    half_width = stats.norm.ppf(0.975) * std_error
    low, high = estimate - half_width, estimate + half_width
    if log:
        low, high = estimate * np.exp(-half_width), estimate * np.exp(half_width)
    return {
        "quantity": quantity, "estimate": float(estimate), "std_error": float(std_error),
        "statistic": float(statistic), "df": float(df), "p_value": float(p_value),
        "conf_low": float(low), "conf_high": float(high),
    }  # fmt: skip


@frozen_result
class Calibration(Result):
    """Agreement of predicted risks with what happened.

    Attributes
    ----------
    table : pandas.DataFrame
    curve : pandas.DataFrame
        Smooth calibration curve: ``predicted estimate std_error conf_low conf_high`` over the
        range of the predictions.
    groups : pandas.DataFrame
        ``group n n_event predicted estimate std_error conf_low conf_high``.
    formula : str
    n, n_event, n_missing, n_resamples : int
    """

    table: pd.DataFrame
    curve: pd.DataFrame
    groups: pd.DataFrame
    formula: str
    n: int
    n_event: int
    n_missing: int
    n_resamples: int

    def tidy(self, **kwargs: Any) -> pd.DataFrame:
        """One row per quantity, with 95 per cent limits.

        Columns ``quantity estimate std_error statistic df p_value conf_low conf_high``; the
        standard error of `expected_observed_ratio` is on the log scale; the statistic of
        `intercept` tests 0, that of `slope` tests 1.
        """
        return self.table.copy()

    def glance(self) -> pd.DataFrame:
        """One row: ``n n_event n_missing n_resamples``."""
        columns = ("n", "n_event", "n_missing", "n_resamples")
        return pd.DataFrame([{name: getattr(self, name) for name in columns}])

    def _title(self) -> str:
        return f"Calibration {self.formula}"


# A fitter: response, design -> (coefficients, variance, link from linear predictor to risk)
Fitter = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Smooth:
    """Risk as a smooth function of the predicted risk."""

    response: np.ndarray
    x: np.ndarray
    knots: np.ndarray
    fitter: Fitter
    inverse_x: Callable[[np.ndarray], np.ndarray]
    link: Callable[[np.ndarray], np.ndarray]
    resample_response: Callable[[np.ndarray], np.ndarray]

    @classmethod
    def binary(cls, y: np.ndarray, lp: np.ndarray) -> Smooth:
        """Logistic regression on a spline of the logit of the predicted risk."""

        def fitter(response: np.ndarray, design: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            fit = fit_binomial(response, design, epsilon=1e-10, warn=False)
            return np.nan_to_num(fit.coefficients), np.nan_to_num(fit.variance)

        return cls(y, lp, _knots(lp), fitter, special.expit, special.expit, lambda rows: y[rows])

    @classmethod
    def pseudo(
        cls,
        response: np.ndarray,
        x: np.ndarray,
        inverse_x: Callable[[np.ndarray], np.ndarray],
        resample_response: Callable[[np.ndarray], np.ndarray],
    ) -> Smooth:
        """Least squares of pseudo-observations; `resample_response` makes those of a resample."""
        link = _clip_to_probability
        return cls(response, x, _knots(x), _least_squares, inverse_x, link, resample_response)

    def _design(self, x: np.ndarray) -> np.ndarray:
        basis = rcs_basis(x, self.knots) if len(self.knots) >= 3 else x[:, None]
        return np.column_stack([np.ones(len(x)), basis])

    def at(self, x: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
        """Smoothed risk at x, fitted on all rows or on a resample of them."""
        if rows is None:
            rows = np.arange(len(self.x))
            response = self.response
        else:
            response = self.resample_response(rows)
        coefficients, _ = self.fitter(response, self._design(self.x[rows]))
        return self.link(self._design(x) @ coefficients)

    def curve(self) -> pd.DataFrame:
        """The curve between the smallest and the largest prediction, with 95 per cent limits."""
        grid = np.linspace(self.x.min(), self.x.max(), _CURVE_POINTS)
        design = self._design(grid)
        coefficients, variance = self.fitter(self.response, self._design(self.x))
        value = design @ coefficients
        se = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", design, variance, design), 0.0))
        half_width = stats.norm.ppf(0.975) * se
        estimate = self.link(value)
        slope = estimate * (1 - estimate) if self.link is special.expit else 1.0
        return pd.DataFrame(
            {
                "predicted": self.inverse_x(grid),
                "estimate": estimate,
                "std_error": se * slope,
                "conf_low": self.link(value - half_width),
                "conf_high": self.link(value + half_width),
            }
        )

    def distances(self, risk: np.ndarray, n_resamples: int, seed: int) -> list[dict[str, Any]]:
        """ICI, E50, E90 with bootstrap standard errors and percentile limits."""
        names = ("ici", "e50", "e90")
        estimate = _distance(self.at(self.x), risk)
        if not n_resamples:
            return [quantity_row(name, value) for name, value in zip(names, estimate, strict=True)]
        draws = np.empty((n_resamples, 3))
        for b in range(n_resamples):
            rows = np.random.default_rng([seed, b]).integers(0, len(risk), len(risk))
            draws[b] = _distance(self.at(self.x[rows], rows), risk[rows])
        low, high = np.quantile(draws, [0.025, 0.975], axis=0)
        out = []
        for j, name in enumerate(names):
            row = quantity_row(name, estimate[j], draws[:, j].std(ddof=1))
            out.append(row | {"conf_low": float(low[j]), "conf_high": float(high[j])})
        return out


def _knots(x: np.ndarray) -> np.ndarray:
    """Default knots; none (a straight line) when the predictions have few distinct values."""
    if len(np.unique(x)) < 2 * _N_KNOTS or len(x) < 30:
        return np.empty(0)
    knots = np.unique(rcs_knots(x, _N_KNOTS))
    return knots if len(knots) >= 3 else np.empty(0)


def _least_squares(response: np.ndarray, design: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and their sandwich variance."""
    inverse = np.linalg.pinv(design.T @ design, hermitian=True)
    coefficients = inverse @ (design.T @ response)
    score = design * (response - design @ coefficients)[:, None]
    return coefficients, inverse @ (score.T @ score) @ inverse


def _clip_to_probability(value: np.ndarray) -> np.ndarray:
    return np.clip(value, 0.0, 1.0)


def _distance(smoothed: np.ndarray, risk: np.ndarray) -> np.ndarray:
    gap = np.abs(smoothed - risk)
    return np.array([gap.mean(), np.median(gap), np.quantile(gap, 0.9)])
