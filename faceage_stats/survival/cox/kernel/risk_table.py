"""Risk-set sums interval by interval: what residuals, baseline hazards and tests of PH need."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from faceage_stats._compiled import FloatArray, IntArray, compiled
from faceage_stats.survival.cox.kernel.layout import Layout
from faceage_stats.survival.cox.kernel.risk_sets import sum_columns, sum_intervals

__all__ = ["RiskSums", "death_residuals", "risk_table"]

_compiled = compiled(error_model="numpy")


class RiskSums(NamedTuple):
    """What residuals and baseline hazards need, per interval.

    Attributes
    ----------
    hazard, hazard_dead, variance : ndarray, shape (n_intervals,)
        Hazard increment for a row at risk, for a row that dies here (Efron counts only part of
        it), and the sum of weight / denominator^2.
    mean, product, product_dead : ndarray, shape (p, n_intervals)
        Risk-set mean averaged over the tied deaths, and its products with the two hazards.
    """

    hazard: FloatArray
    hazard_dead: FloatArray
    variance: FloatArray
    mean: FloatArray
    product: FloatArray
    product_dead: FloatArray


class _Parts(NamedTuple):
    """Per interval, sums over the parts k of Efron's ties; MATHS.md, section 3, has the letters.

    With a = S / (S - f T): `mean` and `mean_dead` average a and a f, `square`, `square_dead` and
    `square_twice` sum the hazard of each part times a, a f and a f^2. Breslow's has one part.
    """

    hazard: FloatArray
    hazard_dead: FloatArray
    variance: FloatArray
    mean: FloatArray
    mean_dead: FloatArray
    square: FloatArray
    square_dead: FloatArray
    square_twice: FloatArray


@_compiled
def _parts(
    at_risk: FloatArray, dying: FloatArray, weights: FloatArray, layout: Layout, efron: bool
) -> _Parts:
    """Sum over the parts of every interval, from the risks of its risk set and of its deaths."""
    sums = np.zeros((8, at_risk.size))
    for s in range(at_risk.size):
        d, weight = layout.n_tied[s], 0.0
        for i in range(layout.first[s], layout.first[s] + layout.n_dead[s]):
            weight += weights[i]
        n_parts = d if efron else min(d, 1)
        for k in range(n_parts):
            fraction = k / d
            denominator = at_risk[s] - fraction * dying[s]
            increment, a = weight / n_parts / denominator, at_risk[s] / denominator
            sums[0, s] += increment
            sums[1, s] += (1.0 - fraction) * increment
            sums[2, s] += increment / denominator
            sums[3, s] += a / n_parts
            sums[4, s] += a / n_parts * fraction
            sums[5, s] += increment * a
            sums[6, s] += increment * a * fraction
            sums[7, s] += increment * a * fraction * fraction
    return _Parts(
        sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6], sums[7]
    )  # fmt: skip


@_compiled
def risk_table(
    columns: FloatArray, risk: FloatArray, weights: FloatArray, layout: Layout, efron: bool
) -> RiskSums:
    """Sum over every risk set at the given risks, weights included; `columns` is (p, n)."""
    p, n_intervals = columns.shape[0], layout.n_dead.size
    base, tied = np.empty(n_intervals), np.empty(n_intervals)
    at_risk, dying = np.empty((4, n_intervals)), np.empty((4, n_intervals))
    state = np.zeros((p + 1, 2))
    sum_intervals(0, risk, None, layout, state[p], base, tied)
    parts = _parts(base, tied, weights, layout, efron)
    mean, product = np.zeros((p, n_intervals)), np.zeros((p, n_intervals))
    product_dead = np.zeros((p, n_intervals))
    for j in range(0, p, 4):
        sum_columns(0, risk, columns, j, layout, state, at_risk, dying)
        for c in range(min(4, p - j)):
            for s in range(n_intervals):
                if layout.n_dead[s] > 0:
                    u, v = at_risk[c, s] / base[s], dying[c, s] / base[s]
                    mean[j + c, s] = parts.mean[s] * u - parts.mean_dead[s] * v
                    whole = parts.square[s] * u - parts.square_dead[s] * v
                    part = parts.square_dead[s] * u - parts.square_twice[s] * v
                    product[j + c, s], product_dead[j + c, s] = whole, whole - part
    return RiskSums(parts.hazard, parts.hazard_dead, parts.variance, mean, product, product_dead)


@_compiled
def death_residuals(
    columns: FloatArray, mean: FloatArray, scale: FloatArray, layout: Layout, intervals: IntArray
) -> FloatArray:
    """Columns of each death less the mean of its risk set, over scale: shape (p, n_event)."""
    p = columns.shape[0]
    residual = np.empty((p, layout.n_dead.sum()))
    for j in range(p):
        at, unit = 0, 1.0 / scale[j]
        for s in intervals:
            for i in range(layout.first[s], layout.first[s] + layout.n_dead[s]):
                residual[j, at] = (columns[j, i] - mean[j, s]) * unit
                at += 1
    return residual
