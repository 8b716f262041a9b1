"""Probability of the event by a horizon in a group, with each member's influence on it."""

from __future__ import annotations

import numpy as np

from faceage_stats._steps import aalen_johansen, just_before, kaplan_meier, risk_counts, step_at

__all__ = ["incidence_influence"]


def incidence_influence(
    time: np.ndarray, status: np.ndarray, t: float, group: np.ndarray
) -> tuple[float, np.ndarray]:
    """Risk by t in the group (0 when it is empty), and influences in the group (0 outside).

    Kaplan-Meier, or Aalen-Johansen when status 2 competes. The influences have the group's
    size as their n: the variance of the risk is their mean square / size.
    """
    influence = np.zeros(len(time))
    if not group.any():
        return 0.0, influence
    inside = status[group]
    counts = risk_counts(time[group], inside, n_cause=2)
    at_risk, position, n = counts.n_risk, counts.position, len(inside)
    before = just_before(kaplan_meier(counts), 1.0)
    incidence = aalen_johansen(counts)[:, 0]
    risk = float(step_at(counts.time, incidence, t, 0.0))
    # later incidence is lost in proportion when a row leaves by any event at a time
    by_t = counts.time <= t
    leaving = at_risk - counts.n_any
    later = np.where(by_t, risk - incidence, 0.0)
    lost = np.divide(later, leaving, out=np.zeros(len(at_risk)), where=leaving > 0) * at_risk
    weight = np.where(by_t, n / at_risk, 0.0)  # one over the proportion at risk
    drift = np.cumsum(weight * (before * counts.n_event[:, 0] - lost * counts.n_any) / at_risk)
    gain = np.where(inside == 1, (weight * before)[position], 0.0)
    gain -= np.where(inside > 0, (weight * lost)[position], 0.0)
    influence[group] = gain - drift[position]
    return risk, influence
