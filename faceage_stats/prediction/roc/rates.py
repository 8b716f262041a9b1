"""One rate of an ROC curve where the other is given: sensitivity at a specificity, or the reverse.

Interpolated between thresholds, as pROC does; a rate between two thresholds is that of a coin that
chooses between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from faceage_stats._near import check_option
from faceage_stats._scalar import check_numbers
from faceage_stats.errors import InputError
from faceage_stats.prediction.bootstrap import bootstrap, percentile_limits
from faceage_stats.prediction.roc.curve import Curve
from faceage_stats.prediction.roc.delong import Focus

__all__ = ["Rate", "RateOrder", "cumulated", "rate_band"]


@dataclass(frozen=True)
class RateOrder:
    """Rows by their place among the distinct markers, cases being what the rate is of."""

    position: np.ndarray
    size: int
    is_case: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, is_case: np.ndarray, given: Focus) -> RateOrder:
        """Higher values mean a case; specificity is the sensitivity of the reversed marker."""
        if given == "sensitivity":
            values, is_case = -values, ~is_case
        distinct, position = np.unique(values, return_inverse=True)
        return cls(position, len(distinct), is_case)

    def at(self, drawn: np.ndarray | None, given: np.ndarray) -> np.ndarray:
        """Rates of the rows drawn (None: all once) where the other is given.

        On a vertical step of the curve it is the upper end; minus the other rate increases, and is
        exact where one minus it would be rounded.
        """
        rows = slice(None) if drawn is None else drawn
        position, case = self.position[rows], self.is_case[rows]
        rate = cumulated(position[case], self.size)[::-1]
        lost = cumulated(position[~case], self.size)[::-1]
        other = (lost[-1] - lost) / lost[-1]
        return np.asarray(np.interp(-given, -other, rate / rate[-1]))


def cumulated(position: np.ndarray, size: int) -> np.ndarray:
    """How many are at each position or beyond it; 0 at the end."""
    return np.append(np.cumsum(np.bincount(position, minlength=size)[::-1])[::-1], 0).astype(float)


class Rate:
    """The sensitivity at a specificity, or the reverse, as `roc_test` compares it."""

    def __init__(self, given: Focus, at: float | None):
        check_option("focus", given, Focus)
        if at is None or not 0 <= float(at) <= 1:
            raise InputError(
                f'method="{given}" needs {given}= between 0 and 1, e.g. {given}=0.9; it is {at}.'
            )
        self.given, self.value_given = given, np.array([float(at)])

    @property
    def name(self) -> str:
        """What is compared, in words."""
        return f"{_other(self.given)} at {self.given} {self.value_given.item():g}"

    def order(self, values: np.ndarray, is_case: np.ndarray) -> RateOrder:
        """Rows as `value` takes them."""
        return RateOrder.of(values, is_case, self.given)

    def value(self, order: RateOrder, drawn: np.ndarray | None) -> float:
        """Rate of the rows drawn (None: all once)."""
        return float(order.at(drawn, self.value_given)[0])


def rate_band(
    curve: Curve, given: Focus, at: object, conf_level: float, n_resamples: int, seed: int
) -> pd.DataFrame:
    """See `ROC.band`."""
    grid = check_numbers("specificities" if given == "specificity" else "sensitivities", at)
    if not ((grid >= 0) & (grid <= 1)).all():
        raise InputError(f"{given} must lie between 0 and 1.")
    order = RateOrder.of(curve.oriented, curve.is_case, given)
    draws = bootstrap(
        partial(order.at, given=grid), grid.shape, curve.is_case,
        n_resamples=n_resamples, seed=seed, name="roc",
    )  # fmt: skip
    low, high = percentile_limits(draws, conf_level)
    rates = {given: grid, _other(given): order.at(None, grid)}
    columns = {name: rates[name] for name in ("specificity", "sensitivity")}
    return pd.DataFrame({**columns, "median": np.median(draws, axis=0), "conf_low": low,
                         "conf_high": high})  # fmt: skip


def _other(given: Focus) -> Focus:
    return "sensitivity" if given == "specificity" else "specificity"
