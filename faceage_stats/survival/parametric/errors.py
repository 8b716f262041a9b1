"""Error distributions of parametric models: log density, tails and their slopes, all as logs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

__all__ = ["Errors", "ExtremeValue", "LogGamma", "Logistic", "Normal", "StudentT", "log_gamma"]

_SMALL = 1e-5  # a shape that is told apart from 0
_LARGE = 1e4

Array = np.ndarray


class Errors:
    """A standard error z = (y - location) / scale; every method takes z and gives one value each.

    `slope` and `curvature` are the first and second derivative of the log density. Tails are
    logarithms: a patient censored far out has no probability left in floating point.
    """

    def log_density(self, z: Array) -> Array:
        """Log of the density."""
        raise NotImplementedError

    def slope(self, z: Array) -> Array:
        """Derivative of the log density."""
        raise NotImplementedError

    def curvature(self, z: Array) -> Array:
        """Second derivative of the log density."""
        raise NotImplementedError

    def log_survival(self, z: Array) -> Array:
        """Log probability of an error above z."""
        raise NotImplementedError

    def log_cdf(self, z: Array) -> Array:
        """Log probability of an error up to z."""
        raise NotImplementedError

    def quantile(self, prob: Array) -> Array:
        """Find the error that is not exceeded with this probability."""
        raise NotImplementedError


class ExtremeValue(Errors):
    """Log of an exponential time: Weibull, exponential and Rayleigh models."""

    def log_density(self, z: Array) -> Array:
        """Log of the density."""
        return np.asarray(z - np.exp(z))

    def slope(self, z: Array) -> Array:
        """Derivative of the log density."""
        return np.asarray(1 - np.exp(z))

    def curvature(self, z: Array) -> Array:
        """Second derivative of the log density."""
        return np.asarray(-np.exp(z))

    def log_survival(self, z: Array) -> Array:
        """Log probability of an error above z."""
        return np.asarray(-np.exp(z))

    def log_cdf(self, z: Array) -> Array:
        """Log probability of an error up to z."""
        return np.asarray(np.log(-np.expm1(-np.exp(z))))

    def quantile(self, prob: Array) -> Array:
        """Find the error that is not exceeded with this probability."""
        return np.asarray(np.log(-np.log1p(-prob)))


class Logistic(Errors):
    """Log-logistic and logistic models."""

    def log_density(self, z: Array) -> Array:
        """Log of the density."""
        return np.asarray(special.log_expit(z) + special.log_expit(-z))

    def slope(self, z: Array) -> Array:
        """Derivative of the log density."""
        return np.asarray(1 - 2 * special.expit(z))

    def curvature(self, z: Array) -> Array:
        """Second derivative of the log density."""
        return np.asarray(-2 * special.expit(z) * special.expit(-z))

    def log_survival(self, z: Array) -> Array:
        """Log probability of an error above z."""
        return np.asarray(special.log_expit(-z))

    def log_cdf(self, z: Array) -> Array:
        """Log probability of an error up to z."""
        return np.asarray(special.log_expit(z))

    def quantile(self, prob: Array) -> Array:
        """Find the error that is not exceeded with this probability."""
        return np.asarray(special.logit(prob))


class Normal(Errors):
    """Log-normal and Gaussian models."""

    def log_density(self, z: Array) -> Array:
        """Log of the density."""
        return np.asarray(-0.5 * (z**2 + np.log(2 * np.pi)))

    def slope(self, z: Array) -> Array:
        """Derivative of the log density."""
        return -z

    def curvature(self, z: Array) -> Array:
        """Second derivative of the log density."""
        return np.full_like(z, -1.0)

    def log_survival(self, z: Array) -> Array:
        """Log probability of an error above z."""
        return np.asarray(special.log_ndtr(-z))

    def log_cdf(self, z: Array) -> Array:
        """Log probability of an error up to z."""
        return np.asarray(special.log_ndtr(z))

    def quantile(self, prob: Array) -> Array:
        """Find the error that is not exceeded with this probability."""
        return np.asarray(special.ndtri(prob))


@dataclass(frozen=True)
class StudentT(Errors):
    """Student's t, for outcomes with outliers; `df` is given, not estimated."""

    df: float

    def log_density(self, z: Array) -> Array:
        """Log of the density."""
        constant = special.gammaln((self.df + 1) / 2) - special.gammaln(self.df / 2)
        constant -= 0.5 * np.log(self.df * np.pi)
        return np.asarray(constant - (self.df + 1) / 2 * np.log1p(z**2 / self.df))

    def slope(self, z: Array) -> Array:
        """Derivative of the log density."""
        return np.asarray(-(self.df + 1) * z / (self.df + z**2))

    def curvature(self, z: Array) -> Array:
        """Second derivative of the log density."""
        return np.asarray(-(self.df + 1) * (self.df - z**2) / (self.df + z**2) ** 2)

    def log_survival(self, z: Array) -> Array:
        """Log probability of an error above z."""
        return np.asarray(np.log(special.stdtr(self.df, -z)))

    def log_cdf(self, z: Array) -> Array:
        """Log probability of an error up to z."""
        return np.asarray(np.log(special.stdtr(self.df, z)))

    def quantile(self, prob: Array) -> Array:
        """Find the error that is not exceeded with this probability."""
        return np.asarray(special.stdtrit(self.df, prob))


@dataclass(frozen=True)
class LogGamma(Errors):
    """Log of a gamma variable, standardised by Prentice; its shape is not 0. See `log_gamma`."""

    shape: float

    @property
    def _k(self) -> float:
        return float(self.shape**-2)

    def log_density(self, z: Array) -> Array:
        """Log of the density."""
        q, k = self.shape, self._k
        if k > _LARGE:  # Stirling's series, whose parts do not cancel
            constant = -0.5 * np.log(2 * np.pi) - 1 / (12 * k)
        else:
            constant = np.log(abs(q)) - special.gammaln(k) + k * (np.log(k) - 1)
        return np.asarray(constant - k * (np.expm1(q * z) - q * z))

    def slope(self, z: Array) -> Array:
        """Derivative of the log density."""
        return np.asarray(-np.expm1(self.shape * z) / self.shape)

    def curvature(self, z: Array) -> Array:
        """Second derivative of the log density."""
        return np.asarray(-np.exp(self.shape * z))

    def log_survival(self, z: Array) -> Array:
        """Log probability of an error above z."""
        tail = special.gammaincc if self.shape > 0 else special.gammainc
        return self._log(tail, z)

    def log_cdf(self, z: Array) -> Array:
        """Log probability of an error up to z."""
        tail = special.gammainc if self.shape > 0 else special.gammaincc
        return self._log(tail, z)

    def _log(self, tail: Any, z: Array) -> Array:
        return np.asarray(np.log(tail(self._k, self._k * np.exp(self.shape * z))))

    def quantile(self, prob: Array) -> Array:
        """Find the error that is not exceeded with this probability."""
        inverse = special.gammaincinv if self.shape > 0 else special.gammainccinv
        return np.asarray(np.log(inverse(self._k, prob) / self._k) / self.shape)


def log_gamma(shape: float) -> Errors:
    """The error of a generalised gamma model: normal at shape 0, of a Weibull model at 1.

    Examples
    --------
    >>> z = np.array([0.5])
    >>> float(log_gamma(1.0).log_density(z)[0]) == float(ExtremeValue().log_density(z)[0])
    True
    """
    return LogGamma(shape) if abs(shape) > _SMALL else Normal()
