"""Limits of agreement of two measurements, once or repeatedly per subject."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, column
from faceage_stats._formula.extremes import measured_column
from faceage_stats._result import Result, frozen_result
from faceage_stats._wald import check_conf_level, limits
from faceage_stats.errors import DesignError, InputError

__all__ = ["BlandAltman", "Spread", "bland_altman"]


@dataclass(frozen=True)
class Spread:
    """Mean and standard deviation of a difference, with their variances."""

    bias: float
    std_dev: float
    var_bias: float
    var_std_dev: float
    n_subject: int

    @classmethod
    def of_single(cls, difference: np.ndarray) -> Spread:
        """One pair per subject."""
        n, variance = len(difference), float(difference.var(ddof=1))
        return cls(
            float(difference.mean()), math.sqrt(variance), variance / n,
            variance / (2 * (n - 1)), n,
        )  # fmt: skip

    @classmethod
    def of_repeated(cls, difference: np.ndarray, subject: np.ndarray) -> Spread:
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


@frozen_result
class BlandAltman(Result):
    """Limits of agreement, made by :func:`bland_altman`.

    Attributes
    ----------
    rows : pandas.DataFrame
        Behind ``augment()``, with the index of the data given.
    spread : Spread
        Mean and standard deviation of the differences, with their variances.
    agreement : float
        Proportion of differences that the limits are to hold.
    approximate : bool
        Standard errors of the limits by Bland and Altman's rule of 1986.
    n_missing : int
    method : str
    conf_level : float
        As in the call.
    """

    rows: pd.DataFrame
    spread: Spread
    agreement: float
    approximate: bool
    n_missing: int
    method: str
    conf_level: float

    @property
    def std_dev(self) -> float:
        """Standard deviation of a difference."""
        return self.spread.std_dev

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return the rows ``bias``, ``limit_low`` and ``limit_high``.

        Parameters
        ----------
        conf_level : float, optional
            Level of the t intervals; without it that of the call.

        Returns
        -------
        pandas.DataFrame
            ``term estimate std_error conf_low conf_high conf_level n``.
        """
        level, s = conf_level or self.conf_level, self.spread
        z = float(stats.norm.ppf(0.5 + self.agreement / 2))
        limit_se = math.sqrt(s.var_bias + z * z * s.var_std_dev)
        if self.approximate:
            limit_se = s.std_dev * math.sqrt(3 / s.n_subject)
        half = z * s.std_dev
        estimate = np.array([s.bias, s.bias - half, s.bias + half])
        std_error = np.array([math.sqrt(s.var_bias), limit_se, limit_se])
        low, high = limits(estimate, std_error, level, df=s.n_subject - 1)
        return pd.DataFrame(
            {
                "term": ["bias", "limit_low", "limit_high"],
                "estimate": estimate,
                "std_error": std_error,
                "conf_low": low,
                "conf_high": high,
                "conf_level": level,
                "n": len(self.rows),
            }
        )

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n`` pairs, ``n_subject n_missing std_dev agreement method``."""
        values = {
            "n": len(self.rows),
            "n_subject": self.spread.n_subject,
            "n_missing": self.n_missing,
            "std_dev": self.std_dev,
            "agreement": self.agreement,
            "method": self.method,
        }
        return pd.DataFrame([values])

    def augment(self) -> pd.DataFrame:
        """Return one row per pair: ``mean`` and ``difference`` (x - y)."""
        return self.rows.copy()

    def _title(self) -> str:
        return self.method


@checked_call
def bland_altman(
    data: Any,
    x: str = "faceage",
    y: str = "age",
    *,
    subject: str | None = None,
    agreement: float = 0.95,
    approximate: bool = False,
    conf_level: float = 0.95,
) -> BlandAltman:
    """Estimate the limits between which most differences of two measurements lie.

    Parameters
    ----------
    data : pandas.DataFrame or polars.DataFrame
        One row per pair of measurements. Incomplete rows are dropped and counted.
    x, y : str
        Numeric columns; the difference is x - y.
    subject : str, optional
        Column of the subject, when subjects have several pairs: pairs of one subject are
        alike, and differences vary between and within subjects.
    agreement : float
        Proportion of differences that the limits are to hold (normal theory).
    approximate : bool
        Give the limits the standard error s sqrt(3/n) of Bland and Altman (1986), as many papers
        do; not with `subject`.
    conf_level : float
        Level of the intervals of bias and limits (Student's t).

    Returns
    -------
    BlandAltman
        ``tidy(conf_level=...)``: ``term`` (bias, limit_low, limit_high) ``estimate std_error
        conf_low conf_high conf_level n``; ``augment()``: the points of the plot.

    Raises
    ------
    DesignError
        Fewer than 3 complete pairs, or, with `subject`, fewer than 3 subjects.
    FormulaError
        Absent columns.
    InputError
        `approximate` with `subject`: the rule is for one pair per subject.

    See Also
    --------
    lin_ccc : agreement with the line of identity in one coefficient.
    icc : more than two measurements.

    Notes
    -----
    The standard error of a limit is s sqrt(1/n + z^2 / (2 (n - 1))), unless `approximate`. With
    repeated pairs the variance of a difference is the sum of the components between and within
    subjects from the one-way analysis of variance (Bland and Altman 2007, true value varying), the
    bias is the mean over pairs, and t has one degree of freedom less than there are subjects.
    Should every subject have one pair, both are the same.

    In R: ``blandr::blandr.statistics(df$faceage, df$age)``

    References
    ----------
    Bland JM, Altman DG (1999). Measuring agreement in method comparison studies. Statistical
    Methods in Medical Research 8:135-160. doi:10.1177/096228029900800204

    Bland JM, Altman DG (2007). Agreement between methods of measurement with multiple observations
    per individual. Journal of Biopharmaceutical Statistics 17:571-582.
    doi:10.1080/10543400701329422

    Examples
    --------
    >>> data = pd.DataFrame({"faceage": [62.0, 69, 60, 81, 74], "age": [60, 70, 63, 77, 75]})
    >>> print(bland_altman(data).tidy()[["term", "estimate"]].round(3).to_string(index=False))
          term  estimate
          bias     0.200
     limit_low    -5.239
    limit_high     5.639
    """
    check_conf_level(conf_level)
    if not 0 < agreement < 1:
        raise InputError(f"agreement is {agreement}; it must lie between 0 and 1, e.g. 0.95.")
    if approximate and subject is not None:
        raise InputError("bland_altman: approximate is for one pair per subject; leave it out.")
    frame = as_pandas(data)
    first = measured_column(frame, x, "bland_altman()")
    second = measured_column(frame, y, "bland_altman()")
    complete = ~(np.isnan(first) | np.isnan(second))
    if subject is not None:
        subjects = column(frame, subject, "bland_altman()")
        complete &= subjects.notna().to_numpy()
    difference = (first - second)[complete]
    if len(difference) < 3:
        raise DesignError(f"bland_altman: {len(difference)} complete pairs; at least 3 are needed.")
    method = "Bland-Altman limits of agreement"
    if subject is None:
        spread = Spread.of_single(difference)
    else:
        spread = Spread.of_repeated(difference, pd.factorize(subjects[complete])[0])
        method += ", repeated measurements"
    rows = pd.DataFrame(
        {"mean": (first + second)[complete] / 2, "difference": difference},
        index=frame.index[complete],
    )
    n_missing = int((~complete).sum())
    return BlandAltman(rows, spread, agreement, approximate, n_missing, method, conf_level)
