"""Fine-Gray regression for the subdistribution hazard of one of several competing causes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, column
from faceage_stats._formula.frame import SurvivalFrame, survival_frame
from faceage_stats._formula.sides import refuse_zero_weights
from faceage_stats._levels import group_codes
from faceage_stats._ties import merge_near_ties
from faceage_stats.errors import DesignError
from faceage_stats.survival.competing.fine_gray import (
    FineGrayData,
    FineGrayEstimate,
    fit_fine_gray,
)
from faceage_stats.survival.competing.finegray import cause_codes, follow_up_of
from faceage_stats.survival.competing.result import FineGray, of_cox

__all__ = ["crr"]


@checked_call
def crr(
    formula: str,
    data: Any,
    *,
    cause: int | str = 1,
    censoring_groups: str | None = None,
    weights: str | None = None,
    id: str | None = None,  # noqa: A002 - R's name
    subset: str | None = None,
) -> FineGray:
    """Fit a Fine-Gray model for the subdistribution hazard of one cause.

    Parameters
    ----------
    formula : str
        ``Surv(time, status) ~ age + sex``; `status` is 0 for censored and 1, 2 ... for the
        causes, or a categorical whose first level is censoring. ``Surv(entry, time, status)`` for
        delayed entry; ``strata(site)`` for a baseline, and a distribution of censoring, in each
        stratum. cluster() and offset() are refused.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient, or per interval at risk with `id`.
    cause : int or str
        Cause of interest: its value or level.
    censoring_groups : str, optional
        Column within whose levels the censoring distribution is estimated (R's ``cengroup``).
    weights : str, optional
        Column of case weights, above 0.
    id : str, optional
        Column of the patient, needed where one has several rows.
    subset : str, optional
        A condition on columns, ``"age > 65 & sex == 1"``: only the rows where it is true are used.

    Returns
    -------
    FineGray
        ``tidy(exponentiate=True)`` for subdistribution hazard ratios;
        ``predict(newdata, times=...)`` for cumulative incidence; ``as_cox()``, the Cox fit of the
        weighted rows, which `cox_zph` takes.

    Raises
    ------
    InputError
        `cause` does not occur; a weight that is not above 0; rows of a patient with gaps.
    FormulaError
        A special that is not used.
    DesignError
        A constant or collinear covariate.

    See Also
    --------
    finegray : The weighted rows themselves.
    cuminc : Cumulative incidence of competing causes.
    cox_zph : Test of proportional subdistribution hazards.

    Notes
    -----
    The standard errors allow for the estimated censoring distribution. Equals ``cmprsk::crr`` run
    to convergence. With several censoring groups cmprsk uses only the events of a group's rows in
    the part of the variance due to that group's censoring curve; so does this function. cmprsk has
    no weights, delayed entry or strata: with any of them, or `id`, the fit is Breslow's Cox fit of
    the rows of `finegray`, whose sandwich over patients takes the censoring distribution as known.
    Where a censoring ties with an event, cmprsk counts the event among those at risk of being
    censored, `finegray` does not.

    In R: ``cmprsk::crr(df$time, df$status, cov1 = df[c("age", "sex")], failcode = 1)``;
    ``coxph(Surv(fgstart, fgstop, fgstatus) ~ age + strata(site), weights = fgwt, cluster = id,
    ties = "breslow", data = finegray(Surv(entry, time, status) ~ . + strata(site), data = df,
    id = id, weights = w))``

    References
    ----------
    Fine JP, Gray RJ (1999). A proportional hazards model for the subdistribution of a competing
    risk. Journal of the American Statistical Association 94:496-509.
    doi:10.1080/01621459.1999.10474144

    Geskus RB (2011). Cause-specific cumulative incidence estimation and the Fine and Gray model
    under both left truncation and right censoring. Biometrics 67:39-49.
    doi:10.1111/j.1541-0420.2010.01420.x

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4, 5, 6], "status": [1, 2, 1, 0, 1, 2],
    ...                    "x": [1, 0, 0, 1, 1, 0]})
    >>> fit = crr("Surv(t, status) ~ x", df)
    >>> fit.glance()["n_event"].tolist()
    [3]
    """
    data = as_pandas(data)
    frame, group = _read(formula, data, censoring_groups, weights, subset)
    code = cause_codes(frame.surv, cause, "crr()")
    if not frame.x.shape[1]:
        raise DesignError(f"crr(): `{formula}` has no covariate; use cuminc for curves.")
    follow = follow_up_of(frame, code, data, id, "crr()")
    beside = (frame.surv.entry, frame.strata, frame.weights, id)
    if any(each is not None for each in beside):
        return of_cox(frame, follow, group, str(cause))
    time = merge_near_ties(frame.surv.time).time
    scaling = _Scaling.of(frame.x)
    rows = FineGrayData.of(scaling.apply(frame.x), time, code, group)
    fitted = fit_fine_gray(rows, frame.design.names)
    return FineGray(frame, scaling.back(fitted), scaling.mean, follow, group, str(cause))


class _Rows(NamedTuple):
    """Rows used, and the censoring group of each."""

    frame: SurvivalFrame
    group: np.ndarray


def _read(
    formula: str,
    data: Any,
    censoring_groups: str | None,
    weights: str | None,
    subset: str | None,
) -> _Rows:
    """Read the formula and the censoring groups; rows without a group are dropped."""
    frame = survival_frame(
        formula, data, allow={"strata"}, weights=weights, subset=subset, states=True,
        caller="crr()",
    )  # fmt: skip
    refuse_zero_weights(frame.weights, weights)
    if censoring_groups is None:
        alone = np.zeros(frame.n, np.int64)
        return _Rows(frame, alone if frame.strata is None else frame.strata)
    groups = column(data, censoring_groups, "crr()")
    known = groups.iloc[frame.rows].notna().to_numpy()
    n_missing = frame.n_missing + int((~known).sum())
    frame = dataclasses.replace(frame.take(np.flatnonzero(known)), n_missing=n_missing)
    codes, _ = group_codes(groups.iloc[frame.rows])
    return _Rows(frame, codes)


@dataclass(frozen=True)
class _Scaling:
    """Columns are centred and scaled for Newton's method, and the fit is taken back."""

    mean: np.ndarray
    sd: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray) -> _Scaling:
        sd = x.std(axis=0)
        return cls(x.mean(axis=0), np.where(sd > 0, sd, 1.0))

    def apply(self, x: np.ndarray) -> np.ndarray:
        return np.asarray((x - self.mean) / self.sd)

    def back(self, fit: FineGrayEstimate) -> FineGrayEstimate:
        beta = fit.coefficients / self.sd
        scale = np.outer(self.sd, self.sd)
        return dataclasses.replace(
            fit,
            coefficients=beta,
            variance=fit.variance / scale,
            naive_variance=fit.naive_variance / scale,
        )
