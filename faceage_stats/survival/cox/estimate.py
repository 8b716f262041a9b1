"""From sorted arrays to coefficients and variances in the units of the columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from faceage_stats._wald import std_errors
from faceage_stats.survival.cox.data import CoxData
from faceage_stats.survival.cox.exact import newton_exact
from faceage_stats.survival.cox.kernel.newton import TOLER_CHOL, NewtonFit, cholesky_solve, newton

__all__ = [
    "CoxEstimate", "CoxTies", "Ties", "fit_cox", "in_units", "no_events", "quadratic_form",
    "symmetric_inverse",
]  # fmt: skip

Ties = Literal["efron", "breslow"]
CoxTies = Literal["efron", "breslow", "exact"]
EPS = 1e-9  # R's coxph.control(eps)


@dataclass(frozen=True)
class CoxEstimate:
    """Coefficients in the units of the columns; a singular column is NaN in `coefficients`.

    `variance` is the inverse of `information`, with zeros for singular columns as in R; `runaway`
    marks coefficients that were still moving when the likelihood had stopped to rise.
    """

    coefficients: np.ndarray
    variance: np.ndarray
    information: np.ndarray
    log_lik_null: float
    log_lik: float
    score_statistic: float
    singular: np.ndarray
    runaway: np.ndarray
    iterations: int
    converged: bool

    @property
    def df(self) -> int:
        """Coefficients that could be estimated."""
        return int((~self.singular).sum())

    @property
    def filled(self) -> np.ndarray:
        """Coefficients with 0 in place of NaN."""
        return np.where(self.singular, 0.0, self.coefficients)


def fit_cox(
    data: CoxData,
    *,
    ties: CoxTies,
    init: np.ndarray | None = None,
    iter_max: int = 20,
    columns: np.ndarray | None = None,
) -> CoxEstimate:
    """Maximise the partial likelihood over all columns, or over those in `columns`."""
    x, scale = data.x.T, data.scale
    if columns is not None:
        x, scale = x[columns], scale[columns]
    p = len(x)
    start = np.zeros(p) if init is None else np.asarray(init, float) / scale
    if not data.layout.n_dead.any():
        return no_events(p)
    if ties == "exact":
        fit = newton_exact(x, data, start, iter_max, EPS)
    else:
        efron = ties == "efron"
        fit = newton(x, data.offset, data.weights, data.layout, efron, start, iter_max, EPS)
    return in_units(fit, scale)


def no_events(p: int) -> CoxEstimate:
    """Estimate nothing: without an event every coefficient is NaN."""
    nothing, nil = np.ones(p, bool), np.zeros((p, p))
    return CoxEstimate(np.full(p, np.nan), nil, nil, 0.0, 0.0, 0.0, nothing, ~nothing, 0, True)


def in_units(fit: NewtonFit, scale: np.ndarray) -> CoxEstimate:
    """Take the end of Newton's method back to the units of the columns."""
    return CoxEstimate(
        coefficients=np.where(fit.kept, fit.beta * scale, np.nan),
        variance=symmetric_inverse(fit.information, fit.kept) * np.outer(scale, scale),
        information=fit.information / np.outer(scale, scale),
        log_lik_null=float(fit.log_lik_null),
        log_lik=float(fit.log_lik),
        score_statistic=float(fit.score_statistic),
        singular=~fit.kept,
        # after a few steps a coefficient that moves says nothing yet
        runaway=fit.runaway & fit.kept & (fit.converged or fit.iterations >= 20),
        iterations=int(fit.iterations),
        converged=bool(fit.converged),
    )


def symmetric_inverse(matrix: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Inverse over the kept rows and columns, zeros elsewhere."""
    inverse = np.zeros_like(matrix)
    block = np.ix_(kept, kept)
    if kept.any():
        size = np.sqrt(np.maximum(np.diag(matrix)[kept], 0.0))
        size = np.where(size > 0, size, 1.0)
        values, vectors = np.linalg.eigh(matrix[block] / np.outer(size, size))
        flat = np.abs(values) <= 1e-15 * np.abs(values).max()
        part = (vectors * np.where(flat, 0.0, 1.0 / np.where(flat, 1.0, values))) @ vectors.T
        inverse[block] = part / np.outer(size, size)
    return inverse


def quadratic_form(variance: np.ndarray, value: np.ndarray) -> float:
    """Value' variance^-1 value, over the directions that have variance."""
    if not len(value):
        return 0.0
    size = std_errors(variance)
    size = np.where(size > 0, size, 1.0)
    kept, solution = np.ones(len(value), bool), np.zeros(len(value))
    standardised = np.ascontiguousarray(value / size, float)
    correlation = np.ascontiguousarray(variance / np.outer(size, size), float)
    cholesky_solve(correlation, standardised, TOLER_CHOL, kept, solution)
    return float(standardised @ solution)
