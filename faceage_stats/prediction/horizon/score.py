"""Measures of accuracy at horizons, with joint influence functions: tables, differences, bands."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._result import Result, frozen_result, normal_interval
from faceage_stats.errors import DesignError, InputError

__all__ = ["TimeScore"]


@frozen_result
class TimeScore(Result):
    """A measure of accuracy of k predictions at several times.

    Attributes
    ----------
    metric : str
    markers : tuple of str
    times : ndarray, shape (T,)
    estimate : ndarray, shape (k, T)
    influence : ndarray, shape (k, T, n)
        Influence of each row: an estimate's standard error is sd / sqrt(n), and differences,
        bands and averages over time have theirs from the same rows.
    counts : pandas.DataFrame
        One row per time: ``time n_case n_control n_other n_excluded censoring_survival``.
    rows : pandas.DataFrame
        One row per row used: ``row time status censoring_survival`` (G just before its time).
    method : str
        How censoring is allowed for.
    n_missing : int
    """

    metric: str
    markers: tuple[str, ...]
    times: np.ndarray
    estimate: np.ndarray
    influence: np.ndarray
    counts: pd.DataFrame
    rows: pd.DataFrame
    method: str
    n_missing: int

    @property
    def n(self) -> int:
        """Rows used."""
        return self.influence.shape[2]

    @cached_property
    def std_error(self) -> np.ndarray:
        """Standard errors, shape (k, T)."""
        return np.std(self.influence, axis=2, ddof=1) / np.sqrt(self.n)

    def vcov(self, marker: str | None = None) -> np.ndarray:
        """Covariance over the times of one marker, or of all (k T by k T, marker by marker)."""
        if marker is None:
            influence = self.influence.reshape(-1, self.n)
        else:
            influence = self.influence[self._position(marker)]
        return np.atleast_2d(np.cov(influence)) / self.n

    def _position(self, marker: str) -> int:
        if marker not in self.markers:
            raise InputError(f"{marker!r} is not one of the markers: {', '.join(self.markers)}.")
        return self.markers.index(marker)

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per marker and time.

        Columns ``marker time estimate std_error conf_low conf_high n_case n_control``; limits are
        normal, as riskRegression and timeROC have them.
        """
        low, high = normal_interval(self.estimate, self.std_error, conf_level)
        k, size = self.estimate.shape
        return pd.DataFrame(
            {
                "marker": np.repeat(np.array(self.markers, object), size),
                "time": np.tile(self.times, k),
                "estimate": self.estimate.ravel(),
                "std_error": self.std_error.ravel(),
                "conf_low": low.ravel(),
                "conf_high": high.ravel(),
                "n_case": np.tile(self.counts["n_case"], k),
                "n_control": np.tile(self.counts["n_control"], k),
            }
        )

    def contrasts(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Paired differences of the markers.

        One row per time and pair: ``time marker1 marker2 estimate1 estimate2 estimate std_error
        statistic p_value conf_low conf_high``; `estimate` is estimate1 - estimate2. Markers
        without any difference have p 1.
        """
        pairs = list(itertools.combinations(range(len(self.markers)), 2))
        if not pairs:
            raise DesignError("there is only one marker; a difference needs two.")
        first, second = np.array(pairs).T
        difference = self.estimate[first] - self.estimate[second]
        change = self.influence[first] - self.influence[second]
        std_error = np.std(change, axis=2, ddof=1) / np.sqrt(self.n)
        same = (std_error < 1e-14) & (np.abs(difference) < 1e-14)
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = np.where(same, 0.0, difference / std_error)
        low, high = normal_interval(difference, std_error, conf_level)
        names = np.array(self.markers, object)
        repeat = len(self.times)
        return pd.DataFrame(
            {
                "time": np.repeat(self.times, len(pairs)),
                "marker1": np.tile(names[first], repeat),
                "marker2": np.tile(names[second], repeat),
                "estimate1": self.estimate[first].T.ravel(),
                "estimate2": self.estimate[second].T.ravel(),
                "estimate": difference.T.ravel(),
                "std_error": std_error.T.ravel(),
                "statistic": statistic.T.ravel(),
                "p_value": 2 * stats.norm.sf(np.abs(statistic.T.ravel())),
                "conf_low": low.T.ravel(),
                "conf_high": high.T.ravel(),
            }
        )

    def bands(
        self, *, conf_level: float = 0.95, n_draws: int = 10_000, seed: int = 0
    ) -> pd.DataFrame:
        """Simultaneous bands: with `conf_level` the whole curve of a marker lies inside.

        The width is the quantile of the largest standardised deviation over the times, of
        `n_draws` draws from the joint normal distribution of the estimates. Columns ``marker time
        estimate std_error conf_low conf_high``.
        """
        normal_interval(0.0, 1.0, conf_level)  # checks the level
        frames = []
        for j, marker in enumerate(self.markers):
            covariance = self.vcov(marker)
            se = np.sqrt(np.diag(covariance))
            scale = np.where(se > 0, se, 1.0)
            rng = np.random.default_rng([seed, j])
            values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
            root = vectors * np.sqrt(np.maximum(values, 0.0))
            draws = rng.standard_normal((n_draws, len(se))) @ root.T
            width = np.quantile(np.abs(draws).max(axis=1), conf_level) * se
            columns = {"marker": marker, "time": self.times, "estimate": self.estimate[j]}
            columns |= {"std_error": se, "conf_low": self.estimate[j] - width}
            frames.append(pd.DataFrame({**columns, "conf_high": self.estimate[j] + width}))
        return pd.concat(frames, ignore_index=True)

    def glance(self) -> pd.DataFrame:
        """One row: ``metric n n_event n_missing method``."""
        row = {
            "metric": self.metric,
            "n": self.n,
            "n_event": int((self.rows["status"] == 1).sum()),
            "n_missing": self.n_missing,
            "method": self.method,
        }
        return pd.DataFrame([row])

    def augment(self) -> pd.DataFrame:
        """One row per row used: ``row time status censoring_survival`` (G just before `time`)."""
        return self.rows.copy()

    def combine(self, metric: str, weights: np.ndarray, times: np.ndarray) -> TimeScore:
        """Linear combinations over the times, one column of `weights` each: integrals, averages."""
        picked = np.searchsorted(self.times, times)
        return replace(
            self,
            metric=metric,
            times=times,
            estimate=self.estimate @ weights,
            influence=np.einsum("ktn,ts->ksn", self.influence, weights),
            counts=self.counts.iloc[picked].reset_index(drop=True),
        )

    def _title(self) -> str:
        return f"{self.metric} ({self.method})"

    def to_dict(self) -> dict[str, Any]:
        """Plain lists: tidy, contrasts (with two markers or more) and glance."""
        out = super().to_dict()
        if len(self.markers) > 1:
            out["contrasts"] = self.contrasts().to_dict(orient="records")
        return out
