"""The result of `crr`."""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from faceage_stats._columns import as_pandas
from faceage_stats._formula.frame import SurvivalFrame
from faceage_stats._result import Fit, frozen_result
from faceage_stats._scalar import check_numbers
from faceage_stats._scale import scale_of
from faceage_stats._steps import step_at
from faceage_stats._surv import Surv
from faceage_stats._wald import std_errors, wald
from faceage_stats.survival.competing.expand import FollowUp, fine_gray_rows
from faceage_stats.survival.competing.fine_gray import FineGrayEstimate
from faceage_stats.survival.cox.baseline import baselines, stratum_codes
from faceage_stats.survival.cox.coxph import fit_frame
from faceage_stats.survival.cox.result import CoxPH

__all__ = ["FineGray", "of_cox"]


class _Cumulative(NamedTuple):
    """A hazard added up over time."""

    time: np.ndarray
    cumhaz: np.ndarray


def of_cox(frame: SurvivalFrame, follow: FollowUp, group: np.ndarray, cause: str) -> FineGray:
    """Make the result from the Cox fit of the weighted rows."""
    cox = _cox_fit(frame, follow, group)
    none = np.empty(0)
    estimate = FineGrayEstimate(
        cox.estimate.coefficients, cox.variance, cox.estimate.variance,
        cox.log_lik, cox.estimate.log_lik_null, none, none,
    )  # fmt: skip
    return FineGray(frame, estimate, cox.means, follow, group, cause, cox)


def _cox_fit(frame: SurvivalFrame, follow: FollowUp, group: np.ndarray) -> CoxPH:
    """Fit the weighted rows, with Breslow's ties as Fine and Gray's model has them."""
    made = fine_gray_rows(follow, group)
    surv = frame.surv
    names = surv.time_name, surv.event_name
    event = (follow.code[made.row] == 1).astype(np.int64)
    weight = made.weight if frame.weights is None else made.weight * frame.weights[made.row]
    taken = frame.take(made.row)
    if taken.strata is not None:  # one without an event of the cause has no rows
        left, codes = np.unique(taken.strata, return_inverse=True)
        labels = tuple(frame.strata_labels[k] for k in left)
        taken = dataclasses.replace(taken, strata=codes, strata_labels=labels)
    rows = dataclasses.replace(
        taken,
        surv=Surv(made.stop, event, made.start, *names),
        weights=weight,
        cluster=follow.subject[made.row],
    )
    return fit_frame(rows, CoxPH, "breslow", robust=True)


@frozen_result
class FineGray(Fit):
    """A fitted Fine-Gray model, made by `crr`.

    Attributes
    ----------
    frame : SurvivalFrame
        Rows used, design matrix, outcome.
    estimate : FineGrayEstimate
        Coefficients, variances, log-likelihoods, baseline subdistribution hazard at `means`.
    means : ndarray, shape (p,)
        Of the columns of the design: a hazard where all are 0 may be beyond any number.
    follow : FollowUp
        Intervals at risk, with 1 for the cause of interest.
    group : ndarray of int
        Censoring group of each row.
    cause : str
    cox : CoxPH, optional
        The fit of the weighted rows, where the model has weights, delayed entry or strata.
    """

    frame: SurvivalFrame
    estimate: FineGrayEstimate
    means: np.ndarray
    follow: FollowUp
    group: np.ndarray
    cause: str
    cox: CoxPH | None = None

    @property
    def n(self) -> int:
        """Rows used."""
        return self.frame.n

    @property
    def n_event(self) -> int:
        """Events of the cause of interest."""
        return int((self.follow.code == 1).sum())

    def as_cox(self) -> CoxPH:
        """Return the Cox fit of the rows of `finegray`: its tests, curves and residuals."""
        return self.cox or _cox_fit(self.frame, self.follow, self.group)

    def vcov(self) -> pd.DataFrame:
        """Return the sandwich variance of the coefficients."""
        names = self.frame.design.names
        return pd.DataFrame(self.estimate.variance, index=names, columns=names)

    def tidy(self, *, exponentiate: bool = False, conf_level: float = 0.95) -> pd.DataFrame:
        """Return one row per coefficient.

        Columns ``term estimate std_error naive_se statistic p_value conf_low conf_high scale``;
        `naive_se` is from the information alone.
        """
        std_error = std_errors(self.estimate.variance)
        columns = wald(self.estimate.coefficients, std_error, conf_level, exponentiate=exponentiate)
        table = pd.DataFrame({"term": self.frame.design.names, **columns})
        table.insert(3, "naive_se", std_errors(self.estimate.naive_variance))
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
            The covariates of the formula, and its strata; by default the rows of the fit.
        times : float or array_like
            In the unit of the time column.

        Returns
        -------
        pandas.DataFrame
            Columns ``time estimate``, one row per patient and time, indexed like the patients.
        """
        at = check_numbers("times", times)
        if newdata is None:
            x, index, stratum = self.frame.x, self.frame.index, self.frame.strata
        else:
            newdata = as_pandas(newdata)
            x, index, stratum = self.frame.design.encode(newdata), newdata.index, None
            if self.frame.strata is not None:
                stratum = np.array(stratum_codes(self.frame, newdata, required=True), np.int64)
        risk = np.exp((x - self.means) @ self.estimate.coefficients)
        hazard = np.array([step_at(c.time, c.cumhaz, at, 0.0) for c in self._baselines()])
        of_row = np.zeros(len(x), np.int64) if stratum is None else stratum
        risk = np.where(of_row < 0, np.nan, risk)  # a row without a stratum
        incidence = -np.expm1(-risk[:, None] * hazard[of_row])
        columns = {"time": np.tile(at, len(risk)), "estimate": incidence.ravel()}
        return pd.DataFrame(columns, index=index.repeat(len(at)))

    def _baselines(self) -> list[_Cumulative]:
        """Give the cumulative baseline hazard of each stratum, at `means`."""
        if self.cox is None:
            return [_Cumulative(self.estimate.event_time, np.cumsum(self.estimate.hazard))]
        of = {base.label: _Cumulative(base.time, base.cumhaz) for base in baselines(self.cox)}
        none = _Cumulative(np.zeros(1), np.zeros(1))  # a stratum without an event of the cause
        return [of.get(label, none) for label in self.frame.strata_labels or ("",)]

    def _title(self) -> str:
        return (
            f"Fine-Gray model for cause {self.cause}: {self.frame.design.formula}: "
            f"n = {self.frame.n} ({self.frame.n_missing} missing), {self.n_event} events"
        )
