"""Newton's method by R's rules, where the likelihood is a function and not a kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from faceage_stats._compiled import BoolArray, FloatArray
from faceage_stats.survival.cox.kernel.newton import TOLER_CHOL, NewtonFit, cholesky_solve

__all__ = ["Point", "newton_steps"]

_POLISH = 5  # steps after R would have stopped
_TOLER_INF = 1e-9**0.5  # R's coxph.control(toler.inf)


class Point(NamedTuple):
    """The likelihood at some coefficients."""

    log_lik: float
    score: FloatArray
    information: FloatArray


def newton_steps(
    at: Callable[[FloatArray], Point], init: FloatArray, iter_max: int, eps: float
) -> NewtonFit:
    """Follow Newton's method as the kernel `newton` does, by R's rules."""
    beta, null = init.copy(), at(init)
    kept = np.ones(len(beta), bool)
    step = _step(null, kept)
    score_statistic, now = float(null.score @ step), null
    iterations, converged, after = 0, iter_max == 0, 0
    while iter_max > 0 and (iterations < iter_max or converged) and after < _POLISH:
        new = at(beta + step)
        if not new.log_lik >= now.log_lik - 1e-11 * (abs(now.log_lik) + 1e-3):
            if converged:
                break
            step, iterations = step / 2, iterations + 1
            continue
        close = abs(new.log_lik - now.log_lik) <= eps * abs(new.log_lik)
        iterations, after = iterations + (not converged), after + converged
        beta, now, converged = beta + step, new, converged or close
        step = _step(now, np.ones(len(beta), bool)) * kept
        if converged and now.score @ step <= 1e-14:
            break
    moving = np.abs(step) > np.maximum(1e-6, _TOLER_INF * np.abs(beta))
    runaway = moving & (iter_max > 0)
    log_lik = now.log_lik
    if iter_max > 0 and converged and not runaway.any():
        beta, log_lik = beta + step, log_lik + float(now.score @ step) / 2  # not evaluated again
    return NewtonFit(
        beta, null.log_lik, log_lik, score_statistic, now.information, kept, runaway,
        iterations, converged,
    )  # fmt: skip


def _step(point: Point, kept: BoolArray) -> FloatArray:
    """Newton's step; `kept` is False for columns without information."""
    step = np.zeros(len(point.score))
    cholesky_solve(point.information, point.score, TOLER_CHOL, kept, step)
    return step
