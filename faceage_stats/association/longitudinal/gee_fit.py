"""Estimating equations by geepack's rules: working correlation, dispersion, sandwich.

With r the Pearson residuals, phi = mean(r^2); exchangeable alpha = mean over all pairs of rows of a
patient of r_j r_k / phi; AR(1) alpha solves sum over pairs of l alpha^(l - 1) (r_j r_k / phi -
alpha^l) = 0, l being their distance in the order of rows.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import linalg, optimize

from faceage_stats._wald import std_errors
from faceage_stats.association.regression.glm_family import Family
from faceage_stats.errors import ConvergenceError

__all__ = ["Correlation", "GEEFit", "fit_gee"]

Correlation = Literal["independence", "exchangeable", "ar1"]
_MAX_ITER, _STEP = 100, 1e-12  # the largest step that counts, in standard errors


@dataclass(frozen=True)
class GEEFit:
    """Coefficients of scaled columns with their sandwich variance."""

    coefficients: np.ndarray
    variance: np.ndarray
    fitted: np.ndarray
    dispersion: float
    alpha: float
    iterations: int


def fit_gee(
    y: np.ndarray,
    x: np.ndarray,
    offset: np.ndarray,
    rows: list[np.ndarray],
    family: Family,
    kind: Correlation,
    start: np.ndarray,
) -> GEEFit:
    """Alternate between coefficients and correlation until neither moves.

    Parameters
    ----------
    y : ndarray, shape (n,)
    x : ndarray, shape (n, p)
    offset : ndarray, shape (n,)
    rows : list of ndarray
        Positions of each patient's rows, in their order.
    family : Family
    kind : {"independence", "exchangeable", "ar1"}
    start : ndarray, shape (p,)
    """
    try:
        with warnings.catch_warnings(), np.errstate(over="ignore", invalid="ignore"):
            warnings.simplefilter("error", linalg.LinAlgWarning)
            return _iterate(y, x, offset, rows, family, kind, start)
    except (linalg.LinAlgError, linalg.LinAlgWarning):
        raise ConvergenceError(
            "gee(): the rows of a patient are as good as equal, or the columns depend on each "
            "other; try correlation='independence' or fewer terms."
        ) from None


def _iterate(
    y: np.ndarray, x: np.ndarray, offset: np.ndarray, rows: list[np.ndarray], family: Family,
    kind: Correlation, start: np.ndarray,
) -> GEEFit:  # fmt: skip
    beta = start
    for iteration in range(1, _MAX_ITER + 1):
        phi, alpha = _nuisance(y, x, offset, rows, family, kind, beta)
        bread, meat, score, mu = _sums(y, x, offset, rows, family, kind, beta, alpha)
        inverse = linalg.inv(bread)
        step = inverse @ score
        beta = beta + step
        if not np.isfinite(beta).all():
            break
        size = std_errors(inverse @ meat @ inverse)
        if np.all(np.abs(step) <= _STEP * np.maximum(size, 1e-12)):
            phi, alpha = _nuisance(y, x, offset, rows, family, kind, beta)
            bread, meat, _, mu = _sums(y, x, offset, rows, family, kind, beta, alpha)
            inverse = linalg.inv(bread)
            return GEEFit(beta, inverse @ meat @ inverse, mu, phi, alpha, iteration)
    raise ConvergenceError(
        "gee(): the iteration does not settle; try correlation='independence' or fewer terms."
    )


def _mean(family: Family, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    link = family.of_statsmodels.link
    mu = np.asarray(link.inverse(eta))
    return mu, np.asarray(1 / link.deriv(mu)), np.sqrt(family.of_statsmodels.variance(mu))


def _nuisance(
    y: np.ndarray, x: np.ndarray, offset: np.ndarray, rows: list[np.ndarray], family: Family,
    kind: Correlation, beta: np.ndarray,
) -> tuple[float, float]:  # fmt: skip
    """Dispersion and correlation at some coefficients."""
    mu, _, spread = _mean(family, x @ beta + offset)
    r = (y - mu) / spread
    phi = float(np.mean(r**2))
    most = max(len(own) for own in rows)
    if kind == "independence" or most < 2:
        return phi, 0.0
    product, count = np.zeros(most), np.zeros(most)  # by the distance of two rows
    for own in rows:
        for distance in range(1, len(own)):
            product[distance] += r[own[distance:]] @ r[own[:-distance]]
            count[distance] += len(own) - distance
    if kind == "exchangeable":
        return phi, float(product.sum() / count.sum() / phi)
    power = np.arange(1, most)

    def equation(alpha: float) -> float:
        return float(
            np.sum(power * alpha ** (power - 1.0) * (product[1:] / phi - count[1:] * alpha**power))
        )

    edge = 1 - 1e-9
    if equation(-edge) * equation(edge) > 0:
        raise ConvergenceError("gee(): the correlation of neighbours is not between -1 and 1.")
    return phi, float(optimize.brentq(equation, -edge, edge, xtol=1e-15, rtol=1e-14))


def _sums(
    y: np.ndarray, x: np.ndarray, offset: np.ndarray, rows: list[np.ndarray], family: Family,
    kind: Correlation, beta: np.ndarray, alpha: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Sum the parts of the estimating equation and of its sandwich over patients."""
    mu, slope, spread = _mean(family, x @ beta + offset)
    scaled, residual = x * (slope / spread)[:, None], (y - mu) / spread
    p = x.shape[1]
    bread, meat, score = np.zeros((p, p)), np.zeros((p, p)), np.zeros(p)
    for own in rows:
        solved = scaled[own]
        if kind != "independence" and len(own) > 1:
            solved = linalg.solve(_working(len(own), kind, alpha), scaled[own], assume_a="sym")
        part = solved.T @ residual[own]
        bread += solved.T @ scaled[own]
        meat += np.outer(part, part)
        score += part
    return bread, meat, score, mu


def _working(n: int, kind: Correlation, alpha: float) -> np.ndarray:
    if kind == "exchangeable":
        return np.full((n, n), alpha) + (1 - alpha) * np.eye(n)
    place = np.arange(n)
    return np.asarray(alpha ** np.abs(place[:, None] - place))
