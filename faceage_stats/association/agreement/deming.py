"""Deming regression: the line between two measurements that both have error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._formula.frame import model_frame
from faceage_stats._result import Result, frozen_result
from faceage_stats._scalar import check_number
from faceage_stats._wald import check_conf_level, wald
from faceage_stats.errors import DesignError, FormulaError, InputError

__all__ = ["Deming", "deming"]


@frozen_result
class Deming(Result):
    """Line between two measurements, made by :func:`deming`.

    Attributes
    ----------
    estimate, std_error : ndarray, shape (2,)
        Intercept and slope, with jackknife standard errors.
    error_ratio : float
        Error variance of the outcome over that of the other measurement.
    name : str
        Of the other measurement.
    conf_level : float
        As in the call.
    n, n_missing : int
    """

    estimate: np.ndarray
    std_error: np.ndarray
    error_ratio: float
    name: str
    conf_level: float
    n: int
    n_missing: int

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return intercept and slope.

        Parameters
        ----------
        conf_level : float, optional
            Level of the t intervals; without it that of the call.

        Returns
        -------
        pandas.DataFrame
            ``term estimate std_error df null_value statistic p_value conf_low conf_high n``; the
            test is against the line of identity.
        """
        identity, df = np.array([0.0, 1.0]), self.n - 2
        level = conf_level or self.conf_level
        # wald() tests against one value: the distance from the line of identity is tested
        test = wald(self.estimate - identity, self.std_error, level, df=df)
        limits = {name: test[name] + identity for name in ("conf_low", "conf_high")}
        return pd.DataFrame(
            {
                "term": ["(Intercept)", self.name],
                **test,
                **limits,
                "estimate": self.estimate,
                "df": df,
                "null_value": identity,
                "n": self.n,
            }
        )

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_missing``."""
        return pd.DataFrame([{"n": self.n, "n_missing": self.n_missing}])

    def _title(self) -> str:
        return f"Deming regression, error variance ratio {self.error_ratio:g}"


@checked_call
def deming(
    formula: str, data: Any, *, error_ratio: float = 1.0, conf_level: float = 0.95
) -> Deming:
    """Estimate the line between two measurements that both have error.

    Least squares flattens the slope, because it takes the measurement on the right side to be
    without error.

    Parameters
    ----------
    formula : str
        ``second ~ first``, such as two scores of the same photographs.
    data : pandas.DataFrame or polars.DataFrame
        One row per subject. Incomplete rows are dropped and counted.
    error_ratio : float
        Error variance of the left side over that of the right side; 1 for equal errors.
    conf_level : float
        Level of the intervals.

    Returns
    -------
    Deming
        ``tidy(conf_level=...)``: ``term estimate std_error df null_value statistic p_value conf_low
        conf_high n``, tested against the line of identity.

    Raises
    ------
    FormulaError
        Not two columns of numbers.
    InputError
        A ratio that is not positive.
    DesignError
        Fewer than 4 pairs, or pairs without covariance.

    See Also
    --------
    bland_altman : The limits of agreement.
    regression_calibration : A model with a covariate that has error.

    Notes
    -----
    Standard errors by the jackknife, intervals of Student's t with n - 2 degrees of freedom.

    In R: ``mcr::mcreg(df$first, df$second, method.reg = "Deming", error.ratio = 1, method.ci =
    "jackknife")``

    References
    ----------
    Linnet K (1990). Estimation of the linear relationship between the measurements of two methods
    with proportional errors. Statistics in Medicine 9:1463-1473. doi:10.1002/sim.4780091210

    Examples
    --------
    >>> df = pd.DataFrame({"photo1": [61.0, 70, 58, 66, 75], "photo2": [62.0, 73, 57, 68, 79]})
    >>> deming("photo2 ~ photo1", df).tidy()["estimate"].round(3).tolist()
    [-16.438, 1.276]
    """
    check_conf_level(conf_level)
    if check_number("error_ratio", error_ratio) <= 0:
        raise InputError(f"deming: error_ratio is {error_ratio}; it must be positive.")
    frame = model_frame(formula, data, caller="deming()")
    if frame.x.shape[1] != 1:
        raise FormulaError("deming() takes two measurements: second ~ first.")
    x, y, n = frame.x[:, 0], frame.y, frame.n
    if n < 4:
        raise DesignError(f"deming: {n} complete pairs; 4 are needed.")
    centre = np.array([x.mean(), y.mean()])
    u, v = x - centre[0], y - centre[1]
    moments = np.array([u @ u, v @ v, u @ v])
    if abs(moments[2]) <= 1e-14 * np.sqrt(moments[0] * moments[1]):
        raise DesignError("deming: the two measurements have no covariance, so there is no line.")
    estimate = _line(moments, np.zeros(2), error_ratio)
    # Moments without one pair, in one step for all pairs.
    without = moments[:, None] - n / (n - 1) * np.array([u * u, v * v, u * v])
    left_out = _line(without, -np.array([u, v]) / (n - 1), error_ratio)
    pseudo = n * estimate[:, None] - (n - 1) * left_out
    std_error = np.sqrt(pseudo.var(axis=1, ddof=1) / n)
    slope = float(estimate[1])
    # The intercept is at the centre so far: the jackknife of it moves with the slope's.
    moved = pseudo[0] - centre[0] * pseudo[1]
    return Deming(
        np.array([centre[1] - slope * centre[0], slope]),
        np.array([np.sqrt(moved.var(ddof=1) / n), std_error[1]]),
        error_ratio,
        frame.design.names[0],
        conf_level,
        n,
        frame.n_missing,
    )


def _line(moments: np.ndarray, means: np.ndarray, ratio: float) -> np.ndarray:
    """Intercept and slope from sums of squares and products, and from the two means."""
    xx, yy, xy = moments
    difference = yy - ratio * xx
    slope = (difference + np.sqrt(difference**2 + 4 * ratio * xy**2)) / (2 * xy)
    return np.array([means[1] - slope * means[0], slope])
