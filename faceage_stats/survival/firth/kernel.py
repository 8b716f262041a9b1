"""Firth's penalised likelihoods: half the log determinant of the information is added."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import expit, log_expit

from faceage_stats._compiled import FloatArray, compiled
from faceage_stats.survival.cox.data import CoxData
from faceage_stats.survival.cox.kernel.layout import Layout
from faceage_stats.survival.cox.kernel.likelihood import evaluate
from faceage_stats.survival.cox.kernel.risk_sets import sum_columns, sum_intervals
from faceage_stats.survival.cox.kernel.risks import death_totals, mark_deaths, relative_risk
from faceage_stats.survival.firth.profile import Evaluation, Objective

__all__ = ["cox_objective", "logistic_objective"]


def cox_objective(data: CoxData, *, efron: bool) -> Objective:
    """Make the penalised partial likelihood in the scaled columns of `data`."""
    p, columns = data.x.shape[1], data.x.T
    work = np.empty(len(data.x))
    mark_deaths(data.weights, data.layout, work)
    deaths = death_totals(columns, data.offset, work)

    def objective(beta: np.ndarray) -> Evaluation:
        score, information = np.zeros(p), np.zeros((p, p))
        value = evaluate(
            columns, beta, data.offset, data.weights, data.layout, efron, deaths, work, score,
            information,
        )  # fmt: skip
        half_log_det = _half_log_det(information)
        if not math.isfinite(value) or not math.isfinite(half_log_det):
            return Evaluation(-math.inf, score, information)
        inverse = np.asarray(np.linalg.inv(information), np.float64)
        gradient = _third_moments(
            _augment(data.x, inverse).T,
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
    return np.asfortranarray(np.hstack([x, q, q * x, products]))


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

    This is trace(inverse dI / dbeta), by moments of the augmented columns z, shape (width, n).
    """
    width, first, n_dead = len(z), layout.first, layout.n_dead
    risk, state = eta.copy(), np.zeros((width + 1, 2))
    relative_risk(risk, weights, layout, np.empty(layout.stratum_first.size - 1))
    base, tied = np.empty(n_dead.size), np.empty(n_dead.size)
    sum_intervals(0, risk, None, layout, state[width], base, tied)
    at_risk, dying = np.empty((width + 3, n_dead.size)), np.empty((width + 3, n_dead.size))
    for j in range(0, width, 4):
        sum_columns(0, risk, z, j, layout, state, at_risk[j : j + 4], dying[j : j + 4])
    gradient, mean = np.zeros(p), np.zeros(width)
    for s in range(n_dead.size):
        d, weight = layout.n_tied[s], 0.0
        for i in range(first[s], first[s] + n_dead[s]):
            weight += weights[i]
        n_parts = d if efron else min(d, 1)
        for k in range(n_parts):
            denominator = base[s] - k / d * tied[s]
            for j in range(width):
                mean[j] = (at_risk[j, s] - k / d * dying[j, s]) / denominator
            direction = np.dot(inverse, mean[:p])
            for j in range(p):
                value = mean[p + 1 + j] - mean[p] * mean[j]
                for m in range(p):
                    covariance = mean[2 * p + 1 + j * p + m] - mean[j] * mean[m]
                    value -= 2.0 * covariance * direction[m]
                gradient[j] += weight / n_parts * value
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
