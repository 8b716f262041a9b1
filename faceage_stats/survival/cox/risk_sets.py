"""Sums over the risk sets of a Cox fit, and their cumulative sums over follow-up."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from faceage_stats._compiled import BoolArray, FloatArray
from faceage_stats.survival.cox.data import CoxData
from faceage_stats.survival.cox.kernel.risk_table import risk_table

__all__ = ["RiskTable", "risk_sets"]


@dataclass(frozen=True)
class RiskTable:
    """Risk-set sums per interval at a linear predictor, in the scaled columns of `data`.

    Attributes
    ----------
    data : CoxData
    risk : ndarray, shape (n,)
        exp(linear predictor) of the sorted rows.
    hazard, hazard_dead, variance, mean, product, product_dead
        As of `RiskSums`, the last three (n_intervals, p); cumulative sums run forwards in time.
    """

    data: CoxData
    risk: FloatArray
    hazard: FloatArray
    hazard_dead: FloatArray
    variance: FloatArray
    mean: FloatArray
    product: FloatArray
    product_dead: FloatArray

    @property
    def is_dead(self) -> BoolArray:
        """Sorted rows that are events."""
        layout = self.data.layout
        position = np.arange(len(self.data.interval))
        return position < (layout.first[:-1] + layout.n_dead)[self.data.interval]

    def cumulate(self, increments: FloatArray) -> FloatArray:
        """Sum over the event times of the stratum up to and including each interval's."""
        total = np.zeros_like(increments)
        bounds = self.data.layout.stratum_first
        for low, high in itertools.pairwise(bounds):
            total[low:high] = np.cumsum(increments[low:high][::-1], axis=0)[::-1]
        return total

    def over_follow_up(self, increments: FloatArray) -> FloatArray:
        """Sum of the increments over each sorted row's time at risk."""
        total = self.cumulate(increments)
        entry_interval = self.data.layout.entry_interval
        value = total[self.data.interval]
        return value - total[entry_interval] if len(entry_interval) else value


def risk_sets(data: CoxData, linear_predictor: FloatArray, *, efron: bool) -> RiskTable:
    """Sum over the risk sets at a linear predictor given in the order of the input rows."""
    # within these no risk, and no hazard of the least at risk, is beyond the numbers
    risk = np.exp(np.clip(linear_predictor[data.order], -690.0, 690.0))
    sums = risk_table(data.x.T, data.weights * risk, data.weights, data.layout, efron)
    of_columns = (sums.mean.T, sums.product.T, sums.product_dead.T)
    return RiskTable(data, risk, sums.hazard, sums.hazard_dead, sums.variance, *of_columns)
