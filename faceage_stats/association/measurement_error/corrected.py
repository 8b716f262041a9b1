"""Estimates corrected for a marker that is measured with error."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from faceage_stats._arguments import check_fit
from faceage_stats._result import Result, frozen_result
from faceage_stats._scale import exponentiated
from faceage_stats._wald import wald
from faceage_stats.errors import InputError

__all__ = ["ErrorCorrected", "FitFunction", "check_fit_fn", "estimates_of", "scale_in"]

FitFunction = Callable[[pd.DataFrame], Result]


@frozen_result
class ErrorCorrected(Result):
    """Estimates before and after a correction, made by `regression_calibration` or `simex`.

    Attributes
    ----------
    marker : str
        The column with error.
    method : str
    keys : pandas.DataFrame
        What each row is about: ``term``, or what the table of the fit has in its place.
    uncorrected, estimate, std_error : ndarray, shape (k,)
        Of the fit as it is, and corrected.
    error_sd : ndarray, shape (n,)
        Standard deviation of the error of each row with a marker.
    marker_variance : float
        Of the measured marker, error included.
    scale : str or None
        Of the estimates, as the fit names it.
    fit : Result
        The uncorrected fit.
    calibration_slope : float
        Of `regression_calibration`: change of the expected true marker with the measured one, given
        the covariates; the mean where the error differs between rows. NaN for `simex`.
    marker_expected : pandas.Series
        Of `regression_calibration`: the expected true marker of each row. Empty for `simex`.
    path : pandas.DataFrame
        Of `simex`: what names a row, ``added_variance estimate``, the means that are extrapolated.
        Empty for `regression_calibration`.
    """

    marker: str
    method: str
    keys: pd.DataFrame
    uncorrected: np.ndarray
    estimate: np.ndarray
    std_error: np.ndarray
    error_sd: np.ndarray
    marker_variance: float
    scale: str | None
    fit: Result
    calibration_slope: float
    marker_expected: pd.Series
    path: pd.DataFrame

    def tidy(self, *, exponentiate: bool = False, conf_level: float = 0.95) -> pd.DataFrame:
        """Return one row per term.

        Parameters
        ----------
        exponentiate : bool
            Ratios and their limits; the standard error stays on the log scale.
        conf_level : float
            Level of the normal intervals.

        Returns
        -------
        pandas.DataFrame
            ``term estimate_uncorrected estimate std_error statistic p_value conf_low conf_high
            scale``.
        """
        table = self.keys.assign(
            estimate_uncorrected=np.exp(self.uncorrected) if exponentiate else self.uncorrected,
            **wald(self.estimate, self.std_error, conf_level, exponentiate=exponentiate),
        )
        if self.scale is None:
            return table
        return table.assign(scale=exponentiated(self.scale) if exponentiate else self.scale)

    def glance(self) -> pd.DataFrame:
        """Return one row: ``method reliability error_sd true_sd n n_missing``."""
        counts = self.fit.glance().iloc[0]
        error_variance = float(np.mean(self.error_sd**2))
        row = {
            "method": self.method,
            "reliability": 1 - error_variance / self.marker_variance,
            "error_sd": math.sqrt(error_variance),
            "true_sd": math.sqrt(self.marker_variance - error_variance),
            **{name: counts[name] for name in ("n", "n_missing") if name in counts},
        }
        return pd.DataFrame([row])

    def _title(self) -> str:
        return f"{self.method}: {self.marker} measured with error"


def estimates_of(fit: Any, caller: str) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Read a fit: what names its rows, estimates, standard errors; without reference levels."""
    check_fit(fit, Result, f"{caller}: fit_fn must return a fit, e.g. fs.coxph(...)")
    table = fit.tidy()
    absent = [name for name in ("estimate", "std_error") if name not in table]
    if absent:
        raise InputError(
            f"{caller}: the tidy() of {type(fit).__name__} has no {' or '.join(absent)}; give a "
            "fit of coxph, lm, logistic or another with standard errors."
        )
    if "is_reference" in table and (reference := table["is_reference"].to_numpy(bool)).any():
        table = table[~reference].reset_index(drop=True)
    before = table.columns[: table.columns.get_loc("estimate")]
    naming = [name for name in before if not is_numeric_dtype(table[name].dtype)]
    names = table[naming]
    if names.empty:
        raise InputError(f"{caller}: the tidy() of {type(fit).__name__} does not name its rows.")
    return names, table["estimate"].to_numpy(float), table["std_error"].to_numpy(float)


def check_fit_fn(fit_fn: Any, caller: str) -> None:
    """Refuse what is no function, such as a fit in its place."""
    if not callable(fit_fn):
        raise InputError(
            f"{caller}: fit_fn is a {type(fit_fn).__name__}; give a function of the data, e.g. "
            'lambda d: fs.coxph("Surv(years, death) ~ faceage", data=d).'
        )


def scale_in(fit: Result) -> str | None:
    """Name the scale of the estimates of a fit, where its table says it."""
    table = fit.tidy()
    return str(table["scale"].iloc[0]) if "scale" in table else None
