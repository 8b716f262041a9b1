"""Maximise Cox's exact partial likelihood."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from faceage_stats._compiled import FloatArray
from faceage_stats.survival.cox.data import CoxData
from faceage_stats.survival.cox.kernel.exact import evaluate_exact
from faceage_stats.survival.cox.kernel.newton import TOLER_CHOL, NewtonFit, cholesky_solve

__all__ = ["newton_exact"]

_POLISH = 5  # steps after R would have stopped
_TOLER_INF = 1e-9**0.5  # R's coxph.control(toler.inf)


class _Point(NamedTuple):
    """The likelihood at some coefficients."""

    log_lik: float
    score: FloatArray
    information: FloatArray


def newton_exact(
    columns: FloatArray, data: CoxData, init: FloatArray, iter_max: int, eps: float
) -> NewtonFit:
    """Follow Newton's method as `newton` does, by R's rules; `columns` has shape (p, n)."""
    columns = np.ascontiguousarray(columns)
    beta, null = init.copy(), _at(columns, data, init)
    kept = np.ones(len(beta), bool)
    step = _step(null, kept)
    score_statistic, now = float(null.score @ step), null
    iterations, converged, after = 0, iter_max == 0, 0
    while iter_max > 0 and (iterations < iter_max or converged) and after < _POLISH:
        new = _at(columns, data, beta + step)
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
    return NewtonFit(
        beta, null.log_lik, now.log_lik, score_statistic, now.information, kept, runaway,
        iterations, converged,
    )  # fmt: skip


def _at(columns: FloatArray, data: CoxData, beta: FloatArray) -> _Point:
    p = len(beta)
    score, information = np.zeros(p), np.zeros((p, p))
    linear = beta @ columns + data.offset
    log_lik = evaluate_exact(columns, linear, data.layout, score, information)
    return _Point(float(log_lik), score, information)


def _step(point: _Point, kept: np.ndarray) -> FloatArray:
    """Newton's step; `kept` is False for columns without information."""
    step = np.zeros(len(point.score))
    cholesky_solve(point.information, point.score, TOLER_CHOL, kept, step)
    return step
