"""Estimates on resampled data: limits, errors and p values."""

from __future__ import annotations

from typing import Literal, Protocol

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._near import did_you_mean
from faceage_stats._resample_plan import Plan
from faceage_stats._result import Result, frozen_result
from faceage_stats._wald import check_conf_level
from faceage_stats.errors import InputError

__all__ = ["Interval", "Resampled", "RowEstimate"]

Interval = Literal["percentile", "bca", "normal"]
_INTERVALS = ("percentile", "bca", "normal")


class RowEstimate(Protocol):
    """An estimate that can be repeated on rows of its data, given by position."""

    def observed(self) -> dict[str, float]:
        """Estimate on the data as they are."""

    def on_rows(self, rows: np.ndarray) -> dict[str, float]:
        """Estimate on these rows."""


@frozen_result
class Resampled(Result):
    """Estimates on resampled data.

    Attributes
    ----------
    observed : dict
        Estimates on the data as they are.
    draws : pandas.DataFrame
        One row per replicate, one column per estimate; NaN where a replicate failed.
    kind, n_failed, seed, name
        As given, and the failed replicates.
    estimate_of, plan, n_row
        What the jackknife of a BCa interval needs.
    """

    observed: dict[str, float]
    draws: pd.DataFrame
    kind: str
    n_failed: int
    seed: int
    name: str
    estimate_of: RowEstimate
    plan: Plan
    n_row: int

    def tidy(self, *, interval: Interval = "percentile", conf_level: float = 0.95) -> pd.DataFrame:
        """Return one row per estimate.

        Bootstrap: ``term estimate std_error bias conf_low conf_high``, with the limits of
        `conf_int`. Permutation: ``term estimate p_value``, twice the smaller tail, the observed
        value counted among the draws.
        """
        if self.kind == "permutation":
            return self._permutation_test()
        limits = self.conf_int(interval=interval, conf_level=conf_level)
        observed = pd.Series(self.observed)
        return pd.DataFrame(
            {
                "term": observed.index,
                "estimate": observed.to_numpy(),
                "std_error": self.draws.std(ddof=1).to_numpy(),
                "bias": (self.draws.mean() - observed).to_numpy(),
                "conf_low": limits["conf_low"],
                "conf_high": limits["conf_high"],
            }
        )

    def conf_int(
        self, *, interval: Interval = "percentile", conf_level: float = 0.95
    ) -> pd.DataFrame:
        """Return bootstrap limits of each estimate.

        Parameters
        ----------
        interval : {"percentile", "bca", "normal"}
            Quantiles of the draws; Efron's bias-corrected and accelerated quantiles, which refit
            the estimate once without each row (or cluster); or the normal distribution.
        conf_level : float

        Returns
        -------
        pandas.DataFrame
            ``term conf_low conf_high``.

        Raises
        ------
        InputError
            Unknown `interval`, a level outside (0, 1), or a permutation.

        References
        ----------
        Efron B, Tibshirani R (1993). An Introduction to the Bootstrap, chapters 13 and 14.
        Chapman and Hall.

        Examples
        --------
        >>> import faceage_stats as fs
        >>> df = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, 5.0]})
        >>> draws = fs.resample(lambda d: d["x"].mean(), df, n_resamples=500, seed=1)
        >>> limits = draws.conf_int(interval="normal")
        >>> round(float(limits["conf_low"][0] + limits["conf_high"][0]) / 2, 6)
        3.0
        """
        if interval not in _INTERVALS:
            raise InputError(f"interval is {interval!r}; choose one of {', '.join(_INTERVALS)}.")
        check_conf_level(conf_level)
        if self.kind == "permutation":
            raise InputError("a permutation tests; it has no interval. Resample with a bootstrap.")
        limits = [self._limits(term, interval, conf_level) for term in self.observed]
        table = pd.DataFrame(limits, columns=["conf_low", "conf_high"])
        table.insert(0, "term", list(self.observed))
        return table

    def glance(self) -> pd.DataFrame:
        """Return one row: ``method n n_missing n_resamples n_failed seed``; no row is dropped."""
        row = {"method": self.kind, "n": self.n_row, "n_missing": 0}
        row |= {"n_resamples": len(self.draws), "n_failed": self.n_failed, "seed": self.seed}
        return pd.DataFrame([row])

    def jackknife(self, term: str) -> np.ndarray:
        """Return the estimate without each row (or cluster) in turn."""
        if term not in self.observed:
            cure = did_you_mean(term, self.observed)
            raise InputError(f"term {term!r} is none of those estimated.{cure}")
        rows = self.plan.without(self.n_row)
        return np.array([self.estimate_of.on_rows(each)[term] for each in rows])

    def _permutation_test(self) -> pd.DataFrame:
        observed = pd.Series(self.observed)
        rounding = 1e-12 * observed.abs()
        above = (self.draws >= observed - rounding).sum()
        below = (self.draws <= observed + rounding).sum()
        tail = np.minimum(above, below)
        p_value = np.minimum(2 * (1 + tail) / (1 + self.draws.notna().sum()), 1.0)
        columns = {"term": observed.index, "estimate": observed, "p_value": p_value}
        return pd.DataFrame(columns).reset_index(drop=True)

    def _limits(self, term: str, interval: Interval, conf_level: float) -> tuple[float, float]:
        draws = self.draws[term].dropna().to_numpy()
        if not len(draws):
            return float("nan"), float("nan")
        observed = self.observed[term]
        tails = np.array([(1 - conf_level) / 2, (1 + conf_level) / 2])
        if interval == "normal":
            low, high = observed + stats.norm.ppf(tails) * draws.std(ddof=1)
            return float(low), float(high)
        if interval == "bca":
            tails = _bca_levels(draws, observed, self.jackknife(term), tails)
        low, high = np.quantile(draws, tails)
        return float(low), float(high)

    def _title(self) -> str:
        return f"{self.kind}, {len(self.draws)} replicates, seed {self.seed}"


def _bca_levels(
    draws: np.ndarray, observed: float, without: np.ndarray, tails: np.ndarray
) -> np.ndarray:
    """Quantile levels that correct for bias and for a standard error that changes."""
    below = (np.sum(draws < observed) + np.sum(draws == observed) / 2) / len(draws)
    edge = 0.5 / len(draws)
    bias = stats.norm.ppf(np.clip(below, edge, 1 - edge))
    gap = without.mean() - without
    spread = np.sum(gap**2) ** 1.5
    acceleration = np.sum(gap**3) / (6 * spread) if spread > 0 else 0.0
    shifted = bias + stats.norm.ppf(tails)
    return np.asarray(stats.norm.cdf(bias + shifted / (1 - acceleration * shifted)))
