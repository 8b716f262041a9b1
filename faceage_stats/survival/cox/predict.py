"""Predictions of a Cox model, with R's centring rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from faceage_stats._columns import as_pandas
from faceage_stats._compiled import FloatArray, IntArray
from faceage_stats._formula.parse import split_formula
from faceage_stats._near import check_option
from faceage_stats._surv import parse_surv
from faceage_stats._wald import limits, wald
from faceage_stats.errors import InputError
from faceage_stats.survival.cox.baseline import baselines, stratum_codes
from faceage_stats.survival.cox.curves import cox_curves
from faceage_stats.survival.cox.fit import CoxFit
from faceage_stats.survival.cox.residuals import martingale_residuals
from faceage_stats.survival.km.limits import ConfType, confidence_limits

__all__ = ["PredictType", "Reference", "Request", "contrast", "predict"]

PredictType = Literal["lp", "risk", "expected", "terms", "survival"]
Reference = Literal["strata", "sample", "zero"]


@dataclass(frozen=True)
class Request:
    """What to predict, and how its interval is made."""

    type: PredictType
    times: Any
    reference: Reference | None
    conf_level: float
    conf_type: ConfType


@dataclass(frozen=True)
class _Rows:
    """The rows to predict for, encoded."""

    index: pd.Index
    x: FloatArray
    offset: FloatArray
    stratum: IntArray


def predict(fit: CoxFit, newdata: Any, request: Request) -> pd.DataFrame:
    """Predict for the rows of the fit or for new data; documented at `CoxPH.predict`."""
    check_option("type", request.type, PredictType)
    if request.reference is not None:
        check_option("reference", request.reference, Reference)
    if request.times is not None and request.type != "survival":
        raise InputError('times go with type="survival" only.')
    if newdata is not None:
        newdata = as_pandas(newdata)
    if request.times is not None:
        return _survival_at(fit, newdata, request)
    needs_strata = request.type in ("expected", "survival") or (
        request.type != "terms" and request.reference in (None, "strata")
    )
    rows = _rows(fit, newdata, needs_strata)
    if request.type in ("expected", "survival"):
        return _expected(fit, newdata, rows, request)
    if request.type == "terms":
        return _terms(fit, rows, request)
    return _linear(fit, rows, request)


def contrast(
    fit: CoxFit,
    newdata: Any,
    reference: Any,
    *,
    exponentiate: bool = False,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Compare each row of new data with a reference row; documented at `CoxPH.contrast`."""
    newdata, reference = as_pandas(newdata), as_pandas(reference)
    if len(reference) not in (1, len(newdata)):
        raise InputError(
            f"reference has {len(reference)} rows; give one row, or {len(newdata)} as in newdata."
        )
    gap = fit.design.encode(newdata) - fit.design.encode(reference)
    shift = fit.design.encode_offset(newdata) - fit.design.encode_offset(reference)
    value, std_error = gap @ fit.estimate.filled + shift, _norm(gap, fit.variance)
    table = wald(value, std_error, conf_level, exponentiate=exponentiate)
    return pd.DataFrame(table, index=newdata.index)


def _rows(fit: CoxFit, newdata: pd.DataFrame | None, needs_strata: bool) -> _Rows:
    frame = fit.frame
    if newdata is None:
        offset = np.zeros(frame.n) if frame.offset is None else frame.offset
        return _Rows(frame.index, frame.x, offset, fit.stratum)
    found = stratum_codes(fit.frame, newdata, required=True) if needs_strata else [0] * len(newdata)
    codes, x = np.asarray(found, np.int64), fit.design.encode(newdata)
    x[codes < 0] = np.nan  # the stratum is missing
    return _Rows(newdata.index, x, fit.design.encode_offset(newdata), np.maximum(codes, 0))


def _centred(fit: CoxFit, rows: _Rows, reference: Reference) -> FloatArray:
    centre = fit.means
    if reference == "zero":
        centre = np.zeros_like(centre)
    if reference in ("zero", "sample") or fit.frame.strata is None:
        return np.asarray(rows.x - centre)
    n_strata, w = len(fit.frame.strata_labels), fit.weights
    total = np.zeros((n_strata, rows.x.shape[1]))
    np.add.at(total, fit.frame.strata, fit.frame.x * w[:, None])
    means = total / np.bincount(fit.frame.strata, w, n_strata)[:, None]
    return rows.x - means[rows.stratum]


def _offset(fit: CoxFit, rows: _Rows) -> FloatArray:
    return rows.offset - fit.mean_offset


def _norm(x: FloatArray, variance: FloatArray) -> FloatArray:
    squares: FloatArray = np.einsum("ij,jk,ik->i", x, variance, x)
    return np.sqrt(np.maximum(squares, 0.0))


def _linear(fit: CoxFit, rows: _Rows, request: Request) -> pd.DataFrame:
    x = _centred(fit, rows, request.reference or "strata")
    value = x @ fit.estimate.filled + _offset(fit, rows)
    se = _norm(x, fit.variance)
    low, high = limits(value, se, request.conf_level)
    if request.type == "risk":
        with np.errstate(over="ignore", invalid="ignore"):  # a risk beyond any number
            value, low, high = np.exp(value), np.exp(low), np.exp(high)
            se = se * np.sqrt(value)
    return _table(rows.index, value, se, low, high)


def _table(
    index: pd.Index, value: FloatArray, se: FloatArray, low: FloatArray, high: FloatArray
) -> pd.DataFrame:
    columns = {"estimate": value, "std_error": se, "conf_low": low, "conf_high": high}
    return pd.DataFrame(columns, index=index)


def _terms(fit: CoxFit, rows: _Rows, request: Request) -> pd.DataFrame:
    x = _centred(fit, rows, request.reference or "sample")
    frames = []
    for term in fit.design.terms:
        columns = x[:, term.columns]
        value = columns @ fit.estimate.filled[term.columns]
        se = _norm(columns, fit.variance[term.columns, term.columns])
        low, high = limits(value, se, request.conf_level)
        frame = _table(rows.index, value, se, low, high)
        frame.insert(0, "term", term.label)
        frames.append(frame)
    return pd.concat(frames)


def _expected(
    fit: CoxFit, newdata: pd.DataFrame | None, rows: _Rows, request: Request
) -> pd.DataFrame:
    surv = fit.surv if newdata is None else parse_surv(split_formula(fit.formula)[0], newdata)
    risk = np.exp((rows.x - fit.means) @ fit.estimate.filled + _offset(fit, rows))
    bases = baselines(fit)
    cumhaz, variance = np.zeros(len(risk)), np.zeros(len(risk))
    for times, sign in ((surv.time, 1.0), (surv.entry, -1.0)):
        if times is None:
            continue
        for k, base in enumerate(bases):
            member = rows.stratum == k
            value = base.at(times[member] * (1 + 1e-14))
            shift = (
                value.cumhaz[:, None] * (rows.x[member] - fit.sorting.mean) - value.mean_integral
            )
            cumhaz[member] += sign * value.cumhaz
            spread = np.einsum("ij,jk,ik->i", shift, fit.variance, shift)
            variance[member] += sign * (value.variance + spread)
    expected = cumhaz * risk
    if (
        newdata is None
    ):  # R's rule: under Efron a tied death counts only part of the hazard at its time
        expected = surv.event - martingale_residuals(fit.risk_sets)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        se = np.sqrt(variance) * risk
        if request.type == "survival":
            survival = np.exp(-expected)
            low, high = confidence_limits(survival, se, request.conf_type, request.conf_level)
            return _table(rows.index, survival, se * survival, low, high)
        low, high = limits(np.log(expected), se / expected, request.conf_level)
        return _table(rows.index, expected, se, np.exp(low), np.exp(high))


def _survival_at(fit: CoxFit, newdata: pd.DataFrame | None, request: Request) -> pd.DataFrame:
    if newdata is None:
        raise InputError('type="survival" with times needs newdata.')
    curves = cox_curves(fit, newdata, conf_type=request.conf_type, conf_level=request.conf_level)
    table = curves.at(request.times)
    return table.set_axis(newdata.index.repeat(len(table) // len(newdata)))
