"""Probability of the event by a horizon in a group, with each member's influence on it."""

from __future__ import annotations

import numpy as np

__all__ = ["incidence_influence"]


def incidence_influence(
    time: np.ndarray, status: np.ndarray, t: float, who: np.ndarray
) -> tuple[float, np.ndarray]:
    """Risk by t in the group (0 when it is empty), and influences in the group (0 outside).

    Kaplan-Meier, or Aalen-Johansen when status 2 competes. The influences have the group's
    size as their n: the variance of the risk is their mean square / size.
    """
    influence = np.zeros(len(time))
    if not who.any():
        return 0.0, influence
    times, own_status = time[who], status[who]
    distinct, position = np.unique(times, return_inverse=True)
    size, n = len(distinct), len(times)
    at_risk = np.cumsum(np.bincount(position, minlength=size)[::-1])[::-1]
    own = np.bincount(position[own_status == 1], minlength=size)
    other = np.bincount(position[own_status == 2], minlength=size)
    before = np.concatenate([[1.0], np.cumprod(1 - (own + other) / at_risk)[:-1]])
    inside = distinct <= t
    step = np.where(inside, before * own / at_risk, 0.0)
    risk = float(step.sum())
    # later incidence is lost in proportion when somebody leaves by any event at a time
    after = risk - np.cumsum(step)
    leaving = at_risk - own - other
    lost = np.divide(after, leaving, out=np.zeros(size), where=leaving > 0) * at_risk
    weight = np.where(inside, n / at_risk, 0.0)  # one over the share at risk
    drift = np.cumsum(weight * (before * own - lost * (own + other)) / at_risk)
    gain = np.where(own_status == 1, (weight * before)[position], 0.0)
    gain -= np.where(own_status > 0, (weight * lost)[position], 0.0)
    influence[who] = gain - drift[position]
    return risk, influence
