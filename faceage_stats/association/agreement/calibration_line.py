"""Line of a predicted on an observed age: regression to the mean shows as a slope below 1."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas
from faceage_stats._formula.extremes import measured_column
from faceage_stats._result import Result, frozen_result
from faceage_stats._wald import check_conf_level, limits, two_sided
from faceage_stats.errors import DesignError

__all__ = ["CalibrationLine", "calibration_line", "fit_line"]


@frozen_result
class CalibrationLine(Result):
    """Least-squares line, made by :func:`calibration_line`.

    Attributes
    ----------
    estimate, std_error, null_value : ndarray, shape (2,)
        Intercept and slope, their standard errors, and the values they are tested against.
    r_squared, sigma : float
        Proportion of the variance explained, residual standard deviation.
    n, n_missing : int
    conf_level : float
        As in the call.
    """

    estimate: np.ndarray
    std_error: np.ndarray
    null_value: np.ndarray
    r_squared: float
    sigma: float
    n: int
    n_missing: int
    conf_level: float

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return the rows ``intercept`` and ``slope``, tested against ``null_value``.

        Parameters
        ----------
        conf_level : float, optional
            Level of the t intervals; without it that of the call.

        Returns
        -------
        pandas.DataFrame
            ``term estimate std_error null_value statistic df p_value conf_low conf_high
            conf_level n``.
        """
        level, df = conf_level or self.conf_level, float(self.n - 2)
        # points on a perfect line have no error: the test statistic is then infinite or undefined
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = (self.estimate - self.null_value) / self.std_error
        low, high = limits(self.estimate, self.std_error, level, df=df)
        return pd.DataFrame(
            {
                "term": ["intercept", "slope"],
                "estimate": self.estimate,
                "std_error": self.std_error,
                "null_value": self.null_value,
                "statistic": statistic,
                "df": df,
                "p_value": two_sided(statistic, df),
                "conf_low": low,
                "conf_high": high,
                "conf_level": level,
                "n": self.n,
            }
        )

    def glance(self) -> pd.DataFrame:
        """Return one row: ``r_squared sigma df_residual n n_missing``."""
        row = {"r_squared": self.r_squared, "sigma": self.sigma, "df_residual": float(self.n - 2)}
        return pd.DataFrame([row | {"n": self.n, "n_missing": self.n_missing}])

    def _title(self) -> str:
        return "Calibration line"


@checked_call
def calibration_line(
    data: Any, predicted: str = "faceage", observed: str = "age", *, conf_level: float = 0.95
) -> CalibrationLine:
    """Fit predicted = intercept + slope x observed by least squares.

    A slope below 1 is regression to the mean: the predictor makes the young look older and the
    old look younger than they are.

    Parameters
    ----------
    data : pandas.DataFrame or polars.DataFrame
        One row per subject. Incomplete rows are dropped and counted.
    predicted, observed : str
        Numeric columns in the same unit.
    conf_level : float
        Level of the intervals (Student's t).

    Returns
    -------
    CalibrationLine
        ``tidy(conf_level=...)``: ``term estimate std_error null_value`` (0 and 1) ``statistic df
        p_value conf_low conf_high conf_level n``.

    Raises
    ------
    DesignError
        Fewer than 3 complete rows, or an observation that does not vary.
    FormulaError
        Absent columns.

    See Also
    --------
    accuracy : the size of the errors.
    lm : with covariates.

    Notes
    -----
    In R: ``lm(faceage ~ age, data = df)``

    Examples
    --------
    >>> data = pd.DataFrame({"faceage": [62.0, 69, 60, 81, 74], "age": [60, 70, 63, 77, 75]})
    >>> calibration_line(data).tidy()[["term", "estimate"]].round(3).values.tolist()
    [['intercept', -7.713], ['slope', 1.115]]
    """
    frame = as_pandas(data)
    y = measured_column(frame, predicted, "calibration_line()")
    x = measured_column(frame, observed, "calibration_line()")
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
    check_conf_level(conf_level)
    n = len(y)
    if n < 3 or np.ptp(x) == 0:
        raise DesignError(f"A line needs 3 complete rows with different x; there are {n}.")
    line = stats.linregress(x, y)
    residuals = y - line.intercept - line.slope * x
    return CalibrationLine(
        estimate=np.array([line.intercept, line.slope]),
        std_error=np.array([line.intercept_stderr, line.stderr]),
        null_value=np.array([0.0, null_slope]),
        r_squared=float(line.rvalue**2),
        sigma=math.sqrt(float(residuals @ residuals) / (n - 2)),
        n=n,
        n_missing=n_missing,
        conf_level=conf_level,
    )
