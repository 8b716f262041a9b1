"""Distribution of a weighted sum of independent chi-squared(1) variables, all weights positive.

Davies inverts the characteristic function along the imaginary axis to a fixed absolute accuracy.
Here the same integral is taken along a parabola through the saddle point that opens round the
branch cut. The trapezoid rule then converges geometrically, and the accuracy is relative, so that
a p value of 1e-30 has as many good digits as one of 0.5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import optimize, stats

from faceage_stats.errors import ConvergenceError

__all__ = ["LiuParams", "liu_params", "quadratic_form_sf"]

_TOLERANCE = 1e-12
_MOST_NODES = 2**16


def quadratic_form_sf(q: float, weights: np.ndarray) -> float:
    """Compute P(sum of weights * chi-squared(1) > q), to about 12 significant digits."""
    weights = np.asarray(weights, float)
    if q <= 0:
        return 1.0
    scale = weights.max()
    weights, q = weights / scale, q / scale
    if np.ptp(weights) <= 1e-14:  # equal weights: a chi-squared variable
        return float(stats.chi2.sf(q / weights.mean(), len(weights)))
    upper = q > weights.sum()
    tail = _contour_integral(q, weights, upper)
    return tail if upper else 1.0 - tail


def _contour_integral(q: float, weights: np.ndarray, upper: bool) -> float:
    """The tail beyond q (upper) or below it: trapezoid sums, doubled until they agree."""
    saddle, bend = _parabola(q, weights, upper)
    peak = _log_integrand(np.array([saddle + 0j]), q, weights, upper)[0].real

    def integrand(t: np.ndarray) -> np.ndarray:
        s = saddle + bend * t * t + 1j * t
        value = np.exp(_log_integrand(s, q, weights, upper) - peak)
        return np.asarray((value * (1 - 2j * bend * t)).real)  # ds / (i dt); the odd part cancels

    reach = _reach(integrand, 1 / np.sqrt(_curvature(saddle, weights).second))
    nodes, step = 32, reach / 32
    total = 0.5 * integrand(np.zeros(1))[0] + integrand(step * np.arange(1, nodes + 1)).sum()
    value = total * step
    while nodes < _MOST_NODES:
        total += integrand(step * (np.arange(nodes) + 0.5)).sum()  # the midpoints
        nodes, step, before = 2 * nodes, step / 2, value
        value = total * step
        if abs(value - before) <= _TOLERANCE * abs(value):
            return float(np.exp(peak) * value / np.pi)
    raise ConvergenceError(
        f"the tail of a weighted sum of {len(weights)} chi-squared variables did not settle."
    )


def _log_integrand(s: np.ndarray, q: float, weights: np.ndarray, upper: bool) -> np.ndarray:
    """Log of the moment generating function times exp(-q s) / |s|; s starts on the real axis."""
    cumulant = -0.5 * np.log(1 - 2 * np.multiply.outer(s, weights)).sum(axis=-1)
    return np.asarray(cumulant - q * s - np.log(s if upper else -s))


class _Curvature(NamedTuple):
    second: float
    third: float


def _curvature(s: float, weights: np.ndarray) -> _Curvature:
    """Second and third derivative of the log integrand at a real s."""
    rate = 2 * weights / (1 - 2 * weights * s)
    return _Curvature(float((rate**2).sum() / 2 + s**-2.0), float((rate**3).sum() - 2 * s**-3.0))


class _Parabola(NamedTuple):
    saddle: float
    bend: float


def _parabola(q: float, weights: np.ndarray, upper: bool) -> _Parabola:
    """Saddle point on the real axis and the bend of the path of steepest descent through it."""

    def slope(s: float) -> float:
        return float((weights / (1 - 2 * weights * s)).sum() - q - 1 / s)

    k = len(weights)
    if upper:  # between the pole at 0 and the branch point at 1/2
        saddle = optimize.brentq(slope, 0.25 / (q + 2), 0.5 - 0.25 / (q + 2), xtol=1e-12)
        room = min(saddle, 0.5 - saddle)
    else:
        saddle = optimize.brentq(slope, -(k + 4) / q, -1e-9 / (1 + q), xtol=1e-12)
        room = -saddle
    second, third = _curvature(saddle, weights)
    return _Parabola(saddle, max(third / (6 * second), 0.05 / room))


def _reach(integrand: Callable[[np.ndarray], np.ndarray], width: float) -> float:
    """Where the integrand has died away: the first of growing steps, looked at 16 at a time."""
    while True:
        steps = np.cumprod([width, *15 * [1.25]])
        values = np.abs(integrand(np.multiply.outer(steps, [1.0, 1.1, 1.25]).ravel()))
        died = values.reshape(-1, 3).max(axis=1) < 1e-18
        if died.any():
            return float(steps[died.argmax()])
        width = float(steps[-1]) * 1.25


@dataclass(frozen=True)
class LiuParams:
    """Chi-squared variable with the mean, variance and kurtosis of a quadratic form.

    Liu, Tang and Zhang (2009), in the variant of Lee and others (2012) that matches the kurtosis
    when the skewness cannot be matched as well.
    """

    mean: float
    std_dev: float
    df: float

    def isf(self, p: float) -> float:
        """Value exceeded with probability p."""
        standard = (stats.chi2.isf(p, self.df) - self.df) / np.sqrt(2 * self.df)
        return float(standard * self.std_dev + self.mean)

    def sf(self, q: float) -> float:
        """Probability of exceeding q."""
        standard = (q - self.mean) / self.std_dev
        return float(stats.chi2.sf(standard * np.sqrt(2 * self.df) + self.df, self.df))


def liu_params(weights: np.ndarray) -> LiuParams:
    """Match moments of the weighted sum of chi-squared(1) variables."""
    c1, c2, c3, c4 = (float((weights**power).sum()) for power in (1, 2, 3, 4))
    skewness, kurtosis = c3 / c2**1.5, c4 / c2**2
    if skewness**2 > kurtosis:
        a = 1 / (skewness - np.sqrt(skewness**2 - kurtosis))
        df = a**2 - 2 * (skewness * a**3 - a**2)
    else:
        df = 1 / kurtosis
    return LiuParams(c1, np.sqrt(2 * c2), float(df))
