"""The model of a trait without genotypes, and the scores of variants against its residuals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from faceage_stats._wald import two_sided
from faceage_stats.association.regression.binomial import fit_binomial
from faceage_stats.errors import DesignError, InputError

__all__ = ["NullModel", "Scores"]


@dataclass(frozen=True)
class Scores:
    """Scores of the variants of one set, scaled by the residual variance, and their covariance."""

    score: np.ndarray
    covariance: np.ndarray

    def weighted(self, weights: np.ndarray) -> Scores:
        """Multiply the scores of the variants by their weights."""
        return Scores(weights * self.score, weights[:, None] * self.covariance * weights)

    def pooled(self) -> Scores:
        """Sum the variants into one burden."""
        return Scores(self.score.sum(keepdims=True), self.covariance.sum(keepdims=True))


@dataclass(frozen=True)
class NullModel:
    """Trait given covariates: linear for a quantitative trait, logistic for a 0/1 one."""

    family: Literal["binomial", "gaussian"]
    residual: np.ndarray  # over the residual standard deviation, for a quantitative trait
    variance: np.ndarray  # of each row in the same unit
    basis: np.ndarray  # orthonormal columns of the weighted covariates
    df_residual: int

    @classmethod
    def fit(cls, y: np.ndarray, covariates: np.ndarray) -> NullModel:
        """Fit without genotypes; a trait of only 0 and 1 is binary."""
        x = np.column_stack([np.ones(len(y)), covariates])
        n, p = x.shape
        if np.linalg.matrix_rank(x) < p or n <= p + 1:
            raise DesignError(
                f"{p - 1} covariates (with factors coded) are collinear, or too many, in {n} "
                "complete patients. Drop the redundant ones, or use fewer."
            )
        if np.ptp(y) == 0:
            raise DesignError(f"the trait has one value in all {n} complete patients.")
        if np.isin(y, (0, 1)).all():
            fitted = _logistic_fitted(y, x)
            weight = fitted * (1 - fitted)
            basis = np.linalg.qr(np.sqrt(weight)[:, None] * x)[0]
            return cls("binomial", y - fitted, weight, basis, n - p)
        basis = np.linalg.qr(x)[0]
        residual = y - basis @ (basis.T @ y)
        residual -= basis @ (basis.T @ residual)  # once more, for accuracy
        sigma = np.sqrt(residual @ residual / (n - p))
        if not sigma > 1e-10 * np.abs(y).max():
            raise DesignError("the covariates explain the trait completely.")
        return cls("gaussian", residual / sigma, np.ones(n), basis, n - p)

    def scores(self, genotypes: np.ndarray) -> Scores:
        """Compute the scores of complete genotypes, shape (n, m)."""
        weighted = np.sqrt(self.variance)[:, None] * genotypes
        left = weighted - self.basis @ (self.basis.T @ weighted)
        return Scores(genotypes.T @ self.residual, left.T @ left)

    def single_p(self, scores: Scores) -> np.ndarray:
        """Test each variant: t test of a linear model, score test of a logistic one."""
        spread = np.diag(scores.covariance)
        with np.errstate(divide="ignore", invalid="ignore"):
            chi2 = np.where(spread > 0, scores.score**2 / spread, np.nan)
        if self.family == "binomial":
            return np.asarray(stats.chi2.sf(chi2, 1))
        df = self.df_residual - 1  # residuals have mean square 1 over df_residual
        t = np.sqrt(chi2 * df / np.maximum(self.df_residual - chi2, 0))
        return np.asarray(two_sided(t, df))


def _logistic_fitted(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Fitted probabilities, iterated to full convergence."""
    fitted = fit_binomial(y, x, quiet=True).fitted
    if np.abs(y - fitted).max() < 1e-6:
        raise InputError("the covariates separate the 0s and 1s of the trait completely.")
    return fitted
