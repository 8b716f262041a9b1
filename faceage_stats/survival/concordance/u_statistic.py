"""Covariance of concordances as ratios of U-statistics, as R's compareC."""

from __future__ import annotations

import numpy as np

from faceage_stats._compiled import FloatArray, IntArray, compiled
from faceage_stats._ties import merge_near_ties
from faceage_stats.errors import InputError
from faceage_stats.survival.concordance.estimate import Rows
from faceage_stats.survival.concordance.follow_up import FollowUp
from faceage_stats.survival.concordance.kernel import count_pairs

__all__ = ["u_statistic_covariance"]


def u_statistic_covariance(rows: Rows, markers: np.ndarray) -> np.ndarray:
    """Estimate the covariance of concordances as ratios of U-statistics (Kang and others 2015).

    The kernels are a pair's comparability and its sign of agreement with each marker; their
    covariance has an unbiased estimate (Daniels and Kendall), and C follows by the delta method.
    Refuses strata, weights, clusters and delayed entry.
    """
    used = {
        "strata()": rows.strata,
        "weights": rows.weights,
        "cluster": rows.cluster,
        "Surv(start, stop, event)": rows.surv.entry,
    }
    refused = [name for name, value in used.items() if value is not None]
    if refused:
        raise InputError(
            f"method = 'u-statistic' is not defined with {', '.join(refused)}; use 'jackknife'."
        )
    if rows.n < 4:
        raise InputError(f"method = 'u-statistic' needs at least 4 rows; there are {rows.n}.")
    time = merge_near_ties(rows.surv.time).time
    event = rows.surv.event
    follow_up = FollowUp.of(time, event, np.ones(rows.n), None, "n", None)
    parts = [count_pairs(follow_up, column) for column in markers.T]
    row_sums = np.column_stack([follow_up.comparable, *(part.agreement for part in parts)])
    latest_first = np.argsort(-time)
    by_time = np.ascontiguousarray(markers[latest_first])
    lower = _summed_products(by_time, time[latest_first], event[latest_first])
    products = lower + np.tril(lower, -1).T
    covariance = _unbiased_covariance(row_sums, products)
    totals = row_sums.sum(axis=0)
    gradient = np.zeros((markers.shape[1], len(totals)))
    gradient[:, 0] = -totals[1:] / totals[0] ** 2 / 2
    gradient[:, 1:] = np.eye(markers.shape[1]) / totals[0] / 2
    return np.asarray(gradient @ covariance @ gradient.T)


def _unbiased_covariance(row_sums: np.ndarray, products: np.ndarray) -> np.ndarray:
    """Covariance of the totals over ordered pairs, from row sums and summed products."""
    n = len(row_sums)
    totals = row_sums.sum(axis=0)
    moment = 4 * row_sums.T @ row_sums - 2 * products
    centred = moment - 2 * (2 * n - 3) / (n * (n - 1)) * np.outer(totals, totals)
    return np.asarray(centred * n * (n - 1) / ((n - 2) * (n - 3)))


@compiled()
def _summed_products(markers: FloatArray, time: FloatArray, event: IntArray) -> FloatArray:
    """Lower triangle of the products of (1, sign 1, sign 2, ...), summed over ordered pairs."""
    n, k = markers.shape
    out = np.zeros((k + 1, k + 1))
    sign = np.ones(k + 1)
    for short in range(n):  # rows are sorted latest first
        if event[short] == 0:
            continue
        for other in range(n):
            if time[other] < time[short]:
                break
            if time[other] == time[short] and event[other] == 1:
                continue
            for j in range(k):
                sign[j + 1] = np.sign(markers[other, j] - markers[short, j])
            for i in range(k + 1):
                for j in range(i + 1):
                    out[i, j] += 2 * sign[i] * sign[j]
    return out
