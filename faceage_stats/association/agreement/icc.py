"""How well repeated measurements of the same subjects agree: intraclass correlation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._arguments import check_names
from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, require_columns
from faceage_stats._formula.extremes import measured_column
from faceage_stats._result import Result, frozen_result
from faceage_stats._wald import check_conf_level
from faceage_stats.association.classical.htest import Limits
from faceage_stats.errors import DesignError

__all__ = ["ICC", "CompleteTable", "MeanSquares", "complete_table", "icc"]

_MODELS = {
    "ICC1": "one-way random, single",
    "ICC2": "two-way random, absolute agreement, single",
    "ICC3": "two-way mixed, consistency, single",
    "ICC1k": "one-way random, average",
    "ICC2k": "two-way random, absolute agreement, average",
    "ICC3k": "two-way mixed, consistency, average",
}


@dataclass(frozen=True)
class MeanSquares:
    """Two-way analysis of variance of n subjects by k measurements, without replication."""

    n: int
    k: int
    between: float  # subjects
    within: float  # everything within subjects
    measurement: float  # between measurements
    error: float  # residual of the two-way layout

    @classmethod
    def of(cls, table: np.ndarray) -> MeanSquares:
        """Mean squares of a complete table, subjects in rows."""
        n, k = table.shape
        centred = table - table.mean()
        rows, columns = centred.mean(axis=1), centred.mean(axis=0)
        error = centred - rows[:, None] - columns
        return cls(
            n=n,
            k=k,
            between=k * float(rows @ rows) / (n - 1),
            within=float(((centred - rows[:, None]) ** 2).sum()) / (n * (k - 1)),
            measurement=n * float(columns @ columns) / (k - 1),
            error=float((error**2).sum()) / ((n - 1) * (k - 1)),
        )


@frozen_result
class ICC(Result):
    """Six intraclass correlations, made by :func:`icc`.

    Attributes
    ----------
    mean_squares : MeanSquares
        Of the two-way layout, which every coefficient is a function of.
    n_missing : int
    conf_level : float
        As in the call.
    """

    mean_squares: MeanSquares
    n_missing: int
    conf_level: float

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return one row per coefficient.

        Parameters
        ----------
        conf_level : float, optional
            Level of the F intervals; without it that of the call.

        Returns
        -------
        pandas.DataFrame
            ``term method estimate std_error statistic df df_residual p_value conf_low conf_high
            conf_level n``.
        """
        squares, level = self.mean_squares, conf_level or self.conf_level
        rows = [*_one_way(squares, level), *_two_way(squares, level)]
        rows = sorted(rows, key=lambda row: list(_MODELS).index(row["term"]))
        table = pd.DataFrame(rows).assign(conf_level=level, n=squares.n)
        table.insert(1, "method", table["term"].map(_MODELS))
        return table

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n`` subjects, ``n_repeat`` measurements of each, ``n_missing sigma``.

        ``sigma`` is the standard deviation of measurement, the root of the two-way residual mean
        square.
        """
        squares = self.mean_squares
        values = {"n": squares.n, "n_repeat": squares.k, "n_missing": self.n_missing}
        return pd.DataFrame([values | {"sigma": math.sqrt(squares.error)}])

    def _title(self) -> str:
        return f"Intraclass correlation: {self.mean_squares.n} subjects x {self.mean_squares.k}"


@checked_call
def icc(data: Any, measurements: Sequence[str], *, conf_level: float = 0.95) -> ICC:
    """Estimate the proportion of variance between subjects: six intraclass correlations.

    Parameters
    ----------
    data : pandas.DataFrame or polars.DataFrame
        One row per subject. Subjects with a missing measurement are dropped and counted.
    measurements : sequence of str
        Two or more numeric columns: raters, or repeated photographs.
    conf_level : float
        Level of the intervals.

    Returns
    -------
    ICC
        ``tidy(conf_level=...)``: ``term`` (ICC1, ICC2, ICC3 for one measurement; ICC1k, ICC2k,
        ICC3k for the mean of all) ``method`` (the model) ``estimate std_error`` (delta method)
        ``statistic`` (F) ``df df_residual p_value`` (that it is 0) ``conf_low conf_high conf_level
        n``. ``glance()``: counts and the measurement error.

    Raises
    ------
    DesignError
        Fewer than two complete subjects or measurements, or measurements that never differ.
    FormulaError
        Absent columns.
    InputError
        Values that are not numbers.

    See Also
    --------
    repeatability : the measurement error in the unit of the measurements.
    bland_altman : limits of agreement of two measurements.

    Notes
    -----
    Shrout and Fleiss's ICC(1,1), ICC(2,1), ICC(3,1) and their averages, with their F intervals
    (McGraw and Wong for ICC2). For test and retest of a scorer, ICC2 counts a shift between the
    two as disagreement, ICC3 does not.

    In R: ``psych::ICC(df[c("photo1", "photo2")], lmer = FALSE)``

    References
    ----------
    Shrout PE, Fleiss JL (1979). Intraclass correlations: uses in assessing rater reliability.
    Psychological Bulletin 86:420-428. doi:10.1037/0033-2909.86.2.420

    McGraw KO, Wong SP (1996). Forming inferences about some intraclass correlation coefficients.
    Psychological Methods 1:30-46. doi:10.1037/1082-989X.1.1.30

    Examples
    --------
    >>> data = pd.DataFrame({"photo1": [61.0, 70, 58, 66, 75], "photo2": [62.0, 71, 57, 68, 74]})
    >>> print(icc(data, ["photo1", "photo2"]).tidy()[["term", "estimate"]].round(3).head(3))
       term  estimate
    0  ICC1     0.983
    1  ICC2     0.983
    2  ICC3     0.981
    """
    check_conf_level(conf_level)
    table, n_missing = complete_table(data, measurements, "icc()")
    squares = MeanSquares.of(table)
    if squares.between == 0:
        raise DesignError("icc: the subjects have one mean; their variance cannot be estimated.")
    if squares.error <= 1e-24 * max(squares.between, squares.measurement):
        raise DesignError(
            "icc: the measurements of a subject differ by a constant only (or not at all), so "
            "that there is no error to estimate. Check that the columns are separate readings."
        )
    return ICC(squares, n_missing, conf_level)


class CompleteTable(NamedTuple):
    """Complete subjects by measurements, and how many subjects were dropped."""

    values: np.ndarray
    n_missing: int


def complete_table(data: Any, measurements: Sequence[str], caller: str) -> CompleteTable:
    """Read the measurements of the subjects that have all of them."""
    frame = as_pandas(data)
    if len(set(check_names("measurements", measurements))) < 2:
        raise DesignError(f"{caller}: name two or more different columns of measurements.")
    require_columns(measurements, frame, caller)
    table = np.column_stack([measured_column(frame, name, caller) for name in measurements])
    complete = ~np.isnan(table).any(axis=1)
    if complete.sum() < 2:
        raise DesignError(
            f"{caller}: {int(complete.sum())} subjects have every measurement; 2 are needed."
        )
    return CompleteTable(table[complete], int((~complete).sum()))


def _rows(
    name: str, squares: MeanSquares, ratio: dict[str, float], single: np.ndarray, se: float
) -> list[dict[str, Any]]:
    """Rows of the single and of the averaged form, from estimate and limits of the single one."""
    k = squares.k
    average = k * single / (1 + (k - 1) * single)  # Spearman and Brown
    slope = k / (1 + (k - 1) * single[0]) ** 2
    rows = []
    for term, values, std_error in ((name, single, se), (f"{name}k", average, slope * se)):
        row = {"term": term, "estimate": values[0], "std_error": std_error, **ratio}
        rows.append(row | {"conf_low": values[1], "conf_high": values[2]})
    return rows


def _f_test(statistic: float, df: int, df_residual: int) -> dict[str, float]:
    return {
        "statistic": statistic,
        "df": float(df),
        "df_residual": float(df_residual),
        "p_value": float(stats.f.sf(statistic, df, df_residual)),
    }


def _from_ratio(f: dict[str, float], k: int, conf_level: float) -> np.ndarray:
    """Estimate and limits of (F - 1) / (F + k - 1)."""
    df, df_residual, tail = f["df"], f["df_residual"], 0.5 + conf_level / 2
    ratio = f["statistic"] * np.array(
        [1.0, 1 / stats.f.ppf(tail, df, df_residual), stats.f.ppf(tail, df_residual, df)]
    )
    return (ratio - 1) / (ratio + k - 1)


def _delta(gradient: Sequence[float], squares: Sequence[float], df: Sequence[int]) -> float:
    """Standard error of a function of independent mean squares, whose variance is 2 MS^2 / df."""
    terms = zip(gradient, squares, df, strict=True)
    return math.sqrt(sum(2 * (slope * square) ** 2 / count for slope, square, count in terms))


def _one_way(s: MeanSquares, conf_level: float) -> list[dict[str, Any]]:
    df, df_residual = s.n - 1, s.n * (s.k - 1)
    test = _f_test(s.between / s.within, df, df_residual)
    scale = (s.between + (s.k - 1) * s.within) ** 2
    gradient = (s.k * s.within / scale, -s.k * s.between / scale)
    std_error = _delta(gradient, (s.between, s.within), (df, df_residual))
    return _rows("ICC1", s, test, _from_ratio(test, s.k, conf_level), std_error)


def _two_way(s: MeanSquares, conf_level: float) -> list[dict[str, Any]]:
    df, df_residual = s.n - 1, (s.n - 1) * (s.k - 1)
    test = _f_test(s.between / s.error, df, df_residual)
    scale = (s.between + (s.k - 1) * s.error) ** 2
    gradient = (s.k * s.error / scale, -s.k * s.between / scale)
    std_error = _delta(gradient, (s.between, s.error), (df, df_residual))
    consistency = _rows("ICC3", s, test, _from_ratio(test, s.k, conf_level), std_error)
    numerator = s.between - s.error
    total = s.between + (s.k - 1) * s.error + s.k * (s.measurement - s.error) / s.n
    slope_error = -(total + numerator * (s.k - 1 - s.k / s.n)) / total**2
    gradient3 = (
        (total - numerator) / total**2,
        slope_error,
        -numerator * s.k / s.n / total**2,
    )
    std_error = _delta(gradient3, (s.between, s.error, s.measurement), (df, df_residual, s.k - 1))
    single = np.array([numerator / total, *_agreement_limits(s, numerator / total, conf_level)])
    return [*consistency, *_rows("ICC2", s, test, single, std_error)]


def _agreement_limits(s: MeanSquares, estimate: float, conf_level: float) -> Limits:
    """Limits of ICC2: F with Satterthwaite's degrees of freedom of the mixed error."""
    n, k, tail = s.n, s.k, 0.5 + conf_level / 2
    ratio = s.measurement / s.error
    error_part = n * (1 + (k - 1) * estimate) - k * estimate
    df = (
        (k - 1) * (n - 1) * (k * estimate * ratio + error_part) ** 2
        / ((n - 1) * (k * estimate * ratio) ** 2 + error_part**2)
    )  # fmt: skip
    mixed = k * s.measurement + (k * n - k - n) * s.error
    upper, lower = stats.f.ppf(tail, n - 1, df), stats.f.ppf(tail, df, n - 1)
    return Limits(
        float(n * (s.between - upper * s.error) / (upper * mixed + n * s.between)),
        float(n * (lower * s.between - s.error) / (mixed + n * lower * s.between)),
    )
