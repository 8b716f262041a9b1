"""Area under a part of an ROC curve."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._near import check_option
from faceage_stats._result import Result, frozen_result
from faceage_stats._warn import warn
from faceage_stats.errors import EstimationWarning, InputError
from faceage_stats.prediction.bootstrap import bootstrap, percentile_limits
from faceage_stats.prediction.roc.curve import Curve
from faceage_stats.prediction.roc.delong import CurveOrder, Focus

__all__ = ["PartialAUC", "Range", "partial_auc"]


class Range:
    """A range of specificity or sensitivity, and the area that chance has in it."""

    def __init__(self, low: float, high: float, focus: Focus = "specificity"):
        check_option("focus", focus, Focus)
        low, high = min(low, high), max(low, high)
        if not 0 <= low < high <= 1:
            raise InputError(f"the range {low} to {high} must be a part of 0 to 1, e.g. 0.9 to 1.")
        self.low, self.high, self.focus = low, high, focus

    @property
    def name(self) -> str:
        """What is compared, in words."""
        if (self.low, self.high) == (0, 1):
            return "AUC"
        return f"partial AUC, {self.focus} {self.low:g} to {self.high:g}"

    @property
    def chance(self) -> float:
        """Area under the diagonal over the range."""
        return ((1 - self.low) ** 2 - (1 - self.high) ** 2) / 2

    def corrected(self, area: Any) -> np.ndarray:
        """McClish's correction: 0.5 for chance, 1 for a perfect marker; NaN below chance."""
        best = self.high - self.low
        value = (1 + (np.asarray(area) - self.chance) / (best - self.chance)) / 2
        return np.where(np.asarray(area) >= self.chance - 1e-12, value, np.nan)

    def order(self, values: np.ndarray, is_case: np.ndarray) -> CurveOrder:
        """Rows in the order of the curve whose x axis the range is on."""
        return CurveOrder(values, is_case, self.focus)

    def value(self, order: CurveOrder, drawn: np.ndarray | None) -> float:
        """Area of the rows drawn (None: all once) in the range."""
        return order.area(drawn, 1 - self.high, 1 - self.low)


@frozen_result
class PartialAUC(Result):
    """Area under a part of an ROC curve, with stratified bootstrap uncertainty.

    Attributes
    ----------
    marker : str
    low, high : float
        The range of `focus`.
    focus : {"specificity", "sensitivity"}
    raw, corrected : float
        The area, and McClish's correction of it.
    draws : ndarray, shape (n_resamples,)
        The raw area in each resample.
    conf_level : float
    seed, n, n_missing : int
    """

    marker: str
    low: float
    high: float
    focus: Focus
    raw: float
    corrected: float
    draws: np.ndarray
    conf_level: float
    seed: int
    n: int
    n_missing: int

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return the raw and the corrected area.

        Parameters
        ----------
        conf_level : float, optional
            Of the percentile limits; by default as in the call.

        Returns
        -------
        pandas.DataFrame
            ``marker quantity estimate std_error conf_low conf_high``, standard errors from the
            bootstrap.
        """
        level = self.conf_level if conf_level is None else conf_level
        within = Range(self.low, self.high, self.focus)
        corrected = within.corrected(np.maximum(self.draws, within.chance))
        rows = []
        for name, value, draws in (
            ("raw", self.raw, self.draws),
            ("corrected", self.corrected, corrected),
        ):
            low, high = percentile_limits(draws, level)
            rows.append((self.marker, name, value, np.nanstd(draws, ddof=1), low, high))
        columns = ["marker", "quantity", "estimate", "std_error", "conf_low", "conf_high"]
        return pd.DataFrame(rows, columns=columns)

    def glance(self) -> pd.DataFrame:
        """Return one row: ``marker metric n n_missing n_resamples seed``."""
        metric = Range(self.low, self.high, self.focus).name
        row = {"marker": self.marker, "metric": metric, "n": self.n, "n_missing": self.n_missing}
        return pd.DataFrame([row | {"n_resamples": len(self.draws), "seed": self.seed}])

    def _title(self) -> str:
        return f"Partial AUC of {self.marker}, {self.focus} {self.low:g} to {self.high:g}"


def partial_auc(
    curve: Curve,
    within: Range,
    *,
    conf_level: float,
    n_resamples: int,
    seed: int,
) -> PartialAUC:
    """See `ROC.partial_auc`."""
    order = within.order(curve.oriented, curve.is_case)
    raw = within.value(order, None)
    corrected = float(within.corrected(raw))
    if np.isnan(corrected):
        warn(
            f"`{curve.marker}`: the curve lies below chance where {within.focus} is {within.low:g} "
            f"to {within.high:g}; the corrected area is undefined.",
            EstimationWarning,
        )
    draws = bootstrap(
        partial(within.value, order), (), curve.is_case,
        n_resamples=n_resamples, seed=seed, name="roc",
    )  # fmt: skip
    return PartialAUC(
        curve.marker, within.low, within.high, within.focus, raw, corrected, draws, conf_level,
        seed, len(curve.values), curve.n_missing,
    )  # fmt: skip
