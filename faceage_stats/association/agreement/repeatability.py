"""How far two measurements of one subject lie apart: test and retest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._call import checked_call
from faceage_stats._result import Result, frozen_result
from faceage_stats._wald import check_conf_level, limits
from faceage_stats.association.agreement.icc import complete_table
from faceage_stats.errors import InputError

__all__ = ["Repeatability", "repeatability"]


@frozen_result
class Repeatability(Result):
    """Spread of repeated measurements of a subject, made by :func:`repeatability`.

    Attributes
    ----------
    sum_sq : float
        Sum of squares within subjects.
    change : ndarray, shape (n,)
        Mean change of each subject from the first measurement.
    large : ndarray, shape (n,)
        Proportion of each subject's changes beyond `limit`.
    limit, coverage : float
        As given.
    n_repeat, n_missing : int
        Measurements of each subject; subjects without all of them.
    conf_level : float
        As in the call.
    """

    sum_sq: float
    change: np.ndarray
    large: np.ndarray
    limit: float
    coverage: float
    n_repeat: int
    n_missing: int
    conf_level: float

    @property
    def n(self) -> int:
        """Subjects with every measurement."""
        return len(self.change)

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return one row per quantity.

        Parameters
        ----------
        conf_level : float, optional
            Level of the intervals; without it that of the call.

        Returns
        -------
        pandas.DataFrame
            ``quantity estimate std_error conf_low conf_high conf_level n method``.
        """
        level = conf_level or self.conf_level
        spread = self._within_subject(level)
        factor = math.sqrt(2) * float(stats.norm.ppf(0.5 + self.coverage / 2))
        wilson = "Wilson" if self.n_repeat == 2 else "Student t"
        rows = [
            ("within-subject standard deviation", *spread, "chi-squared"),
            ("coefficient of repeatability", *(factor * value for value in spread), "chi-squared"),
            ("mean change", *_mean(self.change, level), "Student t"),
            (
                f"proportion of |change| > {self.limit:g}",
                *_proportion(self.large, level),
                wilson,
            ),
        ]
        table = pd.DataFrame(rows, columns=["quantity", *_Row._fields, "method"])
        table.insert(5, "conf_level", level)
        table.insert(6, "n", self.n)
        return table

    def _within_subject(self, level: float) -> _Row:
        df, tail = self.n * (self.n_repeat - 1), (1 - level) / 2
        divisors = [df, stats.chi2.isf(tail, df), stats.chi2.ppf(tail, df)]
        estimate, low, high = np.sqrt(self.sum_sq / np.array(divisors))
        return _Row(estimate, estimate / math.sqrt(2 * df), low, high)

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_repeat n_missing``."""
        fields = ("n", "n_repeat", "n_missing")
        return pd.DataFrame([{name: getattr(self, name) for name in fields}])


class _Row(NamedTuple):
    """An estimate with its interval."""

    estimate: float
    std_error: float
    conf_low: float
    conf_high: float


@checked_call
def repeatability(
    data: Any,
    measurements: Sequence[str],
    *,
    limit: float = 5.0,
    coverage: float = 0.95,
    conf_level: float = 0.95,
) -> Repeatability:
    """Estimate how far two measurements of one subject lie apart (test and retest).

    Parameters
    ----------
    data : pandas.DataFrame or polars.DataFrame
        One row per subject. Subjects with a missing measurement are dropped and counted.
    measurements : sequence of str
        Two or more columns in the same unit; the first is the test, the others retests.
    limit : float
        A change larger than this, in the unit of the measurements, counts as large.
    coverage : float
        Proportion of differences that the coefficient of repeatability is to hold.
    conf_level : float
        Level of the intervals.

    Returns
    -------
    Repeatability
        ``tidy(conf_level=...)``: ``quantity estimate std_error conf_low conf_high conf_level n
        method`` with the rows ``within-subject standard deviation``, ``coefficient of
        repeatability`` (z sqrt(2) times it), ``mean change`` from the first measurement and
        ``proportion of |change| > limit`` (over subjects; of a subject with several retests the
        proportion among them counts).

    Raises
    ------
    DesignError
        Fewer than two complete subjects or measurements.
    FormulaError
        Absent columns.
    InputError
        A limit that is not positive, or values that are not numbers.

    See Also
    --------
    icc : the proportion of variance between subjects.

    Notes
    -----
    The within-subject standard deviation has a chi-squared interval on n (k - 1) degrees of
    freedom; a shift between the measurements counts as variation. The proportion has Wilson's
    interval for two measurements and a t interval for more.

    References
    ----------
    Bland JM, Altman DG (1999). Measuring agreement in method comparison studies. Statistical
    Methods in Medical Research 8:135-160. doi:10.1177/096228029900800204

    Examples
    --------
    >>> data = pd.DataFrame({"photo1": [61.0, 70, 58, 66, 75], "photo2": [62.0, 71, 57, 73, 74]})
    >>> fit = repeatability(data, ["photo1", "photo2"])
    >>> fit.tidy()["estimate"].round(3).tolist()
    [2.302, 6.381, 1.4, 0.2]
    """
    check_conf_level(conf_level)
    if not 0 < coverage < 1:
        raise InputError(f"coverage is {coverage}; it must lie between 0 and 1, e.g. 0.95.")
    if not (math.isfinite(limit) and limit > 0):
        raise InputError(f"repeatability: limit is {limit}; give a positive change, e.g. 5 years.")
    table, n_missing = complete_table(data, measurements, "repeatability()")
    change = table[:, 1:] - table[:, :1]
    return Repeatability(
        sum_sq=float(((table - table.mean(axis=1, keepdims=True)) ** 2).sum()),
        change=change.mean(axis=1),
        large=(np.abs(change) > limit).mean(axis=1),
        limit=limit,
        coverage=coverage,
        n_repeat=table.shape[1],
        n_missing=n_missing,
        conf_level=conf_level,
    )


def _mean(values: np.ndarray, level: float) -> _Row:
    """Mean, standard error and Student's t limits."""
    mean, std_error = float(values.mean()), float(stats.sem(values))
    low, high = limits(mean, std_error, level, df=len(values) - 1)
    return _Row(mean, std_error, float(low), float(high))


def _proportion(values: np.ndarray, level: float) -> _Row:
    """Mean proportion over subjects, with Wilson's limits when every subject has 0 or 1."""
    mean, std_error, low, high = _mean(values, level)
    if np.isin(values, (0, 1)).all():
        from statsmodels.stats.proportion import proportion_confint

        n, count = len(values), int(values.sum())
        low, high = proportion_confint(count, n, alpha=1 - level, method="wilson")
        low, high = (low if count > 0 else 0.0), (high if count < n else 1.0)  # not 3e-17
        std_error = math.sqrt(mean * (1 - mean) / n)
    return _Row(mean, std_error, max(0.0, float(low)), min(1.0, float(high)))
