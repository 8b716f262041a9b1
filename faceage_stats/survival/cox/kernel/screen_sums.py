"""Sums over every risk set for a Cox model of a handful of covariates.

The sums of r, r x and r x x' are kept for every risk set, so that one Newton step is a few passes
over arrays: along the rows, along time, along the events.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from faceage_stats._compiled import BoolArray, FloatArray, IntArray, compiled
from faceage_stats.survival.cox.kernel.layout import Layout
from faceage_stats.survival.cox.kernel.risks import mark_deaths

__all__ = [
    "Work",
    "buffers",
    "fill_products",
    "log_likelihood",
    "score_and_information",
    "sum_risk_sets",
]

_compiled = compiled(error_model="numpy", fastmath={"reassoc", "contract"})


@_compiled
def fill_products(columns: FloatArray, risk: FloatArray, out: FloatArray) -> None:
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
def sum_risk_sets(
    k: int,
    products: FloatArray,
    first: IntArray,
    n_dead: IntArray,
    efron: bool,
    sums: FloatArray,
) -> None:
    """Sums of rows k to k + 2 of `products` over the risk set of every death, in order of time.

    Under Efron's ties i / d of all d tied deaths is subtracted for the i-th of them. Three rows at
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
def score_and_information(work: Work, totals: FloatArray) -> None:
    """Score and information from the risk-set sums of every death."""
    sums, s0, event_weight = work.sums, work.sums[0], work.event_weight
    per_risk, mean, score, information = work.per_risk, work.mean, work.score, work.information
    p, m = score.size, event_weight.size
    for i in range(m):
        per_risk[i] = event_weight[i] / s0[i]
    row = p + 1
    for a in range(p):
        sa, total = sums[1 + a], 0.0
        for i in range(m):
            mean[i] = sa[i] / s0[i]
            total += per_risk[i] * sa[i]
        score[a] = totals[a] - total
        for b in range(a, p):
            sb, sab, value = sums[1 + b], sums[row], 0.0
            for i in range(m):
                value += per_risk[i] * (sab[i] - mean[i] * sb[i])
            information[a, b] = information[b, a] = value
            row += 1


@_compiled
def log_likelihood(beta: FloatArray, work: Work, totals: FloatArray) -> float:
    """Log partial likelihood from the risk-set sums."""
    value: float = totals[beta.size]
    for j in range(beta.size):
        value += totals[j] * beta[j]
    for k in range(work.shift.size):
        value -= work.stratum_weight[k] * work.shift[k]
    for i in range(work.event_weight.size):
        value -= work.event_weight[i] * math.log(work.sums[0, i])
    return value


@_compiled
def _event_weights(weights: FloatArray, layout: Layout) -> FloatArray:
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


class Work(NamedTuple):
    """Buffers of one fit, used again for every column."""

    risk: FloatArray
    shift: FloatArray
    products: FloatArray
    sums: FloatArray
    per_risk: FloatArray
    mean: FloatArray
    of_deaths: FloatArray
    stratum_weight: FloatArray
    event_weight: FloatArray
    score: FloatArray
    information: FloatArray
    step: FloatArray
    kept: BoolArray


@_compiled
def buffers(p: int, weights: FloatArray, layout: Layout) -> Work:
    """Make the buffers of a fit of p columns."""
    rows = 3 * ((1 + p + p * (p + 1) // 2 + 2) // 3)  # summed three at a time
    event_weight = _event_weights(weights, layout)
    of_deaths, bounds = np.empty(weights.size), layout.first[layout.stratum_first]
    mark_deaths(weights, layout, of_deaths)
    stratum_weight = np.empty(bounds.size - 1)
    for k in range(bounds.size - 1):
        stratum_weight[k] = of_deaths[bounds[k] : bounds[k + 1]].sum()
    return Work(
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
