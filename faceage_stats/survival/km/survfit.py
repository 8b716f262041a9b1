"""Kaplan-Meier curves by group, with R's intervals, medians and numbers at risk."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from faceage_stats._call import checked_call
from faceage_stats._formula.frame import SurvivalFrame
from faceage_stats._formula.groups import GroupFrame
from faceage_stats._formula.survival_groups import survival_groups
from faceage_stats._near import check_option
from faceage_stats._ties import merge_near_ties
from faceage_stats._wald import check_conf_level
from faceage_stats.errors import FormulaError
from faceage_stats.survival.km.curve import Curve
from faceage_stats.survival.km.kernel import survival_curve
from faceage_stats.survival.km.limits import ConfType
from faceage_stats.survival.km.survfit_result import Estimator, SurvFit

__all__ = ["SurvFit", "curves_of", "survfit"]


class _Steps(NamedTuple):
    """How an estimator makes S from the hazard."""

    exponential: bool  # from the cumulative hazard, not the product limit
    split_ties: bool  # tied events one after the other


_STEPS = {
    "kaplan-meier": _Steps(False, False),
    "exp(-nelson-aalen)": _Steps(True, False),
    "exp(-fleming-harrington)": _Steps(True, True),
}


@checked_call
def survfit(
    formula: str,
    data: Any,
    *,
    weights: str | None = None,
    cluster: str | None = None,
    conf_type: ConfType = "log",
    conf_level: float = 0.95,
    estimator: Estimator = "kaplan-meier",
) -> SurvFit:
    """Estimate survival curves by group (Kaplan-Meier), as R's ``survfit``.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ group`` or ``Surv(start, stop, event) ~ group1 + group2`` (delayed
        entry; a row is at risk in (start, stop]); ``~ 1`` for one curve. One curve per observed
        combination, labelled as in R (``"sex=1, site=lung"``). Groups are named without strata().
    data : pandas.DataFrame or polars.DataFrame
        One row per patient, or per interval at risk.
    weights : str, optional
        Column of case weights. Whole numbers count patients; other weights give
        infinitesimal-jackknife standard errors.
    cluster : str, optional
        Column of clusters (rows of one patient): infinitesimal-jackknife standard errors.
    conf_type : {"log", "log-log", "plain", "logit", "arcsin", "none"}
        Scale on which the limits are symmetric.
    conf_level : float
        Confidence level of the intervals.
    estimator : {"kaplan-meier", "exp(-nelson-aalen)", "exp(-fleming-harrington)"}
        Product limit, or the exponential of minus the cumulative hazard.

    Returns
    -------
    SurvFit
        ``tidy()`` one row per group and distinct time; ``median()``, ``quantile(probs)``,
        ``at(times)``, ``risk_table(times)``, ``rmst(tau)``; ``glance()`` the counts.

    Raises
    ------
    FormulaError, InputError, DesignError
        As every formula; `conf_type`, `conf_level` or `estimator` unknown.

    See Also
    --------
    survdiff : Log-rank and G-rho tests.
    rmst : Restricted mean survival times.
    cuminc : Cumulative incidence of competing causes.
    adjusted_curves : Curves adjusted for covariates.

    Notes
    -----
    Equals ``survival::survfit`` 3.5 (``timefix = TRUE``). With jackknife standard errors and
    ``exp(-nelson-aalen)`` R prints the error of the cumulative hazard as that of S; here it is
    multiplied by S.

    In R: ``survival::survfit(Surv(time, event) ~ group, data = df)``

    References
    ----------
    Kaplan EL, Meier P (1958). Nonparametric estimation from incomplete observations. Journal of
    the American Statistical Association 53:457-481. doi:10.1080/01621459.1958.10501452

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"time": [1, 2, 3, 4], "event": [1, 1, 1, 1]})
    >>> survfit("Surv(time, event) ~ 1", df).median()[["strata", "median"]]
      strata  median
    0    all     2.5
    """
    check_option("conf_type", conf_type, ConfType)
    check_option("estimator", estimator, Estimator)
    check_conf_level(conf_level)
    frame, groups = survival_groups(
        formula,
        data,
        allow={"strata", "cluster"},
        weights=weights,
        cluster=cluster,
        caller="survfit()",
    )
    curves = curves_of(frame, groups, conf_type, estimator)
    clustered = frame.cluster is not None
    return SurvFit(
        curves, groups.levels, formula, conf_level, estimator, clustered, frame.n_missing
    )


def curves_of(
    frame: SurvivalFrame,
    groups: GroupFrame,
    conf_type: ConfType = "log",
    estimator: Estimator = "kaplan-meier",
) -> tuple[Curve, ...]:
    """Estimate one curve per group of a frame; strata() is refused with the cure."""
    if frame.strata is not None:
        raise FormulaError(
            f"`{frame.design.formula}`: name the groups without strata(), e.g. ~ sex + site."
        )
    time, entry = merge_near_ties(frame.surv.time, frame.surv.entry)
    weight = np.ones(frame.n) if frame.weights is None else frame.weights
    jackknife = frame.cluster is not None or bool(np.any(weight != np.floor(weight)))
    ids = np.arange(frame.n) if frame.cluster is None else frame.cluster
    curves = []
    for code, label in enumerate(groups.labels):
        rows = np.flatnonzero(groups.codes == code)
        arrays = survival_curve(
            time[rows],
            frame.surv.event[rows],
            weight[rows],
            None if entry is None else entry[rows],
            **_STEPS[estimator]._asdict(),
            cluster=ids[rows] if jackknife else None,
        )
        curves.append(Curve(label, arrays, conf_type))
    return tuple(curves)
