"""Paired differences of concordances from their joint covariance."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._compiled import compiled
from faceage_stats._result import Result, frozen_result, normal_interval
from faceage_stats.errors import InputError
from faceage_stats.survival._ties import merge_near_ties
from faceage_stats.survival.concordance.estimate import Rows
from faceage_stats.survival.concordance.kernel import FollowUp, count_pairs

__all__ = ["ConcordanceTest", "u_statistic_covariance"]


@frozen_result
class ConcordanceTest(Result):
    """Paired comparison of the concordances of two or more markers or fits.

    Attributes
    ----------
    markers : tuple of str
    concordance : ndarray, one per marker
    vcov : ndarray
        Joint covariance of the concordances.
    method : str
        How the covariance was estimated.
    orientation : str
        What a higher marker means.
    n, n_event, n_missing : int
    """

    markers: tuple[str, ...]
    concordance: np.ndarray
    vcov: np.ndarray
    method: str
    orientation: str
    n: int
    n_event: int
    n_missing: int

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per pair of markers.

        Columns ``marker1 marker2 concordance1 concordance2 estimate std_error statistic p_value
        conf_low conf_high``; `estimate` is concordance1 - concordance2.
        """
        pairs = list(itertools.combinations(range(len(self.markers)), 2))
        first = np.array([pair[0] for pair in pairs])
        second = np.array([pair[1] for pair in pairs])
        estimate = self.concordance[first] - self.concordance[second]
        contrast = np.zeros((len(pairs), len(self.markers)))
        contrast[np.arange(len(pairs)), first] = 1
        contrast[np.arange(len(pairs)), second] = -1
        variance = np.einsum("ij,jk,ik->i", contrast, self.vcov, contrast)
        std_error = np.sqrt(np.maximum(variance, 0))
        empty = np.full_like(estimate, np.nan)
        statistic = np.divide(estimate, std_error, out=empty, where=std_error > 0)
        low, high = normal_interval(estimate, std_error, conf_level)
        return pd.DataFrame(
            {
                "marker1": [self.markers[i] for i in first],
                "marker2": [self.markers[i] for i in second],
                "concordance1": self.concordance[first],
                "concordance2": self.concordance[second],
                "estimate": estimate,
                "std_error": std_error,
                "statistic": statistic,
                "p_value": 2 * stats.norm.sf(np.abs(statistic)),
                "conf_low": low,
                "conf_high": high,
            }
        )

    def glance(self) -> pd.DataFrame:
        """One row: ``method orientation n n_event n_missing``."""
        return pd.DataFrame(
            {
                "method": [self.method],
                "orientation": [self.orientation],
                "n": [self.n],
                "n_event": [self.n_event],
                "n_missing": [self.n_missing],
            }
        )

    def _title(self) -> str:
        return f"Paired difference in concordance ({self.method}; {self.orientation})"


def u_statistic_covariance(rows: Rows, markers: np.ndarray) -> np.ndarray:
    """Covariance of concordances as ratios of U-statistics (Kang and others 2015).

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
    time, _ = merge_near_ties(rows.surv.time)
    event = rows.surv.event
    follow_up = FollowUp.of(time, event, np.ones(rows.n), None, "n", None)
    parts = [count_pairs(follow_up, column) for column in markers.T]
    agreement = [part.influence[:, 0] - part.influence[:, 1] for part in parts]
    comparable = parts[0].influence[:, :3].sum(axis=1)
    row_sums = np.column_stack([comparable, *agreement])
    by_time = np.ascontiguousarray(markers[follow_up.order])
    lower = _summed_products(by_time, follow_up.time, follow_up.event)
    products = lower + np.tril(lower, -1).T
    covariance = _unbiased_covariance(row_sums, products)
    totals = row_sums.sum(axis=0)
    gradient = np.zeros((markers.shape[1], len(totals)))
    gradient[:, 0] = -totals[1:] / totals[0] ** 2 / 2
    gradient[:, 1:] = np.eye(markers.shape[1]) / totals[0] / 2
    return gradient @ covariance @ gradient.T


def _unbiased_covariance(row_sums: np.ndarray, products: np.ndarray) -> np.ndarray:
    """Covariance of the totals over ordered pairs, from row sums and summed products."""
    n = len(row_sums)
    totals = row_sums.sum(axis=0)
    moment = 4 * row_sums.T @ row_sums - 2 * products
    centred = moment - 2 * (2 * n - 3) / (n * (n - 1)) * np.outer(totals, totals)
    return centred * n * (n - 1) / ((n - 2) * (n - 3))


@compiled()
def _summed_products(markers, time, event):
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
