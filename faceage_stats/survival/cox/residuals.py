"""Residuals of a Cox model and the sandwich variance made of them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from faceage_stats.survival.cox.data import CoxData
from faceage_stats.survival.cox.fit import quadratic_form
from faceage_stats.survival.cox.kernel.risk_table import risk_table

__all__ = [
    "RiskTable",
    "collapse",
    "deviance_residuals",
    "martingale_residuals",
    "risk_sets",
    "robust_score_statistic",
    "sandwich",
    "schoenfeld_residuals",
    "score_residuals",
]


@dataclass(frozen=True)
class RiskTable:
    """Risk-set sums per slot at a linear predictor, in the scaled columns of `data`.

    `risk` is exp(linear predictor) of the sorted rows; cumulative sums run forwards in time.
    """

    data: CoxData
    risk: np.ndarray
    hazard: np.ndarray
    hazard_dead: np.ndarray
    variance: np.ndarray
    mean: np.ndarray
    product: np.ndarray
    product_dead: np.ndarray

    @property
    def is_dead(self) -> np.ndarray:
        """Sorted rows that are events."""
        layout = self.data.layout
        position = np.arange(len(self.data.slot))
        return position < (layout.first[:-1] + layout.n_dead)[self.data.slot]

    def cumulate(self, increments: np.ndarray) -> np.ndarray:
        """Sum over the event times of the stratum up to and including each slot's."""
        total = np.zeros_like(increments)
        bounds = self.data.layout.stratum_first
        for low, high in itertools.pairwise(bounds):
            total[low:high] = np.cumsum(increments[low:high][::-1], axis=0)[::-1]
        return total

    def over_follow_up(self, increments: np.ndarray) -> np.ndarray:
        """Sum of the increments over each sorted row's time at risk."""
        total = self.cumulate(increments)
        entry_slot = self.data.layout.entry_slot
        value = total[self.data.slot]
        return value - total[entry_slot] if len(entry_slot) else value


def risk_sets(data: CoxData, linear_predictor: np.ndarray, *, efron: bool) -> RiskTable:
    """Risk-set sums at a linear predictor given in the order of the input rows."""
    risk = np.exp(np.minimum(linear_predictor[data.order], 700.0))
    x = np.ascontiguousarray(data.x)  # one column is laid out as several are
    sums = risk_table(x, data.weights * risk, data.weights, data.layout, efron)
    return RiskTable(data, risk, *sums)


def _expected(table: RiskTable) -> np.ndarray:
    slot, is_dead = table.data.slot, table.is_dead
    excess = np.where(is_dead, (table.hazard - table.hazard_dead)[slot], 0.0)
    return table.risk * (table.over_follow_up(table.hazard) - excess)


def martingale_residuals(table: RiskTable) -> np.ndarray:
    """Observed less expected events, in the order of the input rows."""
    return table.data.unsort(table.is_dead - _expected(table))


def deviance_residuals(martingale: np.ndarray, event: np.ndarray) -> np.ndarray:
    """Martingale residuals made roughly symmetric."""
    with np.errstate(divide="ignore", invalid="ignore"):
        log_term = np.where(event == 1, np.log(event - martingale), 0.0)
    inside = -2.0 * (martingale + np.where(event == 1, log_term, 0.0))
    return np.sign(martingale) * np.sqrt(np.maximum(inside, 0.0))


def score_residuals(table: RiskTable) -> np.ndarray:
    """Each row's contribution to the score, (n, p), without its weight, in input order."""
    data, slot = table.data, table.data.slot
    is_dead, risk = table.is_dead[:, None], table.risk[:, None]
    path = table.over_follow_up(table.product)
    path -= np.where(is_dead, (table.product - table.product_dead)[slot], 0.0)
    residual = np.where(is_dead, data.x - table.mean[slot], 0.0)
    residual -= data.x * _expected(table)[:, None] - risk * path
    return data.unsort(residual / data.scale)


def schoenfeld_residuals(table: RiskTable) -> tuple[np.ndarray, np.ndarray]:
    """Covariates of each event less their risk-set mean.

    Returns
    -------
    residual : ndarray, shape (n_event, p)
        By stratum, then time, then row.
    row : ndarray of int64
        Input row of each event.
    """
    data, layout = table.data, table.data.layout
    bounds = itertools.pairwise(layout.stratum_first)
    slots = np.concatenate([np.arange(high - 1, low - 1, -1) for low, high in bounds])
    n_dead = layout.n_dead[slots]
    before = np.cumsum(n_dead) - n_dead
    dead = np.repeat(layout.first[slots] - before, n_dead) + np.arange(n_dead.sum())
    mean = table.mean.T[:, np.repeat(slots, n_dead)]
    residual = (data.x.T[:, dead] - mean) / data.scale[:, None]
    return residual.T, data.order[dead]


def collapse(values: np.ndarray, cluster: np.ndarray | None) -> np.ndarray:
    """Sums of the rows of each cluster; the rows themselves without clusters."""
    if cluster is None:
        return values
    total = np.zeros((int(cluster.max()) + 1, values.shape[1]))
    np.add.at(total, cluster, values)
    return total


def sandwich(
    residual: np.ndarray, weights: np.ndarray, variance: np.ndarray, cluster: np.ndarray | None
) -> np.ndarray:
    """Robust variance: cross-product of the weighted dfbetas summed within clusters."""
    dfbeta = collapse((residual * weights[:, None]) @ variance, cluster)
    return dfbeta.T @ dfbeta


def robust_score_statistic(
    data: CoxData,
    weights: np.ndarray,
    cluster: np.ndarray | None,
    *,
    efron: bool,
    null: np.ndarray,
) -> float:
    """Robust score test of all coefficients at the linear predictor `null`."""
    table = risk_sets(data, null, efron=efron)
    residual = collapse(score_residuals(table) * weights[:, None], cluster)
    return quadratic_form(residual.T @ residual, residual.sum(axis=0))
