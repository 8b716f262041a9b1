"""Restricted mean survival time: the area under the Kaplan-Meier curve up to tau."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._result import Result, frozen_result, normal_interval
from faceage_stats.errors import EstimationWarning, InputError
from faceage_stats.survival.km.survfit import SurvFit, survfit

__all__ = ["RMST", "rmst"]


def rmst(
    formula: str,
    data: Any,
    *,
    tau: float,
    weights: str | None = None,
    conf_level: float = 0.95,
) -> RMST:
    """Estimate restricted mean survival times up to `tau`, and compare groups with the first.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ group``; ``~ 1`` for one mean. Delayed entry as in `survfit`.
    data : pandas.DataFrame or polars.DataFrame
    tau : float
        Horizon, in the unit of the time column.
    weights : str, optional
        Column of case weights.
    conf_level : float

    Returns
    -------
    RMST
        ``tidy()`` one row per group; ``difference()`` and ``ratio()`` one row per comparison
        with the first group.

    Raises
    ------
    InputError
        `tau` is not a positive finite number.

    Warns
    -----
    EstimationWarning
        A group has no event by `tau` (its mean is tau, with standard error 0), or its follow-up
        ends before `tau` (the curve is carried on from its last value).

    Notes
    -----
    Equals the table of ``summary(survfit(...), rmean = tau)`` in R's survival package, with its
    Greenwood-type standard error. Where R refuses (tau before the first time) the mean is tau.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"time": [1, 2, 3, 4], "event": [1, 1, 1, 1]})
    >>> rmst("Surv(time, event) ~ 1", df, tau=4).tidy()["estimate"].round(3).tolist()
    [2.5]
    """
    fit = survfit(formula, data, weights=weights, conf_level=conf_level)
    return rmst_of(fit, tau, conf_level)


def rmst_of(fit: SurvFit, tau: float, conf_level: float) -> RMST:
    """Restricted means of curves that are already estimated."""
    if not (np.isfinite(tau) and tau > 0):
        raise InputError(f"tau is {tau}; it must be a positive time in the unit of the data.")
    _warn_about_horizon(fit, tau)
    areas = [curve.rmst(tau) for curve in fit.curves]
    return RMST(
        fit.strata,
        np.array([area for area, _ in areas]),
        np.array([se for _, se in areas]),
        tuple(curve.arrays.n for curve in fit.curves),
        tuple(float(c.arrays.n_event[c.arrays.time <= tau].sum()) for c in fit.curves),
        float(tau),
        conf_level,
        fit.n_missing,
        fit.formula,
    )


def _warn_about_horizon(fit: SurvFit, tau: float) -> None:
    quiet = [c.label for c in fit.curves if not c.arrays.n_event[c.arrays.time <= tau].any()]
    if quiet:
        warnings.warn(
            f"No event by tau = {tau:g} in {', '.join(quiet)}: the restricted mean is tau and its "
            "standard error 0. Choose a later tau.",
            EstimationWarning,
            stacklevel=3,
        )
    short = [c for c in fit.curves if c.arrays.time[-1] < tau and c.arrays.surv[-1] > 0]
    if short:
        warnings.warn(
            f"tau = {tau:g} lies beyond the last follow-up of {', '.join(c.label for c in short)} "
            f"({min(c.arrays.time[-1] for c in short):g}); the curve is carried on from its last "
            "value, as in R. Choose an earlier tau.",
            EstimationWarning,
            stacklevel=3,
        )


def _over(estimate: np.ndarray, std_error: np.ndarray) -> np.ndarray:
    """Test statistic; NaN when neither group has a standard error."""
    return np.divide(estimate, std_error, out=np.full_like(estimate, np.nan), where=std_error > 0)


@frozen_result
class RMST(Result):
    """Restricted mean survival times of one or more groups.

    Attributes
    ----------
    strata : tuple of str
    estimate, std_error : ndarray, one value per group
    n, n_event : tuple, per group (events up to tau)
    tau, conf_level : float
    n_missing : int
    formula : str
    """

    strata: tuple[str, ...]
    estimate: np.ndarray
    std_error: np.ndarray
    n: tuple[int, ...]
    n_event: tuple[float, ...]
    tau: float
    conf_level: float
    n_missing: int
    formula: str

    def tidy(self, **kwargs: Any) -> pd.DataFrame:
        """One row per group: ``strata estimate std_error conf_low conf_high rmtl n n_event``."""
        low, high = normal_interval(self.estimate, self.std_error, self.conf_level)
        return pd.DataFrame(
            {
                "strata": self.strata,
                "estimate": self.estimate,
                "std_error": self.std_error,
                "conf_low": low,
                "conf_high": high,
                "rmtl": self.tau - self.estimate,
                "n": self.n,
                "n_event": self.n_event,
            }
        )

    def difference(self) -> pd.DataFrame:
        """Each later group minus the first.

        Columns ``group1 group2 estimate std_error conf_low conf_high statistic p_value``;
        `group1` is the first group, `estimate` is group2 - group1.
        """
        estimate = self.estimate[1:] - self.estimate[0]
        std_error = np.hypot(self.std_error[1:], self.std_error[0])
        low, high = normal_interval(estimate, std_error, self.conf_level)
        return self._contrast(estimate, std_error, low, high, _over(estimate, std_error))

    def ratio(self) -> pd.DataFrame:
        """Each later group over the first; `std_error` and the test are on the log scale."""
        estimate = self.estimate[1:] / self.estimate[0]
        relative = self.std_error / self.estimate
        std_error = np.hypot(relative[1:], relative[0])
        low, high = normal_interval(np.log(estimate), std_error, self.conf_level)
        statistic = _over(np.log(estimate), std_error)
        return self._contrast(estimate, std_error, np.exp(low), np.exp(high), statistic)

    def _contrast(
        self,
        estimate: np.ndarray,
        std_error: np.ndarray,
        low: np.ndarray,
        high: np.ndarray,
        statistic: np.ndarray,
    ) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "group1": self.strata[0],
                "group2": self.strata[1:],
                "estimate": estimate,
                "std_error": std_error,
                "conf_low": low,
                "conf_high": high,
                "statistic": statistic,
                "p_value": 2 * stats.norm.sf(np.abs(statistic)),
            }
        )

    def glance(self) -> pd.DataFrame:
        """One row: ``tau conf_level n n_event n_missing``."""
        return pd.DataFrame(
            {
                "tau": [self.tau],
                "conf_level": [self.conf_level],
                "n": [sum(self.n)],
                "n_event": [sum(self.n_event)],
                "n_missing": [self.n_missing],
            }
        )

    def _title(self) -> str:
        return f"Restricted mean survival time to {self.tau:g}: {self.formula}"
