"""Survival curves that a Cox model predicts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._columns import as_pandas
from faceage_stats._compiled import FloatArray
from faceage_stats._formula.frame import Frame
from faceage_stats._levels import list_levels, sort_text
from faceage_stats._near import check_option
from faceage_stats._result import Result, frozen_result
from faceage_stats._scalar import check_numbers
from faceage_stats.errors import InputError
from faceage_stats.survival.cox.baseline import Baseline, BaselineAt, baselines
from faceage_stats.survival.cox.fit import CoxFit
from faceage_stats.survival.km.limits import (
    ConfType,
    check_probs,
    confidence_limits,
    curve_quantiles,
    table_median,
)

__all__ = ["CoxCurves", "cox_curves", "stratum_codes"]


@dataclass(frozen=True)
class _Curve:
    """One predicted curve: a covariate pattern in a stratum."""

    group: Any
    base: Baseline
    x: FloatArray
    risk: float

    def table(self, times: FloatArray, curves: CoxCurves, conf_level: float) -> pd.DataFrame:
        """Survival and cumulative hazard at increasing times, with standard errors and limits."""
        named = {"group": self.group, "strata": self.base.label, "time": times}
        found = self.estimates(self.base.at(times), curves, conf_level)
        return pd.DataFrame({**named, **self.base.numbers(times), **found})

    def estimates(
        self, value: BaselineAt, curves: CoxCurves, conf_level: float
    ) -> dict[str, FloatArray]:
        """Columns of the table that differ between patients of one baseline."""
        shift = value.cumhaz[:, None] * (self.x - curves.mean) - value.mean_integral
        total = value.variance + np.einsum("ij,jk,ik->i", shift, curves.variance, shift)
        cumhaz, se = value.cumhaz * self.risk, np.sqrt(np.maximum(total, 0.0)) * self.risk
        surv = np.exp(-cumhaz)
        low, high = confidence_limits(surv, se, curves.conf_type, conf_level)
        limits = {"conf_low": low, "conf_high": high}
        return {
            "estimate": surv, "std_error": se * surv, **limits, "cumhaz": cumhaz, "cumhaz_se": se,
        }  # fmt: skip


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
    n, n_event, n_missing : int
        Of the fit.
    formula : str
    """

    curves: tuple[_Curve, ...]
    variance: FloatArray
    mean: FloatArray
    conf_type: ConfType
    conf_level: float
    n: int
    n_event: int
    n_missing: int
    formula: str

    def at(self, times: Any, *, conf_level: float | None = None) -> pd.DataFrame:
        """Read the survival at chosen times; after the follow-up the last value holds.

        Parameters
        ----------
        times : float or array-like
            In the unit of the time column; sorted before use.
        conf_level : float, optional
            As in the call by default.

        Returns
        -------
        pandas.DataFrame
            group (label of the new data's row), strata, time, n_risk (of the stratum, just before
            the time), n_event and n_censor (since the previous of the `times`), estimate,
            std_error (of the survival), conf_low, conf_high, cumhaz, cumhaz_se.
        """
        at, level = np.sort(check_numbers("times", times)), self._level(conf_level)
        bases = {id(curve.base): curve.base for curve in self.curves}  # read once, not by patient
        value = {key: base.at(at) for key, base in bases.items()}
        numbers = {key: base.numbers(at) for key, base in bases.items()}
        columns = [
            {"time": at, **numbers[key], **curve.estimates(value[key], self, level)}
            for curve in self.curves
            for key in [id(curve.base)]
        ]
        labels = pd.DataFrame(
            {"group": [c.group for c in self.curves], "strata": [c.base.label for c in self.curves]}
        )
        table = labels.take(np.repeat(np.arange(len(labels)), len(at))).reset_index(drop=True)
        return table.assign(**{n: np.concatenate([c[n] for c in columns]) for n in columns[0]})

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return the columns of `at`, at every distinct follow-up time."""
        level = self._level(conf_level)
        tables = [curve.table(curve.base.grid, self, level) for curve in self.curves]
        return pd.concat(tables, ignore_index=True)

    def median(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return the median survival of each curve: group, strata, median, conf_low, conf_high."""
        rows = []
        for curve in self.curves:
            table = curve.table(curve.base.grid, self, self._level(conf_level))
            ends = [
                table_median(curve.base.grid, table[column].to_numpy())
                for column in ("estimate", "conf_low", "conf_high")
            ]
            rows.append((curve.group, curve.base.label, *ends))
        return pd.DataFrame(rows, columns=["group", "strata", "median", "conf_low", "conf_high"])

    def quantile(
        self, probs: Any = (0.25, 0.5, 0.75), *, conf_level: float | None = None
    ) -> pd.DataFrame:
        """Find the times at which each curve has fallen to 1 - prob, as R's ``quantile``.

        Parameters
        ----------
        probs : float or array-like
            Probabilities of having had the event, between 0 and 1.
        conf_level : float, optional
            As in the call by default.

        Returns
        -------
        pandas.DataFrame
            group, strata, prob, time, conf_low, conf_high; NaN where it is not reached.
        """
        prob, tables = check_probs(probs), []
        for curve in self.curves:
            table = curve.table(curve.base.grid, self, self._level(conf_level))
            ends = {
                name: curve_quantiles(curve.base.grid, table[column].to_numpy(), prob)
                for name, column in (
                    ("time", "estimate"), ("conf_low", "conf_low"), ("conf_high", "conf_high"),
                )
            }  # fmt: skip
            label = {"group": curve.group, "strata": curve.base.label, "prob": prob}
            tables.append(pd.DataFrame(label | ends))
        return pd.concat(tables, ignore_index=True)

    def glance(self) -> pd.DataFrame:
        """Return one row: n, n_event, n_missing, conf_level."""
        row = {"n": self.n, "n_event": self.n_event, "n_missing": self.n_missing}
        return pd.DataFrame([row | {"conf_level": self.conf_level}])

    def _level(self, conf_level: float | None) -> float:
        return self.conf_level if conf_level is None else conf_level

    def _further_tables(self) -> tuple[str, ...]:
        return ("median",)

    def _printed(self) -> pd.DataFrame:
        return self.median()

    def _title(self) -> str:
        return f"Survival predicted by coxph {self.formula}: {len(self.curves)} curves"


def cox_curves(
    fit: CoxFit, newdata: Any = None, *, conf_type: ConfType = "log", conf_level: float = 0.95
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
        Confidence level of the intervals.

    Returns
    -------
    CoxCurves
        S(t) = exp(-H(t)) with Efron's hazard under Efron ties; standard errors include those of
        the coefficients. ``tidy()``, ``at(times)``, ``median()``, ``quantile(probs)``.

    Raises
    ------
    InputError
        New data without a row, with a level or a stratum that the fit never saw.

    Notes
    -----
    In R: ``survival::survfit(fit, newdata)``

    Examples
    --------
    >>> import faceage_stats as fs
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4, 5, 6], "d": 1, "x": [1, 0, 1, 1, 0, 0]})
    >>> fit = fs.coxph("Surv(t, d) ~ x", df)
    >>> fit.survfit(pd.DataFrame({"x": [0, 1]})).median()["median"].tolist()
    [5.0, 3.0]
    """
    check_option("conf_type", conf_type, ConfType)
    bases = baselines(fit)
    curves: list[_Curve] = []
    if newdata is None:
        curves = [_Curve("centre", base, fit.means, 1.0) for base in bases]
    else:
        newdata = as_pandas(newdata)
        if not len(newdata):
            raise InputError("newdata has no row; a curve is that of one patient.")
        x = fit.design.encode(newdata)
        offset = fit.design.encode_offset(newdata) - fit.mean_offset
        with np.errstate(over="ignore"):
            risk = np.exp((x - fit.means) @ fit.estimate.filled + offset)
        for i, stratum in enumerate(stratum_codes(fit.frame, newdata, required=False)):
            if stratum == -1:
                risk[i] = np.nan
            chosen = bases if stratum is None else [bases[stratum]]
            curves += [_Curve(newdata.index[i], base, x[i], float(risk[i])) for base in chosen]
    return CoxCurves(
        tuple(curves), fit.variance, fit.sorting.mean, conf_type, conf_level, fit.n, fit.n_event,
        fit.n_missing, fit.formula,
    )  # fmt: skip


def stratum_codes(frame: Frame, newdata: pd.DataFrame, *, required: bool) -> list[int | None]:
    """Find the stratum of each row of new data; None where they lack the strata columns.

    -1 is a row whose stratum is missing: it keeps its place, and its prediction is missing.
    """
    try:
        labels = frame.design.strata_labels(newdata)
    except InputError:
        if required:
            raise
        return [None] * len(newdata)
    if labels is None:  # a fit without strata
        return [0] * len(newdata)
    known = {label: code for code, label in enumerate(frame.strata_labels)}
    unknown = {label for label in labels if label is not None and label not in known}
    if unknown:
        raise InputError(
            f"new data hold strata that the model never saw: {list_levels(sort_text(unknown))}. "
            f"Known strata: {list_levels(known)}."
        )
    return [-1 if label is None else known[label] for label in labels]
