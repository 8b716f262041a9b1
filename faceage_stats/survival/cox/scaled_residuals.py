"""Scaled Schoenfeld residuals: what the coefficient of each term is at each event time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from faceage_stats._compiled import FloatArray, IntArray
from faceage_stats.errors import DesignError
from faceage_stats.survival.cox.fit import CoxFit

__all__ = ["scaled_residuals", "ties_backwards"]


def ties_backwards(fit: CoxFit, row: IntArray) -> IntArray:
    """Order events as R does for (start, stop] data: those of one time in reverse file order."""
    return np.lexsort((-row, fit.surv.time[row], fit.stratum[row])).astype(np.int64)


def scaled_residuals(
    fit: CoxFit,
    residual: FloatArray,
    row: IntArray,
    information: FloatArray,
    groups: list[IntArray],
) -> FloatArray:
    """Scale Schoenfeld residuals and add the coefficient; one column per term.

    A term of several columns enters as its linear predictor, with coefficient 1. A covariate that
    is constant in a stratum gives no residuals there.
    """
    coefficients = fit.estimate.coefficients[~fit.estimate.singular]
    used = _deaths_used(fit, groups)
    total = np.minimum(used[:, :, None], used[:, None, :]).sum(axis=0)
    mean = information / np.where(total == 0, 1, total)
    combine = np.zeros((len(coefficients), len(groups)))
    centre = np.ones(len(groups))
    for i, group in enumerate(groups):
        combine[group, i] = coefficients[group] if len(group) > 1 else 1.0
        if len(group) == 1:
            centre[i] = coefficients[group[0]]
    mean = combine.T @ mean @ combine
    active = used[:, [group[0] for group in groups]] > 0
    if active.all():
        value: FloatArray = residual @ (combine @ _inverse(mean))
        value += centre
        return value
    stratum = fit.stratum[row]
    scaled = np.full((len(row), len(groups)), np.nan)
    for pattern in np.unique(active, axis=0):  # strata in which the same terms vary
        varying = np.flatnonzero(pattern)
        inverse = _inverse(mean[np.ix_(varying, varying)])
        events = np.flatnonzero((active == pattern).all(axis=1)[stratum])
        scaled[np.ix_(events, varying)] = residual[events] @ (combine[:, varying] @ inverse)
    return scaled + centre


def _inverse(information: FloatArray) -> FloatArray:
    try:
        return np.asarray(np.linalg.inv(information))
    except np.linalg.LinAlgError:
        raise DesignError(
            "cox_zph(): the coefficients have no variance of their own (one runs to infinity, or "
            "covariates go together within strata); remove a covariate, or pool strata."
        ) from None


def _deaths_used(fit: CoxFit, groups: list[IntArray]) -> FloatArray:
    """Deaths of each stratum, 0 for a column that is constant there; (n_strata, p kept)."""
    x, event, strata = fit.frame.x, fit.surv.event, fit.frame.strata
    if strata is None:
        varies = ~fit.estimate.singular[None]  # a constant column cannot be estimated
        deaths = np.array([event.sum()])
    else:
        table = pd.DataFrame(x).groupby(strata)
        varies = table.max().to_numpy() > table.min().to_numpy()
        deaths = np.bincount(strata, event, len(varies))
    used: FloatArray = np.where(varies, deaths[:, None], 0)[:, ~fit.estimate.singular].astype(int)
    for group in groups:
        if len(group) > 1:
            used[:, group] = used[:, group].max(axis=1, keepdims=True)
    return used
