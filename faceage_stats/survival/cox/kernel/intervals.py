"""Each event time of the partial likelihood: its hazard, and the mean vectors of its risk set.

Under Efron's ties the mean of part k is a_k u - b_k v, with u and v the means over the risk set
and over the deaths. Their outer products add up to those of two vectors, however many the ties:
MATHS.md, section 3.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from faceage_stats._compiled import FloatArray, compiled
from faceage_stats.survival.cox.kernel.layout import Layout
from faceage_stats.survival.cox.kernel.risk_sets import sum_columns

__all__ = ["Hazards", "Mix", "Interval", "mean_vectors", "interval_of"]

_compiled = compiled(error_model="numpy", fastmath={"reassoc", "contract", "nsz"})


class Interval(NamedTuple):
    """Hazard of one interval, and how its two mean vectors are made; see MATHS.md, section 3."""

    log_sum: float  # weighted log denominators, infinite when one is not positive
    hazard: float  # increment for a row that stays at risk
    hazard_dead: float  # and for a row that dies here, of which Efron counts a part
    set_scale: float  # first vector: set_scale (sum over the risk set - shift sum over the deaths)
    shift: float
    death_scale: float  # second vector: death_scale sum over the deaths


@_compiled
def interval_of(base: float, dead: float, weight: float, d: int, efron: bool) -> Interval:
    """Make the hazard of an interval from the risks of its risk set and of its d deaths."""
    n_parts = d if efron else 1
    part_weight = weight / n_parts
    log_sum, hazard, hazard_dead = 0.0, 0.0, 0.0
    aa, ab, bb = 0.0, 0.0, 0.0  # weighted sums of a_k^2, a_k b_k, b_k^2
    for k in range(n_parts):
        fraction = k / d
        denominator = base - fraction * dead
        if not denominator > 0.0:
            return Interval(np.inf, 0.0, 0.0, 0.0, 0.0, 0.0)
        log_sum += part_weight * math.log(denominator)
        increment = part_weight / denominator
        hazard += increment
        hazard_dead += (1.0 - fraction) * increment
        ratio = base / denominator
        aa += part_weight * ratio * ratio
        ab += part_weight * ratio * ratio * fraction
        bb += part_weight * ratio * ratio * fraction * fraction
    shift = ab / aa
    left = math.sqrt(max(bb - ab * shift, 0.0))
    return Interval(log_sum, hazard, hazard_dead, math.sqrt(aa) / base, shift, left / base)


class Mix(NamedTuple):
    """`Interval`'s coefficients of the mean vectors, for a batch of intervals."""

    set_scale: FloatArray
    shift: FloatArray
    death_scale: FloatArray


class Hazards(NamedTuple):
    """Hazard of every interval, for rows that stay at risk and for rows that die in it."""

    at_risk: FloatArray
    dying: FloatArray


@_compiled
def mean_vectors(
    low: int,
    m: int,
    risk: FloatArray,
    columns: FloatArray,
    layout: Layout,
    state: FloatArray,
    mix: Mix,
    means: FloatArray,
) -> None:
    """The two weighted mean vectors of m intervals from `low` on: risk sets, then deaths."""
    p = columns.shape[0]
    at_risk, dying = np.empty((4, m)), np.empty((4, m))
    set_scale, shift, death_scale = mix.set_scale[:m], mix.shift[:m], mix.death_scale[:m]
    for j in range(0, p, 4):
        sum_columns(low, risk, columns, j, layout, state, at_risk, dying)
        for c in range(min(4, p - j)):
            total, dead = at_risk[c], dying[c]
            of_set, of_dead = means[j + c, :m], means[j + c, m : 2 * m]
            for q in range(m):
                of_set[q] = set_scale[q] * (total[q] - shift[q] * dead[q])
                of_dead[q] = death_scale[q] * dead[q]
