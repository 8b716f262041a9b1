"""Net benefit at thresholds, and its bootstrap: arrays in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faceage_stats._compiled import compiled

__all__ = ["BinaryRates", "SurvivalRates", "is_positive"]


def is_positive(risk: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Who is treated at each threshold, shape (thresholds, n).

    Risk >= threshold; a risk of exactly 0 is never positive and a risk of exactly 1 always.
    """
    reached = risk[None, :] >= thresholds[:, None]
    return (reached & (risk > 0)) | (risk == 1)


@dataclass(frozen=True)
class BinaryRates:
    """True and false positive rates of a 0/1 outcome, for any weighting of the rows."""

    is_case: np.ndarray
    prevalence: float | None

    def event_rate(self, counts: np.ndarray) -> float:
        """Share with the event, or the stated prevalence."""
        if self.prevalence is not None:
            return self.prevalence
        return float(counts @ self.is_case / counts.sum())

    def rates(self, positive: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Positives with and without the event, as shares of everybody."""
        cases, controls = counts * self.is_case, counts * ~self.is_case
        true, false = positive @ cases, positive @ controls
        if self.prevalence is None:
            return true / counts.sum(), false / counts.sum()
        share = self.prevalence
        return true / cases.sum() * share, false / controls.sum() * (1 - share)


class SurvivalRates:
    """Rates for a censored outcome: observed risk among the positives by Aalen-Johansen."""

    def __init__(self, time: np.ndarray, status: np.ndarray, t: float):
        order = np.argsort(time, kind="stable")
        self._order, self._time, self._status = order, time[order], status[order]
        self._t = t

    def event_rate(self, counts: np.ndarray) -> float:
        """Probability of the event by the horizon."""
        everybody = np.ones((1, len(counts)), bool)
        return float(self.rates(everybody, counts)[0][0])

    def rates(self, positive: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As for `BinaryRates`; NaN where no positive is followed to the horizon."""
        true, false = np.empty(len(positive)), np.empty(len(positive))
        weights = counts[self._order]
        for i, who in enumerate(positive):
            own = weights * who[self._order]
            share = own.sum() / weights.sum()
            risk = _incidence(self._time, self._status, own, self._t)
            true[i], false[i] = risk * share, (1 - risk) * share
        return true, false


@compiled()
def _incidence(time, status, weight, t):
    """Weighted incidence of status 1 by t (times sorted); 0 without rows, NaN if none reaches t."""
    n = len(time)
    at_risk = 0.0
    last = -np.inf
    for i in range(n):
        at_risk += weight[i]
        if weight[i] > 0:
            last = time[i]
    if at_risk == 0:
        return 0.0
    if last < t:
        return np.nan
    surv, incidence = 1.0, 0.0
    i = 0
    while i < n and time[i] <= t:
        own = other = leaving = 0.0
        j = i
        while j < n and time[j] == time[i]:
            leaving += weight[j]
            own += weight[j] if status[j] == 1 else 0.0
            other += weight[j] if status[j] == 2 else 0.0
            j += 1
        if at_risk > 0:
            incidence += surv * own / at_risk
            surv *= (at_risk - own - other) / at_risk
        at_risk -= leaving
        i = j
    return incidence
