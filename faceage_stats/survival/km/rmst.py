"""Restricted mean survival time: the area under the Kaplan-Meier curve up to tau."""

from __future__ import annotations

from typing import Any

from faceage_stats._call import checked_call
from faceage_stats._formula.survival_groups import survival_groups
from faceage_stats._wald import check_conf_level
from faceage_stats.survival.km.rmst_result import RMST, restricted_means
from faceage_stats.survival.km.survfit import curves_of

__all__ = ["RMST", "rmst"]


@checked_call
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
        ``Surv(time, event) ~ group``; ``~ 1`` for one mean. Delayed entry as in `survfit`;
        strata(), cluster() and offset() are refused.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient, or per interval at risk.
    tau : float
        Restriction time, in the unit of the time column.
    weights : str, optional
        Column of case weights.
    conf_level : float
        Confidence level of the intervals.

    Returns
    -------
    RMST
        ``tidy()`` one row per group; ``contrasts()`` and ``ratio()`` one row per comparison
        with the first group.

    Raises
    ------
    InputError
        `tau` is not a positive finite number.
    FormulaError, DesignError
        As every formula.

    Warns
    -----
    EstimationWarning
        A group has no event by `tau` (its mean is tau, with standard error 0), or its follow-up
        ends before `tau` (the curve is extended at its last value).

    See Also
    --------
    survfit : Kaplan-Meier curves.
    survdiff : Log-rank and G-rho tests.

    Notes
    -----
    Equals the table of ``summary(survfit(...), rmean = tau)`` in R's survival package, with its
    Greenwood-type standard error. Where R refuses (tau before the first time) the mean is tau.

    In R: ``survRM2::rmst2(df$time, df$event, df$group, tau = 4)``

    References
    ----------
    Royston P, Parmar MKB (2013). Restricted mean survival time: an alternative to the hazard ratio
    for the design and analysis of randomized trials with a time-to-event outcome. BMC Medical
    Research Methodology 13:152. doi:10.1186/1471-2288-13-152

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"time": [1, 2, 3, 4], "event": [1, 1, 1, 1]})
    >>> rmst("Surv(time, event) ~ 1", df, tau=4).tidy()["estimate"].round(3).tolist()
    [2.5]
    """
    check_conf_level(conf_level)
    frame, groups = survival_groups(
        formula, data, allow={"strata"}, weights=weights, caller="rmst()"
    )
    curves = curves_of(frame, groups)
    return restricted_means(curves, tau, conf_level, frame.n_missing, formula)
