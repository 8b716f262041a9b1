"""How well a predicted age agrees with the observed one: errors, overall and by groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, column, require_columns
from faceage_stats._formula.extremes import measured_column
from faceage_stats._levels import group_codes
from faceage_stats._resample import resample
from faceage_stats._resampled import Resampled
from faceage_stats._result import Result, frozen_result
from faceage_stats._wald import check_conf_level, limits
from faceage_stats.association.agreement.error_metrics import ErrorMetrics
from faceage_stats.association.classical.correlation import cor_test
from faceage_stats.association.classical.htest import HTest
from faceage_stats.errors import DesignError

__all__ = ["Accuracy", "GroupAccuracy", "accuracy"]


@dataclass(frozen=True)
class GroupAccuracy:
    """Errors of one group: bootstrap draws of every metric, and the intervals by formula."""

    variable: str
    level: str
    n: int
    draws: Resampled
    correlation: HTest
    mean_error_se: float

    def rows(self, conf_level: float) -> pd.DataFrame:
        """Return one row per metric."""
        draws = self.draws.tidy(conf_level=conf_level)
        table = draws.rename(columns={"term": "metric"}).drop(columns="bias")
        rows = [
            {
                "variable": self.variable,
                "level": self.level,
                **row,
                "conf_level": conf_level,
                "n": self.n,
                "method": "bootstrap percentile",
                **self._by_formula(str(row["metric"]), conf_level),
            }
            for row in table.to_dict(orient="records")
        ]
        return pd.DataFrame(rows)

    def _by_formula(self, metric: str, conf_level: float) -> dict[str, Any]:
        """What replaces the bootstrap where there is a formula."""
        if metric == "pearson_r":
            # the correlation keeps its bootstrap standard error: Fisher's is on another scale
            row = self.correlation.tidy(conf_level=conf_level).iloc[0]
            found = {"conf_low": row["conf_low"], "conf_high": row["conf_high"]}
            return found | {"method": "Fisher z"}
        if metric == "mean_error":
            estimate, std_error = self.draws.observed[metric], self.mean_error_se
            low, high = limits(estimate, std_error, conf_level, df=self.n - 1)
            found = {"std_error": std_error, "conf_low": float(low), "conf_high": float(high)}
            return found | {"method": "Student t"}
        return {}


@frozen_result
class Accuracy(Result):
    """Error of a prediction, overall and by groups, made by :func:`accuracy`.

    Attributes
    ----------
    groups : tuple of GroupAccuracy
    n, n_missing : int
        Rows used, and dropped because prediction or observation was missing.
    n_resamples, seed : int
    conf_level : float
        As in the call.
    """

    groups: tuple[GroupAccuracy, ...]
    n: int
    n_missing: int
    n_resamples: int
    seed: int
    conf_level: float

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return one row per group and metric.

        Parameters
        ----------
        conf_level : float, optional
            Level of the intervals; without it that of the call.

        Returns
        -------
        pandas.DataFrame
            ``variable level metric estimate std_error conf_low conf_high conf_level n method``.
        """
        rows = [group.rows(conf_level or self.conf_level) for group in self.groups]
        return pd.concat(rows, ignore_index=True)

    def wide(self) -> pd.DataFrame:
        """Return one row per group: ``variable level n`` and one column per metric."""
        wide = self.tidy().pivot_table(
            index=["variable", "level", "n"], columns="metric", values="estimate", sort=False
        )
        return wide.reset_index().rename_axis(columns=None)

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_missing n_resamples seed``."""
        fields = ("n", "n_missing", "n_resamples", "seed")
        return pd.DataFrame([{name: getattr(self, name) for name in fields}])

    def _printed(self) -> pd.DataFrame:
        return self.wide()


@checked_call
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
    data : pandas.DataFrame or polars.DataFrame
        One row per subject. Rows without prediction or observation are dropped and counted.
    predicted, observed : str
        Numeric columns in the same unit (years).
    by : str or sequence of str
        Factors; each is tabulated alone, beside the whole sample.
    conf_level : float
        Level of the intervals.
    n_resamples : int
        Bootstrap resamples of rows within each group.
    seed : int
        A group's resamples depend on the seed and its label only.

    Returns
    -------
    Accuracy
        ``tidy(conf_level=...)``: ``variable`` ("all" for the whole sample) ``level metric estimate
        std_error conf_low conf_high conf_level n method``; ``wide()`` one row per group. Metrics:
        ``mae`` mean absolute error, ``mean_error`` mean of predicted minus observed, ``rmse``,
        ``pearson_r``, ``r_squared`` (proportion of variance explained by the straight line) and
        ``r_squared_identity`` (by the prediction itself, not refitted; may be negative).

    Raises
    ------
    DesignError
        A group with fewer than 4 rows, or whose prediction or observation does not vary.
    FormulaError
        Absent columns.
    InputError
        Values that are not numbers.

    See Also
    --------
    accuracy_test : several predictions compared.
    bland_altman : limits of agreement.

    Notes
    -----
    Percentile intervals from the bootstrap, except for ``pearson_r`` (Fisher's z, as ``cor.test``)
    and ``mean_error`` (Student's t, as ``t.test``). Resamples of a small group that repeat one row
    have no correlation and are excluded from its intervals.

    In R: ``boot::boot(df, function(d, i) mean(abs(d$faceage - d$age)[i]), R = 2000)``

    References
    ----------
    Efron B, Tibshirani R (1993). An Introduction to the Bootstrap. Chapman and Hall.

    Examples
    --------
    >>> data = pd.DataFrame({"faceage": [62.0, 69, 60, 81, 74], "age": [60, 70, 63, 77, 75]})
    >>> print(accuracy(data, n_resamples=200).wide().round(3).to_string(index=False))
    variable level  n  mae  mean_error  rmse  pearson_r  r_squared  r_squared_identity
         all   all  5  2.2         0.2  2.49      0.952      0.907               0.858
    """
    check_conf_level(conf_level)
    frame = as_pandas(data)
    factors = [by] if isinstance(by, str) else list(by)
    require_columns([predicted, observed, *factors], frame, "accuracy()")
    x = measured_column(frame, predicted, "accuracy()")
    y = measured_column(frame, observed, "accuracy()")
    complete = ~(np.isnan(x) | np.isnan(y))
    x, y, frame = x[complete], y[complete], frame[complete]
    members = {("all", "all"): np.ones(len(x), dtype=bool)}
    for factor in factors:
        codes, labels = group_codes(column(frame, factor, "accuracy()"))
        members |= {(factor, label): codes == code for code, label in enumerate(labels)}
    _refuse_small(members, x, y)
    return Accuracy(
        groups=tuple(
            _group(variable, level, x[rows], y[rows], n_resamples, seed)
            for (variable, level), rows in members.items()
        ),
        n=len(x),
        n_missing=int((~complete).sum()),
        n_resamples=n_resamples,
        seed=seed,
        conf_level=conf_level,
    )


def _refuse_small(members: dict[tuple[str, str], np.ndarray], x: np.ndarray, y: np.ndarray) -> None:
    for (variable, level), rows in members.items():
        n = int(rows.sum())
        if n < 4 or np.ptp(x[rows]) == 0 or np.ptp(y[rows]) == 0:
            raise DesignError(
                f"accuracy: {variable} = {level} has {n} rows; 4 are needed, and both prediction "
                "and observation must vary. Join sparse levels."
            )


def _group(
    variable: str, level: str, x: np.ndarray, y: np.ndarray, n_resamples: int, seed: int
) -> GroupAccuracy:
    name = f"accuracy {variable}={level}"
    rows = pd.DataFrame(index=range(len(x)))
    draws = resample(ErrorMetrics.of(x, y), rows, n_resamples, seed=seed, name=name)
    return GroupAccuracy(variable, level, len(x), draws, cor_test(x, y), float(stats.sem(x - y)))
