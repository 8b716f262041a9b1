"""Fine-Gray regression for the subdistribution hazard of one of several competing causes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._formula import model_frame
from faceage_stats._formula.design import Design
from faceage_stats._result import Result, frozen_result, normal_interval
from faceage_stats.errors import DesignError, FormulaError, InputError
from faceage_stats.survival._ties import merge_near_ties
from faceage_stats.survival.competing.fine_gray import FineGrayData, FineGrayEstimate, fit_fine_gray

__all__ = ["FineGray", "crr"]


def crr(
    formula: str, data: Any, *, cause: Any = 1, censoring_groups: str | None = None
) -> FineGray:
    """Fit a Fine-Gray model for the subdistribution hazard of one cause.

    Parameters
    ----------
    formula : str
        ``Surv(time, status) ~ age + sex``; `status` is 0 for censored and 1, 2 ... for the
        causes, or a categorical whose first level is censoring.
    data : pandas.DataFrame or polars.DataFrame
    cause : int or str
        Cause of interest: its value or level.
    censoring_groups : str, optional
        Column within whose levels the censoring distribution is estimated.

    Returns
    -------
    FineGray
        ``tidy(exponentiate=True)`` for subdistribution hazard ratios; ``predict(newdata, times)``
        for cumulative incidence.

    Raises
    ------
    InputError
        `cause` does not occur; delayed entry, strata() or offset().
    DesignError
        A constant or collinear covariate.

    Notes
    -----
    The standard errors allow for the estimated censoring distribution. Equals ``cmprsk::crr`` run
    to convergence; a weighted Cox fit with a cluster sandwich has slightly different errors. With
    several censoring groups cmprsk takes, in the part of the variance that stands for a group's
    censoring curve, only the events of that group's own rows; so does this function.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4, 5, 6], "status": [1, 2, 1, 0, 1, 2],
    ...                    "x": [1, 0, 0, 1, 1, 0]})
    >>> crr("Surv(t, status) ~ x", df).glance()["n_event"].tolist()
    [3]
    """
    frame = model_frame(formula, data, cluster=censoring_groups, states=True)
    surv = frame.surv
    if surv is None or surv.entry is not None:
        raise FormulaError(f"`{formula}`: competing risks need Surv(time, status).")
    if frame.strata is not None or frame.offset is not None:
        raise FormulaError(f"`{formula}`: strata() and offset() are not part of this model.")
    if str(cause) not in surv.states:
        raise InputError(f"cause {cause!r} does not occur; causes are {', '.join(surv.states)}.")
    if not frame.x.shape[1]:
        raise DesignError(f"`{formula}` has no covariate; use cuminc for curves.")
    code = np.where(surv.event == surv.states.index(str(cause)) + 1, 1, 2)
    code = np.where(surv.event == 0, 0, code)
    if not (code == 1).any():
        raise DesignError(f"`{formula}`: no event of cause {cause!r} among the complete rows.")
    time, _ = merge_near_ties(surv.time)
    scaling = _Scaling.of(frame.x)
    group = np.zeros(frame.n, np.int64) if frame.cluster is None else frame.cluster
    fitted = fit_fine_gray(FineGrayData.of(scaling.apply(frame.x), time, code, group))
    return FineGray(
        frame.design, scaling.back(fitted), frame.n, int((code == 1).sum()), str(cause),
        frame.n_missing,
    )  # fmt: skip


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
        return (x - self.mean) / self.sd

    def back(self, fit: FineGrayEstimate) -> FineGrayEstimate:
        beta = fit.coefficients / self.sd
        scale = np.outer(self.sd, self.sd)
        hazard = fit.hazard * np.exp(-self.mean @ beta)
        return FineGrayEstimate(
            beta, fit.variance / scale, fit.naive_variance / scale, fit.log_lik,
            fit.log_lik_null, fit.event_time, hazard,
        )  # fmt: skip


@frozen_result
class FineGray(Result):
    """A fitted Fine-Gray model.

    Attributes
    ----------
    design : Design
    estimate : FineGrayEstimate
        Coefficients, variances, log-likelihoods, baseline subdistribution hazard.
    n, n_event : int
        Rows, and events of the cause of interest.
    cause : str
    n_missing : int
    """

    design: Design
    estimate: FineGrayEstimate
    n: int
    n_event: int
    cause: str
    n_missing: int

    @property
    def vcov(self) -> pd.DataFrame:
        """Sandwich variance of the coefficients."""
        names = self.design.names
        return pd.DataFrame(self.estimate.variance, index=names, columns=names)

    def tidy(self, *, exponentiate: bool = False, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per coefficient.

        Columns ``term estimate std_error naive_se statistic p_value conf_low conf_high``;
        `naive_se` is from the information alone.
        """
        estimate = self.estimate.coefficients
        std_error = np.sqrt(np.diag(self.estimate.variance))
        statistic = estimate / std_error
        low, high = normal_interval(estimate, std_error, conf_level)
        if exponentiate:
            estimate, low, high = np.exp(estimate), np.exp(low), np.exp(high)
        return pd.DataFrame(
            {
                "term": self.design.names,
                "estimate": estimate,
                "std_error": std_error,
                "naive_se": np.sqrt(np.diag(self.estimate.naive_variance)),
                "statistic": statistic,
                "p_value": 2 * stats.norm.sf(np.abs(statistic)),
                "conf_low": low,
                "conf_high": high,
            }
        )

    def glance(self) -> pd.DataFrame:
        """One row: ``n n_event n_missing log_lik log_lik_null``."""
        return pd.DataFrame(
            {
                "n": [self.n],
                "n_event": [self.n_event],
                "n_missing": [self.n_missing],
                "log_lik": [self.estimate.log_lik],
                "log_lik_null": [self.estimate.log_lik_null],
            }
        )

    def predict(self, newdata: Any, times: Any) -> pd.DataFrame:
        """Cumulative incidence of the cause for new patients.

        Parameters
        ----------
        newdata : pandas.DataFrame
            The covariates of the formula.
        times : array_like

        Returns
        -------
        pandas.DataFrame
            Columns ``row time estimate``, one row per patient (numbered from 0) and time.
        """
        wanted = np.atleast_1d(np.asarray(times, float))
        risk = np.exp(self.design.encode(newdata) @ self.estimate.coefficients)
        cumulative = np.append(0.0, np.cumsum(self.estimate.hazard))
        baseline = cumulative[np.searchsorted(self.estimate.event_time, wanted, side="right")]
        incidence = -np.expm1(-np.outer(risk, baseline))
        return pd.DataFrame(
            {
                "row": np.repeat(np.arange(len(risk)), len(wanted)),
                "time": np.tile(wanted, len(risk)),
                "estimate": incidence.ravel(),
            }
        )

    def _title(self) -> str:
        return f"Fine-Gray model for cause {self.cause}: {self.design.formula}"
