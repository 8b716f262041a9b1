"""Fit a generalised linear model on arrays, and its sandwich variances."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from faceage_stats._wald import std_errors
from faceage_stats._warn import warn
from faceage_stats.association.regression.centred import Centred, column_means, moved
from faceage_stats.association.regression.design_matrix import column_lengths, independent_columns
from faceage_stats.association.regression.glm_family import Family
from faceage_stats.association.regression.irls import iterate
from faceage_stats.errors import (
    ConvergenceWarning,
    DesignError,
    InfiniteCoefficientWarning,
)

__all__ = ["GLMFit", "fit_glm", "sandwich"]

_FAR = 0.01  # a linear predictor that goes on by more, where the deviance has settled, has no end
_R_EPSILON = 1e-8  # of glm.control: rounding may keep a deviance from settling to every digit


@dataclass(frozen=True)
class GLMFit:
    """Maximum (quasi-)likelihood estimate, in columns measured from their means.

    Attributes
    ----------
    x : ndarray, shape (n, p)
        The centred columns; `kept` of them were estimated.
    centred : Centred
        Coefficients and their variance before dispersion.
    y, fitted, weights, working : ndarray, shape (n,)
        `working` are the weights of the last step: prior weight (d mu / d eta)^2 / V(mu).
    slope : ndarray, shape (n,)
        d mu / d eta.
    deviance, pearson : float
    iterations : int
    """

    family: Family
    x: np.ndarray
    kept: np.ndarray
    centred: Centred
    y: np.ndarray
    fitted: np.ndarray
    weights: np.ndarray
    working: np.ndarray
    slope: np.ndarray
    deviance: float
    pearson: float
    iterations: int

    @property
    def coefficients(self) -> np.ndarray:
        """Coefficients of the columns as given; NaN for one that depends on earlier ones."""
        return self.at_zero[0]

    @property
    def variance(self) -> np.ndarray:
        """Variance matrix of the coefficients, before dispersion."""
        return self.at_zero[1]

    @property
    def std_error(self) -> np.ndarray:
        """Standard errors of the coefficients, before dispersion."""
        return std_errors(self.variance)

    @cached_property
    def at_zero(self) -> tuple[np.ndarray, np.ndarray]:
        """Coefficients and variance of the columns as given."""
        return self.centred.at_zero

    @property
    def df(self) -> int:
        """Coefficients estimated."""
        return int(self.kept.sum())

    @property
    def dispersion(self) -> float:
        """1, or squared working residuals by residual degrees of freedom, as R's ``summary``.

        Pearson's chi-squared but for the weights, which are those of the last step.
        """
        if not self.family.has_dispersion:
            return 1.0
        left = len(self.y) - self.df
        with np.errstate(divide="ignore", invalid="ignore"):
            squared = self.working * ((self.y - self.fitted) / self.slope) ** 2
        return float(np.nansum(squared)) / left if left > 0 else float("nan")

    @cached_property
    def log_lik(self) -> float:
        """R's log-likelihood."""
        return self.family.log_lik(self.y, self.fitted, self.weights)

    @property
    def aic(self) -> float:
        """Akaike's criterion; a dispersion that is estimated counts as a parameter."""
        return -2 * self.log_lik + 2 * self.n_parameter

    @property
    def n_parameter(self) -> int:
        """Parameters that the information criteria count."""
        return self.df + self.family.has_dispersion


def fit_glm(
    y: np.ndarray,
    x: np.ndarray,
    family: Family,
    offset: np.ndarray,
    weights: np.ndarray,
    *,
    epsilon: float = 1e-14,
    quiet: bool = False,
) -> GLMFit:
    """Fit y on the columns of x, with their intercept, by iterated weighted least squares.

    Starts and stops where R's ``glm`` does: relative change of the deviance below `epsilon`. The
    variance comes from the weights of the last step taken, as in R. So numbers are those of R with
    the same `epsilon` to the last digits.
    """
    means = column_means(x)
    centred = moved(x, means)
    kept = independent_columns(centred, x)
    if not kept.any():
        mu, iterations, settled, step = family.mean(offset), 0, True, 0.0
        working = weights * family.slope(mu) ** 2 / family.variance(mu)
        params, covariance = np.zeros(0), np.zeros((0, 0))
    else:
        unit = column_lengths(centred[:, kept])
        columns = centred[:, kept] / unit
        with np.errstate(all="ignore"):
            try:
                found = iterate(y, columns, family, offset, weights, epsilon)
            except (ValueError, ArithmeticError, np.linalg.LinAlgError):
                raise DesignError(_no_fit(family)) from None
        mu, iterations, settled = found.fitted, found.iterations, found.change <= _R_EPSILON
        working, step = found.working, found.step
        params, covariance = found.coefficients / unit, found.variance / np.outer(unit, unit)
    if not (np.isfinite(mu).all() and np.isfinite(params).all()):
        raise DesignError(_no_fit(family))
    if not quiet:
        _warn(family, mu, step, settled)
    slope, spread = family.slope(mu), family.variance(mu)
    coefficients = np.full(x.shape[1], np.nan)
    coefficients[kept] = params
    variance = np.full((x.shape[1], x.shape[1]), np.nan)
    variance[np.ix_(kept, kept)] = covariance
    with np.errstate(all="ignore"):
        pearson = float(np.nansum(weights * (y - mu) ** 2 / spread))
    return GLMFit(
        family, centred, kept, Centred(means, coefficients, variance), y, mu, weights,
        working, slope, family.deviance(y, mu, weights), pearson, iterations,
    )  # fmt: skip


def _no_fit(family: Family) -> str:
    return (
        f"The iteration of the {family.name} model with link {family.link_name} left the range of "
        "the mean. Choose another link."
    )


def _warn(family: Family, mu: np.ndarray, step: float, settled: bool) -> None:
    """Say that a coefficient runs to infinity: a mean is at its edge, or still on its way there."""
    edge = 10 * np.finfo(float).eps
    at_edge = (mu < edge) | (family.is_binary & (mu > 1 - edge))
    if family.base in ("binomial", "poisson") and (at_edge.any() or step > _FAR):
        what, cure = "means of 0", "a level without events; merge it"
        if family.is_binary:
            what, cure = "probabilities of 0 or 1", "separation; see logistf"
        warn(
            f"fitted {what}: a coefficient may run to infinity ({cure}). Its estimate and "
            "standard error mean nothing.",
            InfiniteCoefficientWarning,
        )
    elif not settled:
        warn("The iteration stopped before its tolerance.", ConvergenceWarning)


def sandwich(fit: GLMFit, kind: str, cluster: np.ndarray | None) -> np.ndarray:
    """Compute the sandwich variance of the centred coefficients, as R's package of that name.

    Parameters
    ----------
    fit : GLMFit
    kind : {"HC0", "HC1", "HC2", "HC3", "CR0", "CR1"}
        HC against unequal variances; CR for clusters, 1 with G/(G - 1) (n - 1)/(n - p).
    cluster : ndarray of int, shape (n,), or None
    """
    x, n, p = fit.x[:, fit.kept], len(fit.y), fit.df
    bread = fit.centred.variance[np.ix_(fit.kept, fit.kept)]
    residual = fit.working * (fit.y - fit.fitted) / fit.slope
    if cluster is not None:
        scores = np.zeros((int(cluster.max()) + 1, p))
        np.add.at(scores, cluster, x * residual[:, None])
        g = len(scores)
        factor = g / (g - 1) * (n - 1) / (n - p) if kind == "CR1" else 1.0
    else:
        leverage = fit.working * np.einsum("ij,jk,ik->i", x, bread, x)
        power = {"HC2": 0.5, "HC3": 1.0}.get(kind, 0.0)
        scores = x * (residual / (1 - leverage) ** power)[:, None]
        factor = n / (n - p) if kind == "HC1" else 1.0
    variance = np.full(fit.centred.variance.shape, np.nan)
    variance[np.ix_(fit.kept, fit.kept)] = factor * bread @ (scores.T @ scores) @ bread
    return variance
