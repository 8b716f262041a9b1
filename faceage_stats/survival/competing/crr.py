"""Fine-Gray regression for the subdistribution hazard of one of several competing causes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, column
from faceage_stats._formula.frame import SurvivalFrame, survival_frame
from faceage_stats._levels import group_codes
from faceage_stats._near import did_you_mean
from faceage_stats._result import Result, frozen_result
from faceage_stats._scalar import check_numbers
from faceage_stats._scale import scale_of
from faceage_stats._steps import step_at
from faceage_stats._ties import merge_near_ties
from faceage_stats._wald import wald
from faceage_stats.errors import DesignError, FormulaError, InputError
from faceage_stats.survival.competing.fine_gray import FineGrayData, FineGrayEstimate, fit_fine_gray

__all__ = ["FineGray", "crr"]


@checked_call
def crr(
    formula: str, data: Any, *, cause: int | str = 1, censoring_groups: str | None = None
) -> FineGray:
    """Fit a Fine-Gray model for the subdistribution hazard of one cause.

    Parameters
    ----------
    formula : str
        ``Surv(time, status) ~ age + sex``; `status` is 0 for censored and 1, 2 ... for the
        causes, or a categorical whose first level is censoring. Delayed entry, strata(),
        cluster() and offset() are refused.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient, or per interval at risk.
    cause : int or str
        Cause of interest: its value or level.
    censoring_groups : str, optional
        Column within whose levels the censoring distribution is estimated (R's ``cengroup``).

    Returns
    -------
    FineGray
        ``tidy(exponentiate=True)`` for subdistribution hazard ratios;
        ``predict(newdata, times=...)`` for cumulative incidence.

    Raises
    ------
    InputError
        `cause` does not occur.
    FormulaError
        Delayed entry, or a special that is not used.
    DesignError
        A constant or collinear covariate.

    See Also
    --------
    cuminc : Cumulative incidence of competing causes.
    coxph : Cox's proportional hazards model.

    Notes
    -----
    The standard errors allow for the estimated censoring distribution. Equals ``cmprsk::crr`` run
    to convergence; a weighted Cox fit with a cluster sandwich has slightly different errors. With
    several censoring groups cmprsk uses only the events of a group's rows in the part of the
    variance due to that group's censoring curve; so does this function.

    In R: ``cmprsk::crr(df$time, df$status, cov1 = df[c("age", "sex")], failcode = 1)``

    References
    ----------
    Fine JP, Gray RJ (1999). A proportional hazards model for the subdistribution of a competing
    risk. Journal of the American Statistical Association 94:496-509.
    doi:10.1080/01621459.1999.10474144

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4, 5, 6], "status": [1, 2, 1, 0, 1, 2],
    ...                    "x": [1, 0, 0, 1, 1, 0]})
    >>> fit = crr("Surv(t, status) ~ x", df)
    >>> fit.glance()["n_event"].tolist()
    [3]
    """
    frame, group = _read(formula, data, censoring_groups)
    surv = frame.surv
    if str(cause) not in surv.states:
        raise InputError(
            f"crr(): cause {cause!r} does not occur; causes are "
            f"{', '.join(surv.states) or 'none: there is no event'}."
            f"{did_you_mean(cause, surv.states)}"
        )
    if not frame.x.shape[1]:
        raise DesignError(f"crr(): `{formula}` has no covariate; use cuminc for curves.")
    code = np.where(surv.event == surv.states.index(str(cause)) + 1, 1, 2)
    code = np.where(surv.event == 0, 0, code)
    if not (code == 1).any():
        raise DesignError(f"crr(): no event of cause {cause!r} among the complete rows.")
    time = merge_near_ties(surv.time).time
    scaling = _Scaling.of(frame.x)
    fitted = fit_fine_gray(FineGrayData.of(scaling.apply(frame.x), time, code, group))
    estimate = scaling.back(fitted)
    return FineGray(frame, estimate, scaling.mean, int((code == 1).sum()), str(cause))


class _Rows(NamedTuple):
    """Rows used, and the censoring group of each."""

    frame: SurvivalFrame
    group: np.ndarray


def _read(formula: str, data: Any, censoring_groups: str | None) -> _Rows:
    """Read the formula and the censoring groups; rows without a group are dropped."""
    data = as_pandas(data)
    frame = survival_frame(formula, data, states=True, caller="crr()")
    if frame.surv.entry is not None:
        raise FormulaError(f"crr(): `{formula}` has delayed entry; use Surv(time, status).")
    if censoring_groups is None:
        return _Rows(frame, np.zeros(frame.n, np.int64))
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


@frozen_result
class FineGray(Result):
    """A fitted Fine-Gray model, made by `crr`.

    Attributes
    ----------
    frame : SurvivalFrame
        Rows used, design matrix, outcome.
    estimate : FineGrayEstimate
        Coefficients, variances, log-likelihoods, baseline subdistribution hazard at `means`.
    means : ndarray, shape (p,)
        Of the columns of the design: a hazard where all are 0 may be beyond any number.
    n_event : int
        Events of the cause of interest.
    cause : str
    """

    frame: SurvivalFrame
    estimate: FineGrayEstimate
    means: np.ndarray
    n_event: int
    cause: str

    @property
    def n(self) -> int:
        """Rows used."""
        return self.frame.n

    def vcov(self) -> pd.DataFrame:
        """Return the sandwich variance of the coefficients."""
        names = self.frame.design.names
        return pd.DataFrame(self.estimate.variance, index=names, columns=names)

    def tidy(self, *, exponentiate: bool = False, conf_level: float = 0.95) -> pd.DataFrame:
        """Return one row per coefficient.

        Columns ``term estimate std_error naive_se statistic p_value conf_low conf_high scale``;
        `naive_se` is from the information alone.
        """
        std_error = np.sqrt(np.diag(self.estimate.variance))
        columns = wald(self.estimate.coefficients, std_error, conf_level, exponentiate=exponentiate)
        table = pd.DataFrame({"term": self.frame.design.names, **columns})
        table.insert(3, "naive_se", np.sqrt(np.diag(self.estimate.naive_variance)))
        return table.assign(scale=scale_of("subdistribution hazard ratio", exponentiate))

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_event n_missing log_lik log_lik_null``."""
        row = {
            "n": self.n,
            "n_event": self.n_event,
            "n_missing": self.frame.n_missing,
            "log_lik": self.estimate.log_lik,
            "log_lik_null": self.estimate.log_lik_null,
        }
        return pd.DataFrame([row])

    def predict(self, newdata: Any = None, *, times: Any) -> pd.DataFrame:
        """Predict the cumulative incidence of the cause.

        Parameters
        ----------
        newdata : pandas.DataFrame, optional
            The covariates of the formula; by default the rows of the fit.
        times : float or array_like
            In the unit of the time column.

        Returns
        -------
        pandas.DataFrame
            Columns ``time estimate``, one row per patient and time, indexed like the patients.
        """
        at = check_numbers("times", times)
        if newdata is None:
            x, index = self.frame.x, self.frame.index
        else:
            newdata = as_pandas(newdata)
            x, index = self.frame.design.encode(newdata), newdata.index
        risk = np.exp((x - self.means) @ self.estimate.coefficients)
        baseline = step_at(self.estimate.event_time, np.cumsum(self.estimate.hazard), at, 0.0)
        incidence = -np.expm1(-np.outer(risk, baseline))
        columns = {"time": np.tile(at, len(risk)), "estimate": incidence.ravel()}
        return pd.DataFrame(columns, index=index.repeat(len(at)))

    def _title(self) -> str:
        return (
            f"Fine-Gray model for cause {self.cause}: {self.frame.design.formula}: "
            f"n = {self.frame.n} ({self.frame.n_missing} missing), {self.n_event} events"
        )
