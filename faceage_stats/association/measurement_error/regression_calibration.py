"""Regression calibration: a measured marker is replaced by the value that is expected given it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas
from faceage_stats._formula.extremes import measured_column
from faceage_stats._formula.frame import model_frame
from faceage_stats.association.measurement_error.corrected import (
    ErrorCorrected,
    FitFunction,
    check_fit_fn,
    estimates_of,
    scale_in,
)
from faceage_stats.association.measurement_error.error_size import read_error_sd
from faceage_stats.association.regression.design_matrix import with_intercept
from faceage_stats.errors import DesignError, InputError

__all__ = ["regression_calibration"]

_MEASURED = ".measured"  # a name that needs no quoting in a formula, whatever the marker's


@checked_call
def regression_calibration(
    fit_fn: FitFunction,
    data: Any,
    *,
    marker: str,
    given: str = "1",
    reliability: float | None = None,
    error_sd: float | str | None = None,
) -> ErrorCorrected:
    """Correct a fit for error in a marker by regression calibration.

    The measured marker is replaced by what the true one is expected to be, given the measured one
    and the covariates. In a linear model the coefficients are then consistent; in a Cox or logistic
    model nearly so, unless the effect or the error is large.

    Parameters
    ----------
    fit_fn : callable
        Takes a DataFrame and returns a fit, e.g.
        ``lambda d: fs.coxph("Surv(years, death) ~ faceage + age", data=d)``. The marker enters
        linearly.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient. Rows without marker or covariates are left out.
    marker : str
        Column measured with error.
    given : str
        The covariates of the model, as the right side of a formula: ``"age + sex"``.
    reliability : float, optional
        Proportion of the marker's variance that is not error: the ICC of repeated photographs.
    error_sd : float or str, optional
        In its place the standard deviation of the error, in the marker's unit; or a column that
        holds it for each row, as for a rate over intervals of different length.

    Returns
    -------
    ErrorCorrected
        ``tidy(exponentiate=..., conf_level=...)``: ``term estimate_uncorrected estimate std_error
        statistic p_value conf_low conf_high scale``; ``marker_expected``, the expected true marker
        of each row.

    Raises
    ------
    InputError
        Neither or both of `reliability` and `error_sd`, a value out of range, or a `fit_fn` that
        returns no fit.
    DesignError
        The covariates leave the marker no more variance than its error has.

    See Also
    --------
    simex : The same by simulation, for estimates of any kind.
    repeatability : The standard deviation of the error, from repeated photographs.
    icc : The reliability.

    Notes
    -----
    The error is taken to be independent of the true value and of everything else. The standard
    errors take the size of the error as known.

    In R: ``lm(y ~ xhat)`` with ``xhat`` by the moments of the measured marker and the covariates

    References
    ----------
    Carroll RJ, Ruppert D, Stefanski LA, Crainiceanu CM (2006). Measurement Error in Nonlinear
    Models, 2nd edition, chapter 4. Chapman and Hall. doi:10.1201/9781420010138

    Examples
    --------
    >>> from faceage_stats.association.regression.lm import lm
    >>> grip, faceage = [31.0, 28, 35, 25, 30, 27], [60.0, 68, 55, 75, 66, 64]
    >>> df = pd.DataFrame({"grip": grip, "faceage": faceage})
    >>> fit = regression_calibration(
    ...     lambda d: lm("grip ~ faceage", d), df, marker="faceage", reliability=0.8
    ... )
    >>> fit.tidy()[["term", "estimate_uncorrected", "estimate"]].round(3).values.tolist()[1]
    ['faceage', -0.465, -0.581]
    """
    caller = "regression_calibration()"
    check_fit_fn(fit_fn, caller)
    frame = as_pandas(data)
    measured = measured_column(frame, marker, caller)
    used = model_frame(
        f"{_MEASURED} ~ {given}", frame.assign(**{_MEASURED: measured}), caller=caller
    )
    if marker in used.design.right.required:
        raise InputError(f"{caller}: given names the marker '{marker}'; give the covariates only.")
    design, rows = with_intercept(used), frame.iloc[used.rows]
    sd = read_error_sd(used.y, rows, reliability=reliability, error_sd=error_sd, caller=caller)
    expected = design @ np.linalg.lstsq(design, used.y, rcond=None)[0]
    residual = used.y - expected
    true_variance = float(residual @ residual) / (used.n - 1) - float(np.mean(sd**2))
    if true_variance <= 0:
        raise DesignError(
            f"{caller}: given {given}, the marker varies no more than its error. Nothing of it is "
            "left to relate to the outcome; use fewer covariates, or check error_sd."
        )
    slope = true_variance / (true_variance + sd**2)
    calibrated = expected + slope * residual
    fit = fit_fn(rows)
    keys, uncorrected, _ = estimates_of(fit, caller)
    corrected_fit = fit_fn(rows.assign(**{marker: calibrated}))
    corrected_keys, estimate, std_error = estimates_of(corrected_fit, caller)
    if not corrected_keys.equals(keys):
        raise DesignError(f"{caller}: the fit with the calibrated marker has other terms.")
    return ErrorCorrected(
        marker=marker,
        method="regression calibration",
        keys=keys,
        uncorrected=uncorrected,
        estimate=estimate,
        std_error=std_error,
        error_sd=sd,
        marker_variance=float(np.var(used.y, ddof=1)),
        scale=scale_in(fit),
        fit=fit,
        calibration_slope=float(np.mean(slope)),
        marker_expected=pd.Series(calibrated, index=rows.index, name=marker),
        path=pd.DataFrame(columns=[*keys, "added_variance", "estimate"]),
    )
