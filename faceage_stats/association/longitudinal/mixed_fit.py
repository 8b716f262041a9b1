"""Profiled likelihood of a model with random intercept and slope: arrays in, arrays out.

With V = I + Z L L' Z' in units of the residual variance and L triangular, coefficients and residual
variance have a closed form; what is left to maximise over are the one or three entries of L. Each
patient enters by small cross-products only (Bates and others 2015).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg, optimize

from faceage_stats.errors import ConvergenceError

__all__ = ["MixedFit", "Products", "fit_mixed"]

_EDGE = 1e-6  # in residual standard deviations: what the search leaves of a variance of 0


@dataclass(frozen=True)
class Products:
    """Cross-products of each patient's rows: random columns Z, and W = [X, y]."""

    zz: np.ndarray
    zw: np.ndarray
    ww: np.ndarray
    n: int

    @classmethod
    def of(cls, z: np.ndarray, w: np.ndarray, patient: np.ndarray) -> Products:
        """Sum products of columns by patient."""
        k, q, p = int(patient.max()) + 1, z.shape[1], w.shape[1]
        zz, zw = np.zeros((k, q, q)), np.zeros((k, q, p))
        np.add.at(zz, patient, z[:, :, None] * z[:, None, :])
        np.add.at(zw, patient, z[:, :, None] * w[:, None, :])
        return cls(zz, zw, w.T @ w, len(z))


@dataclass(frozen=True)
class MixedFit:
    """The maximum: fixed effects, their variance, and the parts of the outcome's variance.

    Attributes
    ----------
    coefficients : ndarray, shape (p,)
    variance : ndarray, shape (p, p)
    random : ndarray, shape (q, q)
        Covariance of the random effects.
    residual : float
        Residual variance.
    effects : ndarray, shape (patients, q)
        Predicted random effects.
    log_lik : float
        Restricted, where asked for.
    """

    coefficients: np.ndarray
    variance: np.ndarray
    random: np.ndarray
    residual: float
    effects: np.ndarray
    log_lik: float


def fit_mixed(products: Products, reml: bool) -> MixedFit:
    """Maximise the (restricted) likelihood over the entries of the triangle."""
    q = products.zz.shape[1]
    start = np.eye(q)[np.tril_indices(q)]
    found = optimize.minimize(
        lambda theta: _Profile.at(theta, products, reml).deviance,
        start,
        method="BFGS",
        jac="3-point",
        options={"gtol": 1e-7},
    )
    on_edge = np.abs(found.x) < _EDGE
    best = _Profile.at(np.where(on_edge, 0.0, found.x), products, reml)
    if not np.isfinite(best.deviance):
        raise ConvergenceError("lmer(): the likelihood has no maximum; simplify the model.")
    return best.finish(products)


@dataclass(frozen=True)
class _Profile:
    """The likelihood at one triangle, with what it is computed from."""

    triangle: np.ndarray
    inner: np.ndarray
    factor: np.ndarray
    coefficients: np.ndarray
    residual: float
    deviance: float

    @classmethod
    def at(cls, theta: np.ndarray, products: Products, reml: bool) -> _Profile:
        q, n = products.zz.shape[1], products.n
        triangle = np.zeros((q, q))
        triangle[np.tril_indices(q)] = theta
        inner = np.eye(q) + triangle.T @ products.zz @ triangle
        half = triangle.T @ products.zw
        solved = np.linalg.solve(inner, half)
        total = products.ww - np.einsum("iqa,iqb->ab", half, solved)
        xx, xy, yy = total[:-1, :-1], total[:-1, -1], total[-1, -1]
        factor = linalg.cholesky(xx, lower=True)
        root = linalg.solve_triangular(factor, xy, lower=True)
        left = n - len(xx) if reml else n
        residual = float(yy - root @ root) / left
        if not residual > 0:
            raise ConvergenceError(
                "lmer(): the outcome is fitted without error, and the likelihood has no maximum; "
                "simplify the model."
            )
        deviance = np.linalg.slogdet(inner)[1].sum() + left * (1 + np.log(2 * np.pi * residual))
        if reml:
            deviance += 2 * np.log(np.diag(factor)).sum()
        coefficients = linalg.solve_triangular(factor.T, root)
        return cls(triangle, inner, factor, coefficients, residual, float(deviance))

    def finish(self, products: Products) -> MixedFit:
        inverse = linalg.cho_solve((self.factor, True), np.eye(len(self.factor)))
        gap = products.zw[:, :, -1] - products.zw[:, :, :-1] @ self.coefficients
        solved = np.linalg.solve(self.inner, (gap @ self.triangle)[:, :, None])[:, :, 0]
        return MixedFit(
            self.coefficients,
            self.residual * inverse,
            self.residual * self.triangle @ self.triangle.T,
            self.residual,
            solved @ self.triangle.T,
            -self.deviance / 2,
        )
