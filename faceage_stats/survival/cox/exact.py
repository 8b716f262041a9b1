"""Maximise Cox's exact partial likelihood."""

from __future__ import annotations

import numpy as np

from faceage_stats._compiled import FloatArray
from faceage_stats.survival.cox.data import CoxData
from faceage_stats.survival.cox.kernel.exact import evaluate_exact
from faceage_stats.survival.cox.kernel.newton import NewtonFit
from faceage_stats.survival.cox.newton_steps import Point, newton_steps

__all__ = ["newton_exact"]


def newton_exact(
    columns: FloatArray, data: CoxData, init: FloatArray, iter_max: int, eps: float
) -> NewtonFit:
    """Follow Newton's method as `newton` does; `columns` has shape (p, n)."""
    columns = np.ascontiguousarray(columns)

    def at(beta: FloatArray) -> Point:
        p = len(beta)
        score, information = np.zeros(p), np.zeros((p, p))
        linear = beta @ columns + data.offset
        log_lik = evaluate_exact(columns, linear, data.layout, score, information)
        return Point(float(log_lik), score, information)

    return newton_steps(at, init, iter_max, eps)
