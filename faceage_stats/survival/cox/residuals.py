"""Residuals of a Cox model and the sandwich variance made of them."""

from __future__ import annotations

import itertools
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from faceage_stats._compiled import FloatArray, IntArray
from faceage_stats._near import check_option
from faceage_stats._wald import std_errors
from faceage_stats.errors import InputError
from faceage_stats.survival.cox.data import CoxData
from faceage_stats.survival.cox.estimate import quadratic_form
from faceage_stats.survival.cox.fit import CoxFit
from faceage_stats.survival.cox.kernel.risk_table import death_residuals
from faceage_stats.survival.cox.risk_sets import RiskTable, risk_sets

__all__ = [
    "ResidualType",
    "Schoenfeld",
    "collapse",
    "deviance_residuals",
    "martingale_residuals",
    "refuse_exact",
    "residuals_of",
    "robust_score_statistic",
    "sandwich",
    "schoenfeld_residuals",
    "score_residuals",
]


ResidualType = Literal[
    "martingale", "deviance", "score", "schoenfeld", "scaled_schoenfeld", "dfbeta", "dfbetas"
]


def residuals_of(fit: CoxFit, type: ResidualType) -> pd.Series | pd.DataFrame:  # noqa: A002 - R's
    """Label the residuals of one type by row and coefficient; see `CoxPH.residuals`."""
    check_option("type", type, ResidualType)
    index, names, table = fit.frame.index, fit.design.names, fit.risk_sets
    if type in ("martingale", "deviance"):
        value = martingale_residuals(table)
        if type == "deviance":
            value = deviance_residuals(value, fit.surv.event)
        return pd.Series(value, index=index, name=type)
    refuse_exact(fit, f"{type} residuals are")
    variance = fit.estimate.variance
    if "schoenfeld" in type:
        value, row = schoenfeld_residuals(table)
        if type == "scaled_schoenfeld":
            value = value @ variance * fit.n_event + fit.estimate.filled
        return pd.DataFrame(value, index=index[row], columns=names)
    value = score_residuals(table)
    if type != "score":
        value = value * fit.weights[:, None] @ variance
    if type == "dfbetas":
        with np.errstate(divide="ignore", invalid="ignore"):
            value = value / std_errors(variance)
    return pd.DataFrame(value, index=index, columns=names)


def refuse_exact(fit: CoxFit, what: str) -> None:
    """Refuse what is not defined for the exact likelihood, as R does."""
    if fit.ties == "exact":
        raise InputError(f'{what} not defined for ties="exact"; refit with ties="efron".')


def _expected(table: RiskTable) -> FloatArray:
    interval, is_dead = table.data.interval, table.is_dead
    excess = np.where(is_dead, (table.hazard - table.hazard_dead)[interval], 0.0)
    return table.risk * (table.over_follow_up(table.hazard) - excess)


def martingale_residuals(table: RiskTable) -> FloatArray:
    """Observed less expected events, in the order of the input rows."""
    return table.data.unsort(table.is_dead - _expected(table))


def deviance_residuals(martingale: FloatArray, event: IntArray) -> FloatArray:
    """Martingale residuals made roughly symmetric."""
    with np.errstate(divide="ignore", invalid="ignore"):
        log_term = np.where(event == 1, np.log(event - martingale), 0.0)
    inside = -2.0 * (martingale + np.where(event == 1, log_term, 0.0))
    return np.sign(martingale) * np.sqrt(np.maximum(inside, 0.0))


def score_residuals(table: RiskTable) -> FloatArray:
    """Each row's contribution to the score, (n, p), without its weight, in input order."""
    data, interval = table.data, table.data.interval
    is_dead, risk = table.is_dead[:, None], table.risk[:, None]
    mean_integral = table.over_follow_up(table.product)
    mean_integral -= np.where(is_dead, (table.product - table.product_dead)[interval], 0.0)
    residual = np.where(is_dead, data.x - table.mean[interval], 0.0)
    residual -= data.x * _expected(table)[:, None] - risk * mean_integral
    return data.unsort(residual / data.scale)


class Schoenfeld(NamedTuple):
    """Covariates of each event less their risk-set mean.

    Attributes
    ----------
    residual : ndarray, shape (n_event, p)
        By stratum, then time, then row.
    row : ndarray of int64, shape (n_event,)
        Input row of each event.
    """

    residual: FloatArray
    row: IntArray


def schoenfeld_residuals(table: RiskTable) -> Schoenfeld:
    """Take the mean of its risk set from the covariates of each event."""
    data, layout = table.data, table.data.layout
    bounds = itertools.pairwise(layout.stratum_first)
    intervals = np.concatenate([np.arange(high - 1, low - 1, -1) for low, high in bounds])
    starts, n_dead = layout.first[intervals], layout.n_dead[intervals]
    dead = np.repeat(starts - (np.cumsum(n_dead) - n_dead), n_dead) + np.arange(n_dead.sum())
    residual = death_residuals(data.x.T, table.mean.T, data.scale, layout, intervals)
    return Schoenfeld(residual.T, data.order[dead])


def collapse(values: FloatArray, cluster: IntArray | None) -> FloatArray:
    """Sums of the rows of each cluster; the rows themselves without clusters."""
    if cluster is None:
        return values
    total = np.zeros((int(cluster.max()) + 1, values.shape[1]))
    np.add.at(total, cluster, values)
    return total


def sandwich(
    residual: FloatArray, weights: FloatArray, variance: FloatArray, cluster: IntArray | None
) -> FloatArray:
    """Robust variance: cross-product of the weighted dfbetas summed within clusters."""
    dfbeta = collapse((residual * weights[:, None]) @ variance, cluster)
    return dfbeta.T @ dfbeta


def robust_score_statistic(
    data: CoxData,
    weights: FloatArray,
    cluster: IntArray | None,
    *,
    efron: bool,
    null: FloatArray,
) -> float:
    """Robust score test of all coefficients at the linear predictor `null`."""
    table = risk_sets(data, null, efron=efron)
    residual = collapse(score_residuals(table) * weights[:, None], cluster)
    return quadratic_form(residual.T @ residual, residual.sum(axis=0))
