"""Calibration of predicted risks: binary outcomes, and survival at a horizon."""

from __future__ import annotations

from typing import Any

from faceage_stats._call import checked_call
from faceage_stats._scalar import check_whole
from faceage_stats._seed import DEFAULT_SEED
from faceage_stats.errors import InputError
from faceage_stats.prediction.bootstrap import check_resamples
from faceage_stats.prediction.horizon.data import Cause, Times
from faceage_stats.prediction.risk.calibration_binary import binary_calibration
from faceage_stats.prediction.risk.calibration_result import Calibration
from faceage_stats.prediction.risk.calibration_survival import survival_calibration
from faceage_stats.prediction.risk.risks import is_survival

__all__ = ["Calibration", "calibration"]


@checked_call
def calibration(
    formula: str,
    data: Any,
    *,
    times: Times | None = None,
    lp: str | None = None,
    cause: Cause = None,
    groups: int = 10,
    n_resamples: int = 200,
    seed: int = DEFAULT_SEED,
) -> Calibration:
    """Assess whether predicted risks agree with the observed outcomes.

    Parameters
    ----------
    formula : str
        ``outcome ~ risk`` (0/1 outcome), or ``Surv(time, event) ~ risk`` with `times`. `risk` is
        a column of predicted probabilities, strictly between 0 and 1.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient.
    times : float, optional
        Horizon that the risk belongs to, in the unit of the time column.
    lp : str, optional
        Survival: column with the linear predictor of the model, for the calibration slope; by
        default log(-log(1 - risk)), the same thing for a proportional hazards model.
    cause : optional
        Event of interest when the event column holds several causes.
    groups : int
        Groups of predicted risk in ``groups()``, cut at quantiles.
    n_resamples, seed : int
        Bootstrap of ICI, E50 and E90; 0 leaves their standard errors undefined.

    Returns
    -------
    Calibration
        ``tidy()`` one row per quantity; ``curve()`` the smooth calibration curve with limits;
        ``groups()`` observed and predicted risk by group.

    Raises
    ------
    InputError
        `risk` is not a column of probabilities, or 0 or 1 in some rows (its logit is infinite);
        `times` missing, or of several horizons.
    DesignError
        One class only; no patient at risk after the horizon.
    FormulaError
        strata(), cluster() or offset(), which are not used here.

    See Also
    --------
    brier : Calibration and discrimination in one number.
    decision_curve : Net benefit of treating by a risk.

    Notes
    -----
    `observed_expected_ratio` is O/E: above 1 the predictions are too low. Binary: intercept (in
    the large), slope, Spiegelhalter's z, unreliability as ``rms::val.prob``, which prints
    `c_statistic_binned` (risks cut into 5,000 bins) in place of `c_statistic`; the curve is a
    logistic regression on a restricted cubic spline of logit(risk). Survival: the slope is a Cox
    coefficient; observed risk is 1 - Kaplan-Meier (Aalen-Johansen when events compete); the curve
    is a least-squares regression of jackknife pseudo-observations on a spline of log(-log(1 -
    risk)), with sandwich standard errors. ICI, E50 and E90 are the mean, median and 90th
    percentile of the distance between curve and prediction.

    In R: ``rms::val.prob(df$risk, df$died)``

    References
    ----------
    Austin PC, Steyerberg EW (2019). The Integrated Calibration Index (ICI) and related metrics for
    quantifying the calibration of logistic regression models. Statistics in Medicine 38:4051-4065.
    doi:10.1002/sim.8281

    Van Calster B, McLernon DJ, van Smeden M and others (2019). Calibration: the Achilles heel of
    predictive analytics. BMC Medicine 17:230. doi:10.1186/s12916-019-1466-7

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"y": [0, 0, 1, 0, 1, 1, 0, 1], "x": range(1, 9)})
    >>> result = calibration("y ~ I(x / 10)", df, groups=2, n_resamples=0)
    >>> table = result.tidy().set_index("quantity")["estimate"]
    >>> float(table["slope"].round(3)), float(table["observed_expected_ratio"].round(3))
    (0.988, 1.111)
    """
    check_resamples(n_resamples, none_allowed=True)
    check_whole("groups", groups, 2)
    options = {"groups": groups, "n_resamples": n_resamples, "seed": seed}
    if is_survival(formula, times, cause):
        return survival_calibration(formula, data, times, lp, cause, **options)
    if lp is not None:
        raise InputError("lp goes with Surv(time, event) only.")
    return binary_calibration(formula, data, **options)
