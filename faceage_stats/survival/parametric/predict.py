"""Predictions of a parametric model, with errors by the delta method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from faceage_stats._columns import as_pandas
from faceage_stats._formula.frame import Frame
from faceage_stats._near import check_option
from faceage_stats._scalar import check_numbers
from faceage_stats._wald import limits
from faceage_stats.errors import InputError
from faceage_stats.survival.parametric.errors import Errors, log_gamma
from faceage_stats.survival.parametric.families import Family
from faceage_stats.survival.parametric.maximise import Maximum
from faceage_stats.survival.parametric.scaled import Scaled

__all__ = ["Point", "PredictType", "Request", "predict"]

PredictType = Literal["response", "lp", "quantile", "uquantile", "survival"]
_STEP = 1e-5  # of the shape, for a central difference


@dataclass(frozen=True)
class Request:
    """What to predict."""

    type: PredictType
    probs: Any
    times: Any
    conf_level: float


@dataclass(frozen=True)
class Point:
    """The fitted parameters, in scaled columns, and their variance."""

    family: Family
    scaled: Scaled
    beta: np.ndarray
    log_scale: np.ndarray
    n_scale: int
    shape: float
    variance: np.ndarray

    @classmethod
    def of(cls, top: Maximum, family: Family, scaled: Scaled, fixed_scale: float | None) -> Point:
        """Part the parameters of a maximum."""
        p, has_shape = len(scaled.scale), family.has_shape
        rest = top.theta[p:-1] if has_shape else top.theta[p:]
        log_scale = rest if fixed_scale is None else np.log([fixed_scale])
        shape = float(top.theta[-1]) if has_shape else np.nan
        return cls(family, scaled, top.theta[:p], log_scale, len(rest), shape, top.variance)

    @property
    def has_shape(self) -> bool:
        """Whether a shape was estimated."""
        return not np.isnan(self.shape)

    def errors(self, step: float = 0.0) -> Errors:
        """The distribution of the error, its shape moved by a step."""
        return log_gamma(self.shape + step) if self.has_shape else self.family.errors


@dataclass(frozen=True)
class _Rows:
    index: pd.Index
    x: np.ndarray
    offset: np.ndarray
    stratum: np.ndarray


def predict(frame: Frame, point: Point, newdata: Any, request: Request) -> pd.DataFrame:
    """Predict; documented at `SurvReg.predict`."""
    check_option("type", request.type, PredictType)
    if (request.times is not None) != (request.type == "survival"):
        raise InputError('times go with type="survival", which needs them, and with no other.')
    rows = _rows(frame, point, newdata)
    if request.type == "survival":
        times = check_numbers("times", request.times)
        if point.family.log_time and (times <= 0).any():
            raise InputError("times must be above 0: a log-time model has no other.")
        tables = [_survival(point, rows, float(t), request.conf_level) for t in times]
    elif request.type in ("quantile", "uquantile"):
        tables = [_quantile(point, rows, float(prob), request) for prob in _inner(request.probs)]
    else:
        return _located(point, rows, 0.0, 0.0, request)
    return pd.concat(tables)


def _inner(probs: Any) -> np.ndarray:
    must = "lie between 0 and 1, e.g. 0.5"
    found = check_numbers("probs", probs, must)
    if not ((found > 0) & (found < 1)).all():
        raise InputError(f"probs must {must}.")
    return found


def _rows(frame: Frame, point: Point, newdata: Any) -> _Rows:
    design = frame.design
    if newdata is None:
        x, index = design.with_intercept(frame.x), frame.index
        offset = np.zeros(frame.n) if frame.offset is None else frame.offset
        stratum = np.zeros(frame.n, np.int64) if frame.strata is None else frame.strata
        return _Rows(index, point.scaled.rows(x), offset, stratum)
    table = as_pandas(newdata)
    x, offset = design.with_intercept(design.encode(table)), design.encode_offset(table)
    labels, known = design.strata_labels(table), list(frame.strata_labels)
    stratum = np.zeros(len(table), np.int64)
    if labels is not None:
        n_new = sum(label is not None and label not in known for label in labels)
        if n_new:
            raise InputError(f"{n_new} rows of newdata have a stratum that the fit has not.")
        stratum = np.array([0 if label is None else known.index(label) for label in labels])
        x[[label is None for label in labels]] = np.nan
    return _Rows(table.index, point.scaled.rows(x), offset, stratum)


def _error(point: Point, rows: _Rows, by_x: Any, by_scale: Any, by_shape: Any) -> np.ndarray:
    """Standard error from the slopes in the linear predictor, in the log scale, in the shape."""
    n = len(rows.x)
    parts = [rows.x * np.broadcast_to(by_x, n)[:, None]]
    if point.n_scale:
        member = np.eye(point.n_scale)[rows.stratum]
        parts.append(member * np.broadcast_to(by_scale, n)[:, None])
    if point.has_shape:
        parts.append(np.broadcast_to(by_shape, n)[:, None])
    slope = np.column_stack(parts)
    squares = np.einsum("ij,jk,ik->i", slope, point.variance, slope)
    return np.asarray(np.sqrt(np.maximum(squares, 0.0)))


def _sigma(point: Point, rows: _Rows) -> np.ndarray:
    n_strata = len(point.log_scale)
    return np.asarray(np.exp(point.log_scale)[rows.stratum if n_strata > 1 else 0 * rows.stratum])


def _located(
    point: Point, rows: _Rows, error: float, by_shape: float, request: Request
) -> pd.DataFrame:
    """The linear predictor plus an error in standard units, and back on the scale of time."""
    sigma = _sigma(point, rows)
    value = rows.x @ point.beta + rows.offset + error * sigma
    se = _error(point, rows, 1.0, error * sigma, by_shape * sigma)
    low, high = limits(value, se, request.conf_level)
    if point.family.log_time and request.type in ("response", "quantile"):
        with np.errstate(over="ignore", invalid="ignore"):  # a time beyond the largest number
            value, low, high = np.exp(value), np.exp(low), np.exp(high)
            se = se * value
    columns = {"estimate": value, "std_error": se, "conf_low": low, "conf_high": high}
    return pd.DataFrame(columns, index=rows.index)


def _quantile(point: Point, rows: _Rows, prob: float, request: Request) -> pd.DataFrame:
    at = np.array([prob])
    error = point.errors().quantile(at).item()
    by_shape = 0.0
    if point.has_shape:
        above, below = (point.errors(step).quantile(at).item() for step in (_STEP, -_STEP))
        by_shape = (above - below) / (2 * _STEP)
    table = _located(point, rows, error, by_shape, request)
    table.insert(0, "prob", prob)
    return table


def _survival(point: Point, rows: _Rows, time: float, conf_level: float) -> pd.DataFrame:
    """log(-log S), whose limits cannot leave 0 to 1."""
    sigma, outcome = _sigma(point, rows), np.log(time) if point.family.log_time else time
    z = (outcome - rows.x @ point.beta - rows.offset) / sigma
    log_s = point.errors().log_survival(z)
    value = np.log(-log_s)
    hazard = np.exp(point.errors().log_density(z) - log_s) / -log_s
    by_shape = np.zeros(len(z))
    if point.has_shape:
        above, below = (point.errors(s).log_survival(z) for s in (_STEP, -_STEP))
        by_shape = (np.log(-above) - np.log(-below)) / (2 * _STEP)
    se = _error(point, rows, -hazard / sigma, -hazard * z, by_shape)
    low, high = limits(value, se, conf_level)
    survival = np.exp(log_s)
    columns = {
        "time": time,
        "estimate": survival,
        "std_error": se * survival * -log_s,
        "conf_low": np.exp(-np.exp(high)),
        "conf_high": np.exp(-np.exp(low)),
    }
    return pd.DataFrame(columns, index=rows.index)
