"""Firth's penalised likelihoods: half the log determinant of the information is added."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import expit, log_expit

from faceage_stats._compiled import FloatArray, compiled
from faceage_stats.survival.cox.data import CoxData
from faceage_stats.survival.cox.kernel.layout import Layout
from faceage_stats.survival.cox.kernel.likelihood import evaluate
from faceage_stats.survival.cox.kernel.risk_table import sum_deaths, sum_entrants, sum_movers
from faceage_stats.survival.cox.kernel.risks import death_totals, mark_deaths, relative_risk
from faceage_stats.survival.firth.profile import Evaluation, Objective

__all__ = ["cox_objective", "logistic_objective"]


def cox_objective(data: CoxData, *, efron: bool) -> Objective:
    """Make the penalised partial likelihood in the scaled columns of `data`."""
    p, columns = data.x.shape[1], data.x.T
    work, even = np.empty(len(data.x)), np.ones(len(data.layout.n_dead))
    mark_deaths(data.weights, data.layout, work)
    deaths = death_totals(columns, data.offset, work)

    def objective(beta: np.ndarray) -> Evaluation:
        score, information = np.zeros(p), np.zeros((p, p))
        value = evaluate(
            columns, beta, data.offset, data.weights, data.layout, efron, even, deaths, work, score,
            information,
        )  # fmt: skip
        half_log_det = _half_log_det(information)
        if not math.isfinite(value) or not math.isfinite(half_log_det):
            return Evaluation(-math.inf, score, information)
        inverse = np.asarray(np.linalg.inv(information), np.float64)
        gradient = _third_moments(
            _augment(data.x, inverse),
            p,
            inverse,
            data.x @ beta + data.offset,
            data.weights,
            data.layout,
            efron,
        )
        return Evaluation(value + half_log_det, score + gradient / 2, information)

    return objective


def _half_log_det(information: np.ndarray) -> float:
    sign, log_det = np.linalg.slogdet(information)
    return float(log_det) / 2 if sign > 0 else -math.inf


def _augment(x: np.ndarray, inverse: np.ndarray) -> np.ndarray:
    """Columns x, q, q x and the products x_j x_k, with q = x' inverse x."""
    q = np.einsum("ij,jk,ik->i", x, inverse, x)[:, None]
    products = (x[:, :, None] * x[:, None, :]).reshape(len(x), -1)
    return np.ascontiguousarray(np.hstack([x, q, q * x, products]))


@compiled()
def _third_moments(
    z: FloatArray,
    p: int,
    inverse: FloatArray,
    eta: FloatArray,
    weights: FloatArray,
    layout: Layout,
    efron: bool,
) -> FloatArray:
    """Sum over the deaths of E[(x - m)' inverse (x - m) (x - m)] in their risk sets.

    This is trace(inverse dI / dbeta), by moments of the augmented columns z.
    """
    width = z.shape[1]
    risk = eta.copy()
    relative_risk(risk, weights, layout, np.empty(layout.stratum_first.size - 1))
    total, carry, dead = np.zeros(width + 1), np.zeros(width + 1), np.zeros(width + 2)
    gradient, mean = np.zeros(p), np.zeros(width)
    first, n_dead, delayed = layout.first, layout.n_dead, layout.entry_interval.size > 0
    for s in range(n_dead.size):
        d = n_dead[s]
        if d == 0:
            total[:] = 0.0
            carry[:] = 0.0
            continue
        sum_deaths(s, z, risk, weights, first, n_dead, dead)
        if delayed:
            sum_movers(s, z, risk, layout, total, carry)
        else:
            sum_entrants(s, z, risk, first, total)
        n_parts = d if efron else 1
        weight = dead[width + 1] / n_parts
        for k in range(n_parts):
            denominator = total[0] + carry[0] - k / d * dead[0]
            for j in range(width):
                mean[j] = (total[j + 1] + carry[j + 1] - k / d * dead[j + 1]) / denominator
            direction = np.dot(inverse, mean[:p])
            for j in range(p):
                value = mean[p + 1 + j] - mean[p] * mean[j]
                for m in range(p):
                    covariance = mean[2 * p + 1 + j * p + m] - mean[j] * mean[m]
                    value -= 2.0 * covariance * direction[m]
                gradient[j] += weight * value
    return gradient


def logistic_objective(x: np.ndarray, y: np.ndarray) -> Objective:
    """Make the penalised binomial likelihood; x holds the intercept column."""

    def objective(beta: np.ndarray) -> Evaluation:
        eta = x @ beta
        p = expit(eta)
        w = p * (1 - p)
        information = x.T @ (w[:, None] * x)
        half_log_det = _half_log_det(information)
        if not math.isfinite(half_log_det):
            return Evaluation(-math.inf, np.zeros(len(beta)), information)
        hat = w * np.einsum("ij,jk,ik->i", x, np.linalg.inv(information), x)
        value = float(y @ log_expit(eta) + (1 - y) @ log_expit(-eta)) + half_log_det
        return Evaluation(value, x.T @ (y - p + hat * (0.5 - p)), information)

    return objective
