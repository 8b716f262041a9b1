"""How well a predicted age agrees with the observed one: errors and calibration line."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._result import Result, frozen_result
from faceage_stats._columns import (
    as_pandas,
    group_codes,
    numeric_column,
    require_columns,
)
from faceage_stats.association.classical.correlation import cor_test
from faceage_stats._wald import check_conf_level
from faceage_stats.errors import DesignError

__all__ = [
    "Accuracy",
    "CalibrationLine",
    "accuracy",
    "age_decade",
    "calibration_line",
    "fit_line",
]

_BATCH = 4_000_000  # resampled rows held at once


def age_decade(age: Any, *, youngest: int = 20, oldest: int = 90) -> pd.Categorical:
    """Label ages by decade, as ordered categories.

    Parameters
    ----------
    age : array-like of shape (n,)
        Ages in years.
    youngest, oldest : int
        Lower bounds of the second and of the last class.

    Returns
    -------
    pandas.Categorical
        "<20", "20-29", ..., "90+"; missing ages stay missing.

    Examples
    --------
    >>> list(age_decade([19.9, 20, 64, 93]))
    ['<20', '20-29', '60-69', '90+']
    """
    bounds = list(range(youngest, oldest + 1, 10))
    labels = [f"<{youngest}", *(f"{low}-{low + 9}" for low in bounds[:-1]), f"{oldest}+"]
    return pd.cut(
        np.asarray(age, dtype=float), [-math.inf, *bounds, math.inf], right=False, labels=labels
    )


@frozen_result
class Accuracy(Result):
    """Error of a prediction, overall and by groups; see :func:`accuracy`."""

    table: pd.DataFrame
    n: int
    n_missing: int
    n_resamples: int
    seed: int

    def tidy(self, **kwargs: Any) -> pd.DataFrame:
        """One row per group and metric."""
        return self.table.copy()

    def wide(self) -> pd.DataFrame:
        """One row per group: ``variable, level, n`` and one column per metric (estimates)."""
        wide = self.table.pivot_table(
            index=["variable", "level", "n"], columns="metric", values="estimate", sort=False
        )
        return wide.reset_index().rename_axis(columns=None)

    def glance(self) -> pd.DataFrame:
        """One row: ``n, n_missing, n_resamples, seed``."""
        fields = ("n", "n_missing", "n_resamples", "seed")
        return pd.DataFrame([{name: getattr(self, name) for name in fields}])


def accuracy(
    data: Any,
    predicted: str = "faceage",
    observed: str = "age",
    *,
    by: str | Sequence[str] = (),
    conf_level: float = 0.95,
    n_resamples: int = 2000,
    seed: int = 0,
) -> Accuracy:
    """Measure the error of a predicted value, overall and within each level of each factor.

    Parameters
    ----------
    data : DataFrame
        One row per subject. Rows without prediction or observation are dropped and counted.
    predicted, observed : str
        Numeric columns in the same unit (years).
    by : str or sequence of str
        Factors; each is tabulated on its own, beside the whole sample.
    conf_level : float
        Level of the intervals.
    n_resamples : int
        Bootstrap resamples of rows within each group.
    seed : int
        Seed; a group's resamples depend on the seed and its label only.

    Returns
    -------
    Accuracy
        ``tidy()``: ``variable`` ("all" for the whole sample), ``level``, ``metric``, ``estimate``,
        ``std_error``, ``conf_low``, ``conf_high``, ``conf_level``, ``n``, ``method``. Metrics:
        ``mae`` mean absolute error, ``mean_error`` mean of predicted minus observed, ``rmse``,
        ``pearson_r``, ``r_squared`` (share of variance explained by the straight line, r squared)
        and ``r_squared_identity`` (by the prediction as it stands; may be negative).

    Raises
    ------
    DesignError
        A group with fewer than 4 rows, or whose prediction or observation does not vary.
    InputError
        Absent columns, or values that are not numbers.

    Notes
    -----
    Percentile intervals from the bootstrap, except for ``pearson_r`` (Fisher's z, as ``cor.test``)
    and ``mean_error`` (Student's t, as ``t.test``). Every metric is a function of eight means, so
    a resample costs one weighted mean of each. Resamples of a small group that repeat one row have
    no correlation and are left out of its intervals.

    Examples
    --------
    >>> frame = pd.DataFrame({"faceage": [62.0, 69, 60, 81, 74], "age": [60, 70, 63, 77, 75]})
    >>> print(accuracy(frame).wide().round(3).to_string(index=False))
    variable level  n  mae  mean_error  rmse  pearson_r  r_squared  r_squared_identity
         all   all  5  2.2         0.2  2.49      0.952      0.907               0.858
    """
    check_conf_level(conf_level)
    frame = as_pandas(data)
    factors = [by] if isinstance(by, str) else list(by)
    require_columns([predicted, observed, *factors], frame, "accuracy()")
    x, y = numeric_column(frame, predicted, "accuracy()"), numeric_column(frame, observed, "accuracy()")
    complete = ~(np.isnan(x) | np.isnan(y))
    x, y, frame = x[complete], y[complete], frame[complete]
    groups = [("all", "all", np.ones(len(x), dtype=bool))]
    for factor in factors:
        codes, labels = group_codes(frame[factor])
        groups += [(factor, str(label), codes == code) for code, label in enumerate(labels)]
    tables = []
    for variable, level, rows in groups:
        n = int(rows.sum())
        if n < 4 or np.ptp(x[rows]) == 0 or np.ptp(y[rows]) == 0:
            raise DesignError(
                f"accuracy: {variable} = {level} has {n} rows; 4 are needed, and both "
                f"`{predicted}` and `{observed}` must vary. Join sparse levels."
            )
        rng = np.random.default_rng([seed, zlib.crc32(f"{variable}={level}".encode())])
        table = _group_accuracy(x[rows], y[rows], conf_level, n_resamples, rng)
        table.insert(0, "level", level)
        table.insert(0, "variable", variable)
        tables.append(table)
    return Accuracy(
        table=pd.concat(tables, ignore_index=True),
        n=len(x),
        n_missing=int((~complete).sum()),
        n_resamples=n_resamples,
        seed=seed,
    )


def _group_accuracy(
    x: np.ndarray, y: np.ndarray, conf_level: float, n_resamples: int, rng: np.random.Generator
) -> pd.DataFrame:
    """All metrics of one group, with bootstrap, Fisher and t intervals."""
    centre = float(y.mean())  # one shift for both keeps differences and removes cancellation
    u, v = x - centre, y - centre
    rows = np.column_stack([u - v, np.abs(u - v), (u - v) ** 2, u, v, u * u, v * v, u * v])
    estimates = _metrics(rows.mean(axis=0)[None, :])
    resampled = _metrics(_resampled_means(rows, n_resamples, rng))
    tail = (1 - conf_level) / 2
    table = pd.DataFrame(
        {"metric": list(estimates), "estimate": [v[0] for v in estimates.values()]}
    )
    table["std_error"] = [np.std(values, ddof=1) for values in resampled.values()]
    limits = [np.quantile(values, [tail, 1 - tail]) for values in resampled.values()]
    table["conf_low"], table["conf_high"] = np.transpose(limits)
    table["conf_level"], table["n"], table["method"] = conf_level, len(x), "bootstrap percentile"
    table = table.set_index("metric")
    r = cor_test(x, y, conf_level=conf_level)
    error = stats.ttest_1samp(x - y, 0).confidence_interval(conf_level)
    std_error = float(stats.sem(x - y))
    columns = ["std_error", "conf_low", "conf_high", "method"]
    # the correlation keeps its bootstrap SE: Fisher's is on another scale
    table.loc["pearson_r", columns[1:]] = [r.conf_low, r.conf_high, "Fisher z"]
    table.loc["mean_error", columns] = [std_error, error.low, error.high, "Student t"]
    return table.reset_index()


def _metrics(means: np.ndarray) -> dict[str, np.ndarray]:
    """Metrics from means of: d, |d|, d^2, x, y, x^2, y^2, xy (d = x - y), one row per resample."""
    error, absolute, squared, x, y, xx, yy, xy = means.T
    var_x, var_y, covariance = xx - x * x, yy - y * y, xy - x * y
    # a resample of a small group may repeat one row only: it has no correlation and is left out
    var_x, var_y = (np.where(v > 1e-12 * v.max(), v, np.nan) for v in (var_x, var_y))
    r = np.clip(covariance / np.sqrt(var_x * var_y), -1, 1)
    identity = 1 - squared / var_y
    return {
        "mae": absolute,
        "mean_error": error,
        "rmse": np.sqrt(squared),
        "pearson_r": r,
        "r_squared": r * r,
        "r_squared_identity": identity,
    }


def _resampled_means(rows: np.ndarray, n_resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Column means of bootstrap resamples, through counts of each row (no row is copied)."""
    n = len(rows)
    batch = max(1, _BATCH // n)
    parts = []
    for start in range(0, n_resamples, batch):
        size = min(batch, n_resamples - start)
        drawn = rng.integers(0, n, size=(size, n)) + np.arange(size)[:, None] * n
        counts = np.bincount(drawn.ravel(), minlength=size * n).reshape(size, n)
        parts.append(counts @ rows / n)
    return np.concatenate(parts)


@frozen_result
class CalibrationLine(Result):
    """Least-squares line; see :func:`calibration_line`."""

    table: pd.DataFrame
    r_squared: float
    sigma: float
    n: int
    n_missing: int

    def tidy(self, **kwargs: Any) -> pd.DataFrame:
        """Rows ``intercept`` and ``slope``, tested against ``null_value``."""
        return self.table.copy()

    def glance(self) -> pd.DataFrame:
        """One row: ``r_squared, sigma, df_residual, n, n_missing``."""
        values = {
            "r_squared": self.r_squared,
            "sigma": self.sigma,
            "df_residual": float(self.n - 2),
            "n": self.n,
            "n_missing": self.n_missing,
        }
        return pd.DataFrame([values])


def calibration_line(
    data: Any, predicted: str = "faceage", observed: str = "age", *, conf_level: float = 0.95
) -> CalibrationLine:
    """Fit predicted = intercept + slope x observed by least squares.

    A slope below 1 is regression to the mean: the young look older and the old look younger than
    they are to the predictor.

    Parameters
    ----------
    data : DataFrame
        One row per subject. Incomplete rows are dropped and counted.
    predicted, observed : str
        Numeric columns in the same unit.
    conf_level : float
        Level of the intervals (Student's t).

    Returns
    -------
    CalibrationLine
        ``tidy()``: ``term``, ``estimate``, ``std_error``, ``null_value`` (0 and 1), ``statistic``,
        ``df``, ``p_value``, ``conf_low``, ``conf_high``, ``conf_level``, ``n``.

    Raises
    ------
    DesignError
        Fewer than 3 complete rows, or an observation that does not vary.

    Examples
    --------
    >>> frame = pd.DataFrame({"faceage": [62.0, 69, 60, 81, 74], "age": [60, 70, 63, 77, 75]})
    >>> calibration_line(frame).tidy()[["term", "estimate"]].round(3).values.tolist()
    [['intercept', -7.713], ['slope', 1.115]]
    """
    check_conf_level(conf_level)
    frame = as_pandas(data)
    y, x = numeric_column(frame, predicted, "accuracy()"), numeric_column(frame, observed, "accuracy()")
    complete = ~(np.isnan(y) | np.isnan(x))
    return fit_line(
        y[complete],
        x[complete],
        null_slope=1.0,
        conf_level=conf_level,
        n_missing=int((~complete).sum()),
    )


def fit_line(
    y: np.ndarray,
    x: np.ndarray,
    *,
    null_slope: float = 0.0,
    conf_level: float = 0.95,
    n_missing: int = 0,
) -> CalibrationLine:
    """Fit y = intercept + slope x to complete arrays and test against 0 and `null_slope`."""
    n = len(y)
    if n < 3 or np.ptp(x) == 0:
        raise DesignError(f"A line needs 3 complete rows with different x; there are {n}.")
    line = stats.linregress(x, y)
    estimate = np.array([line.intercept, line.slope])
    std_error = np.array([line.intercept_stderr, line.stderr])
    null_value = np.array([0.0, null_slope])
    half_width = float(stats.t.ppf(0.5 + conf_level / 2, n - 2)) * std_error
    # points on a perfect line have no error: the test statistic is then infinite or undefined
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = (estimate - null_value) / std_error
    table = pd.DataFrame(
        {
            "term": ["intercept", "slope"],
            "estimate": estimate,
            "std_error": std_error,
            "null_value": null_value,
            "statistic": statistic,
            "df": float(n - 2),
            "p_value": 2 * stats.t.sf(np.abs(statistic), n - 2),
            "conf_low": estimate - half_width,
            "conf_high": estimate + half_width,
            "conf_level": conf_level,
            "n": n,
        }
    )
    residuals = y - line.intercept - line.slope * x
    sigma = math.sqrt(float(residuals @ residuals) / (n - 2))
    return CalibrationLine(table, float(line.rvalue**2), sigma, n, n_missing)
