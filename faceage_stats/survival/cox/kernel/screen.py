"""One small Cox fit per column, all in one compiled loop.

With a handful of covariates the sums of r, r x and r x x' are kept for every risk set, so that one
Newton step is a few passes over arrays: along the rows, along time, along the events.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from faceage_stats._compiled import compiled
from faceage_stats.survival.cox.data import CoxData
from faceage_stats.survival.cox.kernel.likelihood import (
    death_totals,
    linear_predictor,
    mark_deaths,
    relative_risk,
)
from faceage_stats.survival.cox.kernel.newton import TOLER_CHOL, cholesky_solve, newton, walk

__all__ = ["screen_columns"]

_STEPS = 8  # Newton steps before a column is left to the careful fit
_compiled = compiled(error_model="numpy", fastmath={"reassoc", "contract"})


@_compiled
def _products(columns, risk, out):
    """Rows of `out`: r, then r x_a, then r x_a x_b for a <= b."""
    p, n = columns.shape
    for i in range(n):
        out[0, i] = risk[i]
    row = p + 1
    for a in range(p):
        x, rx = columns[a], out[1 + a]
        for i in range(n):
            rx[i] = risk[i] * x[i]
        for b in range(a, p):
            y, rxy = columns[b], out[row]
            for i in range(n):
                rxy[i] = rx[i] * y[i]
            row += 1


@_compiled
def _sum_risk_sets(k, products, first, n_dead, efron, sums):
    """Sums of rows k to k + 2 of `products` over the risk set of every death, in order of time.

    Under Efron's ties the i-th of d tied deaths has i / d of all of them taken off. Three rows at
    once, because each is a chain of additions that wait for each other.
    """
    z0, z1, z2 = products[k], products[k + 1], products[k + 2]
    out0, out1, out2 = sums[k], sums[k + 1], sums[k + 2]
    t0, t1, t2 = 0.0, 0.0, 0.0
    at = 0
    for s in range(n_dead.size):
        d = n_dead[s]
        if d == 0:
            t0, t1, t2 = 0.0, 0.0, 0.0
            continue
        d0, d1, d2 = 0.0, 0.0, 0.0
        for i in range(first[s], first[s] + d):
            d0, d1, d2 = d0 + z0[i], d1 + z1[i], d2 + z2[i]
        t0, t1, t2 = t0 + d0, t1 + d1, t2 + d2
        for i in range(first[s] + d, first[s + 1]):
            t0, t1, t2 = t0 + z0[i], t1 + z1[i], t2 + z2[i]
        for i in range(d):
            off = i / d if efron else 0.0
            out0[at], out1[at], out2[at] = t0 - off * d0, t1 - off * d1, t2 - off * d2
            at += 1


@_compiled
def _score_and_information(work, totals):
    """Score and information from the risk-set sums of every death."""
    sums, s0, event_weight = work.sums, work.sums[0], work.event_weight
    share, mean, score, information = work.share, work.mean, work.score, work.information
    p, m = score.size, event_weight.size
    for i in range(m):
        share[i] = event_weight[i] / s0[i]
    row = p + 1
    for a in range(p):
        sa, total = sums[1 + a], 0.0
        for i in range(m):
            mean[i] = sa[i] / s0[i]
            total += share[i] * sa[i]
        score[a] = totals[a] - total
        for b in range(a, p):
            sb, sab, value = sums[1 + b], sums[row], 0.0
            for i in range(m):
                value += share[i] * (sab[i] - mean[i] * sb[i])
            information[a, b] = information[b, a] = value
            row += 1


@_compiled
def _log_likelihood(beta, work, totals):
    """Log partial likelihood from the risk-set sums."""
    value = totals[beta.size]
    for j in range(beta.size):
        value += totals[j] * beta[j]
    for k in range(work.shift.size):
        value -= work.stratum_weight[k] * work.shift[k]
    for i in range(work.event_weight.size):
        value -= work.event_weight[i] * math.log(work.sums[0, i])
    return value


@_compiled
def _event_weights(weights, layout):
    """Mean weight of the deaths of its time, for every death."""
    out, at = np.empty(layout.n_dead.sum()), 0
    for s in range(layout.n_dead.size):
        d = layout.n_dead[s]
        mean = 0.0
        for i in range(layout.first[s], layout.first[s] + d):
            mean += weights[i] / d
        for _ in range(d):
            out[at] = mean
            at += 1
    return out


class _Work(NamedTuple):
    """Buffers of one fit, used again for every column."""

    risk: np.ndarray
    shift: np.ndarray
    products: np.ndarray
    sums: np.ndarray
    share: np.ndarray
    mean: np.ndarray
    of_deaths: np.ndarray
    stratum_weight: np.ndarray
    event_weight: np.ndarray
    score: np.ndarray
    information: np.ndarray
    step: np.ndarray
    kept: np.ndarray


@_compiled
def _buffers(p, weights, layout):
    rows = 3 * ((1 + p + p * (p + 1) // 2 + 2) // 3)  # summed three at a time
    event_weight = _event_weights(weights, layout)
    of_deaths, bounds = np.empty(weights.size), layout.first[layout.stratum_first]
    mark_deaths(weights, layout, of_deaths)
    stratum_weight = np.empty(bounds.size - 1)
    for k in range(bounds.size - 1):
        stratum_weight[k] = of_deaths[bounds[k] : bounds[k + 1]].sum()
    return _Work(
        np.empty(weights.size),
        np.empty(layout.stratum_first.size - 1),
        np.zeros((rows, weights.size)),
        np.empty((rows, event_weight.size)),
        np.empty(event_weight.size),
        np.empty(event_weight.size),
        of_deaths,
        stratum_weight,
        event_weight,
        np.empty(p),
        np.empty((p, p)),
        np.empty(p),
        np.ones(p, np.bool_),
    )


@_compiled
def _quick_fit(columns, beta, offset, weights, layout, efron, work):
    """Plain Newton steps from beta, which becomes the estimate; the log-likelihood, or NaN.

    NaN asks for the careful fit: no convergence at once, or a column without information.
    """
    totals = death_totals(columns, offset, work.of_deaths)
    for _ in range(_STEPS):
        linear_predictor(columns, beta, offset, work.risk)
        relative_risk(work.risk, weights, layout, work.shift)
        _products(columns, work.risk, work.products)
        for k in range(0, work.products.shape[0], 3):
            _sum_risk_sets(k, work.products, layout.first, layout.n_dead, efron, work.sums)
        _score_and_information(work, totals)
        cholesky_solve(work.information, work.score, TOLER_CHOL, work.kept, work.step)
        decrement = np.dot(work.score, work.step)
        if not work.kept.all() or not math.isfinite(decrement):
            return np.nan
        if decrement <= 1e-14:
            log_lik = _log_likelihood(beta, work, totals)
            walk(beta, 1.0, work.step, beta)  # the last step costs no evaluation
            return log_lik + decrement / 2
        walk(beta, 1.0, work.step, beta)
    return np.nan


def screen_columns(
    candidates: np.ndarray,
    adjust: np.ndarray,
    data: CoxData,
    efron: bool,
    start: np.ndarray,
    iter_max: int,
    eps: float,
) -> np.ndarray:
    """Fit [adjust, candidate] for every row of `candidates`; columns sorted and scaled, (m, n).

    `start` are the coefficients of a fit of `adjust` alone. A column that the quick fit leaves goes
    through the fit that halves steps and tests pivots.

    Returns one row per candidate: coefficient and its variance (NaN when the column carries no
    information of its own), log-likelihood, 1 if converged, 1 if the coefficient runs away.
    """
    offset, weights, layout = data.offset, data.weights, data.layout
    out = _quick_fits(candidates, adjust, offset, weights, layout, efron, start)
    for g in np.flatnonzero(np.isnan(out[:, 3])):
        columns, beta = np.vstack([adjust, candidates[g]]), np.append(start, 0.0)
        best, _, log_lik, _, information, kept, runaway, _, converged = newton(
            columns, offset, weights, layout, efron, beta, iter_max, eps
        )
        out[g, 2:] = log_lik, converged, runaway[-1]
        if kept[-1]:
            out[g, :2] = best[-1], _last_variance(information, kept)
    return out


@_compiled
def _quick_fits(candidates, adjust, offset, weights, layout, efron, start):
    """A row for each candidate, as of `screen_columns`; of NaN where the quick fit leaves it."""
    m, n = candidates.shape
    q = adjust.shape[0]
    out = np.full((m, 5), np.nan)
    columns, beta = np.empty((q + 1, n)), np.empty(q + 1)
    for j in range(q):
        for i in range(n):
            columns[j, i] = adjust[j, i]
    work = _buffers(q + 1, weights, layout)
    for g in range(m):
        for i in range(n):
            columns[q, i] = candidates[g, i]
        for j in range(q):
            beta[j] = start[j]
        beta[q] = 0.0
        log_lik = _quick_fit(columns, beta, offset, weights, layout, efron, work)
        if math.isfinite(log_lik):
            out[g, 0], out[g, 1] = beta[q], _last_variance(work.information, work.kept)
            out[g, 2], out[g, 3], out[g, 4] = log_lik, 1.0, 0.0
    return out


@_compiled
def _last_variance(information, kept):
    """Last diagonal entry of the inverse over the kept columns."""
    p = kept.size
    a = information.copy()
    for j in range(p - 1):  # eliminate every other column
        if kept[j]:
            for i in range(j + 1, p):
                ratio = a[i, j] / a[j, j]
                for k in range(j + 1, p):
                    a[i, k] -= ratio * a[j, k]
    return 1.0 / a[p - 1, p - 1] if a[p - 1, p - 1] > 0.0 else np.nan
