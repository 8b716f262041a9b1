"""The Cox partial likelihood: log-likelihood, score and information from sorted columns.

With H the cumulative baseline hazard, r the relative risk and c_i = w_i r_i (H(stop_i) -
H(start_i)) the expected events of row i, the score is X'(w d - c) and the information X' diag(c) X
less the outer products of the risk-set means, so that the O(n p^2) work is plain sums of products
along columns. Covariates are stored column by column, shape (p, n), for that reason; slices are
taken before each inner loop because only then does it compile to vector instructions.
"""

from __future__ import annotations

import math

import numpy as np

from faceage_stats._compiled import compiled
from faceage_stats.survival.cox.kernel.exp import EXP_BLOCK, exp_block
from faceage_stats.survival.cox.kernel.layout import Layout
from faceage_stats.survival.cox.kernel.risk_sets import sum_four, sum_slots

__all__ = [
    "death_totals",
    "evaluate",
    "linear_predictor",
    "mark_deaths",
    "relative_risk",
    "weighted_information",
]

_ROWS = 256  # rows whose columns stay in the first-level cache
_SLOTS = 128  # slots whose means are multiplied together
_LONG = 32  # rows per slot from which vector instructions pay within a slot
_compiled = compiled(error_model="numpy", fastmath={"reassoc", "contract", "nsz"})


@_compiled
def linear_predictor(columns, beta, offset, eta):
    """Fill eta with offset + columns' beta."""
    for low in range(0, eta.size, _ROWS):
        part = eta[low : low + _ROWS]
        start = offset[low : low + _ROWS]
        for i in range(part.size):
            part[i] = start[i]
        for j in range(beta.size):
            x = columns[j, low : low + _ROWS]
            for i in range(part.size):
                part[i] += beta[j] * x[i]


@compiled(fastmath={"reassoc", "nnan", "nsz"})
def _largest(x):
    """Largest value; a NaN shows later, in the risks."""
    largest = -np.inf
    for i in range(x.size):
        largest = max(largest, x[i])
    return largest


@_compiled
def relative_risk(eta, weights, layout, shift):
    """Replace eta by w exp(eta - shift), the largest eta of each stratum as its shift."""
    first, stratum_first = layout.first, layout.stratum_first
    power = np.empty(EXP_BLOCK, np.int64)
    for k in range(shift.size):
        own = eta[first[stratum_first[k]] : first[stratum_first[k + 1]]]
        own_weights = weights[first[stratum_first[k]] : first[stratum_first[k + 1]]]
        largest = shift[k] = _largest(own)
        for low in range(0, own.size, EXP_BLOCK):
            part, part_weights = own[low : low + EXP_BLOCK], own_weights[low : low + EXP_BLOCK]
            for i in range(part.size):
                part[i] -= largest
            exp_block(part, power)
            for i in range(part.size):
                part[i] *= part_weights[i]


@_compiled
def mark_deaths(weights, layout, out):
    """Fill out with the weight of the rows that die, 0 for the others."""
    for i in range(out.size):
        out[i] = 0.0
    for s in range(layout.n_dead.size):
        for i in range(layout.first[s], layout.first[s] + layout.n_dead[s]):
            out[i] = weights[i]


@_compiled
def death_totals(columns, offset, of_deaths):
    """Sums of each column over the deaths, and last of the offset."""
    totals = np.zeros(columns.shape[0] + 1)
    for j in range(totals.size):
        values, total = columns[j] if j < columns.shape[0] else offset, 0.0
        for i in range(values.size):
            total += of_deaths[i] * values[i]
        totals[j] = total
    return totals


@_compiled
def _slot_hazard(base, dead, weight, d, efron, out):
    """Hazard of one slot into out[0:2], coefficients of its two mean vectors into out[2:5].

    Under Efron's ties the mean of part k is a_k u - b_k v, with u and v the means over the risk set
    and the deaths. Their outer products add up to those of two vectors, however many the ties.
    Returns the weighted log denominators, infinite when one is not positive.
    """
    n_parts = d if efron else 1
    part_weight = weight / n_parts
    log_sum, hazard, hazard_dead = 0.0, 0.0, 0.0
    aa, ab, bb = 0.0, 0.0, 0.0  # weighted sums of a_k^2, a_k b_k, b_k^2
    for k in range(n_parts):
        fraction = k / d
        denominator = base - fraction * dead
        if not denominator > 0.0:
            return np.inf
        log_sum += part_weight * math.log(denominator)
        increment = part_weight / denominator
        hazard += increment
        hazard_dead += (1.0 - fraction) * increment
        ratio = base / denominator
        aa += part_weight * ratio * ratio
        ab += part_weight * ratio * ratio * fraction
        bb += part_weight * ratio * ratio * fraction * fraction
    shift = ab / aa
    out[0], out[1] = hazard, hazard_dead
    out[2], out[3], out[4] = (
        math.sqrt(aa) / base,
        shift,
        math.sqrt(max(bb - ab * shift, 0.0)) / base,
    )
    return log_sum


@_compiled
def _add_products(rows, low, weights, scratch, sums, information, sign):
    """Add sign * x diag(weights) x' to the upper triangle, sign * x weights to `sums`.

    x is the part of `rows` from column `low` on that is as long as `weights`.
    """
    p, m, high = rows.shape[0], weights.size, low + weights.size
    t = scratch[:m]
    for a in range(p):
        x, total = rows[a, low:high], 0.0
        for i in range(m):
            t[i] = weights[i] * x[i]
            total += t[i]
        sums[a] += sign * total
        b = a
        while b + 3 < p:  # four at a time: t is read once for them
            x0, x1 = rows[b, low:high], rows[b + 1, low:high]
            x2, x3 = rows[b + 2, low:high], rows[b + 3, low:high]
            s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
            for i in range(m):
                s0 += t[i] * x0[i]
                s1 += t[i] * x1[i]
                s2 += t[i] * x2[i]
                s3 += t[i] * x3[i]
            information[a, b] += sign * s0
            information[a, b + 1] += sign * s1
            information[a, b + 2] += sign * s2
            information[a, b + 3] += sign * s3
            b += 4
        for c in range(b, p):
            y, s0 = rows[c, low:high], 0.0
            for i in range(m):
                s0 += t[i] * y[i]
            information[a, c] += sign * s0


@_compiled
def _mean_vectors(low, risk, columns, layout, state, mix, means):
    """The two weighted mean vectors of each slot from `low` on: its set's, then its deaths'."""
    p, m = columns.shape[0], mix.shape[1]
    short = layout.entry_slot.size == 0 and risk.size < _LONG * layout.n_dead.size
    at_risk, dying = np.empty((4, m)), np.empty((4, m))
    use, lean, use_dead = mix[0], mix[1], mix[2]
    for j in range(0, p, 4):
        if short:
            sum_four(low, risk, columns, j, layout, state, at_risk, dying)
        for c in range(min(4, p - j)):
            total, dead = at_risk[c], dying[c]
            if not short:
                sum_slots(low, risk, columns[j + c], layout, state[j + c], total, dead)
            of_set, of_dead = means[j + c, :m], means[j + c, m : 2 * m]
            for q in range(m):
                of_set[q] = use[q] * (total[q] - lean[q] * dead[q])
                of_dead[q] = use_dead[q] * dead[q]


@_compiled
def _slot_pass(columns, risk, weights, layout, efron, slot_weight, shift, hazard, information):
    """Hazards per slot (row 1: of a row that dies there); takes the means' products off.

    Returns the sum of the log denominators, infinite when one is not positive.
    """
    p, n_slots = columns.shape[0], layout.n_dead.size
    first, n_dead = layout.first, layout.n_dead
    state, log_sum, stratum = np.zeros((p + 1, 2)), 0.0, 0
    at_risk, dying, mix = np.empty(_SLOTS), np.empty(_SLOTS), np.empty((3, _SLOTS))
    means, mean_weight = np.empty((p, 2 * _SLOTS)), np.empty(2 * _SLOTS)
    out, scratch, unused = np.zeros(5), np.empty(2 * _SLOTS), np.zeros(p)
    for low in range(0, n_slots, _SLOTS):
        m = min(_SLOTS, n_slots - low)
        sum_slots(low, risk, None, layout, state[p], at_risk[:m], dying[:m])
        any_ties = False
        for q in range(m):
            s, d = low + q, n_dead[low + q]
            mean_weight[q] = mean_weight[m + q] = slot_weight[s]
            if d == 0:
                stratum += 1
                hazard[0, s] = hazard[1, s] = mix[0, q] = mix[1, q] = mix[2, q] = 0.0
                continue
            any_ties = any_ties or (efron and d > 1)
            weight = 0.0
            for i in range(first[s], first[s] + d):
                weight += weights[i]
            log_sum += _slot_hazard(at_risk[q], dying[q], weight, d, efron, out)
            if not log_sum < np.inf:
                return np.inf
            log_sum += weight * shift[stratum]
            hazard[0, s], hazard[1, s] = out[0], out[1]
            mix[0, q], mix[1, q], mix[2, q] = out[2], out[3], out[4]
        _mean_vectors(low, risk, columns, layout, state, mix[:, :m], means)
        count = 2 * m if any_ties else m
        _add_products(means, np.int64(0), mean_weight[:count], scratch, unused, information, -1.0)
    return log_sum


@_compiled
def _expected(risk, layout, hazard, slot_weight):
    """Replace risk by the weighted expected events, each slot's hazard times its weight."""
    first, n_dead, delayed = layout.first, layout.n_dead, layout.entry_slot.size > 0
    cumulative = np.zeros(n_dead.size + 1)
    for s in range(n_dead.size - 1, -1, -1):
        if n_dead[s] > 0:
            cumulative[s] = cumulative[s + 1] + slot_weight[s] * hazard[0, s]
    for s in range(n_dead.size):
        middle = first[s] + n_dead[s]
        excess = slot_weight[s] * (hazard[0, s] - hazard[1, s])
        if delayed:
            for i in range(first[s], first[s + 1]):
                h = cumulative[s] - cumulative[layout.entry_slot[i]]
                risk[i] *= h - excess if i < middle else h
        else:
            deaths, others = risk[first[s] : middle], risk[middle : first[s + 1]]
            for i in range(deaths.size):
                deaths[i] *= cumulative[s] - excess
            for i in range(others.size):
                others[i] *= cumulative[s]


@_compiled
def evaluate(
    columns, beta, offset, weights, layout, efron, slot_weight, deaths, work, score, information
):
    """Log partial likelihood at beta; fills score (p) and information (p, p).

    `slot_weight` multiplies the contribution of every slot to the information, `deaths` is from
    `death_totals`, `work` a buffer of one number per row.
    """
    for a in range(beta.size):
        score[a] = 0.0
        for b in range(beta.size):
            information[a, b] = 0.0
    shift = np.empty(layout.stratum_first.size - 1)
    hazard = np.empty((2, layout.n_dead.size))
    linear_predictor(columns, beta, offset, work)
    relative_risk(work, weights, layout, shift)
    log_sum = _slot_pass(
        columns, work, weights, layout, efron, slot_weight, shift, hazard, information
    )
    if not math.isfinite(log_sum):
        return -np.inf
    _expected(work, layout, hazard, slot_weight)
    scratch = np.empty(_ROWS)
    for low in range(0, work.size, _ROWS):
        expected = work[low : low + _ROWS]
        _add_products(columns, low, expected, scratch, score, information, 1.0)
    death_sum, finite = deaths[beta.size], True
    for a in range(beta.size):
        death_sum += deaths[a] * beta[a]
        score[a] = deaths[a] - score[a]
        for b in range(beta.size):
            information[a, b] = information[min(a, b), max(a, b)]
            finite = finite and math.isfinite(information[a, b])
    return death_sum - log_sum if finite else -np.inf  # risks may span more than a double holds


def weighted_information(
    columns: np.ndarray,
    beta: np.ndarray,
    offset: np.ndarray,
    weights: np.ndarray,
    layout: Layout,
    efron: bool,
    slot_weight: np.ndarray,
) -> np.ndarray:
    """Information with the contribution of every slot multiplied by its weight."""
    p = beta.size
    work, score, information = np.empty(offset.size), np.empty(p), np.empty((p, p))
    evaluate(
        columns, beta, offset, weights, layout, efron, slot_weight, np.zeros(p + 1), work, score,
        information,
    )  # fmt: skip
    return information
