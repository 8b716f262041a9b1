"""Newton's method for the Cox partial likelihood, with R's stopping and singularity rules."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from faceage_stats._compiled import BoolArray, FloatArray, compiled
from faceage_stats.survival.cox.kernel.layout import Layout
from faceage_stats.survival.cox.kernel.likelihood import evaluate
from faceage_stats.survival.cox.kernel.risks import death_totals, mark_deaths

__all__ = ["TOLER_CHOL", "NewtonFit", "cholesky_solve", "newton", "walk"]

TOLER_CHOL = float(np.finfo(float).eps ** 0.75)  # R's coxph.control(toler.chol)
_TOLER_INF = math.sqrt(1e-9)  # R's coxph.control(toler.inf)


@compiled()
def _copy(values: FloatArray, out: FloatArray) -> None:
    """Fill `out`; a loop compiles in a fraction of the time of an assignment to a slice."""
    for i in range(values.size):
        out[i] = values[i]


@compiled()
def walk(beta: FloatArray, fraction: float, step: FloatArray, out: FloatArray) -> None:
    """Fill `out` with beta + fraction * step."""
    for j in range(beta.size):
        out[j] = beta[j] + fraction * step[j]


@compiled()
def _mark_runaway(beta: FloatArray, step: FloatArray, out: BoolArray) -> bool:
    """Which coefficients are still moving; whether there are any."""
    found = False
    for j in range(beta.size):
        out[j] = abs(step[j]) > max(1e-6, _TOLER_INF * abs(beta[j]))
        found = found or out[j]
    return found


@compiled()
def _factorise(factor: FloatArray, tolerance: float, kept: BoolArray) -> None:
    """LDL' in place; pivots below tolerance times the largest diagonal entry are not kept."""
    p = factor.shape[0]
    threshold = 0.0
    for j in range(p):
        threshold = max(threshold, tolerance * factor[j, j])
    for j in range(p):
        kept[j] = factor[j, j] > threshold
        for i in range(j + 1, p):
            ratio = factor[i, j] / factor[j, j] if kept[j] else 0.0
            for k in range(i, p):
                factor[k, i] -= ratio * factor[k, j]
            factor[i, j] = ratio


@compiled()
def cholesky_solve(
    information: FloatArray,
    rhs: FloatArray,
    tolerance: float,
    kept: BoolArray,
    solution: FloatArray,
) -> None:
    """Solve a symmetric system; a column without a pivot gets 0 and `kept` False."""
    p = rhs.size
    factor = information.copy()
    _factorise(factor, tolerance, kept)
    _copy(rhs, solution)
    for i in range(p):
        for j in range(i):
            solution[i] -= factor[i, j] * solution[j]
    for i in range(p):
        solution[i] = solution[i] / factor[i, i] if kept[i] else 0.0
    for i in range(p - 1, -1, -1):
        for j in range(i + 1, p):
            if kept[i]:
                solution[i] -= factor[j, i] * solution[j]


class NewtonFit(NamedTuple):
    """Where Newton's method ended.

    Attributes
    ----------
    beta : ndarray, shape (p,)
    log_lik_null, log_lik : float
        Log partial likelihood at the start and at `beta`.
    score_statistic : float
        Score test of the start.
    information : ndarray, shape (p, p)
    kept : ndarray of bool, shape (p,)
        False for a column that is constant or a combination of others.
    runaway : ndarray of bool, shape (p,)
        True for a coefficient that was still moving at the end.
    iterations : int
    converged : bool
    """

    beta: FloatArray
    log_lik_null: float
    log_lik: float
    score_statistic: float
    information: FloatArray
    kept: BoolArray
    runaway: BoolArray
    iterations: int
    converged: bool


@compiled()
def newton(
    columns: FloatArray,
    offset: FloatArray,
    weights: FloatArray,
    layout: Layout,
    efron: bool,
    init: FloatArray,
    iter_max: int,
    eps: float,
) -> NewtonFit:
    """Maximise the log partial likelihood; `columns` has shape (p, n).

    Stops where R stops (relative change of the log-likelihood below eps), then takes up to five
    more steps until the step is below 1e-7 standard errors, which the last step squares.
    """
    p = init.size
    beta = init.copy()
    score, information = np.zeros(p), np.zeros((p, p))
    work = np.empty(offset.size)
    mark_deaths(weights, layout, work)
    deaths = death_totals(columns, offset, work)
    log_lik_null = evaluate(
        columns, beta, offset, weights, layout, efron, deaths, work, score, information
    )
    kept, now, step = np.ones(p, np.bool_), np.ones(p, np.bool_), np.zeros(p)
    cholesky_solve(information, score, TOLER_CHOL, kept, step)
    score_statistic = np.dot(score, step)
    log_lik, candidate = log_lik_null, np.zeros(p)
    iterations, polish, converged = 0, 0, iter_max == 0
    new_score, new_information = np.zeros(p), np.zeros((p, p))
    fraction = 1.0  # of the Newton step, halved while the likelihood does not rise
    while iterations < iter_max or (converged and iter_max > 0):
        walk(beta, fraction, step, candidate)
        value = evaluate(
            columns, candidate, offset, weights, layout, efron, deaths, work, new_score,
            new_information,
        )  # fmt: skip
        if not value >= log_lik - 1e-11 * (abs(log_lik) + 1e-3):
            fraction *= 0.5
            iterations += 0 if converged else 1
            if converged:
                break
            continue
        fraction = 1.0
        close = abs(value - log_lik) <= eps * abs(value)
        _copy(candidate, beta)
        _copy(new_score, score)
        _copy(new_information.ravel(), information.ravel())
        log_lik = value
        iterations += 0 if converged else 1
        polish += 1 if converged else 0
        cholesky_solve(information, score, TOLER_CHOL, now, step)
        for j in range(p):
            step[j] *= kept[j]
        converged = converged or close
        if converged and (polish >= 5 or np.dot(score, step) <= 1e-14):
            break
    runaway = np.zeros(p, np.bool_)
    if iter_max > 0 and not _mark_runaway(beta, step, runaway) and converged and fraction == 1.0:
        log_lik += np.dot(score, step) / 2
        walk(beta, 1.0, step, beta)  # the last step needs no evaluation
    return NewtonFit(
        beta, log_lik_null, log_lik, score_statistic, information, kept, runaway, iterations,
        converged,
    )  # fmt: skip
