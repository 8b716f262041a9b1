"""SIMEX: more error is added to a marker, and the trend is followed back to no error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas
from faceage_stats._formula.extremes import measured_column
from faceage_stats._near import check_option
from faceage_stats._scalar import check_numbers, check_whole
from faceage_stats._seed import DEFAULT_SEED, generator
from faceage_stats.association.measurement_error.corrected import (
    ErrorCorrected,
    FitFunction,
    check_fit_fn,
    estimates_of,
    scale_in,
)
from faceage_stats.association.measurement_error.error_size import read_error_sd
from faceage_stats.errors import DesignError, InputError

__all__ = ["simex"]

_CALLER = "simex()"
Extrapolation = Literal["linear", "quadratic"]


@checked_call
def simex(
    fit_fn: FitFunction,
    data: Any,
    *,
    marker: str,
    reliability: float | None = None,
    error_sd: float | str | None = None,
    added_variance: Sequence[float] = (0.5, 1.0, 1.5, 2.0),
    extrapolation: Extrapolation = "quadratic",
    n_resamples: int = 100,
    seed: int = DEFAULT_SEED,
    errors: ArrayLike | None = None,
) -> ErrorCorrected:
    """Correct a fit for error in a marker by simulation and extrapolation (SIMEX).

    Error is added to the marker in growing amounts, the analysis repeated, and the trend of each
    estimate followed back to a marker without error.

    Parameters
    ----------
    fit_fn : callable
        Takes a DataFrame and returns a fit, or any result whose ``tidy()`` has estimates with
        standard errors: ``lambda d: fs.coxph("Surv(years, death) ~ faceage + age", data=d)``.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient. Rows without the marker are left out.
    marker : str
        Column measured with error.
    reliability : float, optional
        Proportion of the marker's variance that is not error: the ICC of repeated photographs.
    error_sd : float or str, optional
        In its place the standard deviation of the error, in the marker's unit; or a column that
        holds it for each row, as for a rate over intervals of different length.
    added_variance : sequence of float
        Error variances that are added, as multiples of the marker's own.
    extrapolation : {"quadratic", "linear"}
        Trend that is followed back.
    n_resamples : int
        Simulations for each of `added_variance`.
    seed : int
        Of the added errors.
    errors : array_like, shape (n, n_resamples), optional
        Standard normal numbers to add in place of drawn ones, a row per row of `data`.

    Returns
    -------
    ErrorCorrected
        ``tidy(exponentiate=..., conf_level=...)``: ``term estimate_uncorrected estimate std_error
        statistic p_value conf_low conf_high scale``; ``path``, the mean estimate at every added
        variance.

    Raises
    ------
    InputError
        Neither or both of `reliability` and `error_sd`, a value out of range, or a `fit_fn` that
        returns no fit.
    DesignError
        Too few added variances for the trend, or fits with other terms once error is added.

    See Also
    --------
    regression_calibration : Less computing, for a marker that enters linearly.
    repeatability : The standard deviation of the error, from repeated photographs.

    Notes
    -----
    The same errors are used at every added variance. The variance of the corrected estimate
    is the mean variance of the fits less the variance between them, followed back like the
    estimates (Stefanski and Cook's jackknife).

    The quadratic trend corrects in part where the error is large; it is the usual
    compromise between bias and variance.

    In R: ``simex::simex(fit, SIMEXvariable = "faceage", measurement.error = 4)``

    References
    ----------
    Cook JR, Stefanski LA (1994). Simulation-extrapolation estimation in parametric measurement
    error models. Journal of the American Statistical Association 89:1314-1328.
    doi:10.1080/01621459.1994.10476871

    Stefanski LA, Cook JR (1995). Simulation-extrapolation: the measurement error jackknife. Journal
    of the American Statistical Association 90:1247-1256. doi:10.1080/01621459.1995.10476629

    Examples
    --------
    >>> from faceage_stats.association.regression.lm import lm
    >>> rng = np.random.default_rng(3)
    >>> true = rng.normal(65, 10, 500)
    >>> df = pd.DataFrame({"faceage": true + rng.normal(0, 5, 500),
    ...                    "grip": 60 - 0.4 * true + rng.normal(0, 4, 500)})
    >>> fit = simex(lambda d: lm("grip ~ faceage", d), df, marker="faceage", error_sd=5,
    ...             n_resamples=20)
    >>> fit.tidy()[["estimate_uncorrected", "estimate"]].round(2).values.tolist()[1]
    [-0.32, -0.39]
    """
    check_fit_fn(fit_fn, _CALLER)
    check_option("extrapolation", extrapolation, Extrapolation)
    frame = as_pandas(data)
    measured = measured_column(frame, marker, _CALLER)
    present = ~np.isnan(measured)
    frame, measured = frame[present], measured[present]
    sd = read_error_sd(measured, frame, reliability=reliability, error_sd=error_sd, caller=_CALLER)
    amounts = _amounts(added_variance, extrapolation)
    draws = _draws(errors, present, n_resamples, seed)
    fit = fit_fn(frame)
    keys, uncorrected, std_error = estimates_of(fit, _CALLER)
    means, variances = [uncorrected], [std_error**2]
    for amount in amounts[1:]:
        noisy = measured[:, None] + np.sqrt(amount) * sd[:, None] * draws
        found = [estimates_of(fit_fn(frame.assign(**{marker: z})), _CALLER) for z in noisy.T]
        if not all(each_keys.equals(keys) for each_keys, _, _ in found):
            raise DesignError("simex: with added error the fit has other terms.")
        estimates = np.array([estimate for _, estimate, _ in found])
        means.append(estimates.mean(axis=0))
        within = np.mean([error**2 for _, _, error in found], axis=0)
        variances.append(within - estimates.var(axis=0, ddof=1) if len(found) > 1 else within)
    back = _weights_at_no_error(amounts, extrapolation)
    variance = back @ np.array(variances)
    return ErrorCorrected(
        marker=marker,
        method=f"SIMEX, {extrapolation} extrapolation",
        keys=keys,
        uncorrected=uncorrected,
        estimate=back @ np.array(means),
        std_error=np.sqrt(np.where(variance > 0, variance, np.nan)),
        error_sd=sd,
        marker_variance=float(np.var(measured, ddof=1)),
        scale=scale_in(fit),
        fit=fit,
        calibration_slope=np.nan,
        marker_expected=pd.Series(dtype=float, name=marker),
        path=_path(keys, amounts, means),
    )


def _amounts(added_variance: Sequence[float], extrapolation: Extrapolation) -> np.ndarray:
    """Check the added variances, and put no added error before them."""
    amounts = check_numbers("added_variance", added_variance)
    if (amounts <= 0).any() or len(set(amounts)) < len(amounts):
        raise InputError(
            f"simex: added_variance is {added_variance}; give different positive ones."
        )
    needed = {"linear": 1, "quadratic": 2}[extrapolation]
    if len(amounts) < needed:
        raise DesignError(f"simex: a {extrapolation} trend needs {needed} added variances.")
    return np.concatenate([[0.0], amounts])


def _draws(
    errors: ArrayLike | None, present: np.ndarray, n_resamples: int, seed: int
) -> np.ndarray:
    """Return the standard normal errors of the rows with a marker, a column per simulation."""
    if errors is None:
        count = check_whole("n_resamples", n_resamples, 2)
        return generator(seed, "simex").standard_normal((int(present.sum()), count))
    given, n = np.asarray(errors, float), len(present)
    if given.ndim != 2 or len(given) != n or not np.isfinite(given[present]).all():
        raise InputError(
            f"simex: errors has the shape {given.shape}; give finite numbers for {n} rows."
        )
    return np.asarray(given[present])


def _weights_at_no_error(amounts: np.ndarray, extrapolation: Extrapolation) -> np.ndarray:
    """Weights of the means in the least-squares trend at -1, where no error is left."""
    degree = {"linear": 1, "quadratic": 2}[extrapolation]
    trend = np.linalg.pinv(np.vander(amounts, degree + 1))
    return np.asarray(np.vander([-1.0], degree + 1)[0] @ trend)


def _path(keys: pd.DataFrame, amounts: np.ndarray, means: list[np.ndarray]) -> pd.DataFrame:
    parts = [
        keys.assign(added_variance=amount, estimate=mean)
        for amount, mean in zip(amounts, means, strict=True)
    ]
    return pd.concat(parts, ignore_index=True)
