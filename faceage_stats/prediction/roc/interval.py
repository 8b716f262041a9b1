"""Intervals of the area under an ROC curve."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from faceage_stats._near import check_option
from faceage_stats._wald import check_conf_level, limits
from faceage_stats._warn import warn
from faceage_stats.errors import EstimationWarning
from faceage_stats.prediction.bootstrap import bootstrap, percentile_limits
from faceage_stats.prediction.roc.curve import Curve
from faceage_stats.prediction.roc.delong import CurveOrder

__all__ = ["Interval", "auc_interval", "resampled_areas"]

Interval = Literal["delong", "logit", "bootstrap"]


def auc_interval(
    curve: Curve, method: Interval, conf_level: float, n_resamples: int, seed: int
) -> dict[str, Any]:
    """One row of `ROC.ci`."""
    check_option("method", method, Interval)
    check_conf_level(conf_level)
    _warn_degenerate(curve)
    auc, se = curve.auc, curve.std_error
    if method == "delong":
        low, high = limits(auc, se, conf_level, within=(0, 1))
    elif method == "logit":
        low, high = _logit_limits(auc, se, conf_level)
    else:
        draws = resampled_areas(curve, n_resamples, seed)
        se = float(draws.std(ddof=1))
        low, high = percentile_limits(draws, conf_level)
    return {
        "marker": curve.marker, "estimate": auc, "std_error": se,
        "conf_low": float(low), "conf_high": float(high),
        "conf_level": conf_level, "method": method,
    }  # fmt: skip


def resampled_areas(curve: Curve, n_resamples: int, seed: int) -> np.ndarray:
    """Area in each stratified resample; the draws are the same for every curve of the rows."""
    order = CurveOrder(curve.oriented, curve.is_case)
    return bootstrap(
        order.area, (), curve.is_case,
        n_resamples=n_resamples, seed=seed, name="roc",
    )  # fmt: skip


def _logit_limits(auc: float, se: float, conf_level: float) -> tuple[Any, Any]:
    """Limits of AUC from a normal interval of its logit; NaN at 0 and 1."""
    if auc in (0.0, 1.0):
        return np.nan, np.nan
    low, high = limits(np.log(auc / (1 - auc)), se / (auc * (1 - auc)), conf_level)
    return 1 / (1 + np.exp(-low)), 1 / (1 + np.exp(-high))


def _warn_degenerate(curve: Curve) -> None:
    if np.isnan(curve.variance):
        reason = "a class has one member, so that the AUC has no standard error"
    elif curve.variance == 0:
        reason = f"the AUC is {curve.auc:g} without a misplaced pair; its interval is misleading"
    else:
        return
    warn(f"`{curve.marker}`: {reason}.", EstimationWarning)
