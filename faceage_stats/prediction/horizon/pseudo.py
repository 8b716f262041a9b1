"""Jackknife pseudo-observations of the probability of an event by a horizon."""

from __future__ import annotations

import numpy as np

from faceage_stats._compiled import compiled
from faceage_stats.survival.competing.kernel import aalen_johansen

__all__ = ["pseudo_risk", "risk_at"]


def risk_at(time: np.ndarray, status: np.ndarray, t: float) -> tuple[float, float]:
    """Probability of the event (status 1; 2 competes) by t, and its standard error.

    Kaplan-Meier with Greenwood's error when nothing competes, Aalen-Johansen otherwise.
    """
    if (status == 2).any():
        curve = aalen_johansen(time, status, 1)
        at = np.searchsorted(curve.time, t, side="right")
        estimate = np.concatenate([[0.0], curve.estimate])[at]
        return float(estimate), float(np.sqrt(np.concatenate([[0.0], curve.variance])[at]))
    from faceage_stats.survival.km.kernel import survival_curve

    km = survival_curve(time, status, np.ones(len(time)))
    at = np.searchsorted(km.time, t, side="right")
    surv, se = np.concatenate([[1.0], km.surv])[at], np.concatenate([[0.0], km.std_err])[at]
    return float(1 - surv), float(se)


def pseudo_risk(time: np.ndarray, status: np.ndarray, t: float) -> np.ndarray:
    """N F(t) - (n - 1) F(t) without the row, for each row; exact, not a first-order form."""
    distinct, position = np.unique(time, return_inverse=True)
    size = len(distinct)
    n_risk = np.cumsum(np.bincount(position, minlength=size)[::-1])[::-1]
    own = np.bincount(position[status == 1], minlength=size)
    other = np.bincount(position[status == 2], minlength=size)
    last = int(np.searchsorted(distinct, t, side="right"))
    # rows beyond t, and rows alike in time and status, share one value
    code = np.minimum(position, last) * 3 + np.where(position < last, status, 0)
    kinds, kind = np.unique(code, return_inverse=True)
    n = len(time)
    full = _without(n_risk, own, other, last, -1, 0)
    rest = np.array([_without(n_risk, own, other, last, c // 3, c % 3) for c in kinds])
    return (n * full - (n - 1) * rest)[kind]


@compiled()
def _without(n_risk, own, other, last, position, status):
    """Incidence at the horizon without one row that leaves at `position` (-1: with everybody)."""
    surv, incidence = 1.0, 0.0
    for j in range(last):
        n, d1, d2 = n_risk[j], own[j], other[j]
        if j <= position:
            n -= 1
        if j == position:
            d1 -= status == 1
            d2 -= status == 2
        if n > 0:
            incidence += surv * d1 / n
            surv *= (n - d1 - d2) / n
    return incidence
