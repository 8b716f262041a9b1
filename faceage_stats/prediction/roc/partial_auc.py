"""Area under a part of an ROC curve."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from faceage_stats._result import Result, frozen_result
from faceage_stats.errors import EstimationWarning, InputError
from faceage_stats.prediction.roc.delong import CurveOrder
from faceage_stats.prediction.roc.resampling import (
    check_resamples,
    percentile_limits,
    stratified_counts,
)

if TYPE_CHECKING:
    from faceage_stats.prediction.roc.result import ROC

__all__ = ["PartialAUC", "Range", "partial_auc"]


class Range:
    """A range of specificity or sensitivity, and the area that chance has in it."""

    def __init__(self, low: float, high: float, focus: str = "specificity"):
        if focus not in ("specificity", "sensitivity"):
            raise InputError(f"focus is {focus!r}; choose specificity or sensitivity.")
        low, high = min(low, high), max(low, high)
        if not 0 <= low < high <= 1:
            raise InputError(f"the range {low} to {high} must be a part of 0 to 1, e.g. 0.9 to 1.")
        self.low, self.high, self.focus = low, high, focus
        self.x_low, self.x_high = 1 - high, 1 - low

    @property
    def chance(self) -> float:
        """Area under the diagonal over the range."""
        return (self.x_high**2 - self.x_low**2) / 2

    def corrected(self, area: Any) -> Any:
        """McClish's correction: 0.5 for chance, 1 for a perfect marker; NaN below chance."""
        best = self.high - self.low
        value = (1 + (np.asarray(area) - self.chance) / (best - self.chance)) / 2
        return np.where(np.asarray(area) >= self.chance - 1e-12, value, np.nan)

    def area(self, order: CurveOrder, counts: np.ndarray) -> float:
        """Area of one resample in the range."""
        return order.area(counts, self.x_low, self.x_high)


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
    draws : ndarray
        The raw area in each resample.
    seed : int
    """

    marker: str
    low: float
    high: float
    focus: str
    raw: float
    corrected: float
    draws: np.ndarray
    seed: int

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Two rows, ``quantity`` raw and corrected: estimate, bootstrap SE, percentile limits."""
        within = Range(self.low, self.high, self.focus)
        rows = []
        corrected = within.corrected(np.maximum(self.draws, within.chance))
        for name, value, draws in (
            ("raw", self.raw, self.draws),
            ("corrected", self.corrected, corrected),
        ):
            low, high = percentile_limits(draws, conf_level)
            rows.append((self.marker, name, value, draws.std(ddof=1), float(low), float(high)))
        columns = ["marker", "quantity", "estimate", "std_error", "conf_low", "conf_high"]
        return pd.DataFrame(rows, columns=columns)

    def glance(self) -> pd.DataFrame:
        """One row: ``marker metric n_resamples seed``."""
        metric = f"partial AUC, {self.focus} {self.low:g} to {self.high:g}"
        row = (self.marker, metric, len(self.draws), self.seed)
        return pd.DataFrame([row], columns=["marker", "metric", "n_resamples", "seed"])

    def _title(self) -> str:
        return f"Partial AUC of {self.marker}, {self.focus} {self.low:g} to {self.high:g}"


def partial_auc(
    curve: ROC,
    low: float,
    high: float,
    *,
    focus: str = "specificity",
    n_resamples: int = 2000,
    seed: int = 0,
) -> PartialAUC:
    """Area under the part of a curve where specificity (or sensitivity) is in a range.

    Parameters
    ----------
    curve : ROC
    low, high : float
        The range, in either order; the ends are interpolated on the curve.
    focus : {"specificity", "sensitivity"}
    n_resamples, seed : int
        Of the stratified bootstrap (there is no simple standard error).

    Returns
    -------
    PartialAUC
        The raw area, and McClish's (1989) correction, which is 0.5 for chance and 1 for a perfect
        marker; NaN, with a warning, where the curve is below chance in the range.

    Examples
    --------
    >>> import pandas as pd
    >>> from faceage_stats.prediction.roc.roc import roc
    >>> df = pd.DataFrame({"y": [0, 0, 1, 0, 1, 1], "m": [1, 2, 3, 4, 5, 6]})
    >>> part = partial_auc(roc("y ~ m", df, direction="<"), 0.5, 1, n_resamples=100)
    >>> round(part.raw, 4)
    0.3889
    """
    within = Range(low, high, focus)
    check_resamples(n_resamples, seed)
    order = CurveOrder(curve.oriented, curve.is_case, focus)
    raw = within.area(order, np.ones(len(curve.values)))
    corrected = float(within.corrected(raw))
    if np.isnan(corrected):
        warnings.warn(
            f"`{curve.marker}`: the curve lies below chance where {focus} is {within.low:g} to "
            f"{within.high:g}; the corrected area is undefined.",
            EstimationWarning,
            stacklevel=3,
        )
    counts = stratified_counts(curve.is_case, n_resamples, seed)
    draws = np.array([within.area(order, count) for count in counts])
    return PartialAUC(
        curve.marker, within.low, within.high, focus, raw, corrected, draws, seed
    )  # fmt: skip
