"""Baseline hazards and predicted survival curves of a Cox model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from faceage_stats._columns import as_pandas
from faceage_stats._result import Result, frozen_result
from faceage_stats.errors import InputError
from faceage_stats.survival.km.limits import confidence_limits, table_median

if TYPE_CHECKING:
    from faceage_stats.survival.cox.result import CoxPH

__all__ = ["Baseline", "CoxCurves", "baselines", "basehaz", "cox_curves"]


@dataclass(frozen=True)
class Baseline:
    """Step functions of one stratum at its event times, at the centre of the covariates.

    `path` is the integral of (risk-set mean - column mean) over the hazard, `variance` the part of
    the variance of the cumulative hazard that does not come from the coefficients; `grid` holds
    every distinct follow-up time.
    """

    label: str
    time: np.ndarray
    cumhaz: np.ndarray
    variance: np.ndarray
    path: np.ndarray
    grid: np.ndarray

    def at(self, times: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Cumulative hazard, variance and path at times; 0 before the first event."""
        index = np.searchsorted(self.time, times, side="right")
        padded = [
            np.concatenate([np.zeros((1, *a.shape[1:])), a])
            for a in (self.cumhaz, self.variance, self.path)
        ]
        return padded[0][index], padded[1][index], padded[2][index]


def baselines(fit: CoxPH) -> list[Baseline]:
    """One baseline per stratum, in the order of the stratum labels."""
    table, data = fit.risk_sets, fit.data
    cumulative = table.cumulate(table.hazard)
    variance = table.cumulate(table.variance)
    path = table.cumulate(table.product) / data.scale
    row_time = _merged_times(fit)
    labels = fit.frame.strata_labels or ("",)
    out = []
    for k, label in enumerate(labels):
        low, high = data.layout.stratum_first[k], data.layout.stratum_first[k + 1] - 1
        slots = np.arange(low, high)[::-1]
        rows = slice(None) if fit.frame.strata is None else fit.frame.strata == k
        grid = np.unique(row_time[rows])
        out.append(
            Baseline(
                label, data.slot_time[slots], cumulative[slots], variance[slots], path[slots], grid
            )
        )
    return out


def _merged_times(fit: CoxPH) -> np.ndarray:
    from faceage_stats.survival._ties import merge_near_ties

    surv = fit.frame.surv
    assert surv is not None  # coxph refuses anything else
    return merge_near_ties(surv.time, surv.entry)[0]


def basehaz(fit: CoxPH, *, centered: bool = True) -> pd.DataFrame:
    """Cumulative baseline hazard, as R's ``basehaz``.

    Parameters
    ----------
    fit : CoxPH
    centered : bool
        At the centre of the covariates (`fit.means`), or at all covariates 0. The mean offset is
        taken out either way.

    Returns
    -------
    pandas.DataFrame
        time (every distinct follow-up time), cumhaz, and strata in a stratified fit. Efron's
        hazard for a fit with Efron ties, Breslow's otherwise.
    """
    factor = 1.0 if centered else float(np.exp(-(fit.means @ fit.estimate.filled)))
    frames = []
    for base in baselines(fit):
        frame = pd.DataFrame({"time": base.grid, "cumhaz": base.at(base.grid)[0] * factor})
        if fit.frame.strata is not None:
            frame["strata"] = base.label
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


@dataclass(frozen=True)
class _Curve:
    """One predicted curve: a covariate pattern in a stratum."""

    group: Any
    base: Baseline
    x: np.ndarray
    risk: float

    def at(self, times: np.ndarray, variance: np.ndarray, mean: np.ndarray) -> tuple:
        """Cumulative hazard and its standard error."""
        cumhaz, own, path = self.base.at(times)
        shift = cumhaz[:, None] * (self.x - mean) - path
        total = own + np.einsum("ij,jk,ik->i", shift, variance, shift)
        return cumhaz * self.risk, np.sqrt(np.maximum(total, 0.0)) * self.risk


@frozen_result
class CoxCurves(Result):
    """Survival curves that a Cox model predicts, made by ``fit.survfit(newdata)``.

    Attributes
    ----------
    curves : tuple
        One per row of the new data (and per stratum, when the new data name none).
    variance, mean : ndarray
        Variance of the coefficients and centre of the columns.
    conf_type, conf_level
        As given.
    """

    curves: tuple[_Curve, ...]
    variance: np.ndarray
    mean: np.ndarray
    conf_type: str
    conf_level: float

    def _rows(self, curve: _Curve, times: np.ndarray) -> pd.DataFrame:
        cumhaz, se = curve.at(times, self.variance, self.mean)
        surv = np.exp(-cumhaz)
        low, high = confidence_limits(surv, se, self.conf_type, self.conf_level)
        return pd.DataFrame(
            {
                "group": curve.group,
                "strata": curve.base.label,
                "time": times,
                "estimate": surv,
                "std_error": se * surv,
                "conf_low": low,
                "conf_high": high,
                "cumhaz": cumhaz,
                "cumhaz_se": se,
            }
        )

    def at(self, times: Any) -> pd.DataFrame:
        """Survival at chosen times, the last value carried forward after the follow-up.

        Columns: group (label of the new data's row), strata, time, estimate, std_error (of the
        survival), conf_low, conf_high, cumhaz, cumhaz_se.
        """
        wanted = np.atleast_1d(np.asarray(times, float))
        if not np.isfinite(wanted).all():
            raise InputError("times must be finite numbers in the unit of the time column.")
        return pd.concat([self._rows(c, wanted) for c in self.curves], ignore_index=True)

    def tidy(self, **kwargs: Any) -> pd.DataFrame:
        """The columns of `at`, at every distinct follow-up time."""
        return pd.concat([self._rows(c, c.base.grid) for c in self.curves], ignore_index=True)

    def median(self) -> pd.DataFrame:
        """Median survival of each curve: group, strata, median, conf_low, conf_high."""
        rows = []
        for curve in self.curves:
            own = self._rows(curve, curve.base.grid)
            ends = [
                table_median(curve.base.grid, own[column].to_numpy())
                for column in ("estimate", "conf_low", "conf_high")
            ]
            rows.append((curve.group, curve.base.label, *ends))
        return pd.DataFrame(rows, columns=["group", "strata", "median", "conf_low", "conf_high"])

    def glance(self) -> pd.DataFrame:
        """Same as `median`."""
        return self.median()


def cox_curves(
    fit: CoxPH, newdata: Any = None, *, conf_type: str = "log", conf_level: float = 0.95
) -> CoxCurves:
    """Predict survival curves, as R's ``survfit.coxph``.

    Parameters
    ----------
    fit : CoxPH
    newdata : pandas.DataFrame, optional
        One curve per row. A row that names its stratum gets that stratum's curve, otherwise one
        per stratum. Without new data: the curve at the centre of the covariates, per stratum.
    conf_type : {"log", "log-log", "plain", "logit", "arcsin", "none"}
    conf_level : float

    Returns
    -------
    CoxCurves
        S(t) = exp(-H(t)) with Efron's hazard under Efron ties; standard errors include those of
        the coefficients. ``tidy()``, ``at(times)``, ``median()``.
    """
    bases = baselines(fit)
    mean = fit.data.mean
    curves: list[_Curve] = []
    if newdata is None:
        curves = [_Curve("centre", base, fit.means, 1.0) for base in bases]
        return CoxCurves(tuple(curves), fit.variance, mean, conf_type, conf_level)
    newdata = as_pandas(newdata)
    x = fit.design.encode(newdata)
    offset = fit.design.encode_offset(newdata)
    centre = 0.0 if fit.frame.offset is None else float(fit.frame.offset.mean())
    with np.errstate(over="ignore"):
        risk = np.exp((x - fit.means) @ fit.estimate.filled + offset - centre)
    for i, stratum in enumerate(stratum_codes(fit, newdata, required=False)):
        chosen = bases if stratum is None else [bases[stratum]]
        curves += [_Curve(newdata.index[i], base, x[i], float(risk[i])) for base in chosen]
    return CoxCurves(tuple(curves), fit.variance, mean, conf_type, conf_level)


def stratum_codes(fit: CoxPH, newdata: pd.DataFrame, *, required: bool) -> list[int | None]:
    """Stratum of each row of new data; None where the new data do not hold the strata columns."""
    if fit.frame.strata is None:
        return [0] * len(newdata)
    try:
        labels = fit.design.strata_labels(newdata)
    except InputError:
        if required:
            raise
        return [None] * len(newdata)
    assert labels is not None  # the fit has strata
    known = {label: code for code, label in enumerate(fit.frame.strata_labels)}
    unknown = sorted({str(label) for label in labels if label not in known})
    if unknown:
        raise InputError(
            f"new data hold strata that the model never saw: {', '.join(unknown[:5])}. Known "
            f"strata: {', '.join(known)}."
        )
    return [known[label] for label in labels]
