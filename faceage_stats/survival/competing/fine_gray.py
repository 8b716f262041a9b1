"""Fine-Gray regression: weighted partial likelihood and its sandwich, arrays in, arrays out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from faceage_stats._formula.design import singular_columns
from faceage_stats._steps import kaplan_meier, risk_counts, step_at
from faceage_stats.errors import ConvergenceError, DesignError

__all__ = ["FineGrayData", "FineGrayEstimate", "fit_fine_gray"]

_MAX_ITERATIONS = 50


@dataclass(frozen=True)
class FineGrayData:
    """Sorted rows and, at each distinct event time, what the weights need.

    A row with another cause stays at risk after its time with weight G(t-) / G(T-), G the
    Kaplan-Meier estimate for censoring in the row's censoring group.
    """

    x: np.ndarray
    time: np.ndarray
    code: np.ndarray  # 0 censored, 1 cause of interest, 2 other cause
    group: np.ndarray
    event_time: np.ndarray
    n_event: np.ndarray
    censor_at_event: np.ndarray  # G(t-), groups by event times
    censor_at_exit: np.ndarray  # G(T-) of each row's group

    @classmethod
    def of(
        cls, x: np.ndarray, time: np.ndarray, code: np.ndarray, group: np.ndarray
    ) -> FineGrayData:
        """Sort by time; `code` 1 is the cause of interest, 2 any other."""
        order = np.argsort(time, kind="stable")
        x, time, code, group = x[order], time[order], code[order], group[order]
        event_time, n_event = np.unique(time[code == 1], return_counts=True)
        groups = range(int(group.max()) + 1)
        at_event = np.empty((len(groups), len(event_time)))
        at_exit = np.empty(len(time))
        for k in groups:
            rows = group == k
            at_event[k] = _uncensored_before(time[rows], code[rows], event_time)
            at_exit[rows] = _uncensored_before(time[rows], code[rows], time[rows])
        return cls(x, time, code, group, event_time, n_event.astype(float), at_event, at_exit)


def _uncensored_before(time: np.ndarray, code: np.ndarray, at: np.ndarray) -> np.ndarray:
    """G(t-), the Kaplan-Meier curve of censoring; 0 beyond the last time, as in R's cmprsk."""
    counts = risk_counts(time, (code == 0).astype(np.int64))
    value = step_at(counts.time, kaplan_meier(counts), at, 1.0, side="left")
    return np.where(at > counts.time[-1], 0.0, value)


@dataclass(frozen=True)
class FineGrayEstimate:
    """Coefficients with both variances, log-likelihoods, and the baseline hazard's jumps."""

    coefficients: np.ndarray
    variance: np.ndarray
    naive_variance: np.ndarray
    log_lik: float
    log_lik_null: float
    event_time: np.ndarray
    hazard: np.ndarray


@dataclass(frozen=True)
class _RiskSums:
    """Weighted sums over the risk set at each event time, at given coefficients."""

    risk: np.ndarray
    s0: np.ndarray
    mean: np.ndarray
    second: np.ndarray
    log_lik: float
    score: np.ndarray

    @classmethod
    def at(cls, data: FineGrayData, beta: np.ndarray) -> _RiskSums:
        score = data.x @ beta
        shift = score.max()
        risk = np.exp(score - shift)
        products = data.x[:, :, None] * data.x[:, None, :]
        s0 = _weighted_sums(data, risk)
        s1 = _weighted_sums(data, risk[:, None] * data.x)
        s2 = _weighted_sums(data, risk[:, None, None] * products)
        mean = s1 / s0[:, None]
        second = s2 / s0[:, None, None] - mean[:, :, None] * mean[:, None, :]
        of_cause = data.code == 1
        log_lik = score[of_cause].sum() - data.n_event @ (np.log(s0) + shift)
        gradient = data.x[of_cause].sum(axis=0) - data.n_event @ mean
        return cls(risk, s0, mean, second, float(log_lik), gradient)

    def information(self, data: FineGrayData) -> np.ndarray:
        return np.asarray(np.tensordot(data.n_event, self.second, axes=1))


def _weighted_sums(data: FineGrayData, values: np.ndarray) -> np.ndarray:
    """Sum over the risk set at each event time: at risk, or weighted after another cause."""
    from_end = np.concatenate([np.cumsum(values[::-1], axis=0)[::-1], np.zeros_like(values[:1])])
    out = from_end[np.searchsorted(data.time, data.event_time, side="left")]
    for k, censor in enumerate(data.censor_at_event):
        rows = np.flatnonzero((data.code == 2) & (data.group == k))
        if not len(rows):
            continue
        scale = _shaped(1 / data.censor_at_exit[rows], values.ndim)
        past = np.cumsum(values[rows] * scale, axis=0)
        past = np.concatenate([np.zeros_like(past[:1]), past])
        reached = np.searchsorted(data.time[rows], data.event_time, side="left")
        out = out + past[reached] * _shaped(censor, values.ndim)
    return out


def _shaped(values: np.ndarray, ndim: int) -> np.ndarray:
    return values.reshape(-1, *([1] * (ndim - 1)))


def fit_fine_gray(data: FineGrayData, names: Sequence[str]) -> FineGrayEstimate:
    """Fit by Newton's method with step halving from zero; the columns should be scaled."""
    beta = np.zeros(data.x.shape[1])
    sums = null = _RiskSums.at(data, beta)
    converged = False
    for _ in range(_MAX_ITERATIONS):
        information = sums.information(data)
        if np.linalg.matrix_rank(information) < len(beta):
            ranks = [np.linalg.matrix_rank(information[:j, :j]) for j in range(len(beta) + 1)]
            singular = singular_columns(names, np.diff(ranks) > 0)
            raise DesignError(f"crr(): {singular} among those at risk. Remove it from the formula.")
        step = np.linalg.solve(information, sums.score)
        converged = bool(np.max(np.abs(step)) < 1e-11 * max(1.0, np.max(np.abs(beta))))
        if converged:
            break
        beta, sums = _improve(data, beta, step, sums)
    # A coefficient that runs to infinity may stop or continue; the fit cannot be used either way.
    left = np.diag(sums.information(data)) / np.diag(null.information(data))
    if left.min() < 1e-8:
        raise ConvergenceError(
            "a coefficient of the Fine-Gray model runs to infinity: some covariate separates the "
            "events from all other rows. Merge its levels or remove it."
        )
    if not converged:
        raise ConvergenceError(
            f"the Fine-Gray model did not converge in {_MAX_ITERATIONS} iterations."
        )
    naive = np.linalg.inv(sums.information(data))
    rows = _row_scores(data, sums)
    hazard = data.n_event / sums.s0 * np.exp(-(data.x @ beta).max())
    return FineGrayEstimate(
        beta, naive @ (rows.T @ rows) @ naive, naive, sums.log_lik, null.log_lik,
        data.event_time, hazard,
    )  # fmt: skip


class _Improved(NamedTuple):
    """Coefficients, and the sums at them."""

    beta: np.ndarray
    sums: _RiskSums


def _improve(data: FineGrayData, beta: np.ndarray, step: np.ndarray, sums: _RiskSums) -> _Improved:
    """Take the Newton step, halved until the likelihood does not fall."""
    rounding = 1e-12 * max(1.0, abs(sums.log_lik))
    for _ in range(30):
        trial = _RiskSums.at(data, beta + step)
        if trial.log_lik >= sums.log_lik - rounding:
            return _Improved(beta + step, trial)
        step = step / 2
    return _Improved(beta, sums)


def _row_scores(data: FineGrayData, sums: _RiskSums) -> np.ndarray:
    """Score contribution of each row, the estimated censoring distribution included."""
    hazard = data.n_event / sums.s0
    spent = _from_zero(np.cumsum(hazard))
    spent_mean = _from_zero(np.cumsum(hazard[:, None] * sums.mean, axis=0))
    x, risk = data.x, sums.risk
    seen = np.searchsorted(data.event_time, data.time, side="right")
    rows = -risk[:, None] * (x * spent[seen, None] - spent_mean[seen])
    of_cause = np.flatnonzero(data.code == 1)
    rows[of_cause] += x[of_cause] - sums.mean[seen[of_cause] - 1]
    for k, censor in enumerate(data.censor_at_event):
        later = _from_end(hazard * censor)
        later_mean = _from_end((hazard * censor)[:, None] * sums.mean)
        other = np.flatnonzero((data.code == 2) & (data.group == k))
        weight = (risk[other] / data.censor_at_exit[other])[:, None]
        rows[other] -= weight * (x[other] * later[seen[other], None] - later_mean[seen[other]])
        members = np.flatnonzero(data.group == k)
        rows[members] += _censoring_scores(data, sums, members, other, weight)
    return np.asarray(rows)


def _censoring_scores(
    data: FineGrayData,
    sums: _RiskSums,
    members: np.ndarray,
    other: np.ndarray,
    weight: np.ndarray,
) -> np.ndarray:
    """What the rows of one censoring group contribute through its censoring curve.

    `q` is the effect on the score of a small censoring hazard. As in R's cmprsk it takes the
    baseline hazard's jumps at events of that group's rows.
    """
    time, code = data.time[members], data.code[members]
    when, n_censored = np.unique(time[code == 0], return_counts=True)
    of_cause = np.searchsorted(data.event_time, time[code == 1])
    jumps = np.bincount(of_cause, minlength=len(data.event_time)) / sums.s0
    jumps = jumps * data.censor_at_event[data.group[members[0]]]
    past = np.searchsorted(data.time[other], when, side="left")
    onward = np.searchsorted(data.event_time, when, side="left")
    sum_x = _from_zero(np.cumsum(weight * data.x[other], axis=0))[past]
    sum_risk = _from_zero(np.cumsum(weight, axis=0))[past]
    q = sum_x * _from_end(jumps)[onward, None]
    q -= sum_risk * _from_end(jumps[:, None] * sums.mean)[onward]
    at_risk = len(time) - np.searchsorted(time, when, side="left")
    jump = q / at_risk[:, None]
    drift = _from_zero(np.cumsum(jump * (n_censored / at_risk)[:, None], axis=0))
    out = -drift[np.searchsorted(when, time, side="right")]
    out[code == 0] += jump[np.searchsorted(when, time[code == 0])]
    return np.asarray(out)


def _from_zero(values: np.ndarray) -> np.ndarray:
    return np.concatenate([np.zeros_like(values[:1], shape=(1, *values.shape[1:])), values])


def _from_end(values: np.ndarray) -> np.ndarray:
    """Sum of all entries from each position on, with a final 0."""
    zero = np.zeros((1, *values.shape[1:]))
    return np.concatenate([np.cumsum(values[::-1], axis=0)[::-1], zero])
