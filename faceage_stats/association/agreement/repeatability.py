"""How far two measurements of one subject lie apart: test and retest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._result import Result, frozen_result
from faceage_stats.association.agreement.icc import complete_table
from faceage_stats._wald import check_conf_level
from faceage_stats.errors import InputError

__all__ = ["Repeatability", "repeatability"]


@frozen_result
class Repeatability(Result):
    """Spread of repeated measurements of a subject; see :func:`repeatability`."""

    table: pd.DataFrame
    n: int
    n_repeat: int
    n_missing: int

    def tidy(self, **kwargs: Any) -> pd.DataFrame:
        """One row per quantity."""
        return self.table.copy()

    def glance(self) -> pd.DataFrame:
        """One row: ``n, n_repeat, n_missing``."""
        fields = ("n", "n_repeat", "n_missing")
        return pd.DataFrame([{name: getattr(self, name) for name in fields}])


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
    data : DataFrame
        One row per subject. Subjects with a missing measurement are dropped and counted.
    measurements : sequence of str
        Two or more columns in the same unit; the first is the test, the others retests.
    limit : float
        A change larger than this, in the unit of the measurements, counts as large.
    coverage : float
        Share of differences that the coefficient of repeatability is to hold.
    conf_level : float
        Level of the intervals.

    Returns
    -------
    Repeatability
        ``tidy()``: ``quantity, estimate, std_error, conf_low, conf_high, conf_level, n, method``
        with the rows ``within-subject standard deviation``, ``coefficient of repeatability``
        (z sqrt(2) times it), ``mean change`` from the first measurement and ``share of |change|
        > limit`` (over subjects; a subject with several retests counts with their share).

    Raises
    ------
    DesignError
        Fewer than two complete subjects or measurements.
    InputError
        A limit that is not positive, absent columns, values that are not numbers.

    Notes
    -----
    The within-subject standard deviation has a chi-squared interval on n (k - 1) degrees of
    freedom; a shift between the measurements counts as variation. The share has Wilson's interval
    for two measurements and a t interval for more.

    References
    ----------
    Bland JM, Altman DG. Measuring agreement in method comparison studies. Stat Methods Med Res
    1999;8:135-160.

    Examples
    --------
    >>> frame = pd.DataFrame({"photo1": [61.0, 70, 58, 66, 75], "photo2": [62.0, 71, 57, 73, 74]})
    >>> fit = repeatability(frame, ["photo1", "photo2"])
    >>> fit.tidy()["estimate"].round(3).tolist()
    [2.302, 6.381, 1.4, 0.2]
    """
    check_conf_level(conf_level)
    check_conf_level(coverage)
    if not (math.isfinite(limit) and limit > 0):
        raise InputError(f"repeatability: limit is {limit}; give a positive change, e.g. 5 years.")
    table, n_missing = complete_table(data, measurements, "repeatability")
    n, k = table.shape
    df = n * (k - 1)
    sum_sq = float(((table - table.mean(axis=1, keepdims=True)) ** 2).sum())
    tail = (1 - conf_level) / 2
    spread = np.sqrt(sum_sq / np.array([df, stats.chi2.isf(tail, df), stats.chi2.ppf(tail, df)]))
    factor = math.sqrt(2) * float(stats.norm.ppf(0.5 + coverage / 2))
    spread_se = spread[0] / math.sqrt(2 * df)
    change = table[:, 1:] - table[:, :1]
    large = (np.abs(change) > limit).mean(axis=1)
    chi, t = "chi-squared", "Student t"
    rows = [
        ("within-subject standard deviation", *spread[[0]], spread_se, *spread[1:], chi),
        ("coefficient of repeatability", *factor * spread[[0]], factor * spread_se,
         *factor * spread[1:], chi),
        ("mean change", *_mean_row(change.mean(axis=1), conf_level), t),
        (f"share of |change| > {limit:g}", *_share_row(large, conf_level),
         "Wilson" if k == 2 else t),
    ]  # fmt: skip
    names = ["quantity", "estimate", "std_error", "conf_low", "conf_high", "method"]
    frame = pd.DataFrame(rows, columns=names)
    frame.insert(5, "conf_level", conf_level)
    frame.insert(6, "n", n)
    return Repeatability(frame, n, k, n_missing)


def _mean_row(values: np.ndarray, conf_level: float) -> tuple[float, float, float, float]:
    """Mean, standard error and Student's t limits."""
    mean, std_error = float(values.mean()), float(stats.sem(values))
    half_width = float(stats.t.ppf(0.5 + conf_level / 2, len(values) - 1)) * std_error
    return mean, std_error, mean - half_width, mean + half_width


def _share_row(values: np.ndarray, conf_level: float) -> tuple[float, float, float, float]:
    """Mean share over subjects, with Wilson's limits when every subject has 0 or 1."""
    mean, std_error, low, high = _mean_row(values, conf_level)
    if np.isin(values, (0, 1)).all():
        from statsmodels.stats.proportion import proportion_confint

        n, count = len(values), int(values.sum())
        low, high = proportion_confint(count, n, alpha=1 - conf_level, method="wilson")
        low, high = (low if count > 0 else 0.0), (high if count < n else 1.0)  # not 3e-17
        std_error = math.sqrt(mean * (1 - mean) / n)
    return mean, std_error, max(0.0, float(low)), min(1.0, float(high))
