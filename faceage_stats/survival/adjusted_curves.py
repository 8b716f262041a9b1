"""Survival curves of groups made comparable: standardised from a Cox model, or weighted."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd

from faceage_stats._arguments import check_fit, check_text
from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, column
from faceage_stats._levels import group_codes
from faceage_stats._near import check_option
from faceage_stats._result import frozen_result
from faceage_stats._scalar import check_numbers
from faceage_stats.errors import InputError
from faceage_stats.survival.cox.fit import CoxFit
from faceage_stats.survival.group_curves import GroupCurves, moved_to
from faceage_stats.survival.group_tables import AdjustedGroups, Method

__all__ = ["AdjustedCurves", "adjusted_curves", "group_curves"]


@checked_call
def adjusted_curves(
    fit: CoxFit,
    data: Any,
    *,
    by: str,
    times: Any,
    method: Method = "g-formula",
    n_resamples: int = 200,
    seed: int = 0,
    n_jobs: int | None = None,
) -> AdjustedCurves:
    """Estimate the survival that each group would have with the covariates of all patients.

    Parameters
    ----------
    fit : CoxPH
        A Cox model with `by` as a factor (text or categorical) and the covariates to adjust for.
        Its weights, strata, offset and ties are those of every refit; with weights the patients
        are averaged by them. With ``cluster()`` the bootstrap draws whole clusters.
    data : pandas.DataFrame or polars.DataFrame
        The data of the fit.
    by : str
        Column of the groups.
    times : float or array_like
        In the unit of the time column.
    method : {"g-formula", "ipw"}
        ``"g-formula"``: predict for every patient with `by` set to each group in turn, and average.
        ``"ipw"``: Kaplan-Meier curves with each patient weighted by 1 / probability of the
        patient's group given the covariates (multinomial logistic regression).
    n_resamples, seed, n_jobs
        Bootstrap of the whole procedure, for the standard errors; see `resample`. Levels and
        knots stay those of the fit.

    Returns
    -------
    AdjustedCurves
        ``tidy()`` one row per group and time; ``contrasts()`` each later group minus the first.

    Raises
    ------
    InputError
        Unknown `method`; `by` is not a factor of the model; a fit with delayed entry, strata(),
        offset() or weights under ``"ipw"``.

    See Also
    --------
    adjusted_rmst : The areas under these curves.
    survfit : Kaplan-Meier curves.

    Notes
    -----
    In R: ``adjustedCurves::adjustedsurv(df, "group", "time", "event", method = "direct")``

    References
    ----------
    Makuch RW (1982). Adjusted survival curve estimation using covariates. Journal of Chronic
    Diseases 35:437-443. doi:10.1016/0021-9681(82)90058-3

    Cole SR, Hernan MA (2004). Adjusted survival curves with inverse probability weights. Computer
    Methods and Programs in Biomedicine 75:45-49. doi:10.1016/j.cmpb.2003.10.004

    Examples
    --------
    >>> import pandas as pd
    >>> from faceage_stats import coxph
    >>> df = pd.DataFrame({"t": range(1, 25), "d": 1, "x": [1, 4, 2, 3] * 6, "g": list("abb") * 8})
    >>> fit = coxph("Surv(t, d) ~ g + x", df)
    >>> curves = adjusted_curves(fit, df, by="g", times=[5], n_resamples=20)
    >>> curves.tidy()["group"].tolist()
    ['a', 'b']
    """
    check_fit(fit, CoxFit, "adjusted_curves() takes a fit of coxph()")
    at = np.sort(check_numbers("times", times))
    curves = group_curves(fit, data, by, at, method, "adjusted_curves()")
    draws = curves.draws(n_resamples, seed, n_jobs)
    return AdjustedCurves(curves.levels, at, method, draws, fit.n_missing, fit.formula)


def group_curves(
    fit: CoxFit, data: Any, by: str, times: np.ndarray, method: Method, caller: str,
    *, area: bool = False,
) -> GroupCurves:  # fmt: skip
    """Put the patients of a fit into each group in turn; refuse what the method cannot use."""
    check_option("method", method, Method)
    check_text("by", by)
    _refuse_unusable(fit, by, method)
    complete = _rows_of_fit(fit, as_pandas(data), caller)
    code, levels = group_codes(column(complete, by, caller))
    moved = moved_to(fit, complete, by, levels)
    return GroupCurves(fit, code, tuple(levels), moved, times, method == "ipw", by, area)


def _rows_of_fit(fit: CoxFit, data: pd.DataFrame, caller: str) -> pd.DataFrame:
    if len(data) != fit.frame.n_given:
        raise InputError(
            f"{caller}: data has {len(data)} rows, and the model was fitted to a table "
            f"of {fit.frame.n_given}; give that one."
        )
    return data.iloc[fit.frame.rows]


def _refuse_unusable(fit: CoxFit, by: str, method: Method) -> None:
    frame = fit.frame
    terms = [term for term in fit.design.terms if term.variable == by and term.levels]
    if len(terms) != 1:
        raise InputError(
            f"'{by}' is not a factor of `{fit.formula}`; put it in as a text or categorical column."
        )
    extras = {
        "delayed entry": frame.surv.entry,
        "strata()": frame.strata,
        "offset()": frame.offset,
        "weights": frame.weights,
    }
    used = [name for name, value in extras.items() if value is not None]
    if method == "ipw" and used:
        raise InputError(f"method = 'ipw' takes no {', '.join(used)}; use 'g-formula'.")


@frozen_result
class AdjustedCurves(AdjustedGroups):
    """Adjusted survival of each group at each time, made by `adjusted_curves`."""

    _what: ClassVar[str] = "Adjusted survival curves"
