"""Kaplan-Meier curves by group, with R's intervals, medians and numbers at risk."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from faceage_stats._call import checked_call
from faceage_stats._formula.frame import SurvivalFrame
from faceage_stats._formula.groups import GroupFrame
from faceage_stats._formula.survival_groups import survival_groups
from faceage_stats._near import check_option
from faceage_stats._ties import merge_near_ties
from faceage_stats._wald import check_conf_level
from faceage_stats.errors import FormulaError, InputError
from faceage_stats.survival.km.curve import Curve
from faceage_stats.survival.km.kernel import survival_curve
from faceage_stats.survival.km.limits import ConfType
from faceage_stats.survival.km.subjects import Subjects
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
    id: str | None = None,  # noqa: A002 - R's name
    subset: str | None = None,
    start_time: float | None = None,
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
        infinitesimal-jackknife standard errors. A weight of 0 adds a time, no patient, as in R.
    cluster : str, optional
        Column of clusters (rows of one patient): infinitesimal-jackknife standard errors.
    id : str, optional
        Column that identifies the subject, for ``Surv(start, stop, event)`` with several rows each:
        a row that ends where the subject's next row of the same group starts is no censoring.
        Subjects with several events give infinitesimal-jackknife standard errors.
    subset : str, optional
        A condition on columns, ``"age > 65 & sex == 1"``: only the rows where it is true are used.
    start_time : float, optional
        Condition on being under observation at this time: rows that end before it are left out,
        and the curve starts there.
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
        subset=subset,
        caller="survfit()",
    )
    rows = Subjects.read(id, data, frame, groups.codes)
    if rows.several_events and frame.cluster is None:
        frame = replace(frame, cluster=rows.subject)
    if start_time is not None:
        frame, groups, rows = _from_time(float(start_time), frame, groups, rows)
    curves = curves_of(frame, groups, conf_type, estimator, goes_on=rows.goes_on)
    clustered = frame.cluster is not None
    return SurvFit(
        curves, groups.levels, formula, conf_level, estimator, clustered, frame.n_missing,
        start_time,
    )  # fmt: skip


def _from_time(
    start: float, frame: SurvivalFrame, groups: GroupFrame, rows: Subjects
) -> tuple[SurvivalFrame, GroupFrame, Subjects]:
    """Keep the rows that reach a time."""
    kept = np.flatnonzero(frame.surv.time >= start)
    codes = groups.codes[kept]
    empty = [label for k, label in enumerate(groups.labels) if not (codes == k).any()]
    if empty:
        raise InputError(
            f"survfit(): nobody is followed up to start_time = {start:g} in {len(empty)} of "
            f"{len(groups.labels)} groups. Choose an earlier time."
        )
    return frame.take(kept), replace(groups, codes=codes), rows.take(kept)


def curves_of(
    frame: SurvivalFrame,
    groups: GroupFrame,
    conf_type: ConfType = "log",
    estimator: Estimator = "kaplan-meier",
    goes_on: np.ndarray | None = None,
) -> tuple[Curve, ...]:
    """Estimate one curve per group of a frame; strata() is refused with the cure.

    `goes_on` marks rows that the subject's next row continues: their ends are no censorings.
    """
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
        if goes_on is not None:
            own = rows[goes_on[rows]]
            place = np.searchsorted(arrays.time, time[own])
            going = np.bincount(place, weight[own], minlength=len(arrays.time))
            arrays = replace(arrays, n_censor=arrays.n_censor - going)
        curves.append(Curve(label, arrays, conf_type))
    return tuple(curves)
