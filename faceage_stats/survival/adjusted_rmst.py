"""Restricted mean survival of groups made comparable: areas under adjusted curves."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from faceage_stats._arguments import check_fit
from faceage_stats._call import checked_call
from faceage_stats._result import frozen_result
from faceage_stats._scalar import check_numbers
from faceage_stats.errors import InputError
from faceage_stats.survival.adjusted_curves import group_curves
from faceage_stats.survival.cox.fit import CoxFit
from faceage_stats.survival.group_tables import AdjustedGroups, Method

__all__ = ["AdjustedRMST", "adjusted_rmst"]


@checked_call
def adjusted_rmst(
    fit: CoxFit,
    data: Any,
    *,
    by: str,
    tau: Any,
    method: Method = "g-formula",
    n_resamples: int = 200,
    seed: int = 0,
    n_jobs: int | None = None,
) -> AdjustedRMST:
    """Estimate the restricted mean survival that each group would have with all covariates alike.

    It is the area up to `tau` under the curve of `adjusted_curves`.

    Parameters
    ----------
    fit : CoxPH
        A Cox model with `by` as a factor and the covariates to adjust for.
    data : pandas.DataFrame or polars.DataFrame
        The data of the fit.
    by : str
        Column of the groups.
    tau : float or array_like
        Restriction times, in the unit of the time column, within the follow-up.
    method : {"g-formula", "ipw"}
        ``"g-formula"``: the survival that the model predicts, averaged over all patients.
        ``"ipw"``: Kaplan-Meier curves weighted by 1 / probability of the patient's group.
    n_resamples, seed, n_jobs
        Bootstrap of the whole procedure, for the standard errors; see `resample`.

    Returns
    -------
    AdjustedRMST
        ``tidy()`` one row per group and tau; ``contrasts()`` each later group minus the first.

    Raises
    ------
    InputError
        Unknown `method`; `by` is not a factor of the model; a fit with delayed entry, strata(),
        offset() or weights under ``"ipw"``; `tau` not above 0, or beyond the last time.

    See Also
    --------
    adjusted_curves : The curves.
    rmst : Without covariates.

    Notes
    -----
    In R: ``adjustedCurves::adjusted_rmst(adjustedsurv(df, "group", "time", "event"), to = 10)``

    References
    ----------
    Karrison T (1987). Restricted mean life with adjustment for covariates. Journal of the American
    Statistical Association 82:1169-1176. doi:10.1080/01621459.1987.10478555

    Examples
    --------
    >>> import pandas as pd
    >>> from faceage_stats import coxph
    >>> df = pd.DataFrame({"t": range(1, 25), "d": 1, "x": [1, 4, 2, 3] * 6, "g": list("abb") * 8})
    >>> fit = coxph("Surv(t, d) ~ g + x", df)
    >>> means = adjusted_rmst(fit, df, by="g", tau=10, n_resamples=20)
    >>> means.contrasts()[["group1", "group2", "tau"]].values.tolist()
    [['b', 'a', 10.0]]
    """
    check_fit(fit, CoxFit, "adjusted_rmst() takes a fit of coxph()")
    at, last = np.sort(check_numbers("tau", tau)), float(fit.surv.time.max())
    if at[0] <= 0 or at[-1] > last:
        raise InputError(
            f"tau must be above 0 and at most {last:g}, where the follow-up ends; the mean beyond "
            "it is not known. Choose an earlier tau."
        )
    curves = group_curves(fit, data, by, at, method, "adjusted_rmst()", area=True)
    draws = curves.draws(n_resamples, seed, n_jobs)
    return AdjustedRMST(curves.levels, at, method, draws, fit.n_missing, fit.formula)


@frozen_result
class AdjustedRMST(AdjustedGroups):
    """Adjusted restricted mean survival of each group and tau, made by `adjusted_rmst`."""

    _at: ClassVar[str] = "tau"
    _what: ClassVar[str] = "Adjusted restricted mean survival"
