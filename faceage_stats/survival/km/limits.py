"""Confidence limits and quantiles of a survival curve, by R's rules."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from scipy import special

from faceage_stats._near import check_option
from faceage_stats._scalar import check_numbers
from faceage_stats._wald import check_conf_level
from faceage_stats.errors import InputError

__all__ = ["ConfType", "check_probs", "confidence_limits", "curve_quantiles", "table_median"]

ConfType = Literal["log", "log-log", "plain", "logit", "arcsin", "none"]

_TOLERANCE = float(np.sqrt(np.finfo(float).eps))


def confidence_limits(
    surv: np.ndarray, se_log: np.ndarray, conf_type: ConfType, conf_level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Compute pointwise limits of S from the standard error of log S; NaN where undefined."""
    check_option("conf_type", conf_type, ConfType)
    check_conf_level(conf_level)
    if conf_type == "none":
        return np.full(surv.shape, np.nan), np.full(surv.shape, np.nan)
    width = special.ndtri(0.5 + conf_level / 2) * se_log
    positive = np.where(surv > 0, surv, np.nan)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if conf_type == "plain":
            return np.maximum(surv - width * surv, 0), np.minimum(surv + width * surv, 1)
        if conf_type == "log":
            return positive * np.exp(-width), np.minimum(positive * np.exp(width), 1)
        if conf_type == "log-log":
            inner = np.where(surv < 1, positive, np.nan)
            centre, half = np.log(-np.log(inner)), width / np.log(inner)
            return np.exp(-np.exp(centre - half)), np.exp(-np.exp(centre + half))
        if conf_type == "logit":
            half = width * (1 + positive / (1 - positive))
            centre = np.log(surv / (1 - surv))
            return 1 - 1 / (1 + np.exp(centre - half)), 1 - 1 / (1 + np.exp(centre + half))
        centre, half = np.arcsin(np.sqrt(positive)), width / 2 * np.sqrt(positive / (1 - positive))
        return (
            np.sin(np.maximum(centre - half, 0)) ** 2,
            np.sin(np.minimum(centre + half, np.pi / 2)) ** 2,
        )


def table_median(time: np.ndarray, values: np.ndarray) -> float:
    """Median as in R's summary table: first time at or below 0.5, midpoint of a flat stretch.

    A stretch at exactly 0.5 that lasts to the end gives its start.
    """
    below = values < 0.5 + _TOLERANCE  # NaN compares as False
    if not below.any():
        return float("nan")
    time, values = time[below], values[below]
    lower = values < values[0]
    if abs(values[0] - 0.5) < _TOLERANCE and lower.any():
        return float((time[0] + time[np.argmax(lower)]) / 2)
    return float(time[0])


def check_probs(probs: Any) -> np.ndarray:
    """Read the probabilities of quantiles."""
    must = "lie between 0 and 1, e.g. [0.25, 0.5, 0.75]"
    prob = check_numbers("probs", probs, must)
    if not len(prob) or not ((prob >= 0) & (prob <= 1)).all():
        raise InputError(f"probs must {must}.")
    return prob


def curve_quantiles(time: np.ndarray, values: np.ndarray, probs: np.ndarray) -> np.ndarray:
    """Times at which 1 - `values` reaches `probs`, as R's quantile() of a curve that starts at 0.

    A flat stretch at exactly the target gives its midpoint, taken to the last time when the
    curve stays there; NaN where the target is not reached.
    """
    x = np.concatenate([[0.0], time])
    risen = np.concatenate([[0.0], 1 - values])
    if np.nanmax(risen) < probs.min():
        return np.full(len(probs), np.nan)
    keep = _first_of_each(risen)
    last_time, x, risen = x[-1], x[keep], risen[keep]
    ends_known = not np.isnan(risen[-1])
    end = risen[-1]
    known = np.flatnonzero(~np.isnan(risen))
    order = known[np.argsort(risen[known], kind="stable")]
    first = _step_time(x[order], risen[order] + _TOLERANCE, probs)
    second = _step_time(x[order], risen[order] - _TOLERANCE, probs)
    out = (first + second) / 2
    out[probs == 0] = x[0]
    if ends_known:
        at_end = np.abs(probs - end) < _TOLERANCE
        out[at_end] = (first[at_end] + last_time) / 2
    return np.asarray(out)


def _first_of_each(values: np.ndarray) -> np.ndarray:
    """Positions of the first occurrence of every distinct value, in order.

    A jackknife limit that a censoring leaves as it was may differ by rounding.
    """
    return np.sort(np.unique(np.round(values, 12), return_index=True)[1])


def _step_time(x: np.ndarray, height: np.ndarray, probs: np.ndarray) -> np.ndarray:
    """X where the sorted `height` first reaches each prob; NaN outside their range."""
    index = np.searchsorted(height, probs, side="left")
    inside = (probs >= height[0]) & (probs <= height[-1])
    return np.where(inside, x[np.minimum(index, len(x) - 1)], np.nan)
