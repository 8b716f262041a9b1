"""Points of an ROC curve, rules that choose among them, and their intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from faceage_stats.errors import InputError

__all__ = [
    "PROPORTIONS",
    "CurvePoints",
    "Direction",
    "Rule",
    "add_wilson_limits",
    "at_least",
    "closest_topleft",
    "operating_points",
    "wilson_interval",
    "youden",
]

Direction = Literal["<", ">"]
PROPORTIONS = ("sensitivity", "specificity", "ppv", "npv", "accuracy")


@dataclass(frozen=True)
class CurvePoints:
    """An ROC curve: one point per threshold, from all rows positive to none.

    A row is positive when its marker is at or beyond the threshold in the `direction`; thresholds
    lie midway between neighbouring distinct markers, with an infinite one at either end.
    """

    threshold: np.ndarray
    tp: np.ndarray
    fp: np.ndarray
    n_case: float
    n_control: float

    @classmethod
    def of(cls, values: np.ndarray, is_case: np.ndarray, direction: str) -> CurvePoints:
        """Count at every threshold."""
        sign = 1.0 if direction == "<" else -1.0
        distinct, position = np.unique(sign * values, return_inverse=True)
        cases = np.bincount(position[is_case], minlength=len(distinct))
        controls = np.bincount(position[~is_case], minlength=len(distinct))
        middle = distinct[:-1] / 2 + distinct[1:] / 2
        middle = np.where(middle > distinct[:-1], middle, distinct[1:])  # neighbours a rounding off
        threshold = sign * np.concatenate([[-np.inf], middle, [np.inf]])
        return cls(
            threshold,
            np.append(cases.sum() - np.append(0, np.cumsum(cases)[:-1]), 0),
            np.append(controls.sum() - np.append(0, np.cumsum(controls)[:-1]), 0),
            float(cases.sum()),
            float(controls.sum()),
        )

    @cached_property
    def sensitivity(self) -> np.ndarray:
        """Proportion of cases that are positive."""
        return self.tp / self.n_case

    @cached_property
    def specificity(self) -> np.ndarray:
        """Proportion of controls that are negative."""
        return (self.n_control - self.fp) / self.n_control

    def take(self, index: np.ndarray) -> pd.DataFrame:
        """Counts and proportions at some points."""
        return point_table(
            self.threshold[index], self.tp[index], self.fp[index], self.n_case, self.n_control
        )


# A rule picks points of a curve by position.
Rule = Callable[[CurvePoints], np.ndarray]


def youden(points: CurvePoints, weight: float = 1.0) -> np.ndarray:
    """Every threshold at which sensitivity + weight * specificity is largest."""
    total = points.sensitivity + weight * points.specificity
    return np.flatnonzero(total == total.max())


def closest_topleft(points: CurvePoints, weight: float = 1.0) -> np.ndarray:
    """Every threshold nearest to perfect classification."""
    distance = (1 - points.sensitivity) ** 2 + weight * (1 - points.specificity) ** 2
    return np.flatnonzero(distance == distance.min())


def at_least(name: str, rate: float) -> Rule:
    """The point with the best other rate among those whose rate `name` is at least `rate`."""
    if not 0 <= rate <= 1:
        raise InputError(f"{name} is {rate}; it must lie between 0 and 1.")

    def rule(points: CurvePoints) -> np.ndarray:
        reached = np.flatnonzero(getattr(points, name) >= rate - 1e-12)
        return reached[[-1]] if name == "sensitivity" else reached[[0]]

    return rule


def point_table(
    threshold: np.ndarray, tp: np.ndarray, fp: np.ndarray, n_case: float, n_control: float
) -> pd.DataFrame:
    """One row per threshold: the proportions and the counts behind them."""
    tn, fn = n_control - fp, n_case - tp
    with np.errstate(invalid="ignore", divide="ignore"):
        columns = {
            "threshold": threshold,
            "sensitivity": tp / n_case,
            "specificity": tn / n_control,
            "ppv": tp / (tp + fp),
            "npv": tn / (tn + fn),
            "accuracy": (tp + tn) / (n_case + n_control),
            "youden": tp / n_case + tn / n_control - 1,
            "tp": tp,
            "fp": fp,
            "tn": tn,
            "fn": fn,
        }
    table = pd.DataFrame(columns)
    return table.astype(dict.fromkeys(("tp", "fp", "tn", "fn"), np.int64))


def operating_points(
    values: np.ndarray, is_case: np.ndarray, direction: str, thresholds: np.ndarray
) -> pd.DataFrame:
    """The table at given thresholds; a marker at the threshold is positive."""
    sign = 1.0 if direction == "<" else -1.0
    cases, controls = np.sort(sign * values[is_case]), np.sort(sign * values[~is_case])
    tp = len(cases) - np.searchsorted(cases, sign * thresholds, side="left")
    fp = len(controls) - np.searchsorted(controls, sign * thresholds, side="left")
    return point_table(thresholds, tp, fp, len(cases), len(controls))


def wilson_interval(
    successes: np.ndarray, total: np.ndarray, conf_level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's score limits of a proportion; NaN without trials."""
    from statsmodels.stats.proportion import proportion_confint  # slow to import

    successes, total = np.asarray(successes, float), np.asarray(total, float)
    trials = np.where(total > 0, total, np.nan)
    low, high = proportion_confint(successes, trials, alpha=1 - conf_level, method="wilson")
    return np.asarray(low), np.asarray(high)


def add_wilson_limits(table: pd.DataFrame, conf_level: float) -> pd.DataFrame:
    """Limits beside every proportion, the threshold taken as given."""
    tp, fp, tn, fn = (table[name].to_numpy(float) for name in ("tp", "fp", "tn", "fn"))
    parts = {
        "sensitivity": (tp, tp + fn),
        "specificity": (tn, tn + fp),
        "ppv": (tp, tp + fp),
        "npv": (tn, tn + fn),
        "accuracy": (tp + tn, tp + tn + fp + fn),
    }
    out = table.copy()
    for name, (successes, total) in parts.items():
        low, high = wilson_interval(successes, total, conf_level)
        out[f"{name}_low"], out[f"{name}_high"] = low, high
    return out
