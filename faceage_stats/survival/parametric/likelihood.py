"""Log-likelihood of a location-scale model for outcomes known or known to an interval.

    y = x b + exp(s) error

A row adds h(z1, z2) with z = (y - x b) / exp(s): the log density where the outcome is known
(z1 = z2), else the log probability of the interval between them. Every derivative follows from
those of h by dz/d(x b) = -exp(-s) and dz/ds = -z.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faceage_stats.survival.parametric.errors import Errors, log_gamma
from faceage_stats.survival.parametric.outcome import Censored

__all__ = ["Likelihood", "Parts"]

_STEP = 1e-2  # of the shape; differences of fourth order leave an error of 1e-9


@dataclass(frozen=True)
class Parts:
    """Value, gradient and second derivatives at one place."""

    value: float
    gradient: np.ndarray
    hessian: np.ndarray


@dataclass(frozen=True)
class Likelihood:
    """The log-likelihood of a parametric model, as a function of its parameters.

    Attributes
    ----------
    outcome : Censored
        n rows, on the scale of the location (log time for a log-time family).
    x : ndarray, shape (n, p)
        With the column of ones.
    offset, weights : ndarray, shape (n,)
    stratum : ndarray of int, shape (n,)
        Which log scale a row has.
    errors : Errors
    log_scale : ndarray or None
        Fixed log scales; None where they are estimated.
    has_shape : bool
        The last parameter is the shape of a generalised gamma distribution.
    """

    outcome: Censored
    x: np.ndarray
    offset: np.ndarray
    weights: np.ndarray
    stratum: np.ndarray
    errors: Errors
    log_scale: np.ndarray | None
    has_shape: bool = False

    def __call__(self, theta: np.ndarray) -> Parts:
        """Evaluate at coefficients, then log scales, then the shape, as far as estimated."""
        with np.errstate(all="ignore"):  # a step that goes too far is taken back
            return self._with_shape(theta) if self.has_shape else self._at(theta, self.errors)

    def _with_shape(self, theta: np.ndarray) -> Parts:
        core, shape = theta[:-1], float(theta[-1])
        here = self._at(core, log_gamma(shape))
        steps = [self._at(core, log_gamma(shape + k * _STEP)) for k in (-2, -1, 1, 2)]
        slopes = np.array([1, -8, 8, -1]) / (12 * _STEP)
        value = np.array([each.value for each in steps])
        bend = float(np.array([-1, 16, 16, -1]) @ value - 30 * here.value) / (12 * _STEP**2)
        cross = slopes @ np.array([each.gradient for each in steps])
        hessian = np.block([[here.hessian, cross[:, None]], [cross[None], np.array([[bend]])]])
        return Parts(here.value, np.append(here.gradient, slopes @ value), hessian)

    def _at(self, theta: np.ndarray, errors: Errors) -> Parts:
        p = self.x.shape[1]
        log_scale = theta[p:] if self.log_scale is None else self.log_scale
        sigma = np.exp(log_scale)[self.stratum]
        location = self.x @ theta[:p] + self.offset
        low, high = (self.outcome.lower - location) / sigma, (self.outcome.upper - location) / sigma
        known, w = self.outcome.is_event, self.weights
        value, (d1, d2), (d11, d12, d22) = _terms(errors, low, high, known)
        z1, z2 = np.where(np.isfinite(low), low, 0.0), np.where(np.isfinite(high), high, 0.0)
        value = value - np.where(known, np.log(sigma), 0.0)
        d_location = -(d1 + d2) / sigma
        d_scale = -(z1 * d1 + z2 * d2) - known
        dd_location = (d11 + 2 * d12 + d22) / sigma**2
        bent1, bent2 = z1 * d11 + z2 * d12, z1 * d12 + z2 * d22
        dd_mixed = (d1 + d2 + bent1 + bent2) / sigma
        dd_scale = z1 * (d1 + bent1) + z2 * (d2 + bent2)
        total = float(w @ value)
        if self.log_scale is not None:
            hessian = (self.x * (w * dd_location)[:, None]).T @ self.x
            return Parts(total, self.x.T @ (w * d_location), hessian)
        member = np.eye(len(log_scale))[self.stratum]
        gradient = np.concatenate([self.x.T @ (w * d_location), member.T @ (w * d_scale)])
        corner = (self.x * (w * dd_mixed)[:, None]).T @ member
        hessian = np.block([
            [(self.x * (w * dd_location)[:, None]).T @ self.x, corner],
            [corner.T, np.diag(member.T @ (w * dd_scale))],
        ])  # fmt: skip
        return Parts(total, gradient, hessian)


def _terms(
    errors: Errors, low: np.ndarray, high: np.ndarray, known: np.ndarray
) -> tuple[np.ndarray, tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Give h of every row and its derivatives in z1 and z2; a known outcome has those in z1."""
    value, d1, d2, d11, d12, d22 = np.zeros((6, len(low)))
    after, before = ~known & np.isfinite(low), ~known & np.isfinite(high)
    between = after & before
    z = low[known]
    value[known], d1[known], d11[known] = (
        errors.log_density(z),
        errors.slope(z),
        errors.curvature(z),
    )
    value[after], value[before] = errors.log_survival(low[after]), errors.log_cdf(high[before])
    value[between] = _log_mass(errors, low[between], high[between])
    z = low[after]
    f1 = np.exp(errors.log_density(z) - value[after])
    d1[after], d11[after] = -f1, -f1 * (errors.slope(z) + f1)
    z = high[before]
    f2 = np.exp(errors.log_density(z) - value[before])
    d2[before], d22[before] = f2, f2 * (errors.slope(z) - f2)
    d12[between] = -d1[between] * d2[between]
    return value, (d1, d2), (d11, d12, d22)


def _log_mass(errors: Errors, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Log probability between two errors, from the tail that has the smaller rounding error."""
    log_above, log_below = errors.log_survival(low), errors.log_cdf(high)
    upper_tail = log_above + np.log(-np.expm1(errors.log_survival(high) - log_above))
    lower_tail = log_below + np.log(-np.expm1(errors.log_cdf(low) - log_below))
    return np.asarray(np.where(log_above < log_below, upper_tail, lower_tail))
