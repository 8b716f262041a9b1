"""Limits of agreement of two measurements, once or repeatedly per subject."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._result import Result, frozen_result
from faceage_stats._columns import as_pandas, numeric_column, require_columns
from faceage_stats._wald import check_conf_level
from faceage_stats.errors import DesignError

__all__ = ["BlandAltman", "bland_altman"]


@frozen_result
class BlandAltman(Result):
    """Limits of agreement; see :func:`bland_altman`."""

    table: pd.DataFrame
    rows: pd.DataFrame
    std_dev: float
    agreement: float
    n_missing: int
    n_subject: int
    method: str

    def tidy(self, **kwargs: Any) -> pd.DataFrame:
        """Rows ``bias``, ``limit_low``, ``limit_high`` with ``estimate`` and its uncertainty."""
        return self.table.copy()

    def glance(self) -> pd.DataFrame:
        """One row: ``n`` pairs, ``n_subject, n_missing, std_dev, agreement, method``."""
        values = {
            "n": len(self.rows),
            "n_subject": self.n_subject,
            "n_missing": self.n_missing,
            "std_dev": self.std_dev,
            "agreement": self.agreement,
            "method": self.method,
        }
        return pd.DataFrame([values])

    def augment(self) -> pd.DataFrame:
        """One row per pair: ``mean`` and ``difference`` (x - y)."""
        return self.rows.copy()


def bland_altman(
    data: Any,
    x: str = "faceage",
    y: str = "age",
    *,
    subject: str | None = None,
    agreement: float = 0.95,
    conf_level: float = 0.95,
) -> BlandAltman:
    """Estimate the limits between which most differences of two measurements lie.

    Parameters
    ----------
    data : DataFrame
        One row per pair of measurements. Incomplete rows are dropped and counted.
    x, y : str
        Numeric columns; the difference is x - y.
    subject : str, optional
        Column that says whose pair it is, when subjects have several: pairs of one subject are
        alike, and differences vary between and within subjects.
    agreement : float
        Share of differences that the limits are to hold (normal theory).
    conf_level : float
        Level of the intervals of bias and limits (Student's t).

    Returns
    -------
    BlandAltman
        ``tidy()``: ``term`` (bias, limit_low, limit_high), ``estimate``, ``std_error``,
        ``conf_low``, ``conf_high``, ``conf_level``, ``n``; ``augment()``: the points of the plot.

    Raises
    ------
    DesignError
        Fewer than 3 complete pairs, or, with `subject`, fewer than 3 subjects.

    Notes
    -----
    The standard error of a limit is s sqrt(1/n + z^2 / (2 (n - 1))); Bland and Altman (1986)
    gave the approximation s sqrt(3/n). With repeated pairs the variance of a difference is the
    sum of the components between and within subjects from the one-way analysis of variance
    (Bland and Altman 2007, true value varying), the bias is the mean over pairs, and t has one
    degree of freedom less than there are subjects. Should every subject have one pair, both are
    the same.

    References
    ----------
    Bland JM, Altman DG. Measuring agreement in method comparison studies. Stat Methods Med Res
    1999;8:135-160. Agreement between methods of measurement with multiple observations per
    individual. J Biopharm Stat 2007;17:571-582.

    Examples
    --------
    >>> frame = pd.DataFrame({"faceage": [62.0, 69, 60, 81, 74], "age": [60, 70, 63, 77, 75]})
    >>> print(bland_altman(frame).tidy()[["term", "estimate"]].round(3).to_string(index=False))
          term  estimate
          bias     0.200
     limit_low    -5.239
    limit_high     5.639
    """
    check_conf_level(conf_level)
    check_conf_level(agreement)
    frame = as_pandas(data)
    first, second = numeric_column(frame, x, "bland_altman()"), numeric_column(frame, y, "bland_altman()")
    complete = ~(np.isnan(first) | np.isnan(second))
    if subject is not None:
        require_columns([subject], frame, "bland_altman()")
        complete &= frame[subject].notna().to_numpy()
    difference = (first - second)[complete]
    if len(difference) < 3:
        raise DesignError(f"bland_altman: {len(difference)} complete pairs; at least 3 are needed.")
    if subject is None:
        spread = _Spread.of_single(difference)
        method = "Bland-Altman limits of agreement"
    else:
        spread = _Spread.of_repeated(difference, pd.factorize(frame[subject][complete])[0])
        method = "Bland-Altman limits of agreement, repeated measurements"
    table = _limits(spread, agreement, conf_level)
    table["n"] = len(difference)
    rows = pd.DataFrame(
        {"mean": (first + second)[complete] / 2, "difference": difference},
        index=frame.index[complete],
    )
    n_missing = int((~complete).sum())
    return BlandAltman(table, rows, spread.std_dev, agreement, n_missing, spread.n_subject, method)


@dataclass(frozen=True)
class _Spread:
    """Mean and standard deviation of a difference, with their variances."""

    bias: float
    std_dev: float
    var_bias: float
    var_std_dev: float
    n_subject: int

    @classmethod
    def of_single(cls, difference: np.ndarray) -> _Spread:
        """One pair per subject."""
        n, variance = len(difference), float(difference.var(ddof=1))
        return cls(
            float(difference.mean()), math.sqrt(variance), variance / n,
            variance / (2 * (n - 1)), n,
        )  # fmt: skip

    @classmethod
    def of_repeated(cls, difference: np.ndarray, subject: np.ndarray) -> _Spread:
        """Several pairs per subject: components of variance by the one-way layout."""
        counts = np.bincount(subject)
        n, total = len(counts), int(counts.sum())
        if n < 3:
            raise DesignError(f"bland_altman: {n} subjects with complete pairs; 3 are needed.")
        if total == n:
            return cls.of_single(difference)
        means = np.bincount(subject, difference) / counts
        bias = float(difference.mean())
        between = float(counts @ (means - bias) ** 2) / (n - 1)
        within = float(((difference - means[subject]) ** 2).sum()) / (total - n)
        squared = float((counts**2).sum())
        effective = (total - squared / total) / (n - 1)  # pairs of a subject, were all alike
        variance = within * (1 - 1 / effective) + between / effective
        var_variance = 2 * (
            ((1 - 1 / effective) * within) ** 2 / (total - n) + (between / effective) ** 2 / (n - 1)
        )
        component = max((between - within) / effective, 0.0)
        var_bias = component * squared / total**2 + within / total
        return cls(bias, math.sqrt(variance), var_bias, var_variance / (4 * variance), n)


def _limits(spread: _Spread, agreement: float, conf_level: float) -> pd.DataFrame:
    """Bias and limits with standard errors and t intervals."""
    z = float(stats.norm.ppf(0.5 + agreement / 2))
    limit_se = math.sqrt(spread.var_bias + z * z * spread.var_std_dev)
    half = z * spread.std_dev
    estimate = np.array([spread.bias, spread.bias - half, spread.bias + half])
    std_error = np.array([math.sqrt(spread.var_bias), limit_se, limit_se])
    half_width = float(stats.t.ppf(0.5 + conf_level / 2, spread.n_subject - 1)) * std_error
    return pd.DataFrame(
        {
            "term": ["bias", "limit_low", "limit_high"],
            "estimate": estimate,
            "std_error": std_error,
            "conf_low": estimate - half_width,
            "conf_high": estimate + half_width,
            "conf_level": conf_level,
        }
    )
