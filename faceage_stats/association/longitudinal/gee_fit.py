"""Estimating equations by geepack's rules: working correlation, dispersion, sandwich.

With r the Pearson residuals, phi = mean(r^2); exchangeable alpha = mean over all pairs of rows of a
patient of r_j r_k / phi; AR(1) alpha solves sum over pairs of l alpha^(l - 1) (r_j r_k / phi -
alpha^l) = 0, l being their distance in the order of rows, or in numbers of visits.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from scipy import linalg, optimize

from faceage_stats._wald import std_errors
from faceage_stats.association.regression.glm_family import Family
from faceage_stats.errors import ConvergenceError

__all__ = ["Correlation", "GEEFit", "Visits", "fit_gee", "working_sums"]

Correlation = Literal["independence", "exchangeable", "ar1"]
_MAX_ITER, _STEP = 100, 1e-12  # the largest step that counts, in standard errors


@dataclass(frozen=True)
class Visits:
    """Rows of patients: outcome, columns, offset, whose they are, and the place of each in time."""

    y: np.ndarray
    x: np.ndarray
    offset: np.ndarray
    patient: np.ndarray
    place: np.ndarray

    @cached_property
    def rows(self) -> list[np.ndarray]:
        """Positions of each patient's rows, in their order."""
        order = np.argsort(self.patient, kind="stable")
        return np.split(order, np.flatnonzero(np.diff(self.patient[order])) + 1)

    @cached_property
    def pairs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Every pair of rows of one patient, and their distance."""
        found = [own[np.array(np.triu_indices(len(own), 1))] for own in self.rows]
        one, other = np.concatenate(found, axis=1)
        return one, other, np.abs(self.place[one] - self.place[other])

    def without(self, patient: int) -> Visits:
        """Leave a patient out."""
        kept = self.patient != patient
        parts = (self.y, self.x, self.offset, self.patient, self.place)
        return Visits(*(part[kept] for part in parts))


@dataclass(frozen=True)
class GEEFit:
    """Coefficients of scaled columns with their sandwich variance."""

    coefficients: np.ndarray
    variance: np.ndarray
    fitted: np.ndarray
    dispersion: float
    alpha: float
    iterations: int


def fit_gee(visits: Visits, family: Family, kind: Correlation, start: np.ndarray) -> GEEFit:
    """Alternate between coefficients and correlation until neither moves.

    Parameters
    ----------
    visits : Visits
    family : Family
    kind : {"independence", "exchangeable", "ar1"}
    start : ndarray, shape (p,)
    """
    try:
        with warnings.catch_warnings(), np.errstate(over="ignore", invalid="ignore"):
            warnings.simplefilter("error", linalg.LinAlgWarning)
            return _iterate(visits, family, kind, start)
    except (linalg.LinAlgError, linalg.LinAlgWarning):
        raise ConvergenceError(
            "gee(): the rows of a patient are as good as equal, or the columns depend on each "
            "other; try correlation='independence' or fewer terms."
        ) from None


def _iterate(visits: Visits, family: Family, kind: Correlation, beta: np.ndarray) -> GEEFit:
    for iteration in range(1, _MAX_ITER + 1):
        phi, alpha = _nuisance(visits, family, kind, beta)
        bread, meat, score, mu = _sums(visits, family, kind, beta, alpha)
        inverse = linalg.inv(bread)
        step = inverse @ score
        beta = beta + step
        if not np.isfinite(beta).all():
            break
        size = std_errors(inverse @ meat @ inverse)
        if np.all(np.abs(step) <= _STEP * np.maximum(size, 1e-12)):
            phi, alpha = _nuisance(visits, family, kind, beta)
            bread, meat, _, mu = _sums(visits, family, kind, beta, alpha)
            inverse = linalg.inv(bread)
            return GEEFit(beta, inverse @ meat @ inverse, mu, phi, alpha, iteration)
    raise ConvergenceError(
        "gee(): the iteration does not settle; try correlation='independence' or fewer terms."
    )


def _mean(
    visits: Visits, family: Family, beta: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, its slope by the link, and the spread of an outcome."""
    mu = family.mean(visits.x @ beta + visits.offset)
    return mu, family.slope(mu), np.sqrt(family.variance(mu))


def _nuisance(
    visits: Visits, family: Family, kind: Correlation, beta: np.ndarray
) -> tuple[float, float]:
    """Dispersion and correlation at some coefficients."""
    mu, _, spread = _mean(visits, family, beta)
    r = (visits.y - mu) / spread
    phi = float(np.mean(r**2))
    one, other, distance = visits.pairs
    if kind == "independence" or not len(one):
        return phi, 0.0
    product = r[one] * r[other] / phi
    if kind == "exchangeable":
        return phi, float(product.mean())
    of_distance, count = np.bincount(distance, product), np.bincount(distance)
    power = np.flatnonzero(count)
    of_distance, count = of_distance[power], count[power]

    def equation(alpha: float) -> float:
        return float(np.sum(power * alpha ** (power - 1.0) * (of_distance - count * alpha**power)))

    edge = 1 - 1e-9
    if equation(-edge) * equation(edge) > 0:
        raise ConvergenceError(
            "gee(): the correlation of neighbours, of all patients or without one of them, is not "
            "between -1 and 1; try another correlation, or variance='one_step'."
        )
    return phi, float(optimize.brentq(equation, -edge, edge, xtol=1e-15, rtol=1e-14))


def _sums(
    visits: Visits, family: Family, kind: Correlation, beta: np.ndarray, alpha: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Sum the parts of the estimating equation and of its sandwich over patients."""
    breads, scores, mu = working_sums(visits, family, kind, beta, alpha)
    return breads.sum(axis=0), scores.T @ scores, scores.sum(axis=0), mu


def working_sums(
    visits: Visits, family: Family, kind: Correlation, beta: np.ndarray, alpha: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute each patient's information and score, and the means of all rows."""
    mu, slope, spread = _mean(visits, family, beta)
    scaled, residual = visits.x * (slope / spread)[:, None], (visits.y - mu) / spread
    p, rows = visits.x.shape[1], visits.rows
    breads, scores = np.empty((len(rows), p, p)), np.empty((len(rows), p))
    for k, own in enumerate(rows):
        solved = scaled[own]
        if kind != "independence" and len(own) > 1:
            working = _working(visits.place[own], kind, alpha)
            solved = linalg.solve(working, scaled[own], assume_a="sym")
        breads[k], scores[k] = solved.T @ scaled[own], solved.T @ residual[own]
    return breads, scores, mu


def _working(place: np.ndarray, kind: Correlation, alpha: float) -> np.ndarray:
    if kind == "exchangeable":
        return np.full((len(place),) * 2, alpha) + (1 - alpha) * np.eye(len(place))
    return np.asarray(alpha ** np.abs(place[:, None] - place))
