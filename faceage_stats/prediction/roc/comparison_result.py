"""The result of comparing areas under ROC curves."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._contrast import gains, pairwise
from faceage_stats._result import Result, frozen_result
from faceage_stats.prediction.bootstrap import percentile_limits

__all__ = ["Alternative", "ROCTest", "TestMethod"]

Alternative = Literal["two.sided", "less", "greater"]
TestMethod = Literal["delong", "bootstrap", "specificity", "sensitivity"]
_NAMES = {"delong": "DeLong's test", "bootstrap": "Bootstrap test",
          "specificity": "Specificity test", "sensitivity": "Sensitivity test"}  # fmt: skip


@frozen_result
class ROCTest(Result):
    """Comparison of two or more ROC curves, by their areas or a rate.

    Attributes
    ----------
    markers : tuple of str
    estimate : ndarray, shape (k,)
        Area, or rate, of each curve on the rows compared.
    covariance : ndarray, shape (k, k)
        Of them; diagonal when unpaired.
    test_method : {"delong", "bootstrap", "specificity", "sensitivity"}
    paired : bool
    alternative : {"two.sided", "less", "greater"}
    conf_level : float
    sizes : tuple of int
        Rows of each curve.
    n_missing : int
    draws : ndarray, shape (n_resamples, k), or None
        Values of the resamples.
    metric : str
        What is compared.
    """

    markers: tuple[str, ...]
    estimate: np.ndarray
    covariance: np.ndarray
    test_method: TestMethod
    paired: bool
    alternative: Alternative
    conf_level: float
    sizes: tuple[int, ...]
    n_missing: int
    draws: np.ndarray | None
    metric: str

    @property
    def method(self) -> str:
        """The test in words, as R names it."""
        name = _NAMES[self.test_method]
        number = "two" if len(self.markers) == 2 else str(len(self.markers))
        return f"{name} for {number} {'correlated ' if self.paired else ''}ROC curves"

    def vcov(self) -> pd.DataFrame:
        """Return the covariance of the areas, labelled by marker."""
        return pd.DataFrame(self.covariance, index=self.markers, columns=self.markers)

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return the difference of each pair of curves, the later minus the earlier.

        Parameters
        ----------
        conf_level : float, optional
            Of the two-sided interval; by default as in the call.

        Returns
        -------
        pandas.DataFrame
            One row per pair: ``marker1 marker2 estimate1 estimate2 estimate std_error conf_low
            conf_high statistic df p_value``. The statistic is normal (`df` infinite), or t for
            the unpaired DeLong test; limits are percentiles for the bootstrap. Two curves without
            any difference have p 1. A one-sided p is of `alternative`, which is about the first
            curve against the second, as in pROC.
        """
        level = self.conf_level if conf_level is None else conf_level
        df = self._df()
        numbers = [str(i) for i in range(len(self.markers))]  # two curves may be of one marker
        table = pairwise(numbers, self.estimate, self.covariance, level, df=df, within=(-1, 1))
        if self.draws is not None:
            first, second = np.array(self._pairs()).T
            low, high = percentile_limits(self.draws[:, first] - self.draws[:, second], level)
            table = table.assign(conf_low=low, conf_high=high)
        if self.alternative != "two.sided":
            z = table["statistic"] if self.alternative == "less" else -table["statistic"]
            table["p_value"] = stats.t.sf(z, df)
        for column in ("marker1", "marker2"):
            table[column] = [self.markers[int(number)] for number in table[column]]
        return table

    def glance(self) -> pd.DataFrame:
        """Return one row: the test that all areas are equal.

        Returns
        -------
        pandas.DataFrame
            ``method metric statistic df p_value alternative n n_missing``; the statistic is
            chi-squared on the differences of neighbouring curves, also for two curves.
        """
        step = np.diff(np.eye(len(self.markers)), axis=0)
        difference = step @ self.estimate
        covariance = step @ self.covariance @ step.T
        if np.isnan(covariance).any():
            statistic, df = np.nan, len(difference)
        else:
            statistic = float(difference @ np.linalg.pinv(covariance, hermitian=True) @ difference)
            df = int(np.linalg.matrix_rank(covariance, hermitian=True))
        row = {
            "method": self.method,
            "metric": self.metric,
            "statistic": statistic,
            "df": df,
            "p_value": float(stats.chi2.sf(statistic, df)) if df else 1.0,
            "alternative": "two.sided",
            "n": self.sizes[0] if self.paired else sum(self.sizes),
            "n_missing": self.n_missing,
        }
        return pd.DataFrame([row])

    def _pairs(self) -> list[tuple[int, int]]:
        return gains(range(len(self.markers)))

    def _df(self) -> np.ndarray:
        """Degrees of freedom of pROC's unpaired DeLong test; infinite for the other tests."""
        first, second = np.array(self._pairs()).T
        if self.paired or self.test_method != "delong":
            return np.full(len(first), np.inf)
        variance, size = np.diag(self.covariance), np.array(self.sizes)
        a, b = variance[first], variance[second]
        with np.errstate(invalid="ignore"):
            return np.asarray((a + b) ** 2 / (a**2 / (size[first] - 1) + b**2 / (size[second] - 1)))

    def _title(self) -> str:
        return f"{self.method} ({self.metric})"
