"""Jackknife pseudo-observations of the probability of an event by a horizon."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from faceage_stats._steps import step_at
from faceage_stats.prediction.horizon.kernel import incidence_by
from faceage_stats.survival.competing.kernel import aalen_johansen
from faceage_stats.survival.km.kernel import survival_curve

__all__ = ["RiskBy", "pseudo_risk", "risk_at"]


class RiskBy(NamedTuple):
    """Probability of the event by a horizon."""

    estimate: float
    std_error: float


def risk_at(time: np.ndarray, status: np.ndarray, t: float) -> RiskBy:
    """Probability of the event (status 1; 2 competes) by t, and its standard error.

    Kaplan-Meier with Greenwood's error when nothing competes, Aalen-Johansen otherwise.
    """
    if (status == 2).any():
        curve = aalen_johansen(time, status, 1)[0]
        estimate = step_at(curve.time, curve.estimate, t, 0.0)
        return RiskBy(float(estimate), float(np.sqrt(step_at(curve.time, curve.variance, t, 0.0))))
    km = survival_curve(time, status, np.ones(len(time)))
    survival = step_at(km.time, km.surv, t, 1.0)
    return RiskBy(float(1 - survival), float(step_at(km.time, km.std_err, t, 0.0)))


def pseudo_risk(time: np.ndarray, status: np.ndarray, t: float) -> np.ndarray:
    """N F(t) - (n - 1) F(t) without the row, for each row; exact, not a first-order form.

    References
    ----------
    Andersen PK, Klein JP, Rosthoj S (2003). Generalised linear models for correlated
    pseudo-observations, with applications to multi-state models. Biometrika 90:15-27.
    """
    n = len(time)
    distinct, position = np.unique(np.asarray(time, float), return_inverse=True)
    last = np.searchsorted(distinct, t, side="right")
    # rows beyond t, and rows alike in time and status, share one value: they count as one row
    code = np.minimum(position, last) * 3 + np.where(position < last, status, 0)
    alike, kind, count = np.unique(code.astype(np.int64), return_inverse=True, return_counts=True)
    times, causes, weight = np.append(distinct, np.inf)[alike // 3], alike % 3, count.astype(float)
    full = incidence_by(times, causes, weight, t)
    without = np.empty(len(alike))
    for k in range(len(alike)):
        weight[k] -= 1
        without[k] = incidence_by(times, causes, weight, t)
        weight[k] += 1
    return np.asarray((n * full - (n - 1) * without)[kind])
