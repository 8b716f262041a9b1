"""Profile-likelihood limits of the coefficients of a generalised linear model."""

from __future__ import annotations

import numpy as np
from scipy import optimize, stats

from faceage_stats.association.classical.htest import Limits
from faceage_stats.association.regression.glm_fit import GLMFit, fit_glm

__all__ = ["glm_profile_limits"]

_STEPS = 40  # standard errors within which a limit is looked for


def glm_profile_limits(fit: GLMFit, offset: np.ndarray, conf_level: float) -> list[Limits]:
    """Find where the scaled deviance has risen by the quantile of chi-squared, per coefficient.

    A limit is infinite where the deviance never rises so far, and NaN for a singular column.
    """
    estimates, variance = fit.centred.at_zero
    std_error = np.sqrt(np.diag(variance) * fit.dispersion)
    quantile = float(stats.chi2.ppf(conf_level, 1))
    limits = []
    for j, (estimate, step) in enumerate(zip(estimates, std_error, strict=True)):
        if not fit.kept[j] or not step > 0:
            limits.append(Limits(float("nan"), float("nan")))
            continue
        excess = _Excess(fit, offset, j, quantile)
        limits.append(Limits(*(_limit(excess, estimate, sign * step) for sign in (-1, 1))))
    return limits


class _Excess:
    """How far the scaled deviance lies above its quantile where one coefficient is held."""

    def __init__(self, fit: GLMFit, offset: np.ndarray, j: int, quantile: float):
        others = fit.kept.copy()
        others[j] = False
        # a slope keeps the columns measured from their means; the intercept is where they are 0
        back = fit.centred.means if fit.centred.means.any() and j == 0 else 0.0
        self.fit, self.offset, self.quantile = fit, offset, quantile
        self.column, self.others = fit.x[:, j], (fit.x + back)[:, others]

    def __call__(self, value: float) -> float:
        fit = self.fit
        held = fit_glm(
            fit.y, self.others, fit.family, self.offset + value * self.column, fit.weights,
            quiet=True,
        )  # fmt: skip
        return (held.deviance - fit.deviance) / fit.dispersion - self.quantile


def _limit(excess: _Excess, estimate: float, step: float) -> float:
    for k in range(1, _STEPS):
        if excess(estimate + k * step) > 0:
            inner, outer = estimate + (k - 1) * step, estimate + k * step
            if not excess(inner) < 0:  # an exact fit, whose deviance is but rounding
                return float(inner)
            return float(optimize.brentq(excess, inner, outer, xtol=1e-10 * abs(step)))
    return float(np.sign(step) * np.inf)
