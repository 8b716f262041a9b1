"""Logistic likelihood fits: `fit_glm` for 0/1 outcomes, and the least deviance from any start."""

from __future__ import annotations

import numpy as np
from scipy import optimize, special

from faceage_stats.association.regression.glm_family import Family
from faceage_stats.association.regression.glm_fit import GLMFit, fit_glm

__all__ = ["fit_binomial", "least_deviance"]


def fit_binomial(
    y: np.ndarray,
    x: np.ndarray,
    offset: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    *,
    epsilon: float = 1e-14,
    quiet: bool = False,
) -> GLMFit:
    """Fit a logistic regression of y on the columns of x (with their intercept)."""
    offset = np.zeros(len(y)) if offset is None else offset
    weights = np.ones(len(y)) if weights is None else weights
    logit = Family("binomial", None)
    return fit_glm(y, x, logit, offset, weights, epsilon=epsilon, quiet=quiet)


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
