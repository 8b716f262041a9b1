"""Gray's test of equal cumulative incidence: arrays in, arrays out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from faceage_stats._compiled import FloatArray, IntArray, compiled

__all__ = ["GrayScore", "gray_test"]

_compiled = compiled(error_model="numpy")


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
    order = np.argsort(time, kind="stable")
    rows = (time[order], np.asarray(code, np.int64)[order], np.asarray(group, np.int64)[order])
    sums = _over_times(*rows, n_group, cause, float(rho))
    carried = sums.cross @ sums.drift.T
    later = (sums.drift * sums.squares) @ sums.drift.T
    full = sums.variance + carried + carried.T + later
    return GrayScore(sums.score[:-1], full[:-1, :-1])  # the others imply the last group


class _Sums(NamedTuple):
    """Sums of the score, and what its variance is made of: (n_group,) or (n_group, n_group).

    The noise of a group's events moves the score now, `variance`, and later by the drift of
    what follows: `squares` of the later part, `cross` products of the two.
    """

    score: FloatArray
    drift: FloatArray
    squares: FloatArray
    cross: FloatArray
    variance: FloatArray


class _State(NamedTuple):
    """Survival and incidence of each group just before a time, and who is at risk."""

    surv: FloatArray
    incidence: FloatArray
    n: FloatArray


@_compiled
def _over_times(
    time: FloatArray, code: IntArray, group: IntArray, n_group: int, cause: int, rho: float
) -> _Sums:
    """Take in the events of every time; the rows are sorted."""
    square = (n_group, n_group)
    sums = _Sums(
        np.zeros(n_group), np.zeros(square), np.zeros(n_group), np.zeros(square), np.zeros(square)
    )
    state = _State(np.ones(n_group), np.zeros(n_group), np.zeros(n_group))
    for i in range(time.size):
        state.n[group[i]] += 1.0
    pooled, first = 0.0, 0
    of_cause, other, leaving = np.empty(n_group), np.empty(n_group), np.empty(n_group)
    while first < time.size:
        for k in range(n_group):
            of_cause[k], other[k], leaving[k] = 0.0, 0.0, 0.0
        last = first
        while last < time.size and time[last] == time[first]:
            k = group[last]
            leaving[k] += 1.0
            of_cause[k] += 1.0 if code[last] == cause else 0.0
            other[k] += 1.0 if code[last] != cause and code[last] != 0 else 0.0
            last += 1
        if of_cause.sum() + other.sum() > 0.0:
            pooled = _meet(state, of_cause, other, pooled, rho, sums)
        for k in range(n_group):
            state.n[k] -= leaving[k]
        first = last
    return sums


@_compiled
def _meet(
    state: _State,
    of_cause: FloatArray,
    other: FloatArray,
    pooled: float,
    rho: float,
    sums: _Sums,
) -> float:
    """Take in the events of one time; return the pooled incidence after it."""
    n_group, (surv, incidence, n) = of_cause.size, state
    at_risk, adjusted = np.zeros(n_group), np.zeros(n_group)
    for k in range(n_group):
        at_risk[k] = n[k] / surv[k] if n[k] > 0.0 else 0.0  # n_k / S_k(t-)
        adjusted[k] = at_risk[k] * (1.0 - incidence[k])
    total, events, whole = at_risk.sum(), of_cause.sum(), adjusted.sum()
    weight, after = (1.0 - pooled) ** rho, pooled + events / total
    spread = np.empty((n_group, n_group))
    # NaN where the pooled incidence is 1: nobody is left to compare
    left_in_pool = 1.0 - pooled if 1.0 - pooled > 1e-12 else np.nan
    for k in range(n_group):
        sums.score[k] += weight * (of_cause[k] - events * adjusted[k] / whole)
        for m in range(n_group):
            own = at_risk[k] if k == m else 0.0
            spread[k, m] = weight * (own - at_risk[k] * at_risk[m] / total)
            if events > 0.0:
                sums.drift[k, m] += spread[k, m] * events / (total * left_in_pool)
    left, noise, noise_other = np.zeros(n_group), np.zeros(n_group), np.zeros(n_group)
    for k in range(n_group):
        if n[k] > 0.0:
            ties = 1.0 - (events - 1.0) / (total * surv[k] - 1.0) if events > 1.0 else 1.0
            noise[k] = ties * surv[k] * events / (total * n[k])
            ties = 1.0 - max(other[k] - 1.0, 0.0) / max(n[k] - 1.0, 1.0)
            noise_other[k] = ties * surv[k] ** 2 * other[k] / n[k] ** 2
            incidence[k] += surv[k] * of_cause[k] / n[k]
            surv[k] *= (n[k] - of_cause[k] - other[k]) / n[k]
        left[k] = (1.0 - after) / surv[k] if surv[k] > 0.0 else 0.0
    if events > 0.0:
        _add(1.0 - left, spread, noise, sums)
    _add(-left, np.zeros((n_group, n_group)), noise_other, sums)
    return float(after)


@_compiled
def _add(slope: FloatArray, spread: FloatArray, noise: FloatArray, sums: _Sums) -> None:
    """Noise of each group's events, carried into the score now and by the drift later."""
    now = spread - slope * sums.drift
    for k in range(noise.size):
        sums.squares[k] += slope[k] ** 2 * noise[k]
        for a in range(noise.size):
            sums.cross[a, k] += now[a, k] * slope[k] * noise[k]
            for b in range(noise.size):
                sums.variance[a, b] += now[a, k] * noise[k] * now[b, k]
