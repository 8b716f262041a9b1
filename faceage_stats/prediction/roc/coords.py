"""Operating points of an ROC curve with their intervals, and a band around the curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from faceage_stats._near import check_option
from faceage_stats.errors import InputError
from faceage_stats.prediction.bootstrap import bootstrap, percentile_limits
from faceage_stats.prediction.roc import points
from faceage_stats.prediction.roc.curve import Curve

__all__ = ["Limits", "Request", "Rule", "coords", "sensitivity_band"]

Rule = Literal["youden", "closest_topleft", "all"]
Limits = Literal["wilson", "bootstrap", "none"]
_CHOOSERS = {"youden": points.youden, "closest_topleft": points.closest_topleft}


@dataclass(frozen=True)
class Request:
    """What is asked for: points by one of four ways, and how their limits are found."""

    rule: Rule | None
    threshold: float | Sequence[float] | np.ndarray | None
    sensitivity: float | None
    specificity: float | None
    ci: Limits | None
    conf_level: float
    n_resamples: int
    seed: int

    def __post_init__(self) -> None:
        """Refuse none or several ways, and unknown options."""
        ways = (self.rule, self.threshold, self.sensitivity, self.specificity)
        if sum(way is not None for way in ways) != 1:
            raise InputError(
                "name one kind of point: a rule, threshold=, sensitivity= or specificity=."
            )
        if self.rule is not None:
            check_option("rule", self.rule, Rule)
        if self.ci is not None:
            check_option("ci", self.ci, Limits)

    def chooser(self) -> points.Rule | None:
        """How the data choose a threshold; None when they do not."""
        if self.rule is not None:
            return _CHOOSERS.get(self.rule)
        if self.sensitivity is not None:
            return points.at_least("sensitivity", self.sensitivity)
        if self.specificity is not None:
            return points.at_least("specificity", self.specificity)
        return None


def coords(curve: Curve, request: Request) -> pd.DataFrame:
    """See `ROC.coords`."""
    chooser = request.chooser()
    if chooser is None:
        table = _fixed_points(curve, request)
    else:
        table = curve.points.take(chooser(curve.points))
    method = request.ci or ("wilson" if chooser is None else "bootstrap")
    if method == "wilson":
        return points.add_wilson_limits(table, request.conf_level)
    if method == "none":
        return table
    if chooser is None:
        raise InputError('ci="bootstrap" is for thresholds that the data choose; use "wilson".')
    return _add_bootstrap_limits(curve, table, chooser, request)


def _fixed_points(curve: Curve, request: Request) -> pd.DataFrame:
    if request.threshold is None:
        return curve.points.take(np.arange(len(curve.points.threshold)))
    given = np.atleast_1d(np.asarray(request.threshold))
    if given.dtype.kind not in "iuf":
        raise InputError("threshold must be numbers, on the scale of the marker.")
    if np.isnan(given).any():
        raise InputError("threshold holds missing values.")
    thresholds = given.astype(float)
    return points.operating_points(curve.values, curve.is_case, curve.direction, thresholds)


def _add_bootstrap_limits(
    curve: Curve, table: pd.DataFrame, chooser: points.Rule, request: Request
) -> pd.DataFrame:
    """Limits of the proportions at the threshold that each resample chooses."""
    distinct, position = np.unique(curve.oriented, return_inverse=True)
    size = len(distinct)

    def proportions(rows: np.ndarray) -> np.ndarray:
        drawn, case = position[rows], curve.is_case[rows]
        tp, fp = _from_here_on(drawn[case], size), _from_here_on(drawn[~case], size)
        resampled = points.CurvePoints(tp, tp, fp, tp[0], fp[0])
        first = chooser(resampled)[0]
        return _proportions(tp[first], fp[first], tp[0], fp[0])

    draws = bootstrap(
        proportions, (len(points.PROPORTIONS),), curve.is_case,
        n_resamples=request.n_resamples, seed=request.seed, name="roc",
    )  # fmt: skip
    low, high = percentile_limits(draws, request.conf_level)
    limits = {
        f"{name}_{end}": values[j]
        for j, name in enumerate(points.PROPORTIONS)
        for end, values in (("low", low), ("high", high))
    }
    return table.assign(**limits)


def _from_here_on(position: np.ndarray, size: int) -> np.ndarray:
    """How many are at each position or beyond it; 0 at the end."""
    return np.append(np.cumsum(np.bincount(position, minlength=size)[::-1])[::-1], 0).astype(float)


def _proportions(tp: float, fp: float, n_case: float, n_control: float) -> np.ndarray:
    """The `PROPORTIONS` at one point."""
    tn, fn = n_control - fp, n_case - tp
    ppv = tp / (tp + fp) if tp + fp else np.nan
    npv = tn / (tn + fn) if tn + fn else np.nan
    accuracy = (tp + tn) / (n_case + n_control)
    return np.array([tp / n_case, tn / n_control, ppv, npv, accuracy])


def sensitivity_band(
    curve: Curve, n_points: int, conf_level: float, n_resamples: int, seed: int
) -> pd.DataFrame:
    """See `ROC.band`."""
    if n_points < 2:
        raise InputError(f"n_points is {n_points}; use at least 2, e.g. 101.")
    grid = np.linspace(0, 1, n_points)
    distinct, position = np.unique(curve.oriented, return_inverse=True)
    size = len(distinct)

    def sensitivity(rows: np.ndarray) -> np.ndarray:
        drawn, case = position[rows], curve.is_case[rows]
        tpr = _from_here_on(drawn[case], size)[::-1]
        fpr = _from_here_on(drawn[~case], size)[::-1]
        upper = np.append(fpr[1:] > fpr[:-1], True)  # the top of every vertical step
        return np.asarray(np.interp(1 - grid, fpr[upper] / fpr[-1], tpr[upper] / tpr[-1]))

    draws = bootstrap(
        sensitivity, grid.shape, curve.is_case, n_resamples=n_resamples, seed=seed, name="roc"
    )
    low, high = percentile_limits(draws, conf_level)
    estimate = sensitivity(np.arange(len(curve.values)))
    columns = {"specificity": grid, "sensitivity": estimate, "conf_low": low, "conf_high": high}
    return pd.DataFrame(columns)
