"""Cumulative incidence with its variance, and Gray's test: arrays in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from faceage_stats import _steps
from faceage_stats._steps import just_before, kaplan_meier, risk_counts

__all__ = ["GrayScore", "Incidence", "aalen_johansen", "gray_test"]


@dataclass(frozen=True)
class Incidence:
    """Cumulative incidence of one cause in one group, at each distinct time."""

    time: np.ndarray
    n_risk: np.ndarray
    n_event: np.ndarray
    estimate: np.ndarray
    variance: np.ndarray


def aalen_johansen(time: np.ndarray, code: np.ndarray, cause: int) -> Incidence:
    """Estimate the cumulative incidence of `cause` (codes: 0 censored, 1, 2, ... causes).

    The variance takes each cause's events at a time as a draw without replacement from those at
    risk: with F the incidence and S the survival, F(t) changes by S(u-) {1 - (F(t) - F(u)) / S(u)}
    for an event of the cause at u and by -S(u-) (F(t) - F(u)) / S(u) for another cause's.
    """
    n_cause = max(cause, int(code.max(initial=0)))
    counts = risk_counts(time, code, n_cause=n_cause)
    n, of_cause = counts.n_risk, counts.n_event[:, cause - 1]
    other = counts.n_any - of_cause
    after = kaplan_meier(counts)
    before = just_before(after, 1.0)
    f = _steps.aalen_johansen(counts)[:, cause - 1]
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


class GrayScore(NamedTuple):
    """Score of each group but the last, and its covariance."""

    score: np.ndarray
    variance: np.ndarray


def gray_test(
    time: np.ndarray, code: np.ndarray, group: np.ndarray, n_group: int, cause: int, rho: float
) -> GrayScore:
    """Sum Gray's score for `cause` over the times of one stratum.

    With R_k = n_k (1 - F_k(t-)) / S_k(t-) as adjusted risk set (Gray 1988), the score compares a
    group's events with those expected from its proportion of R, weighted by (1 - F(t-))^rho of the
    pooled incidence.
    """
    sums = _GraySums(n_group, rho)
    n = np.bincount(group, minlength=n_group).astype(float)
    order = np.argsort(time, kind="stable")
    bounds = np.flatnonzero(np.diff(time[order])) + 1
    for rows in np.split(order, bounds):
        of_cause = np.bincount(group[rows[code[rows] == cause]], minlength=n_group).astype(float)
        dead = np.bincount(group[rows[code[rows] != 0]], minlength=n_group).astype(float)
        if dead.any():
            sums.meet(n, of_cause, dead - of_cause)
        n = n - np.bincount(group[rows], minlength=n_group)
    return sums.finish()


class _GraySums:
    """Running sums of Gray's score and of its variance, over the times of a stratum."""

    def __init__(self, n_group: int, rho: float) -> None:
        self.rho = rho
        self.surv = np.ones(n_group)  # S_k(t-)
        self.incidence = np.zeros(n_group)  # F_k(t-)
        self.pooled = 0.0  # F(t-)
        self.score = np.zeros(n_group)
        self.drift = np.zeros((n_group, n_group))
        self.squares = np.zeros(n_group)
        self.cross = np.zeros((n_group, n_group))
        self.variance = np.zeros((n_group, n_group))

    def meet(self, n: np.ndarray, of_cause: np.ndarray, other: np.ndarray) -> None:
        """Take in the events of one time; `n` are at risk."""
        live = n > 0
        safe = np.where(live, n, 1.0)
        after = np.where(live, self.surv * (n - of_cause - other) / safe, self.surv)
        at_risk = np.divide(n, self.surv, out=np.zeros_like(n), where=live)  # n_k / S_k(t-)
        total = at_risk.sum()
        events = of_cause.sum()
        pooled = self.pooled + events / total
        weight = (1 - self.pooled) ** self.rho
        adjusted = at_risk * (1 - self.incidence)
        self.score += weight * (of_cause - events * adjusted / adjusted.sum())
        spread = weight * (np.diag(at_risk) - np.outer(at_risk, at_risk) / total)
        if events:  # NaN where the pooled incidence is 1: nobody is left to compare
            left_in_pool = 1 - self.pooled if 1 - self.pooled > 1e-12 else np.nan
            self.drift += spread * events / (total * left_in_pool)
        left = np.divide(1 - pooled, after, out=np.zeros_like(after), where=after > 0)
        if events:
            scaled = np.where(live, total * self.surv, 2.0)
            ties = 1 - (events - 1) / (scaled - 1) if events > 1 else 1.0
            noise = np.where(live, ties * self.surv * events / (total * safe), 0.0)
            self._add(1 - left, spread, noise)
        ties = 1 - np.maximum(other - 1, 0) / np.maximum(n - 1, 1)
        noise = np.where(live, ties * self.surv**2 * other / safe**2, 0.0)
        self._add(-left, np.zeros_like(spread), noise)
        self.incidence = self.incidence + np.where(live, self.surv * of_cause / safe, 0.0)
        self.surv, self.pooled = after, pooled

    def _add(self, slope: np.ndarray, spread: np.ndarray, noise: np.ndarray) -> None:
        """Noise of each group's events, carried into the score now and by the drift later."""
        now = spread - slope * self.drift
        self.squares += slope**2 * noise
        self.cross += now * (slope * noise)
        self.variance += (now * noise) @ now.T

    def finish(self) -> GrayScore:
        """Drop the last group: the others imply it."""
        carried = self.cross @ self.drift.T
        full = self.variance + carried + carried.T + (self.drift * self.squares) @ self.drift.T
        return GrayScore(self.score[:-1], full[:-1, :-1])
