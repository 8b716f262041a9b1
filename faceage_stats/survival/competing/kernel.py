"""Cumulative incidence with its variance: arrays in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faceage_stats import _steps
from faceage_stats._steps import RiskCounts, just_before, kaplan_meier, risk_counts

__all__ = ["Incidence", "aalen_johansen"]


@dataclass(frozen=True)
class Incidence:
    """Cumulative incidence of one cause in one group, at each distinct time."""

    time: np.ndarray
    n_risk: np.ndarray
    n_event: np.ndarray
    estimate: np.ndarray
    variance: np.ndarray


def aalen_johansen(time: np.ndarray, code: np.ndarray, n_cause: int) -> list[Incidence]:
    """Estimate the cumulative incidence of each cause (codes: 0 censored, 1, 2, ... causes)."""
    counts = risk_counts(time, code, n_cause=max(n_cause, int(code.max(initial=0))))
    after, estimates = kaplan_meier(counts), _steps.aalen_johansen(counts)
    return [_incidence(counts, after, estimates, cause) for cause in range(n_cause)]


def _incidence(
    counts: RiskCounts, after: np.ndarray, estimates: np.ndarray, cause: int
) -> Incidence:
    """Add the variance of the incidence of a cause; `after` is the survival after each time.

    The variance takes each cause's events at a time as a draw without replacement from those at
    risk: with F the incidence and S the survival, F(t) changes by S(u-) {1 - (F(t) - F(u)) / S(u)}
    for an event of the cause at u and by -S(u-) (F(t) - F(u)) / S(u) for another cause's.
    """
    n, of_cause, f = counts.n_risk, counts.n_event[:, cause], estimates[:, cause]
    other, before = counts.n_any - of_cause, just_before(after, 1.0)
    inverse = np.divide(1.0, after, out=np.zeros(len(after)), where=after > 0)
    noise_cause = before**2 * _draw_variance(of_cause, n)
    noise_other = np.where(after > 0, before**2 * _draw_variance(other, n), 0.0)
    shift_cause, shift_other = 1 + inverse * f, inverse * f

    def total(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.cumsum(a * noise_cause + b * noise_other)

    variance = (
        total(shift_cause**2, shift_other**2)
        - 2 * f * total(inverse * shift_cause, inverse * shift_other)
        + f**2 * total(inverse**2, inverse**2)
    )
    return Incidence(counts.time, n, of_cause, f, np.maximum(variance, 0.0))


def _draw_variance(d: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Compute the variance of d / n when d of n are drawn without replacement."""
    return np.asarray(d / n**2 * (1 - np.maximum(d - 1, 0) / np.maximum(n - 1, 1)))
