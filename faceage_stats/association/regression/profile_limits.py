"""Profile-likelihood limits of the coefficients of a logistic regression."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import optimize, stats

from faceage_stats.association.classical.htest import Limits
from faceage_stats.association.regression.binomial import least_deviance
from faceage_stats.association.regression.centred import moved
from faceage_stats.association.regression.design_matrix import column_lengths
from faceage_stats.association.regression.glm_fit import GLMFit
from faceage_stats.survival.firth.profile import turn_to

__all__ = ["profile_limits"]

_LONGEST = 5.0  # step on the scale of the log odds, per standard deviation of the column


def profile_limits(
    fit: GLMFit,
    y: np.ndarray,
    x: np.ndarray,
    offset: np.ndarray,
    weights: np.ndarray,
    conf_level: float,
) -> list[Limits]:
    """Find where the deviance has risen by the quantile of chi-squared, for each coefficient.

    A limit is infinite where the deviance never rises so far, and NaN for a singular column.
    """
    quantile = float(stats.chi2.ppf(conf_level, 1))
    kept = np.isfinite(fit.coefficients)
    columns = moved(x, fit.centred.means)[:, kept]
    unit = column_lengths(columns) / np.sqrt(len(x))
    back = np.eye(len(kept))[np.ix_(kept, kept)]
    back[:1] -= fit.centred.means[kept]  # the intercept is where the columns are 0
    found = np.full((len(kept), 2), np.nan)
    for j, row in zip(np.flatnonzero(kept), back / unit, strict=True):
        turn, length = turn_to(row), float(np.linalg.norm(row))
        beta = turn.T @ (fit.centred.coefficients[kept] * unit)
        model = _Model(y, columns / unit @ turn, offset, weights, beta, fit.deviance)
        for side, sign in enumerate((-1.0, 1.0)):
            found[j, side] = length * _limit(model, sign * fit.std_error[j] / length, quantile)
    return [Limits(low, high) for low, high in found]


class _Model(NamedTuple):
    """A logistic regression at its maximum; the first coefficient is the one looked at."""

    y: np.ndarray
    x: np.ndarray
    offset: np.ndarray
    weights: np.ndarray
    coefficients: np.ndarray
    deviance: float


def _limit(model: _Model, step: float, quantile: float) -> float:
    """Limit of the first coefficient, looked for in steps from its estimate."""
    others, begin, start = model.x[:, 1:], model.coefficients[1:], float(model.coefficients[0])
    # a separated fit has an enormous standard error: never step further than this
    step = float(np.clip(step, -_LONGEST, _LONGEST))

    def excess(value: float) -> float:
        held = model.offset + value * model.x[:, 0]
        deviance = least_deviance(model.y, others, held, model.weights, begin)
        return deviance - model.deviance - quantile

    for k in range(1, 40):
        if excess(start + k * step) > 0:
            inner, outer = start + (k - 1) * step, start + k * step
            return float(optimize.brentq(excess, inner, outer, xtol=1e-10 * abs(step)))
    return float(np.sign(step) * np.inf)
