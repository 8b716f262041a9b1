"""Relative risks of sorted rows, and sums over the rows that die."""

from __future__ import annotations

import numpy as np

from faceage_stats._compiled import FloatArray, compiled
from faceage_stats.survival.cox.kernel.exp import EXP_BLOCK, exp_block
from faceage_stats.survival.cox.kernel.layout import Layout

__all__ = ["ROWS", "death_totals", "linear_predictor", "mark_deaths", "relative_risk"]

ROWS = 256  # rows whose columns stay in the first-level cache
_compiled = compiled(error_model="numpy", fastmath={"reassoc", "contract", "nsz"})


@_compiled
def linear_predictor(
    columns: FloatArray, beta: FloatArray, offset: FloatArray, eta: FloatArray
) -> None:
    """Fill eta with offset + columns' beta."""
    for low in range(0, eta.size, ROWS):
        part = eta[low : low + ROWS]
        start = offset[low : low + ROWS]
        for i in range(part.size):
            part[i] = start[i]
        for j in range(beta.size):
            x = columns[j, low : low + ROWS]
            for i in range(part.size):
                part[i] += beta[j] * x[i]


@compiled(fastmath={"reassoc", "nnan", "nsz"})
def _largest(x: FloatArray) -> float:
    """Largest value; a NaN shows later, in the risks."""
    largest = -np.inf
    for i in range(x.size):
        largest = max(largest, x[i])
    return largest


@_compiled
def relative_risk(eta: FloatArray, weights: FloatArray, layout: Layout, shift: FloatArray) -> None:
    """Replace eta by w exp(eta - shift), the largest eta of each stratum as its shift."""
    first, stratum_first = layout.first, layout.stratum_first
    power = np.empty(EXP_BLOCK, np.int64)
    for k in range(shift.size):
        values = eta[first[stratum_first[k]] : first[stratum_first[k + 1]]]
        value_weights = weights[first[stratum_first[k]] : first[stratum_first[k + 1]]]
        largest = shift[k] = _largest(values)
        for low in range(0, values.size, EXP_BLOCK):
            part, part_weights = values[low : low + EXP_BLOCK], value_weights[low : low + EXP_BLOCK]
            for i in range(part.size):
                part[i] -= largest
            exp_block(part, power)
            for i in range(part.size):
                part[i] *= part_weights[i]


@_compiled
def mark_deaths(weights: FloatArray, layout: Layout, out: FloatArray) -> None:
    """Fill out with the weight of the rows that die, 0 for the others."""
    for i in range(out.size):
        out[i] = 0.0
    for s in range(layout.n_dead.size):
        for i in range(layout.first[s], layout.first[s] + layout.n_dead[s]):
            out[i] = weights[i]


@_compiled
def death_totals(columns: FloatArray, offset: FloatArray, of_deaths: FloatArray) -> FloatArray:
    """Sums of each column over the deaths, and last of the offset."""
    totals = np.zeros(columns.shape[0] + 1)
    for j in range(totals.size):
        values, total = columns[j] if j < columns.shape[0] else offset, 0.0
        for i in range(values.size):
            total += of_deaths[i] * values[i]
        totals[j] = total
    return totals
