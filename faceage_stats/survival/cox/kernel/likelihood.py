"""The Cox partial likelihood: log-likelihood, score and information from sorted columns.

With H the cumulative baseline hazard, r the relative risk and c_i = w_i r_i (H(stop_i) -
H(start_i)) the expected events of row i, the score is X'(w d - c) and the information X' diag(c) X
less the outer products of the risk-set means, so that the O(n p^2) work is plain sums of products
along columns. Covariates are stored column by column, shape (p, n), for that reason; slices are
taken before each inner loop because only then does it compile to vector instructions. MATHS.md in
this folder derives all of it.
"""

from __future__ import annotations

import math

import numpy as np

from faceage_stats._compiled import FloatArray, compiled
from faceage_stats.survival.cox.kernel.intervals import Hazards, Mix, interval_of, mean_vectors
from faceage_stats.survival.cox.kernel.layout import Layout
from faceage_stats.survival.cox.kernel.risk_sets import sum_intervals
from faceage_stats.survival.cox.kernel.risks import ROWS, linear_predictor, relative_risk

__all__ = ["evaluate", "weighted_informations"]

_INTERVALS = 128  # intervals whose means are multiplied together
_compiled = compiled(error_model="numpy", fastmath={"reassoc", "contract", "nsz"})


@_compiled
def _add_products(
    rows: FloatArray,
    low: int | np.int64,
    weights: FloatArray,
    scratch: FloatArray,
    sums: FloatArray,
    information: FloatArray,
    sign: float,
) -> None:
    """Add sign * x diag(weights) x' to the upper triangle, sign * x weights to `sums`.

    x is the part of `rows` from column `low` on that is as long as `weights`; `scratch` has two
    rows. What it leaves below the diagonal means nothing.
    """
    p, m, high = rows.shape[0], weights.size, low + weights.size
    t, u = scratch[0, :m], scratch[1, :m]
    for a in range(0, p, 2):  # two by four at a time: six numbers are read for eight products
        after = min(a + 1, p - 1)
        x, y = rows[a, low:high], rows[after, low:high]
        of_x, of_y = 0.0, 0.0
        for i in range(m):
            t[i], u[i] = weights[i] * x[i], weights[i] * y[i]
            of_x, of_y = of_x + t[i], of_y + u[i]
        other = sign if after > a else 0.0  # the last of an odd number is alone
        sums[a] += sign * of_x
        sums[after] += other * of_y
        b = a
        while b + 3 < p:
            x0, x1 = rows[b, low:high], rows[b + 1, low:high]
            x2, x3 = rows[b + 2, low:high], rows[b + 3, low:high]
            t0, t1, t2, t3, u0, u1, u2, u3 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
            for i in range(m):
                t0, t1 = t0 + t[i] * x0[i], t1 + t[i] * x1[i]
                t2, t3 = t2 + t[i] * x2[i], t3 + t[i] * x3[i]
                u0, u1 = u0 + u[i] * x0[i], u1 + u[i] * x1[i]
                u2, u3 = u2 + u[i] * x2[i], u3 + u[i] * x3[i]
            information[a, b] += sign * t0
            information[a, b + 1] += sign * t1
            information[a, b + 2] += sign * t2
            information[a, b + 3] += sign * t3
            information[after, b] += sign * u0
            information[after, b + 1] += sign * u1
            information[after, b + 2] += sign * u2
            information[after, b + 3] += sign * u3
            b += 4
        for c in range(b, p):
            z, of_t, of_u = rows[c, low:high], 0.0, 0.0
            for i in range(m):
                of_t, of_u = of_t + t[i] * z[i], of_u + u[i] * z[i]
            information[a, c] += sign * of_t
            information[after, c] += other * of_u


@_compiled
def _interval_pass(
    columns: FloatArray,
    risk: FloatArray,
    weights: FloatArray,
    layout: Layout,
    efron: bool,
    interval_weights: FloatArray,
    shift: FloatArray,
    hazards: Hazards,
    information: FloatArray,
) -> float:
    """Fill the hazards; take the products of the mean vectors off the information.

    There is one matrix for each row of `interval_weights`. Returns the sum of the log denominators,
    infinite when one is not positive.
    """
    p, n_intervals = columns.shape[0], layout.n_dead.size
    first, n_dead = layout.first, layout.n_dead
    state, log_sum, stratum = np.zeros((p + 1, 2)), 0.0, 0
    at_risk, dying = np.empty(_INTERVALS), np.empty(_INTERVALS)
    mix = Mix(np.empty(_INTERVALS), np.empty(_INTERVALS), np.empty(_INTERVALS))
    means, mean_weight = np.empty((p, 2 * _INTERVALS)), np.empty(2 * _INTERVALS)
    scratch, unused = np.empty((2, 2 * _INTERVALS)), np.zeros(p)
    for low in range(0, n_intervals, _INTERVALS):
        m = min(_INTERVALS, n_intervals - low)
        sum_intervals(low, risk, None, layout, state[p], at_risk[:m], dying[:m])
        any_ties = False
        for q in range(m):
            s, d = low + q, n_dead[low + q]
            if d == 0:
                stratum += 1
                hazards.at_risk[s] = hazards.dying[s] = 0.0
                mix.set_scale[q] = mix.shift[q] = mix.death_scale[q] = 0.0
                continue
            n_tied = layout.n_tied[s]
            any_ties = any_ties or (efron and n_tied > 1)
            weight = 0.0
            for i in range(first[s], first[s] + d):
                weight += weights[i]
            interval = interval_of(at_risk[q], dying[q], weight, n_tied, efron)
            log_sum += interval.log_sum
            if not log_sum < np.inf:
                return np.inf
            log_sum += weight * shift[stratum]
            hazards.at_risk[s], hazards.dying[s] = interval.hazard, interval.hazard_dead
            mix.set_scale[q], mix.shift[q] = interval.set_scale, interval.shift
            mix.death_scale[q] = interval.death_scale
        mean_vectors(low, m, risk, columns, layout, state, mix, means)
        count = 2 * m if any_ties else m
        for k in range(len(interval_weights)):
            for q in range(m):
                mean_weight[q] = mean_weight[m + q] = interval_weights[k, low + q]
            _add_products(
                means, np.int64(0), mean_weight[:count], scratch, unused, information[k], -1.0
            )
    return log_sum


@_compiled
def _expected(
    risk: FloatArray, layout: Layout, hazards: Hazards, interval_weight: FloatArray
) -> None:
    """Replace risk by the weighted expected events, each interval's hazard times its weight."""
    first, n_dead, delayed = layout.first, layout.n_dead, layout.entry_interval.size > 0
    cumulative = np.zeros(n_dead.size + 1)
    for s in range(n_dead.size - 1, -1, -1):
        if n_dead[s] > 0:
            cumulative[s] = cumulative[s + 1] + interval_weight[s] * hazards.at_risk[s]
    for s in range(n_dead.size):
        middle = first[s] + n_dead[s]
        excess = interval_weight[s] * (hazards.at_risk[s] - hazards.dying[s])
        if delayed:
            for i in range(first[s], first[s + 1]):
                h = cumulative[s] - cumulative[layout.entry_interval[i]]
                risk[i] *= h - excess if i < middle else h
        else:
            deaths, others = risk[first[s] : middle], risk[middle : first[s + 1]]
            for i in range(deaths.size):
                deaths[i] *= cumulative[s] - excess
            for i in range(others.size):
                others[i] *= cumulative[s]


@_compiled
def evaluate(
    columns: FloatArray,
    beta: FloatArray,
    offset: FloatArray,
    weights: FloatArray,
    layout: Layout,
    efron: bool,
    deaths: FloatArray,
    work: FloatArray,
    score: FloatArray,
    information: FloatArray,
) -> float:
    """Log partial likelihood at beta; fills score (p) and information (p, p).

    `deaths` is from `death_totals`, `work` a buffer of one number per row.
    """
    for a in range(beta.size):
        score[a] = 0.0
        for b in range(beta.size):
            information[a, b] = 0.0
    shift, even = np.empty(layout.stratum_first.size - 1), np.ones((1, layout.n_dead.size))
    hazards = Hazards(np.empty(layout.n_dead.size), np.empty(layout.n_dead.size))
    linear_predictor(columns, beta, offset, work)
    relative_risk(work, weights, layout, shift)
    log_sum = _interval_pass(
        columns, work, weights, layout, efron, even, shift, hazards,
        information.reshape(1, beta.size, beta.size),
    )  # fmt: skip
    if not math.isfinite(log_sum):
        return -np.inf
    _expected(work, layout, hazards, even[0])
    scratch = np.empty((2, ROWS))
    for low in range(0, work.size, ROWS):
        expected = work[low : low + ROWS]
        _add_products(columns, low, expected, scratch, score, information, 1.0)
    death_sum, finite = deaths[beta.size], True
    for a in range(beta.size):
        death_sum += deaths[a] * beta[a]
        score[a] = deaths[a] - score[a]
        for b in range(beta.size):
            information[a, b] = information[min(a, b), max(a, b)]
            finite = finite and math.isfinite(information[a, b])
    return death_sum - log_sum if finite else -np.inf  # risks may span more than a double holds


@_compiled
def weighted_informations(
    columns: FloatArray,
    beta: FloatArray,
    offset: FloatArray,
    weights: FloatArray,
    layout: Layout,
    efron: bool,
    interval_weights: FloatArray,
) -> FloatArray:
    """Information with the contribution of every interval multiplied by its weight.

    One matrix for each row of `interval_weights`: shape (rows, p, p).
    """
    p, shift = beta.size, np.empty(layout.stratum_first.size - 1)
    work, expected, scratch = np.empty(offset.size), np.empty(offset.size), np.empty((2, ROWS))
    hazards = Hazards(np.empty(layout.n_dead.size), np.empty(layout.n_dead.size))
    information, unused = np.zeros((len(interval_weights), p, p)), np.zeros(p)
    linear_predictor(columns, beta, offset, work)
    relative_risk(work, weights, layout, shift)
    _interval_pass(
        columns, work, weights, layout, efron, interval_weights, shift, hazards, information
    )
    for k in range(len(interval_weights)):
        for i in range(work.size):
            expected[i] = work[i]
        _expected(expected, layout, hazards, interval_weights[k])
        for low in range(0, work.size, ROWS):
            part = expected[low : low + ROWS]
            _add_products(columns, low, part, scratch, unused, information[k], 1.0)
        for a in range(p):
            for b in range(a):
                information[k, a, b] = information[k, b, a]
    return information
