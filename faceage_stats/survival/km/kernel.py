"""Survival curve of one group: arrays in, arrays out.

The infinitesimal jackknife sums the influence of every cluster in one sweep over time: with A(t)
the sum of the hazard's derivative in a weight at risk, the influence of a cluster at t is
A(t) exposed + settled, `exposed` the weight that it has at risk and `settled` what its rows
contributed when they entered, died or were censored. The variance, a sum of squares over clusters,
then needs three running sums: of exposed^2, exposed settled and settled^2. A row enters and leaves
once, so the sweep costs O(rows + times).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faceage_stats._compiled import FloatArray, IntArray, compiled
from faceage_stats._steps import RiskCounts, kaplan_meier, risk_counts

__all__ = ["CurveArrays", "survival_curve"]


@dataclass(frozen=True)
class CurveArrays:
    """One row per distinct time; `se_log` is the standard error of log S."""

    time: np.ndarray
    n_risk: np.ndarray
    n_event: np.ndarray
    n_censor: np.ndarray
    surv: np.ndarray
    std_err: np.ndarray
    se_log: np.ndarray
    cumhaz: np.ndarray
    cumhaz_se: np.ndarray
    n: int
    weight: float


def survival_curve(
    time: np.ndarray,
    event: np.ndarray,
    weight: np.ndarray | None = None,
    entry: np.ndarray | None = None,
    *,
    exponential: bool = False,
    split_ties: bool = False,
    cluster: np.ndarray | None = None,
) -> CurveArrays:
    """Estimate survival, cumulative hazard and their standard errors.

    `exponential`: S = exp(-cumulative hazard) in place of the product limit. `split_ties`: the
    cumulative hazard lets tied events happen one after the other (Fleming-Harrington).
    `cluster`: infinitesimal-jackknife standard errors by these codes; None for Greenwood's.
    """
    weight = np.ones(len(time)) if weight is None else weight
    counts = risk_counts(time, event, weight, entry)
    n, d = counts.n_risk, counts.n_any
    product = kaplan_meier(counts)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        greenwood = np.where(d > 0, d / (n * (n - d)), 0.0)
        steps = _hazard_steps(counts, split_ties)
    cumhaz = np.cumsum(steps.hazard)
    surv = np.exp(-cumhaz) if exponential else product
    if cluster is None:
        cumhaz_se = np.sqrt(np.cumsum(steps.variance))
        se_log = cumhaz_se if exponential else np.sqrt(np.cumsum(greenwood))
    else:
        rows = _JackknifeRows.of(counts, event, weight, entry, cluster)
        cumhaz_se = rows.standard_errors(steps.at_risk, steps.dying)
        se_log = cumhaz_se
        if not exponential:
            last = (d == n) | (n <= 0)
            at_risk = np.where(last, 0.0, greenwood)  # 1 / (n - d) - 1 / n
            dying = np.where(n > 0, -1 / np.where(n > 0, n, 1.0), 0.0)
            se_log = np.where(product > 0, rows.standard_errors(at_risk, dying), 0.0)
    with np.errstate(invalid="ignore"):
        std_err = se_log * surv
    return CurveArrays(
        counts.time, n, d, counts.n_censor, surv, std_err, se_log, cumhaz, cumhaz_se,
        len(time), float(weight.sum()),
    )  # fmt: skip


@dataclass(frozen=True)
class _HazardSteps:
    """Jumps of the cumulative hazard, its variance, and its derivatives in a row's weight."""

    hazard: np.ndarray
    variance: np.ndarray
    at_risk: np.ndarray
    dying: np.ndarray


def _hazard_steps(counts: RiskCounts, split_ties: bool) -> _HazardSteps:
    n, d = counts.n_risk, counts.n_any
    if not split_ties:
        safe = np.where(n > 0, n, 1.0)
        hazard = d / safe
        return _HazardSteps(hazard, hazard / safe, -hazard / safe, (1 - hazard) / safe)
    size = len(n)
    ties = counts.n_row.astype(np.int64)
    owner = np.repeat(np.arange(size), ties)
    order = np.arange(len(owner)) - np.repeat(np.cumsum(ties) - ties, ties)
    each = d[owner] / ties[owner]  # weight of one of the tied events
    left = n[owner] - order * each

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(owner, weights=values, minlength=size)

    of_tied = (1 - each * (ties[owner] - order) / left) / (ties[owner] * left)
    return _HazardSteps(
        total(each / left), total(each / left**2), -total(each / left**2), total(of_tied)
    )


@dataclass(frozen=True)
class _JackknifeRows:
    """Rows in the order in which they enter and leave, for the compiled sweep."""

    enter_order: np.ndarray
    enter_at: np.ndarray
    leave_order: np.ndarray
    leave_at: np.ndarray
    event: np.ndarray
    weight: np.ndarray
    cluster: np.ndarray

    @classmethod
    def of(
        cls,
        counts: RiskCounts,
        event: np.ndarray,
        weight: np.ndarray,
        entry: np.ndarray | None,
        cluster: np.ndarray,
    ) -> _JackknifeRows:
        enter = np.zeros(len(event), np.int64)
        if entry is not None:
            enter = np.searchsorted(counts.time, entry, side="right")
        _, codes = np.unique(cluster, return_inverse=True)
        return cls(
            np.argsort(enter, kind="stable"),
            enter,
            np.argsort(counts.position, kind="stable"),
            counts.position,
            event.astype(np.int64),
            weight,
            codes,
        )

    def standard_errors(self, at_risk: np.ndarray, dying: np.ndarray) -> np.ndarray:
        """Root of the summed squared influence of the clusters, at each time."""
        return _jackknife(
            self.enter_order, self.enter_at, self.leave_order, self.leave_at,
            self.event, self.weight, self.cluster, at_risk, dying,
        )  # fmt: skip


@compiled()
def _jackknife(
    enter_order: IntArray,
    enter_at: IntArray,
    leave_order: IntArray,
    leave_at: IntArray,
    event: IntArray,
    weight: FloatArray,
    cluster: IntArray,
    at_risk: FloatArray,
    dying: FloatArray,
) -> FloatArray:
    """One sweep: a cluster's influence at t is A(t) * exposed + settled, A the summed `at_risk`."""
    n_cluster = cluster.max() + 1
    exposed = np.zeros(n_cluster)
    settled = np.zeros(n_cluster)
    sum_ee = sum_es = sum_ss = 0.0
    out = np.empty(len(at_risk))
    before = 0.0
    i = j = 0
    n = len(weight)
    for t in range(len(at_risk)):
        after = before + at_risk[t]
        while i < n and enter_at[enter_order[i]] <= t:
            row = enter_order[i]
            c, w = cluster[row], weight[row]
            e, s = exposed[c], settled[c]
            exposed[c] = e + w
            settled[c] = s - w * before
            sum_ee += exposed[c] ** 2 - e * e
            sum_es += exposed[c] * settled[c] - e * s
            sum_ss += settled[c] ** 2 - s * s
            i += 1
        while j < n and leave_at[leave_order[j]] == t:
            row = leave_order[j]
            c, w = cluster[row], weight[row]
            e, s = exposed[c], settled[c]
            exposed[c] = e - w
            settled[c] = s + w * (before + dying[t] if event[row] else after)
            sum_ee += exposed[c] ** 2 - e * e
            sum_es += exposed[c] * settled[c] - e * s
            sum_ss += settled[c] ** 2 - s * s
            j += 1
        out[t] = np.sqrt(max(sum_ee * after * after + 2 * sum_es * after + sum_ss, 0.0))
        before = after
    return out
