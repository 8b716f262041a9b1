"""Risk-set sums row by row: what residuals, baseline hazards and Firth's penalty need."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from faceage_stats._compiled import FloatArray, IntArray, compiled
from faceage_stats.survival.cox.kernel.layout import Layout

__all__ = ["RiskSums", "add_row", "risk_table", "sum_deaths", "sum_entrants", "sum_movers"]

_compiled = compiled(error_model="numpy")


@compiled(inline="always", error_model="numpy")
def sum_deaths(
    s: int,
    x: FloatArray,
    risk: FloatArray,
    weights: FloatArray,
    first: IntArray,
    n_dead: IntArray,
    dead: FloatArray,
) -> None:
    """Sums over the deaths of interval s: of risk, of risk * x_j, and last of their weights."""
    p = x.shape[1]
    for j in range(p + 2):
        dead[j] = 0.0
    for i in range(first[s], first[s] + n_dead[s]):
        dead[0] += risk[i]
        dead[p + 1] += weights[i]
        for j in range(p):
            dead[j + 1] += risk[i] * x[i, j]


@compiled(inline="always", error_model="numpy")
def sum_entrants(
    s: int, x: FloatArray, risk: FloatArray, first: IntArray, total: FloatArray
) -> None:
    """All rows of interval s join the risk set: sums of risk and of risk * x_j."""
    for i in range(first[s], first[s + 1]):
        total[0] += risk[i]
        for j in range(x.shape[1]):
            total[j + 1] += risk[i] * x[i, j]


@_compiled
def sum_movers(
    s: int, x: FloatArray, risk: FloatArray, layout: Layout, total: FloatArray, carry: FloatArray
) -> None:
    """As sum_entrants with delayed entry: rows that have not yet entered at interval s leave."""
    for i in range(layout.first[s], layout.first[s + 1]):
        if layout.entry_interval[i] != s:
            add_row(total, carry, x, i, risk[i])
    for q in range(layout.leave_first[s], layout.leave_first[s + 1]):
        add_row(total, carry, x, layout.leave_order[q], -risk[layout.leave_order[q]])


@_compiled
def add_row(total: FloatArray, carry: FloatArray, x: FloatArray, i: int, risk: float) -> None:
    """Compensated sums: rows that leave must not leave their rounding behind."""
    for j in range(x.shape[1] + 1):
        value = risk if j == 0 else risk * x[i, j - 1]
        t = total[j] + value
        if abs(total[j]) >= abs(value):
            carry[j] += (total[j] - t) + value
        else:
            carry[j] += (value - t) + total[j]
        total[j] = t


class RiskSums(NamedTuple):
    """What residuals and baseline hazards need, per interval.

    Attributes
    ----------
    hazard, hazard_dead, variance : ndarray, shape (n_intervals,)
        Hazard increment for a row at risk, for a row that dies here (Efron counts only part of
        it), and the sum of weight / denominator^2.
    mean, product, product_dead : ndarray, shape (n_intervals, p)
        Risk-set mean averaged over the tied deaths, and its products with the two hazards.
    """

    hazard: FloatArray
    hazard_dead: FloatArray
    variance: FloatArray
    mean: FloatArray
    product: FloatArray
    product_dead: FloatArray


@_compiled
def risk_table(
    x: FloatArray, risk: FloatArray, weights: FloatArray, layout: Layout, efron: bool
) -> RiskSums:
    """Sum over every risk set at the given risks; x has shape (n, p)."""
    n_intervals, p = layout.n_dead.size, x.shape[1]
    hazard, hazard_dead, variance = (
        np.zeros(n_intervals),
        np.zeros(n_intervals),
        np.zeros(n_intervals),
    )
    mean, product = np.zeros((n_intervals, p)), np.zeros((n_intervals, p))
    product_dead = np.zeros((n_intervals, p))
    total, carry, dead = np.zeros(p + 1), np.zeros(p + 1), np.zeros(p + 2)
    first, n_dead, delayed = layout.first, layout.n_dead, layout.entry_interval.size > 0
    for s in range(n_intervals):
        d = n_dead[s]
        if d == 0:
            total[:] = 0.0
            carry[:] = 0.0
            continue
        sum_deaths(s, x, risk, weights, first, n_dead, dead)
        if delayed:
            sum_movers(s, x, risk, layout, total, carry)
        else:
            sum_entrants(s, x, risk, first, total)
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
    return RiskSums(hazard, hazard_dead, variance, mean, product, product_dead)
