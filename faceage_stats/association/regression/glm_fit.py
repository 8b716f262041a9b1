"""Fit a generalised linear model on arrays, and its sandwich variances."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from faceage_stats._wald import std_errors
from faceage_stats._warn import warn
from faceage_stats.association.regression.centred import Centred, column_means, moved
from faceage_stats.association.regression.design_matrix import column_lengths, independent_columns
from faceage_stats.association.regression.glm_family import Family
from faceage_stats.errors import (
    ConvergenceWarning,
    DesignError,
    InfiniteCoefficientWarning,
)

__all__ = ["GLMFit", "fit_glm", "sandwich"]

_MAX_ITER = 200
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
        """1, or Pearson's chi-squared by residual degrees of freedom."""
        if not self.family.has_dispersion:
            return 1.0
        left = len(self.y) - self.df
        return self.pearson / left if left > 0 else float("nan")

    @cached_property
    def log_lik(self) -> float:
        """R's log-likelihood."""
        return self.family.log_lik(self.y, self.fitted, self.weights)

    @property
    def aic(self) -> float:
        """Akaike's criterion; a gamma or Gaussian dispersion counts as a parameter."""
        return -2 * self.log_lik + 2 * self.n_parameter

    @property
    def n_parameter(self) -> int:
        """Parameters that the information criteria count."""
        return self.df + (self.family.base in ("gamma", "gaussian"))


def fit_glm(
    y: np.ndarray,
    x: np.ndarray,
    family: Family,
    offset: np.ndarray,
    weights: np.ndarray,
    *,
    epsilon: float = 1e-15,
    quiet: bool = False,
) -> GLMFit:
    """Fit y on the columns of x, with their intercept, by iterated weighted least squares.

    Stops where R's ``glm`` stops: relative change of the deviance below `epsilon`. The variance
    comes from the weights of the last step taken, as in R.
    """
    from statsmodels.genmod.generalized_linear_model import GLM

    means = column_means(x)
    centred = moved(x, means)
    kept = independent_columns(centred, x)
    of_statsmodels = family.of_statsmodels
    if not kept.any():
        mu, iterations, settled = of_statsmodels.link.inverse(offset), 0, True
        params, covariance = np.zeros(0), np.zeros((0, 0))
    else:
        unit = column_lengths(centred[:, kept])
        columns = centred[:, kept] / unit
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            model = GLM(y, columns, family=of_statsmodels, offset=offset, var_weights=weights)
            try:
                # |change| <= atol + rtol * deviance is R's |change| / (deviance + 0.1) <= epsilon
                result = model.fit(maxiter=_MAX_ITER, tol_criterion="deviance",
                                   atol=0.1 * epsilon, rtol=epsilon)  # fmt: skip
            except (ValueError, FloatingPointError, np.linalg.LinAlgError):
                raise DesignError(_no_fit(family)) from None
            mu = np.asarray(result.fittedvalues, float)  # overflows on its way to 0 or 1
        params, covariance = result.params / unit, result.normalized_cov_params
        covariance = covariance / np.outer(unit, unit)
        iterations, last = result.fit_history["iteration"], result.fit_history["deviance"][-2:]
        settled = abs(last[0] - last[-1]) <= _R_EPSILON * (abs(last[-1]) + 0.1)
    if not (np.isfinite(mu).all() and np.isfinite(params).all()):
        raise DesignError(_no_fit(family))
    if not quiet:
        _warn(family, mu, settled)
    slope = np.asarray(1 / of_statsmodels.link.deriv(mu))
    spread = np.asarray(of_statsmodels.variance(mu))
    coefficients = np.full(x.shape[1], np.nan)
    coefficients[kept] = params
    variance = np.full((x.shape[1], x.shape[1]), np.nan)
    variance[np.ix_(kept, kept)] = covariance
    with np.errstate(divide="ignore", invalid="ignore"):
        pearson = float(np.nansum(weights * (y - mu) ** 2 / spread))
    return GLMFit(
        family, centred, kept, Centred(means, coefficients, variance), y, mu, weights,
        weights * slope**2 / spread, slope, family.deviance(y, mu, weights), pearson, iterations,
    )  # fmt: skip


def _no_fit(family: Family) -> str:
    return (
        f"The iteration of the {family.name} model with link {family.link_name} left the range of "
        "the mean. Choose another link."
    )


def _warn(family: Family, mu: np.ndarray, settled: bool) -> None:
    edge = 10 * np.finfo(float).eps
    at_edge = (mu < edge) | (family.is_binary & (mu > 1 - edge))
    if family.base in ("binomial", "poisson") and at_edge.any():
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
