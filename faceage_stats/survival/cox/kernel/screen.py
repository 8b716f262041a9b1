"""One small Cox fit per column, all in one compiled loop."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from faceage_stats._compiled import BoolArray, FloatArray, compiled
from faceage_stats.survival.cox.data import CoxData
from faceage_stats.survival.cox.kernel.layout import Layout
from faceage_stats.survival.cox.kernel.newton import TOLER_CHOL, cholesky_solve, newton, walk
from faceage_stats.survival.cox.kernel.risks import death_totals, linear_predictor, relative_risk
from faceage_stats.survival.cox.kernel.screen_sums import (
    Work,
    buffers,
    fill_products,
    log_likelihood,
    score_and_information,
    sum_risk_sets,
)

__all__ = ["ScreenFits", "screen_columns"]

_STEPS = 8  # Newton steps before a column is left to the careful fit
_compiled = compiled(error_model="numpy", fastmath={"reassoc", "contract"})


@_compiled
def _quick_fit(
    columns: FloatArray,
    beta: FloatArray,
    offset: FloatArray,
    weights: FloatArray,
    layout: Layout,
    efron: bool,
    work: Work,
) -> float:
    """Plain Newton steps from beta, which becomes the estimate; the log-likelihood, or NaN.

    NaN calls for the careful fit: no convergence at once, or a column without information.
    """
    totals = death_totals(columns, offset, work.of_deaths)
    for _ in range(_STEPS):
        linear_predictor(columns, beta, offset, work.risk)
        relative_risk(work.risk, weights, layout, work.shift)
        fill_products(columns, work.risk, work.products)
        for k in range(0, work.products.shape[0], 3):
            sum_risk_sets(k, work.products, layout.first, layout.n_dead, efron, work.sums)
        score_and_information(work, totals)
        cholesky_solve(work.information, work.score, TOLER_CHOL, work.kept, work.step)
        decrement: float = np.dot(work.score, work.step)
        if not work.kept.all() or not math.isfinite(decrement):
            return np.nan
        if decrement <= 1e-14:
            log_lik = log_likelihood(beta, work, totals) + decrement / 2
            walk(beta, 1.0, work.step, beta)  # the last step needs no evaluation
            return log_lik
        walk(beta, 1.0, work.step, beta)
    return np.nan


class ScreenFits(NamedTuple):
    """One small fit per candidate, arrays of shape (m,).

    Attributes
    ----------
    coefficient, variance : ndarray
        Of the candidate; NaN when the column is constant or a combination of others.
    log_lik : ndarray
    converged, runaway : ndarray of bool
        `runaway`: the coefficient runs to infinity.
    """

    coefficient: FloatArray
    variance: FloatArray
    log_lik: FloatArray
    converged: BoolArray
    runaway: BoolArray


def screen_columns(
    candidates: FloatArray,
    adjust: FloatArray,
    data: CoxData,
    efron: bool,
    start: FloatArray,
    iter_max: int,
    eps: float,
) -> ScreenFits:
    """Fit [adjust, candidate] for every row of `candidates`; columns sorted and scaled, (m, n).

    `start` are the coefficients of a fit of `adjust` alone. A column that the quick fit leaves goes
    through the fit that halves steps and tests pivots.
    """
    offset, weights, layout = data.offset, data.weights, data.layout
    fits = _quick_fits(candidates, adjust, offset, weights, layout, efron, start)
    for g in np.flatnonzero(~fits.converged):
        columns, beta = np.vstack([adjust, candidates[g]]), np.append(start, 0.0)
        fit = newton(columns, offset, weights, layout, efron, beta, iter_max, eps)
        fits.log_lik[g] = fit.log_lik
        fits.converged[g], fits.runaway[g] = fit.converged, fit.runaway[-1]
        if fit.kept[-1]:
            fits.coefficient[g] = fit.beta[-1]
            fits.variance[g] = _last_variance(fit.information, fit.kept)
    return fits


@_compiled
def _quick_fits(
    candidates: FloatArray,
    adjust: FloatArray,
    offset: FloatArray,
    weights: FloatArray,
    layout: Layout,
    efron: bool,
    start: FloatArray,
) -> ScreenFits:
    """As `screen_columns`; not converged where the quick fit leaves a column."""
    m, n = candidates.shape
    q = adjust.shape[0]
    out = ScreenFits(
        np.full(m, np.nan), np.full(m, np.nan), np.full(m, np.nan),
        np.zeros(m, np.bool_), np.zeros(m, np.bool_),
    )  # fmt: skip
    columns, beta = np.empty((q + 1, n)), np.empty(q + 1)
    for j in range(q):
        for i in range(n):
            columns[j, i] = adjust[j, i]
    work = buffers(q + 1, weights, layout)
    for g in range(m):
        for i in range(n):
            columns[q, i] = candidates[g, i]
        for j in range(q):
            beta[j] = start[j]
        beta[q] = 0.0
        log_lik = _quick_fit(columns, beta, offset, weights, layout, efron, work)
        if math.isfinite(log_lik):
            out.coefficient[g] = beta[q]
            out.variance[g] = _last_variance(work.information, work.kept)
            out.log_lik[g], out.converged[g] = log_lik, True
    return out


@_compiled
def _last_variance(information: FloatArray, kept: BoolArray) -> float:
    """Last diagonal entry of the inverse over the kept columns."""
    p = kept.size
    a = information.copy()
    for j in range(p - 1):  # eliminate every other column
        if kept[j]:
            for i in range(j + 1, p):
                ratio = a[i, j] / a[j, j]
                for k in range(j + 1, p):
                    a[i, k] -= ratio * a[j, k]
    return 1.0 / a[p - 1, p - 1] if a[p - 1, p - 1] > 0.0 else np.nan
