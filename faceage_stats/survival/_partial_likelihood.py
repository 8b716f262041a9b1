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


@njit(cache=True)
def _add(total, carry, j, value):
    """Compensated `total[j] += value`: rows that leave must not leave their rounding behind."""
    t = total[j] + value
    if abs(total[j]) >= abs(value):
        carry[j] += (total[j] - t) + value
    else:
        carry[j] += (value - t) + total[j]
    total[j] = t


@njit(cache=True)
def _advance(s, x, risk, weights, layout, total, carry, dead):
    """Bring the risk-set sums to slot s: entry 0 is the sum of risk, entry j + 1 of risk * x_j.

    `dead` holds the same sums over the deaths, and their weight in its last entry.
    """
    p = x.shape[1]
    delayed = layout.entry_slot.size > 0
    first, end = layout.first[s], layout.first[s + 1]
    dead[:] = 0.0
    for i in range(first, first + layout.n_dead[s]):
        dead[0] += risk[i]
        dead[p + 1] += weights[i]
        for j in range(p):
            dead[j + 1] += risk[i] * x[i, j]
    if delayed:
        _enter_and_leave(s, x, risk, layout, total, carry)
        return
    for i in range(first, end):
        total[0] += risk[i]
        for j in range(p):
            total[j + 1] += risk[i] * x[i, j]


@njit(cache=True)
def _enter_and_leave(s, x, risk, layout, total, carry):
    """Add the rows of slot s that were at risk before it, drop those not yet entered."""
    p = x.shape[1]
    for i in range(layout.first[s], layout.first[s + 1]):
        if layout.entry_slot[i] != s:
            _add(total, carry, 0, risk[i])
            for j in range(p):
                _add(total, carry, j + 1, risk[i] * x[i, j])
    for q in range(layout.leave_first[s], layout.leave_first[s + 1]):
        i = layout.leave_order[q]
        _add(total, carry, 0, -risk[i])
        for j in range(p):
            _add(total, carry, j + 1, -risk[i] * x[i, j])


@njit(cache=True)
def _subtract_products(left, right, count, information):
    """Information -= left' right over the first `count` rows of two buffers."""
    product = np.dot(left[:count].T, right[:count])
    for a in range(product.shape[0]):
        for b in range(product.shape[0]):
            information[a, b] -= product[a, b]


@njit(cache=True)
def _slot_pass(x, risk, weights, layout, efron, slot_weight, hazard, hazard_dead, information):
    """Hazard increments per slot; information loses its risk-set means.

    Returns the sum of the log denominators, infinite when one is not positive.
    """
    p = x.shape[1]
    total, carry, dead = np.zeros(p + 1), np.zeros(p + 1), np.zeros(p + 2)
    means, weighted_means = np.empty((_BLOCK, p)), np.empty((_BLOCK, p))
    used, log_sum = 0, 0.0
    for s in range(layout.n_dead.size):
        hazard[s], hazard_dead[s] = 0.0, 0.0
        d = layout.n_dead[s]
        if d == 0:
            total[:] = 0.0
            carry[:] = 0.0
            continue
        _advance(s, x, risk, weights, layout, total, carry, dead)
        n_parts = d if efron else 1
        weight = dead[p + 1] / n_parts
        for k in range(n_parts):
            fraction = k / d
            denominator = total[0] + carry[0] - fraction * dead[0]
            if not denominator > 0.0:
                return np.inf
            log_sum += weight * math.log(denominator)
            increment = weight / denominator
            hazard[s] += increment
            hazard_dead[s] += (1.0 - fraction) * increment
            for j in range(p):
                mean = (total[j + 1] + carry[j + 1] - fraction * dead[j + 1]) / denominator
                means[used, j] = mean
                weighted_means[used, j] = slot_weight[s] * weight * mean
            used += 1
            if used == _BLOCK:
                _subtract_products(weighted_means, means, used, information)
                used = 0
    _subtract_products(weighted_means, means, used, information)
    return log_sum


@njit(cache=True)
def _expected(risk, layout, hazard, hazard_dead, slot_weight):
    """Weighted expected events of every row, each slot's hazard multiplied by its weight."""
    n_slots = layout.n_dead.size
    cumulative = np.zeros(n_slots + 1)
    for s in range(n_slots - 1, -1, -1):
        if layout.n_dead[s] > 0:
            cumulative[s] = cumulative[s + 1] + slot_weight[s] * hazard[s]
    expected = np.empty(risk.size)
    for s in range(n_slots):
        last_dead = layout.first[s] + layout.n_dead[s]
        excess = slot_weight[s] * (hazard[s] - hazard_dead[s])
        for i in range(layout.first[s], layout.first[s + 1]):
            h = cumulative[s]
            if layout.entry_slot.size > 0:
                h -= cumulative[layout.entry_slot[i]]
            expected[i] = risk[i] * (h - excess if i < last_dead else h)
    return expected


@njit(cache=True)
def _add_products(x, expected, information):
    """Information += x' diag(expected) x, in blocks that stay in cache."""
    n, p = x.shape
    scaled = np.empty((_BLOCK, p))
    for low in range(0, n, _BLOCK):
        high = min(low + _BLOCK, n)
        for i in range(low, high):
            for j in range(p):
                scaled[i - low, j] = -expected[i] * x[i, j]
        _subtract_products(scaled, x[low:high], high - low, information)


@njit(cache=True)
def _relative_risk(eta, weights, layout, risk):
    """Fill risk with w exp(eta - shift), the largest eta of each stratum as its shift.

    Returns the sum of w (eta - shift) over the deaths.
    """
    death_sum = 0.0
    for k in range(layout.stratum_first.size - 1):
        first_slot, end_slot = layout.stratum_first[k], layout.stratum_first[k + 1]
        low, high = layout.first[first_slot], layout.first[end_slot]
        shift = -np.inf
        for i in range(low, high):
            shift = max(shift, eta[i])
        for i in range(low, high):
            risk[i] = weights[i] * math.exp(eta[i] - shift)
        for s in range(first_slot, end_slot):
            for i in range(layout.first[s], layout.first[s] + layout.n_dead[s]):
                death_sum += weights[i] * (eta[i] - shift)
    return death_sum


@njit(cache=True)
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
    _add_products(x, expected, information)
    for s in range(n_slots):  # from here on the residual, events less expected
        for i in range(layout.first[s], layout.first[s + 1]):
            is_dead = i < layout.first[s] + layout.n_dead[s]
            expected[i] = (weights[i] if is_dead else 0.0) - expected[i]
    score[:] = np.dot(expected, x)
    return death_sum - log_sum


@njit(cache=True)
def weighted_information(x, beta, offset, weights, layout, efron, slot_weight):
    """Information with the contribution of every slot multiplied by its weight."""
    n_slots, p = layout.n_dead.size, x.shape[1]
    eta = np.dot(x, beta) + offset
    risk = np.empty(eta.size)
    _relative_risk(eta, weights, layout, risk)
    hazard, hazard_dead = np.empty(n_slots), np.empty(n_slots)
    information = np.zeros((p, p))
    _slot_pass(x, risk, weights, layout, efron, slot_weight, hazard, hazard_dead, information)
    _add_products(x, _expected(risk, layout, hazard, hazard_dead, slot_weight), information)
    return information


@njit(cache=True)
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
    for s in range(n_slots):
        d = layout.n_dead[s]
        if d == 0:
            total[:] = 0.0
            carry[:] = 0.0
            continue
        _advance(s, x, risk, weights, layout, total, carry, dead)
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
