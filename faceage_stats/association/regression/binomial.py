"""Logistic likelihood fits on statsmodels: iterated to R's criterion, separation made visible."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import optimize, special

from faceage_stats._wald import std_errors
from faceage_stats._warn import warn
from faceage_stats.association.regression.centred import Centred, column_means, moved
from faceage_stats.association.regression.design_matrix import column_lengths, independent_columns
from faceage_stats.errors import InfiniteCoefficientWarning, SingularColumnWarning

__all__ = ["BinomialFit", "binomial_deviance", "fit_binomial", "least_deviance"]

MAX_ITER = 100


@dataclass(frozen=True)
class BinomialFit:
    """Maximum likelihood estimate, in columns measured from their means."""

    centred: Centred
    deviance: float
    fitted: np.ndarray
    iterations: int

    @cached_property
    def coefficients(self) -> np.ndarray:
        """Coefficients of the columns as given; NaN for one that depends on earlier ones."""
        return self.centred.at_zero[0]

    @cached_property
    def variance(self) -> np.ndarray:
        """Variance matrix of the coefficients."""
        return self.centred.at_zero[1]

    @property
    def std_error(self) -> np.ndarray:
        """Standard errors of the coefficients."""
        return std_errors(self.variance)

    @property
    def df(self) -> int:
        """Number of coefficients estimated."""
        return int(np.isfinite(self.coefficients).sum())


def binomial_deviance(y: np.ndarray, mu: np.ndarray, weights: np.ndarray | None = None) -> float:
    """-2 log-likelihood of 0/1 outcomes."""
    terms = special.xlogy(y, mu) + special.xlog1py(1 - y, -mu)
    return float(-2 * np.sum(terms if weights is None else weights * terms))


def fit_binomial(
    y: np.ndarray,
    x: np.ndarray,
    offset: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    *,
    epsilon: float = 1e-15,
    quiet: bool = False,
) -> BinomialFit:
    """Fit a logistic regression of y on the columns of x (with their intercept).

    Stops where ``glm`` stops: relative change of the deviance below `epsilon`. The variance comes
    from the weights of the last step taken, as in R.
    """
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    means = column_means(x)
    centred = moved(x, means)
    kept = independent_columns(centred, x)
    if not quiet and not kept.all():
        warn(
            f"{int((~kept).sum())} columns are constant or depend on earlier ones; their "
            "coefficients are NaN.",
            SingularColumnWarning,
        )
    unit = column_lengths(centred[:, kept])
    model = GLM(y, centred[:, kept] / unit, family=Binomial(), offset=offset, var_weights=weights)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        # |change| <= atol + rtol * deviance is R's |change| / (deviance + 0.1) <= epsilon
        result = model.fit(
            maxiter=MAX_ITER,
            tol_criterion="deviance",
            atol=0.1 * epsilon,
            rtol=epsilon,
        )
        fitted = np.asarray(result.fittedvalues, float)  # overflows on its way to 0 or 1
    edge = 10 * np.finfo(float).eps
    if not quiet and bool(((fitted < edge) | (fitted > 1 - edge)).any()):
        warn(
            "fitted probabilities of 0 or 1: a coefficient may run to infinity (separation). "
            "Its estimate and standard error mean nothing; see logistf.",
            InfiniteCoefficientWarning,
        )
    coefficients = np.full(x.shape[1], np.nan)
    coefficients[kept] = result.params / unit
    variance = np.full((x.shape[1], x.shape[1]), np.nan)
    variance[np.ix_(kept, kept)] = result.normalized_cov_params / np.outer(unit, unit)
    return BinomialFit(
        Centred(means, coefficients, variance),
        binomial_deviance(y, fitted, weights),
        fitted,
        result.fit_history["iteration"],
    )


def least_deviance(
    y: np.ndarray, x: np.ndarray, offset: np.ndarray, weights: np.ndarray, start: np.ndarray
) -> float:
    """Find the smallest deviance over the coefficients of x, from any start.

    A trust region on the convex likelihood: Fisher scoring diverges for large offsets.
    """

    def value(b: np.ndarray) -> float:
        eta = x @ b + offset
        return float(weights @ (np.logaddexp(0, eta) - y * eta))

    def gradient(b: np.ndarray) -> np.ndarray:
        return np.asarray(x.T @ (weights * (special.expit(x @ b + offset) - y)))

    def hessian(b: np.ndarray) -> np.ndarray:
        mu = special.expit(x @ b + offset)
        return np.asarray((x * (weights * mu * (1 - mu))[:, None]).T @ x)

    if not x.shape[1]:
        return 2 * value(start)
    found = optimize.minimize(
        value, start, jac=gradient, hess=hessian, method="trust-exact", options={"gtol": 1e-9}
    )
    return 2 * float(found.fun)
