"""Predictions of a Cox model, with R's centring rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import special

from faceage_stats._columns import as_pandas
from faceage_stats._formula.parse import split_formula
from faceage_stats._result import normal_interval
from faceage_stats._surv import parse_surv
from faceage_stats.errors import InputError
from faceage_stats.survival.cox.curves import baselines, stratum_codes
from faceage_stats.survival.km.limits import confidence_limits

if TYPE_CHECKING:
    from faceage_stats.survival.cox.result import CoxPH

__all__ = ["Request", "contrast", "predict"]

TYPES = ("lp", "risk", "expected", "terms", "survival")
REFERENCES = ("strata", "sample", "zero")


@dataclass(frozen=True)
class Request:
    """What to predict, and how its interval is made."""

    type: str
    times: Any
    reference: str | None
    conf_level: float
    conf_type: str


@dataclass(frozen=True)
class _Rows:
    """The rows to predict for, encoded."""

    index: pd.Index
    x: np.ndarray
    offset: np.ndarray
    stratum: np.ndarray


def predict(fit: CoxPH, newdata: Any, request: Request) -> pd.DataFrame:
    """Predict from the fit, as R's ``predict.coxph``.

    Parameters
    ----------
    type : {"lp", "risk", "expected", "terms", "survival"}
        Linear predictor; its exponential; expected events over each row's follow-up; each term's
        share of the linear predictor; survival, at `times` or else at the end of each row's
        follow-up.
    newdata : pandas.DataFrame, optional
        By default the rows of the fit. Rows with a missing value are predicted as NaN.
    times : array-like, optional
        Only with ``type="survival"``.
    reference : {"strata", "sample", "zero"}, optional
        What the linear predictor is relative to: the means of the row's stratum (default), of
        the whole sample (default for terms; columns of -1, 0, 1 stay uncentred), or 0.
    conf_level, conf_type
        Level, and the scale on which limits of a survival are symmetric.

    Returns
    -------
    pandas.DataFrame
        Indexed like the rows: estimate, std_error, conf_low, conf_high. ``type="terms"``: long,
        with term. ``type="survival"`` with `times`: the columns of `CoxCurves.at`. The standard
        error of a risk is R's, that of the linear predictor times the root of the risk. Expected
    events of new data allow for the offset (R 3.5 adds it outside the exponential).
    """
    if request.type not in TYPES:
        raise InputError(f"type is {request.type!r}; choose one of {', '.join(TYPES)}.")
    if request.reference not in (None, *REFERENCES):
        raise InputError(
            f"reference is {request.reference!r}; choose one of {', '.join(REFERENCES)}."
        )
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
    fit: CoxPH,
    newdata: Any,
    reference: Any,
    *,
    exponentiate: bool = False,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Log hazard ratio of each row of new data against one reference row.

    Parameters
    ----------
    newdata : pandas.DataFrame
    reference : pandas.DataFrame
        One row, or as many rows as `newdata`.
    exponentiate : bool
        Give hazard ratios; the standard error stays on the log scale.
    conf_level : float

    Returns
    -------
    pandas.DataFrame
        Indexed like `newdata`: estimate, std_error, statistic, p_value, conf_low, conf_high.
        A row equal to its reference has estimate 0, standard error 0 and no test.
    """
    newdata, reference = as_pandas(newdata), as_pandas(reference)
    if len(reference) not in (1, len(newdata)):
        raise InputError(
            f"reference has {len(reference)} rows; give one row, or {len(newdata)} as in newdata."
        )
    gap = fit.design.encode(newdata) - fit.design.encode(reference)
    shift = fit.design.encode_offset(newdata) - fit.design.encode_offset(reference)
    value, se = gap @ fit.estimate.filled + shift, _norm(gap, fit.variance)
    low, high = normal_interval(value, se, conf_level)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = value / se
    table = _table(newdata.index, value, se, low, high)
    if exponentiate:
        table[["estimate", "conf_low", "conf_high"]] = np.exp(np.column_stack([value, low, high]))
    table.insert(2, "statistic", z)
    table.insert(3, "p_value", 2 * special.ndtr(-np.abs(z)))
    return table


def _rows(fit: CoxPH, newdata: pd.DataFrame | None, needs_strata: bool) -> _Rows:
    frame = fit.frame
    if newdata is None:
        offset = np.zeros(fit.n) if frame.offset is None else frame.offset
        stratum = np.zeros(fit.n, np.int64) if frame.strata is None else frame.strata
        return _Rows(pd.Index(frame.rows, name="row"), frame.x, offset, stratum)
    codes = stratum_codes(fit, newdata, required=True) if needs_strata else [0] * len(newdata)
    return _Rows(
        newdata.index,
        fit.design.encode(newdata),
        fit.design.encode_offset(newdata),
        np.asarray(codes, np.int64),
    )


def _centred(fit: CoxPH, rows: _Rows, reference: str) -> np.ndarray:
    if reference == "zero":
        return rows.x
    if reference == "sample" or fit.frame.strata is None:
        return rows.x - fit.means
    n_strata, w = len(fit.frame.strata_labels), fit.weights
    total = np.zeros((n_strata, rows.x.shape[1]))
    np.add.at(total, fit.frame.strata, fit.frame.x * w[:, None])
    means = total / np.bincount(fit.frame.strata, w, n_strata)[:, None]
    return rows.x - means[rows.stratum]


def _offset(fit: CoxPH, rows: _Rows) -> np.ndarray:
    return rows.offset if fit.frame.offset is None else rows.offset - fit.frame.offset.mean()


def _norm(x: np.ndarray, variance: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", x, variance, x), 0.0))


def _linear(fit: CoxPH, rows: _Rows, request: Request) -> pd.DataFrame:
    x = _centred(fit, rows, request.reference or "strata")
    value = x @ fit.estimate.filled + _offset(fit, rows)
    se = _norm(x, fit.variance)
    low, high = normal_interval(value, se, request.conf_level)
    if request.type == "risk":
        value, low, high = np.exp(value), np.exp(low), np.exp(high)
        se = se * np.sqrt(value)
    return _table(rows.index, value, se, low, high)


def _table(
    index: pd.Index, value: np.ndarray, se: np.ndarray, low: np.ndarray, high: np.ndarray
) -> pd.DataFrame:
    columns = {"estimate": value, "std_error": se, "conf_low": low, "conf_high": high}
    return pd.DataFrame(columns, index=index)


def _terms(fit: CoxPH, rows: _Rows, request: Request) -> pd.DataFrame:
    x = _centred(fit, rows, request.reference or "sample")
    frames = []
    for term in fit.design.terms:
        own = x[:, term.columns]
        value = own @ fit.estimate.filled[term.columns]
        se = _norm(own, fit.variance[term.columns, term.columns])
        low, high = normal_interval(value, se, request.conf_level)
        frame = _table(rows.index, value, se, low, high)
        frame.insert(0, "term", term.label)
        frames.append(frame)
    return pd.concat(frames)


def _expected(
    fit: CoxPH, newdata: pd.DataFrame | None, rows: _Rows, request: Request
) -> pd.DataFrame:
    surv = fit.frame.surv if newdata is None else parse_surv(split_formula(fit.formula)[0], newdata)
    assert surv is not None  # coxph refuses anything else
    risk = np.exp((rows.x - fit.means) @ fit.estimate.filled + _offset(fit, rows))
    bases = baselines(fit)
    cumhaz, variance = np.zeros(len(risk)), np.zeros(len(risk))
    for times, sign in ((surv.time, 1.0), (surv.entry, -1.0)):
        if times is None:
            continue
        for k, base in enumerate(bases):
            own = rows.stratum == k
            h, v, path = base.at(times[own] * (1 + 1e-14))
            shift = h[:, None] * (rows.x[own] - fit.data.mean) - path
            cumhaz[own] += sign * h
            variance[own] += sign * (v + np.einsum("ij,jk,ik->i", shift, fit.variance, shift))
    value = cumhaz * risk
    if newdata is None:  # R's rule: under Efron a tied death counts only part of its own hazard
        value = surv.event - fit.residuals("martingale")
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        se = np.sqrt(variance) * risk
        if request.type == "survival":
            survival = np.exp(-value)
            low, high = confidence_limits(survival, se, request.conf_type, request.conf_level)
            return _table(rows.index, survival, se * survival, low, high)
        low, high = normal_interval(np.log(value), se / value, request.conf_level)
        return _table(rows.index, value, se, np.exp(low), np.exp(high))


def _survival_at(fit: CoxPH, newdata: pd.DataFrame | None, request: Request) -> pd.DataFrame:
    if newdata is None:
        raise InputError('type="survival" with times needs newdata.')
    curves = fit.survfit(newdata, conf_type=request.conf_type, conf_level=request.conf_level)
    return curves.at(request.times)
