"""Measures of accuracy at horizons, with joint influence functions: tables, differences, bands."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np
import pandas as pd

from faceage_stats._contrast import contrast_table, gains
from faceage_stats._result import Result, frozen_result
from faceage_stats._scalar import check_matrix, check_numbers, check_whole
from faceage_stats._seed import DEFAULT_SEED, generator
from faceage_stats._wald import check_conf_level, limits, std_errors
from faceage_stats.errors import DesignError, InputError

__all__ = ["ACCURACY_INDEX", "TimeScore"]


ACCURACY_INDEX = "index of prediction accuracy"


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
        One row per row used, with the labels of the data given: ``row time status
        censoring_survival`` (the probability of being uncensored just before its time).
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
        return len(self.rows)

    @cached_property
    def std_error(self) -> np.ndarray:
        """Standard errors, shape (k, T)."""
        return np.asarray(np.std(self.influence, axis=2, ddof=1) / np.sqrt(self.n))

    @property
    def _range(self) -> tuple[float, float]:
        """What the estimate can be: an index of prediction accuracy has no lowest value."""
        return (-np.inf if self.metric == ACCURACY_INDEX else 0.0), 1.0

    def vcov(self, marker: str | None = None) -> pd.DataFrame:
        """Return the covariance of the estimates.

        Parameters
        ----------
        marker : str, optional
            Over the times of this marker; otherwise of all, labelled by (marker, time).

        Returns
        -------
        pandas.DataFrame
        """
        if marker is None:
            labels = pd.MultiIndex.from_product([self.markers, list(self.times)])
            covariance = np.atleast_2d(np.cov(self.influence.reshape(-1, self.n))) / self.n
            return pd.DataFrame(covariance, index=labels, columns=labels)
        covariance = np.atleast_2d(np.cov(self.influence[self._position(marker)])) / self.n
        return pd.DataFrame(covariance, index=self.times, columns=self.times)

    def _position(self, marker: str) -> int:
        if marker not in self.markers:
            raise InputError(f"{marker!r} is not one of the markers: {', '.join(self.markers)}.")
        return self.markers.index(marker)

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the estimate of each marker at each time.

        Parameters
        ----------
        conf_level : float
            Limits are normal, as riskRegression and timeROC have them, but cut to the range of the
            measure: 0 to 1, of the index of prediction accuracy up to 1.

        Returns
        -------
        pandas.DataFrame
            ``marker time estimate std_error conf_low conf_high n_case n_control``.
        """
        low, high = limits(self.estimate, self.std_error, conf_level, within=self._range)
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
        """Return the paired differences of the markers, the later minus the earlier, by time.

        Returns
        -------
        pandas.DataFrame
            One row per time and pair: ``time marker1 marker2 estimate1 estimate2 estimate
            std_error conf_low conf_high statistic p_value``. Markers without any difference have
            p 1.
        """
        pairs = gains(range(len(self.markers)))
        if not pairs:
            raise DesignError("there is only one marker; a difference needs two.")
        first, second = np.array(pairs).T
        change = self.influence[first] - self.influence[second]
        std_error = np.std(change, axis=2, ddof=1) / np.sqrt(self.n)
        width = self._range[1] - self._range[0]
        tables = [
            contrast_table(
                self.markers,
                self.estimate[:, i],
                std_error[:, i],
                conf_level,
                within=(-width, width),
            )
            for i in range(len(self.times))
        ]
        table = pd.concat(tables, ignore_index=True)
        table.insert(0, "time", np.repeat(self.times, len(pairs)))
        return table

    def bands(
        self, *, conf_level: float = 0.95, n_resamples: int = 10_000, seed: int = DEFAULT_SEED
    ) -> pd.DataFrame:
        """Return simultaneous bands: with `conf_level` the whole curve of a marker lies inside.

        Parameters
        ----------
        conf_level : float
        n_resamples, seed : int
            Draws from the joint normal distribution of the estimates. The width is the quantile
            of the largest standardised deviation over the times.

        Returns
        -------
        pandas.DataFrame
            ``marker time estimate std_error conf_low conf_high``.
        """
        check_conf_level(conf_level)
        check_whole("n_resamples", n_resamples, 1)
        frames = []
        for j, marker in enumerate(self.markers):
            covariance = self.vcov(marker).to_numpy()
            se = std_errors(covariance)
            scale = np.where(se > 0, se, 1.0)
            values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
            root = vectors * np.sqrt(np.maximum(values, 0.0))
            rng = generator(seed, "bands", marker)
            draws = rng.standard_normal((n_resamples, len(se))) @ root.T
            width = np.quantile(np.abs(draws).max(axis=1), conf_level) * se
            columns = {"marker": marker, "time": self.times, "estimate": self.estimate[j]}
            columns |= {"std_error": se}
            columns |= {"conf_low": np.clip(self.estimate[j] - width, *self._range)}
            columns |= {"conf_high": np.clip(self.estimate[j] + width, *self._range)}
            frames.append(pd.DataFrame(columns))
        return pd.concat(frames, ignore_index=True)

    def glance(self) -> pd.DataFrame:
        """Return one row: ``metric n n_event n_missing method``."""
        row = {
            "metric": self.metric,
            "n": self.n,
            "n_event": int((self.rows["status"] == 1).sum()),
            "n_missing": self.n_missing,
            "method": self.method,
        }
        return pd.DataFrame([row])

    def augment(self) -> pd.DataFrame:
        """Return one row per row used: ``row time status censoring_survival``."""
        return self.rows.copy()

    def combine(self, metric: str, weights: np.ndarray, times: np.ndarray) -> TimeScore:
        """Combine the times linearly, one column of `weights` each: integrals, averages."""
        times = check_numbers("times", times)
        weights = check_matrix("weights", weights, len(times), "new time")
        if len(weights) != len(self.times) or not np.isin(times, self.times).all():
            raise InputError("combine() takes weights with a row for each time, and some of them.")
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

    def _further_tables(self) -> tuple[str, ...]:
        return ("contrasts",) if len(self.markers) > 1 else ()
