"""The Cox partial likelihood: log-likelihood, score and information in one pass over sorted rows.

Rows are sorted by slot. A slot is one event time of one stratum; slots of a stratum run backwards
in time and end with an empty one that takes the rows never at risk at an event. With H the
cumulative baseline hazard, r the relative risk and c_i = w_i r_i (H(stop_i) - H(start_i)) the
expected events of row i, the score is X'(w d - c) and the information X' diag(c) X less the outer
products of the risk-set means, so that the O(n p^2) work is one matrix product.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

__all__ = ["Layout", "evaluate", "risk_table", "weighted_information"]

_BLOCK = 128
_compiled = njit(cache=True, error_model="numpy")


class Layout(NamedTuple):
    """Where the rows of each slot lie.

    first : rows of slot s are first[s]:first[s + 1], the deaths before the others
    n_dead : deaths per slot, 0 marks the end of a stratum
    stratum_first : slots of stratum k are stratum_first[k]:stratum_first[k + 1]
    entry_slot : slot from which a row has not yet entered; empty without delayed entry
    leave_order, leave_first : rows by entry_slot, and where each slot's rows lie in that order
    """

    first: np.ndarray
    n_dead: np.ndarray
    stratum_first: np.ndarray
    entry_slot: np.ndarray
    leave_order: np.ndarray
    leave_first: np.ndarray


@njit(inline="always", error_model="numpy")
def _sum_deaths(s, x, risk, weights, first, n_dead, dead):
    """Sums over the deaths of slot s: of risk, of risk * x_j, and last of their weights."""
    p = x.shape[1]
    for j in range(p + 2):
        dead[j] = 0.0
    for i in range(first[s], first[s] + n_dead[s]):
        dead[0] += risk[i]
        dead[p + 1] += weights[i]
        for j in range(p):
            dead[j + 1] += risk[i] * x[i, j]


@njit(inline="always", error_model="numpy")
def _sum_entrants(s, x, risk, first, total):
    """Everyone of slot s joins the risk set: sums of risk and of risk * x_j."""
    for i in range(first[s], first[s + 1]):
        total[0] += risk[i]
        for j in range(x.shape[1]):
            total[j + 1] += risk[i] * x[i, j]


@_compiled
def _sum_movers(s, x, risk, layout, total, carry):
    """As _sum_entrants with delayed entry: rows that have not yet entered at slot s leave."""
    for i in range(layout.first[s], layout.first[s + 1]):
        if layout.entry_slot[i] != s:
            _add_row(total, carry, x, i, risk[i])
    for q in range(layout.leave_first[s], layout.leave_first[s + 1]):
        _add_row(total, carry, x, layout.leave_order[q], -risk[layout.leave_order[q]])


@_compiled
def _add_row(total, carry, x, i, risk):
    """Compensated sums: rows that leave must not leave their rounding behind."""
    for j in range(x.shape[1] + 1):
        value = risk if j == 0 else risk * x[i, j - 1]
        t = total[j] + value
        if abs(total[j]) >= abs(value):
            carry[j] += (total[j] - t) + value
        else:
            carry[j] += (value - t) + total[j]
        total[j] = t


@_compiled
def _subtract_products(left, right, count, information):
    """Information -= left' right over the first `count` rows of two buffers."""
    product = np.dot(left[:count].T, right[:count])
    for a in range(product.shape[0]):
        for b in range(product.shape[0]):
            information[a, b] -= product[a, b]


@_compiled
def _slot_pass(x, risk, weights, layout, efron, slot_weight, hazard, hazard_dead, information):
    """Hazard increments per slot; information loses the outer products of its risk-set means.

    Under Efron's ties the mean of part k is a_k u - b_k v, with u and v the sums over the risk set
    and the deaths. Their outer products add up to those of two vectors, however many the ties.
    Returns the sum of the log denominators, infinite when one is not positive.
    """
    p = x.shape[1]
    total, carry, dead = np.zeros(p + 1), np.zeros(p + 1), np.zeros(p + 2)
    means, weighted_means = np.empty((_BLOCK, p)), np.empty((_BLOCK, p))
    used, log_sum = 0, 0.0
    # Unpacked once: attribute access inside the loop costs more than the sums themselves.
    first, n_dead, delayed = layout.first, layout.n_dead, layout.entry_slot.size > 0
    for s in range(n_dead.size):
        hazard[s], hazard_dead[s] = 0.0, 0.0
        d = n_dead[s]
        if d == 0:
            total[:] = 0.0
            carry[:] = 0.0
            continue
        _sum_deaths(s, x, risk, weights, first, n_dead, dead)
        if delayed:
            _sum_movers(s, x, risk, layout, total, carry)
        else:
            _sum_entrants(s, x, risk, first, total)
        n_parts = d if efron else 1
        weight = dead[p + 1] / n_parts
        base = total[0] + carry[0]
        aa, ab, bb = 0.0, 0.0, 0.0  # weighted sums of a_k^2, a_k b_k, b_k^2
        for k in range(n_parts):
            fraction = k / d
            denominator = base - fraction * dead[0]
            if not denominator > 0.0:
                return np.inf
            log_sum += weight * math.log(denominator)
            increment = weight / denominator
            hazard[s] += increment
            hazard_dead[s] += (1.0 - fraction) * increment
            ratio = base / denominator
            aa += weight * ratio * ratio
            ab += weight * ratio * ratio * fraction
            bb += weight * ratio * ratio * fraction * fraction
        if used > _BLOCK - 2:
            _subtract_products(weighted_means, means, used, information)
            used = 0
        shift = ab / aa
        root_a, root_b = math.sqrt(aa), math.sqrt(max(bb - ab * shift, 0.0))
        for j in range(p):
            u, v = (total[j + 1] + carry[j + 1]) / base, dead[j + 1] / base
            means[used, j] = root_a * (u - shift * v)
            means[used + 1, j] = root_b * v
            weighted_means[used, j] = slot_weight[s] * means[used, j]
            weighted_means[used + 1, j] = slot_weight[s] * means[used + 1, j]
        used += 2 if n_parts > 1 else 1
    _subtract_products(weighted_means, means, used, information)
    return log_sum


@_compiled
def _expected(risk, layout, hazard, hazard_dead, slot_weight):
    """Weighted expected events of every row, each slot's hazard multiplied by its weight."""
    first, n_dead, entry_slot = layout.first, layout.n_dead, layout.entry_slot
    cumulative = np.zeros(n_dead.size + 1)
    for s in range(n_dead.size - 1, -1, -1):
        if n_dead[s] > 0:
            cumulative[s] = cumulative[s + 1] + slot_weight[s] * hazard[s]
    expected = np.empty(risk.size)
    for s in range(n_dead.size):
        last_dead = first[s] + n_dead[s]
        excess = slot_weight[s] * (hazard[s] - hazard_dead[s])
        for i in range(first[s], first[s + 1]):
            h = cumulative[s]
            if entry_slot.size > 0:
                h -= cumulative[entry_slot[i]]
            expected[i] = risk[i] * (h - excess if i < last_dead else h)
    return expected


@_compiled
def _add_products(x, expected, score, information):
    """Add x' diag(expected) x to information, take x' expected off score; blocks stay in cache."""
    n, p = x.shape
    scaled, part = np.empty((_BLOCK, p)), np.empty(p)
    for low in range(0, n, _BLOCK):
        high = min(low + _BLOCK, n)
        for j in range(p):
            part[j] = 0.0
        for i in range(low, high):
            for j in range(p):
                value = -expected[i] * x[i, j]
                scaled[i - low, j] = value
                part[j] += value
        for j in range(p):
            score[j] += part[j]
        _subtract_products(scaled, x[low:high], high - low, information)


@_compiled
def _relative_risk(eta, weights, layout, risk):
    """Fill risk with w exp(eta - shift), the largest eta of each stratum as its shift.

    Returns the sum of w (eta - shift) over the deaths.
    """
    death_sum = 0.0
    first, n_dead, stratum_first = layout.first, layout.n_dead, layout.stratum_first
    for k in range(stratum_first.size - 1):
        low, high = first[stratum_first[k]], first[stratum_first[k + 1]]
        shift = -np.inf
        for i in range(low, high):
            shift = max(shift, eta[i])
        for i in range(low, high):
            risk[i] = weights[i] * math.exp(eta[i] - shift)
        for s in range(stratum_first[k], stratum_first[k + 1]):
            for i in range(first[s], first[s] + n_dead[s]):
                death_sum += weights[i] * (eta[i] - shift)
    return death_sum


@_compiled
def evaluate(x, beta, offset, weights, layout, efron, score, information):
    """Log partial likelihood at beta; fills score (p) and information (p, p)."""
    n_slots = layout.n_dead.size
    eta = np.dot(x, beta) + offset
    risk, ones = np.empty(eta.size), np.ones(n_slots)
    death_sum = _relative_risk(eta, weights, layout, risk)
    hazard, hazard_dead = np.empty(n_slots), np.empty(n_slots)
    information[:] = 0.0
    log_sum = _slot_pass(x, risk, weights, layout, efron, ones, hazard, hazard_dead, information)
    if not math.isfinite(log_sum) or not math.isfinite(death_sum):
        return -np.inf
    expected = _expected(risk, layout, hazard, hazard_dead, ones)
    score[:] = 0.0
    _add_products(x, expected, score, information)
    first, n_dead = layout.first, layout.n_dead
    for s in range(n_slots):
        for i in range(first[s], first[s] + n_dead[s]):
            for j in range(score.size):
                score[j] += weights[i] * x[i, j]
    if not np.isfinite(information).all():  # the relative risks span more than a double can hold
        return -np.inf
    return death_sum - log_sum


@_compiled
def weighted_information(x, beta, offset, weights, layout, efron, slot_weight):
    """Information with the contribution of every slot multiplied by its weight."""
    n_slots, p = layout.n_dead.size, x.shape[1]
    eta = np.dot(x, beta) + offset
    risk = np.empty(eta.size)
    _relative_risk(eta, weights, layout, risk)
    hazard, hazard_dead = np.empty(n_slots), np.empty(n_slots)
    information = np.zeros((p, p))
    _slot_pass(x, risk, weights, layout, efron, slot_weight, hazard, hazard_dead, information)
    expected = _expected(risk, layout, hazard, hazard_dead, slot_weight)
    _add_products(x, expected, np.zeros(p), information)
    return information


@_compiled
def risk_table(x, risk, weights, layout, efron):
    """What residuals and baseline hazards need, per slot.

    Returns
    -------
    hazard, hazard_dead, variance : ndarray, shape (n_slots,)
        Hazard increment for a row at risk, for a row that dies here (Efron counts only part of
        it), and the sum of weight / denominator^2.
    mean, mean_hazard, mean_hazard_dead : ndarray, shape (n_slots, p)
        Risk-set mean averaged over the tied deaths, and its products with the two hazards.
    """
    n_slots, p = layout.n_dead.size, x.shape[1]
    hazard, hazard_dead, variance = np.zeros(n_slots), np.zeros(n_slots), np.zeros(n_slots)
    mean, product = np.zeros((n_slots, p)), np.zeros((n_slots, p))
    product_dead = np.zeros((n_slots, p))
    total, carry, dead = np.zeros(p + 1), np.zeros(p + 1), np.zeros(p + 2)
    first, n_dead, delayed = layout.first, layout.n_dead, layout.entry_slot.size > 0
    for s in range(n_slots):
        d = n_dead[s]
        if d == 0:
            total[:] = 0.0
            carry[:] = 0.0
            continue
        _sum_deaths(s, x, risk, weights, first, n_dead, dead)
        if delayed:
            _sum_movers(s, x, risk, layout, total, carry)
        else:
            _sum_entrants(s, x, risk, first, total)
        n_parts = d if efron else 1
        weight = dead[p + 1] / n_parts
        for k in range(n_parts):
            fraction = k / d
            denominator = total[0] + carry[0] - fraction * dead[0]
            increment = weight / denominator
            hazard[s] += increment
            hazard_dead[s] += (1.0 - fraction) * increment
            variance[s] += increment / denominator
            for j in range(p):
                xbar = (total[j + 1] + carry[j + 1] - fraction * dead[j + 1]) / denominator
                mean[s, j] += xbar / n_parts
                product[s, j] += xbar * increment
                product_dead[s, j] += (1.0 - fraction) * xbar * increment
    return hazard, hazard_dead, variance, mean, product, product_dead
