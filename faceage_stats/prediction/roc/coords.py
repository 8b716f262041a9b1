"""Operating points of an ROC curve with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from faceage_stats.errors import InputError
from faceage_stats.prediction.roc import points
from faceage_stats.prediction.roc.resampling import (
    check_resamples,
    percentile_limits,
    stratified_counts,
)

if TYPE_CHECKING:
    from faceage_stats.prediction.roc.result import ROC

__all__ = ["coords", "sensitivity_band"]

RULES = {"youden": points.youden, "closest_topleft": points.closest_topleft}


def coords(
    curve: ROC,
    rule: str | None,
    wanted: dict[str, Any],
    ci: str | None,
    conf_level: float,
    n_resamples: int,
    seed: int,
) -> pd.DataFrame:
    """See `ROC.coords`."""
    given = {name: value for name, value in wanted.items() if value is not None}
    if (rule is not None) + len(given) != 1:
        raise InputError(
            "name one kind of point: a rule, threshold=, sensitivity= or specificity=."
        )
    if ci not in (None, "wilson", "bootstrap", "none"):
        raise InputError(f"ci is {ci!r}; choose wilson, bootstrap or none.")
    chooser = _chooser(rule, given)
    if chooser is None:
        table = _fixed_points(curve, given)
    else:
        table = curve.curve.take(chooser(curve.curve))
    method = ci or ("wilson" if chooser is None else "bootstrap")
    if method == "none":
        return table
    if method == "wilson":
        return points.add_wilson_limits(table, conf_level)
    if chooser is None:
        raise InputError('ci="bootstrap" is for thresholds that the data choose; use "wilson".')
    check_resamples(n_resamples, seed)
    return _add_bootstrap_limits(curve, table, chooser, conf_level, n_resamples, seed)


def _chooser(rule: str | None, given: dict[str, Any]) -> points.Rule | None:
    """How the data choose a threshold; None when they do not."""
    if rule in (None, "all"):
        name = next(iter(given), "threshold")
        return None if name == "threshold" else points.at_least(name, float(given[name]))
    if rule not in RULES:
        raise InputError(f"rule is {rule!r}; choose youden, closest_topleft or all.")
    return RULES[rule]


def _fixed_points(curve: ROC, given: dict[str, Any]) -> pd.DataFrame:
    if not given:
        return curve.curve.take(np.arange(len(curve.curve.threshold)))
    thresholds = np.atleast_1d(np.asarray(given["threshold"], float))
    if np.isnan(thresholds).any():
        raise InputError("threshold holds missing values.")
    return points.operating_points(curve.values, curve.is_case, curve.direction, thresholds)


def _add_bootstrap_limits(
    curve: ROC,
    table: pd.DataFrame,
    chooser: points.Rule,
    conf_level: float,
    n_resamples: int,
    seed: int,
) -> pd.DataFrame:
    sign = 1.0 if curve.direction == "<" else -1.0
    distinct, position = np.unique(sign * curve.values, return_inverse=True)
    draws = np.empty((n_resamples, len(points.PROPORTIONS)))
    for b, counts in enumerate(stratified_counts(curve.is_case, n_resamples, seed)):
        cases = np.bincount(position, counts * curve.is_case, len(distinct))
        controls = np.bincount(position, counts * ~curve.is_case, len(distinct))
        tp = np.append(cases.sum() - np.cumsum(np.append(0, cases[:-1])), 0)
        fp = np.append(controls.sum() - np.cumsum(np.append(0, controls[:-1])), 0)
        resample = points.CurvePoints(tp, tp, fp, cases.sum(), controls.sum())
        first = chooser(resample)[0]
        draws[b] = _shares(tp[first], fp[first], resample.n_case, resample.n_control)
    low, high = percentile_limits(draws, conf_level)
    out = table.copy()
    for j, name in enumerate(points.PROPORTIONS):
        out[f"{name}_low"], out[f"{name}_high"] = low[j], high[j]
    return out


def _shares(tp: float, fp: float, n_case: float, n_control: float) -> tuple[float, ...]:
    """The shares of `PROPORTIONS` at one point."""
    tn, fn = n_control - fp, n_case - tp
    ppv = tp / (tp + fp) if tp + fp else np.nan
    npv = tn / (tn + fn) if tn + fn else np.nan
    return tp / n_case, tn / n_control, ppv, npv, (tp + tn) / (n_case + n_control)


def sensitivity_band(
    curve: ROC, n_points: int, conf_level: float, n_resamples: int, seed: int
) -> pd.DataFrame:
    """See `ROC.band`."""
    if n_points < 2:
        raise InputError(f"n_points is {n_points}; use at least 2, e.g. 101.")
    check_resamples(n_resamples, seed)
    grid = np.linspace(0, 1, n_points)
    distinct, position = np.unique(curve.oriented, return_inverse=True)

    def sensitivity(counts: np.ndarray) -> np.ndarray:
        cases = np.bincount(position, counts * curve.is_case, len(distinct))[::-1]
        controls = np.bincount(position, counts * ~curve.is_case, len(distinct))[::-1]
        tpr = np.append(0.0, np.cumsum(cases)) / cases.sum()
        fpr = np.append(0.0, np.cumsum(controls)) / controls.sum()
        upper = np.append(fpr[1:] > fpr[:-1], True)  # the top of every vertical step
        return np.interp(1 - grid, fpr[upper], tpr[upper])

    draws = [sensitivity(c) for c in stratified_counts(curve.is_case, n_resamples, seed)]
    low, high = percentile_limits(np.array(draws), conf_level)
    estimate = sensitivity(np.ones(len(curve.values)))
    columns = {"specificity": grid, "sensitivity": estimate, "conf_low": low, "conf_high": high}
    return pd.DataFrame(columns)
