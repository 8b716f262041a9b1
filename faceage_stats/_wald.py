"""An estimate and its standard error to statistic, p value and limits.

One rule where an estimate cannot leave a range: its normal limits are cut there, as pROC cuts those
of an area under the curve. `within` names the range; standard error and test stay as they are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from faceage_stats._scalar import check_number
from faceage_stats.errors import InputError

__all__ = ["check_conf_level", "limits", "std_errors", "two_sided", "wald"]


def check_conf_level(conf_level: float) -> None:
    """Refuse a level outside 0 to 1.

    Examples
    --------
    >>> check_conf_level(95)
    Traceback (most recent call last):
    faceage_stats.errors.InputError: conf_level is 95; it must lie between 0 and 1, e.g. 0.95.
    """
    must = "lie between 0 and 1, e.g. 0.95"
    if not 0 < check_number("conf_level", conf_level, must) < 1:
        raise InputError(f"conf_level is {conf_level}; it must {must}.")


def limits(
    estimate: Any,
    std_error: Any,
    conf_level: float = 0.95,
    *,
    df: Any = None,
    within: tuple[Any, Any] = (-np.inf, np.inf),
) -> tuple[np.ndarray, np.ndarray]:
    """Compute symmetric limits of an estimate: normal, or of Student's t when `df` is given.

    Parameters
    ----------
    estimate, std_error : array_like
        On one scale.
    conf_level : float
    df : array_like, optional
        Degrees of freedom; infinite ones mean the normal distribution.
    within : (low, high)
        The range of the estimate, at whose ends the limits are cut.

    Returns
    -------
    low : numpy.ndarray
    high : numpy.ndarray
        Lower and upper limits, on the scale of the estimate.

    Examples
    --------
    >>> low, high = limits(1.0, 0.5)
    >>> round(float(low), 4), round(float(high), 4)
    (0.02, 1.98)
    >>> round(float(limits(0.9, 0.1, within=(0, 1))[1]), 4)
    1.0
    """
    check_conf_level(conf_level)
    upper = 0.5 + conf_level / 2
    quantile = special.ndtri(upper) if df is None else _student().ppf(upper, df)
    half_width = quantile * np.asarray(std_error, float)
    estimate = np.asarray(estimate, float)
    return np.clip(estimate - half_width, *within), np.clip(estimate + half_width, *within)


def std_errors(variance: Any) -> np.ndarray:
    """Take the standard errors from a variance matrix.

    A sandwich of few rows may round to less than zero, which is zero; NaN stays NaN.

    Examples
    --------
    >>> std_errors([[4.0, 1.0], [1.0, -1e-20]])
    array([2., 0.])
    """
    return np.asarray(np.sqrt(np.maximum(np.diag(np.asarray(variance, float)), 0.0)))


def two_sided(statistic: Any, df: Any = None) -> Any:
    """Compute the two-sided p value of a z statistic, or of a t statistic when `df` is given.

    It is twice the upper tail of the absolute value, so that it keeps its digits far out.

    Examples
    --------
    >>> f"{two_sided(-20.0):.3g}"
    '5.51e-89'
    """
    size = np.abs(np.asarray(statistic, float))
    return 2 * (special.ndtr(-size) if df is None else _student().sf(size, df))


def wald(
    estimate: Any,
    std_error: Any,
    conf_level: float = 0.95,
    *,
    df: Any = None,
    null_value: float = 0.0,
    exponentiate: bool = False,
    within: tuple[Any, Any] = (-np.inf, np.inf),
) -> dict[str, Any]:
    """Compute the columns of a tidy table for estimates with standard errors.

    Parameters
    ----------
    estimate, std_error : array_like
        On the scale of the model (a log hazard ratio, a log odds ratio, a difference). NaN stays
        NaN: a reference level has an estimate and no standard error.
    conf_level : float
    df : array_like, optional
        Degrees of freedom of Student's t; without them the normal distribution.
    null_value : float
        Value of the estimate under the null hypothesis, on the scale of the model.
    exponentiate : bool
        Give the estimate and its limits as ratios. The standard error stays on the log scale, and
        statistic and p value are those of the log.
    within : (low, high)
        The range of the estimate, as in `limits`.

    Returns
    -------
    dict of numpy.ndarray
        ``estimate std_error statistic p_value conf_low conf_high``.

    Raises
    ------
    InputError
        `conf_level` outside (0, 1).

    See Also
    --------
    limits : The interval alone.
    two_sided : The p value alone.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"term": ["age"], **wald([0.6931472], [0.2], exponentiate=True)})
    >>> table.round(3).to_string(index=False).splitlines()[1]
    ' age       2.0        0.2      3.466    0.001     1.351       2.96'
    """
    estimate, std_error = np.asarray(estimate, float), np.asarray(std_error, float)
    low, high = limits(estimate, std_error, conf_level, df=df, within=within)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = (estimate - null_value) / std_error
    p_value = two_sided(statistic, df)
    if exponentiate:
        with np.errstate(over="ignore"):  # a coefficient that runs to infinity
            estimate, low, high = np.exp(estimate), np.exp(low), np.exp(high)
    return {
        "estimate": estimate,
        "std_error": std_error,
        "statistic": statistic,
        "p_value": p_value,
        "conf_low": low,
        "conf_high": high,
    }


def _student() -> Any:
    from scipy import stats  # slow to import: half the time of a first Cox model

    return stats.t
