"""Operating points of an ROC curve with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd

from faceage_stats._near import check_option
from faceage_stats._scalar import check_number
from faceage_stats.errors import InputError
from faceage_stats.prediction.bootstrap import bootstrap, percentile_limits
from faceage_stats.prediction.roc import points
from faceage_stats.prediction.roc.curve import Curve
from faceage_stats.prediction.roc.rates import cumulated

__all__ = ["Limits", "Request", "Rule", "coords"]

Rule = Literal["youden", "closest_topleft", "all"]
Limits = Literal["wilson", "bootstrap", "none"]
_CHOOSERS = {"youden": points.youden, "closest_topleft": points.closest_topleft}
_UNWEIGHTED = (1.0, 0.5)  # cost and prevalence at which both rates count the same


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
    cost: float | None = None
    prevalence: float | None = None

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
        if (self.cost, self.prevalence) != (None, None) and self.rule not in _CHOOSERS:
            raise InputError('cost and prevalence weigh rule="youden" and "closest_topleft" only.')
        if self.cost is not None and not check_number("cost", self.cost) > 0:
            raise InputError(f"cost is {self.cost}; a missed case costs so many false alarms.")
        if self.prevalence is not None and not 0 < check_number("prevalence", self.prevalence) < 1:
            raise InputError(f"prevalence is {self.prevalence}; it must lie between 0 and 1.")

    @property
    def weight(self) -> float:
        """What specificity counts beside sensitivity."""
        given = zip((self.cost, self.prevalence), _UNWEIGHTED, strict=True)
        cost, prevalence = (usual if each is None else each for each, usual in given)
        return (1 - prevalence) / (cost * prevalence)

    def chooser(self) -> points.Rule | None:
        """How the data choose a threshold; None when they do not."""
        if self.rule is not None:
            choose = _CHOOSERS.get(self.rule)
            return None if choose is None else partial(choose, weight=self.weight)
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
    try:
        given = np.atleast_1d(np.asarray(request.threshold))
    except ValueError:  # lists within a list
        raise InputError("threshold must be numbers, on the scale of the marker.") from None
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
        tp, fp = cumulated(drawn[case], size), cumulated(drawn[~case], size)
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


def _proportions(tp: float, fp: float, n_case: float, n_control: float) -> np.ndarray:
    """The `PROPORTIONS` at one point."""
    tn, fn = n_control - fp, n_case - tp
    ppv = tp / (tp + fp) if tp + fp else np.nan
    npv = tn / (tn + fn) if tn + fn else np.nan
    accuracy = (tp + tn) / (n_case + n_control)
    return np.array([tp / n_case, tn / n_control, ppv, npv, accuracy])
