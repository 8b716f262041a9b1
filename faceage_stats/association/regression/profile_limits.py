"""Profile-likelihood limits of the coefficients of a logistic regression."""

from __future__ import annotations

import numpy as np
from scipy import optimize, stats

from faceage_stats.association.classical.htest import Limits
from faceage_stats.association.regression.binomial import BinomialFit, least_deviance

__all__ = ["profile_limits"]


def profile_limits(
    fit: BinomialFit,
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
    found = []
    for j, se in enumerate(fit.std_error):
        if not np.isfinite(se):
            found.append(Limits(np.nan, np.nan))
            continue
        found.append(
            Limits(*(_limit(fit, y, x, offset, weights, j, s * se, quantile) for s in (-1.0, 1.0)))
        )
    return found


def _limit(
    fit: BinomialFit,
    y: np.ndarray,
    x: np.ndarray,
    offset: np.ndarray,
    weights: np.ndarray,
    j: int,
    step: float,
    quantile: float,
) -> float:
    """Limit of coefficient j, looked for in steps from its estimate."""
    free = np.isfinite(fit.coefficients)
    free[j] = False
    others, begin, start = x[:, free], fit.coefficients[free], fit.coefficients[j]
    # a separated fit has an enormous standard error: never step further than this
    longest = 5 / max(float(np.std(x[:, j])), 1 / 5)
    step = float(np.clip(step, -longest, longest))

    def excess(value: float) -> float:
        held = offset + value * x[:, j]
        return least_deviance(y, others, held, weights, begin) - fit.deviance - quantile

    for k in range(1, 40):
        if excess(start + k * step) > 0:
            inner, outer = start + (k - 1) * step, start + k * step
            return float(optimize.brentq(excess, inner, outer, xtol=1e-10 * abs(step)))
    return float(np.sign(step) * np.inf)
