"""Newton's method for a parametric likelihood, with shorter steps where a full one overshoots."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from faceage_stats.errors import ConvergenceError
from faceage_stats.survival.parametric.likelihood import Parts

__all__ = ["Maximum", "maximise"]

_MAX_ITER = 200
_DECREMENT = 1e-16  # twice the log-likelihood still to be gained, relative to it
_FLAT = 1e-13  # smallest eigenvalue of an information scaled to 1 that has an inverse


@dataclass(frozen=True)
class Maximum:
    """Where a likelihood is largest: parameters, its value and variance, steps taken."""

    theta: np.ndarray
    value: float
    variance: np.ndarray
    iterations: int


def maximise(likelihood: Callable[[np.ndarray], Parts], start: np.ndarray) -> Maximum:
    """Climb to the maximum of a likelihood.

    Raises
    ------
    ConvergenceError
        The likelihood is not finite where the iteration starts, or has no finite maximum.
    """
    theta, here = start, likelihood(start)
    if not np.isfinite(here.value):
        raise ConvergenceError("survreg: the likelihood is not finite at the start; rescale time.")
    for iteration in range(1, _MAX_ITER + 1):
        step = _uphill(here)
        gain = float(here.gradient @ step)
        theta, here = _advance(likelihood, theta, here, step)
        if gain <= _DECREMENT * (1 + abs(here.value)):
            return Maximum(theta, here.value, _variance(here), iteration)
    raise _without_end()


def _variance(here: Parts) -> np.ndarray:
    """Invert the information, scaled so that only a flat likelihood is singular."""
    size = np.sqrt(np.abs(np.diag(here.hessian)))
    if not size.all():
        raise _without_end()
    values, vectors = np.linalg.eigh(-here.hessian / np.outer(size, size))
    if values[0] <= _FLAT:
        raise _without_end()
    return np.asarray((vectors / values) @ vectors.T / np.outer(size, size))


def _without_end() -> ConvergenceError:
    return ConvergenceError(
        "survreg: the likelihood has no finite maximum: a coefficient, a scale or a shape runs to "
        "infinity (a level without events? a stratum of equal times? few events for a gengamma "
        "model?). Pool levels, remove terms, or choose another distribution."
    )


def _uphill(here: Parts) -> np.ndarray:
    """Newton's step; where the likelihood is not concave, one bent towards the gradient."""
    information = -here.hessian
    ridge = 0.0
    diagonal = np.abs(np.diag(information)) + 1e-12
    while ridge < 1e12:
        try:
            with np.errstate(over="ignore"):
                bent = information + ridge * np.diag(diagonal)
            factor = linalg.cho_factor(bent)
            return np.asarray(linalg.cho_solve(factor, here.gradient))
        except (linalg.LinAlgError, ValueError):  # ValueError: a number beyond the largest
            ridge = max(10 * ridge, 1e-3)
    raise ConvergenceError("survreg: no direction raises the likelihood; simplify the model.")


def _advance(
    likelihood: Callable[[np.ndarray], Parts], theta: np.ndarray, here: Parts, step: np.ndarray
) -> tuple[np.ndarray, Parts]:
    slack = 1e-12 * (1 + abs(here.value))  # rounding error of a long sum
    for _ in range(40):
        there = likelihood(theta + step)
        usable = np.isfinite(there.value) and np.isfinite(there.hessian).all()
        if usable and there.value >= here.value - slack:
            return theta + step, there
        step = step / 2
    return theta, here
