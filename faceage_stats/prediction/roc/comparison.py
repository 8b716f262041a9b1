"""Compare areas under ROC curves: DeLong and bootstrap, paired and unpaired, two or more."""

from __future__ import annotations

import itertools
import warnings
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._result import Result, frozen_result, normal_interval
from faceage_stats.errors import DesignError, EstimationWarning, InputError
from faceage_stats.prediction.roc.delong import CurveOrder, auc_and_placements, placement_covariance
from faceage_stats.prediction.roc.partial_auc import Range
from faceage_stats.prediction.roc.resampling import (
    check_resamples,
    percentile_limits,
    stratified_counts,
)
from faceage_stats.prediction.roc.roc import ROC, ROCSet

__all__ = ["ROCTest", "roc_test"]


def roc_test(
    first: ROC | ROCSet,
    *others: ROC,
    method: str = "delong",
    paired: bool = True,
    alternative: str = "two.sided",
    partial_auc: tuple[float, float] | None = None,
    focus: str = "specificity",
    n_resamples: int = 2000,
    seed: int = 0,
) -> ROCTest:
    """Compare the AUCs of two or more curves, as R's ``pROC::roc.test``.

    Parameters
    ----------
    first, *others : ROC, or one ROCSet
        Two or more curves. Paired curves come from the same data; the rows used by all of them
        are compared, the others are counted in `n_missing`.
    method : {"delong", "bootstrap"}
        DeLong's covariance, or the standard deviation of the difference over stratified
        resamples (the directions of the curves are held).
    paired : bool
        False: the curves come from different patients (Welch-type t test, as in pROC).
    alternative : {"two.sided", "less", "greater"}
        ``"greater"``: the first AUC is greater.
    partial_auc : (float, float), optional
        Compare partial areas over this range of `focus`; needs ``method="bootstrap"``.
    focus : {"specificity", "sensitivity"}
    n_resamples, seed : int
        Of the bootstrap.

    Returns
    -------
    ROCTest
        ``tidy()`` one row per pair (difference, standard error, interval, p); ``glance()`` the
        test that all areas are equal (chi-squared on the contrasts).

    Raises
    ------
    DesignError
        Fewer than two curves; paired curves of different data or outcomes.

    Notes
    -----
    Two markers of nested models fitted on these same patients are better compared by the
    likelihood-ratio test of the models: there DeLong's test is conservative.

    Examples
    --------
    >>> import pandas as pd
    >>> from faceage_stats.prediction.roc.roc import roc
    >>> df = pd.DataFrame({"y": [0, 0, 0, 1, 1, 1], "a": [1, 2, 4, 3, 5, 6]})
    >>> df["b"] = [2, 5, 1, 3, 4, 6]
    >>> test = roc_test(roc("y ~ a + b", df, direction="<"))
    >>> test.tidy()[["marker1", "marker2", "estimate"]].round(3).values.tolist()
    [['a', 'b', 0.111]]
    """
    curves = (*first.curves, *others) if isinstance(first, ROCSet) else (first, *others)
    _check(curves, method, alternative, partial_auc)
    if len({curve.direction for curve in curves}) > 1:
        warnings.warn(
            "the curves have different directions: be sure that each is the right one.",
            EstimationWarning,
            stacklevel=2,
        )
    values, is_case, n_missing = _common_rows(curves) if paired else _own_rows(curves)
    if method == "delong":
        estimate, vcov = _delong(values, is_case, paired)
        draws = None
    else:
        check_resamples(n_resamples, seed)
        within = None if partial_auc is None else Range(*partial_auc, focus)
        estimate, draws = _bootstrap(values, is_case, within, (n_resamples, seed), paired)
        vcov = np.cov(draws, rowvar=False)
    sizes = tuple(len(case) for case in is_case)
    markers = tuple(curve.marker for curve in curves)
    return ROCTest(
        markers, estimate, vcov, method, paired, alternative, sizes, n_missing, draws,
        "AUC" if partial_auc is None else f"partial AUC, {focus} {partial_auc}",
    )  # fmt: skip


def _check(
    curves: tuple[ROC, ...], method: str, alternative: str, partial: tuple[float, float] | None
) -> None:
    if len(curves) < 2:
        raise DesignError("there is only one curve; a comparison needs two or more.")
    if method not in ("delong", "bootstrap"):
        raise InputError(f"method is {method!r}; choose delong or bootstrap.")
    if alternative not in ("two.sided", "less", "greater"):
        raise InputError(f"alternative is {alternative!r}; choose two.sided, less or greater.")
    if alternative != "two.sided" and len(curves) > 2:
        raise InputError("a one-sided alternative is for two curves.")
    if partial is not None and method != "bootstrap":
        raise InputError('partial_auc needs method="bootstrap".')


def _common_rows(
    curves: tuple[ROC, ...],
) -> tuple[list[np.ndarray], list[np.ndarray], int]:
    """Markers of the rows that every curve uses; refuse curves of different data."""
    base = curves[0]
    rows = base.rows
    for curve in curves[1:]:
        if curve.n_rows != base.n_rows or curve.positive != base.positive:
            raise DesignError(
                f"`{base.marker}` and `{curve.marker}` come from different data "
                f"({base.n_rows} and {curve.n_rows} rows; positive is {base.positive} and "
                f"{curve.positive}). Use paired=False for different patients."
            )
        if not np.array_equal(curve.rows, rows):
            rows = np.intersect1d(rows, curve.rows, assume_unique=True)
    own = [_positions(curve, rows) for curve in curves]
    outcome = [curve.is_case[at] for curve, at in zip(curves, own, strict=True)]
    if any(not np.array_equal(outcome[0], other) for other in outcome[1:]):
        raise DesignError(
            "the curves have different outcomes in the same rows. Use paired=False for different "
            "patients."
        )
    if not outcome[0].any() or outcome[0].all():
        raise DesignError(f"the {len(rows)} rows that all curves share have one class only.")
    values = [curve.oriented[at] for curve, at in zip(curves, own, strict=True)]
    return values, outcome, base.n_rows - len(rows)


def _positions(curve: ROC, rows: np.ndarray) -> Any:
    """Where `rows` are among the rows of a curve; everything when they are all of them."""
    return slice(None) if len(rows) == len(curve.rows) else np.searchsorted(curve.rows, rows)


def _own_rows(curves: tuple[ROC, ...]) -> tuple[list[np.ndarray], list[np.ndarray], int]:
    values = [curve.oriented for curve in curves]
    return values, [curve.is_case for curve in curves], sum(c.n_missing for c in curves)


def _delong(
    values: list[np.ndarray], is_case: list[np.ndarray], paired: bool
) -> tuple[np.ndarray, np.ndarray]:
    """AUCs and their covariance."""
    parts = [auc_and_placements(v, case) for v, case in zip(values, is_case, strict=True)]
    auc = np.array([part[0] for part in parts])
    if paired:
        place = np.column_stack([part[1] for part in parts])
        return auc, placement_covariance(place, is_case[0])
    own = [
        placement_covariance(part[1][:, None], case)[0, 0]
        for part, case in zip(parts, is_case, strict=True)
    ]
    return auc, np.diag(own)


def _bootstrap(
    values: list[np.ndarray],
    is_case: list[np.ndarray],
    within: Range | None,
    size_and_seed: tuple[int, int],
    paired: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """Areas, and areas of every resample; unpaired curves are resampled independently."""
    n_resamples, seed = size_and_seed
    within = within or Range(0, 1)
    orders = [CurveOrder(v, case, within.focus) for v, case in zip(values, is_case, strict=True)]
    area = np.array([within.area(o, np.ones(len(o.rows))) for o in orders])
    draws = np.empty((n_resamples, len(orders)))
    if paired:
        for b, counts in enumerate(stratified_counts(is_case[0], n_resamples, seed)):
            draws[b] = [within.area(order, counts) for order in orders]
        return area, draws
    for j, order in enumerate(orders):  # each group has its own stream
        stream = int(np.random.SeedSequence([seed, j]).generate_state(1)[0])
        counts_of = stratified_counts(is_case[j], n_resamples, stream)
        draws[:, j] = [within.area(order, counts) for counts in counts_of]
    return area, draws


@frozen_result
class ROCTest(Result):
    """Comparison of the areas under two or more ROC curves.

    Attributes
    ----------
    markers : tuple of str
    estimate : ndarray
        Area of each curve on the rows compared.
    vcov : ndarray
        Covariance of the areas (diagonal when unpaired).
    test_method : {"delong", "bootstrap"}
    paired : bool
    alternative : str
    sizes : tuple of int
        Rows of each curve.
    n_missing : int
    draws : ndarray or None
        Areas of the resamples, shape (n_resamples, k).
    metric : str
    """

    markers: tuple[str, ...]
    estimate: np.ndarray
    vcov: np.ndarray
    test_method: str
    paired: bool
    alternative: str
    sizes: tuple[int, ...]
    n_missing: int
    draws: np.ndarray | None
    metric: str

    @property
    def method(self) -> str:
        """The test in words, as R names it."""
        name = "DeLong's test" if self.test_method == "delong" else "Bootstrap test"
        number = "two" if len(self.markers) == 2 else str(len(self.markers))
        return f"{name} for {number} {'correlated ' if self.paired else ''}ROC curves"

    @cached_property
    def contrasts(self) -> np.ndarray:
        """One row per pair of curves: +1 for the first, -1 for the second."""
        pairs = list(itertools.combinations(range(len(self.markers)), 2))
        matrix = np.zeros((len(pairs), len(self.markers)))
        for row, (i, j) in enumerate(pairs):
            matrix[row, i], matrix[row, j] = 1.0, -1.0
        return matrix

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per pair of curves.

        Columns ``marker1 marker2 estimate1 estimate2 estimate std_error statistic df p_value
        conf_low conf_high``; `estimate` is estimate1 - estimate2. The statistic is normal, or t
        with `df` degrees of freedom for the unpaired DeLong test; the interval is two-sided,
        for the bootstrap from percentiles. Two curves without any difference have p 1.
        """
        first, second = np.argmax(self.contrasts, axis=1), np.argmin(self.contrasts, axis=1)
        difference = self.contrasts @ self.estimate
        variance = np.einsum("ij,jk,ik->i", self.contrasts, self.vcov, self.contrasts)
        std_error = np.sqrt(np.where(np.abs(variance) < 1e-20, 0.0, variance))
        statistic = _ratio(difference, std_error)
        df = self._welch_df(first, second)
        low, high = self._limits(difference, std_error, df, conf_level)
        names = np.array(self.markers, object)
        return pd.DataFrame(
            {
                "marker1": names[first],
                "marker2": names[second],
                "estimate1": self.estimate[first],
                "estimate2": self.estimate[second],
                "estimate": difference,
                "std_error": std_error,
                "statistic": statistic,
                "df": df,
                "p_value": _p_value(statistic, df, self.alternative),
                "conf_low": low,
                "conf_high": high,
            }
        )

    def glance(self) -> pd.DataFrame:
        """One row: the test that all areas are equal.

        Columns ``method metric statistic df p_value alternative n n_missing``; the statistic is
        chi-squared on the differences of neighbouring curves, also for two curves.
        """
        step = np.diff(np.eye(len(self.markers)), axis=0)
        difference = step @ self.estimate
        covariance = step @ self.vcov @ step.T
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

    def _welch_df(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Degrees of freedom of pROC's unpaired DeLong test; infinite for the other tests."""
        if self.paired or self.test_method == "bootstrap":
            return np.full(len(first), np.inf)
        variance, size = np.diag(self.vcov), np.array(self.sizes)
        a, b = variance[first], variance[second]
        with np.errstate(invalid="ignore"):
            return (a + b) ** 2 / (a**2 / (size[first] - 1) + b**2 / (size[second] - 1))

    def _limits(
        self, difference: np.ndarray, se: np.ndarray, df: np.ndarray, conf_level: float
    ) -> tuple[np.ndarray, np.ndarray]:
        low, high = normal_interval(difference, se, conf_level)  # checks the level
        if self.draws is not None:
            return percentile_limits(self.draws @ self.contrasts.T, conf_level)
        if np.isfinite(df).all():
            half_width = stats.t.ppf(0.5 + conf_level / 2, df) * se
            return difference - half_width, difference + half_width
        return low, high

    def _title(self) -> str:
        return f"{self.method} ({self.metric})"


def _ratio(difference: np.ndarray, std_error: np.ndarray) -> np.ndarray:
    """Difference over its standard error; 0 where both vanish."""
    same = (std_error == 0) & (np.abs(difference) < 1e-14)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(same, 0.0, difference / std_error)


def _p_value(statistic: np.ndarray, df: np.ndarray, alternative: str) -> np.ndarray:
    df = np.where(np.isnan(df), np.inf, df)
    if alternative == "two.sided":
        return 2 * stats.t.sf(np.abs(statistic), df)
    return stats.t.sf(statistic if alternative == "greater" else -statistic, df)
