"""ROC curves as results: tables, intervals, operating points."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._result import Result, frozen_result, normal_interval
from faceage_stats.errors import EstimationWarning, InputError
from faceage_stats.prediction.roc import points
from faceage_stats.prediction.roc.delong import CurveOrder, auc_and_placements, placement_covariance
from faceage_stats.prediction.roc.partial_auc import PartialAUC, partial_auc
from faceage_stats.prediction.roc.resampling import (
    check_resamples,
    percentile_limits,
    stratified_counts,
)

__all__ = ["ROC", "ROCSet"]


@frozen_result
class ROC(Result):
    """The ROC curve of one marker.

    Attributes
    ----------
    marker, outcome : str
    negative, positive : str
        The two levels of the outcome.
    direction : {"<", ">"}
        ``"<"``: a higher marker means positive.
    direction_auto : bool
        True when the data chose the direction.
    values : ndarray
        Marker of each row used.
    is_case : ndarray of bool
    rows : ndarray of int
        Positions (0-based) of the rows used among the `n_rows` rows of the data.
    n_rows, n_missing : int
    """

    marker: str
    outcome: str
    negative: str
    positive: str
    direction: str
    direction_auto: bool
    values: np.ndarray
    is_case: np.ndarray
    rows: np.ndarray
    n_rows: int
    n_missing: int

    @cached_property
    def oriented(self) -> np.ndarray:
        """The marker, turned so that higher means positive."""
        return self.values if self.direction == "<" else -self.values

    @cached_property
    def _delong(self) -> tuple[float, np.ndarray]:
        return auc_and_placements(self.oriented, self.is_case)

    @property
    def auc(self) -> float:
        """Area under the curve: P(case beyond control) + P(tie) / 2."""
        return float(self._delong[0])

    @property
    def placements(self) -> np.ndarray:
        """Share of the other class that each row beats (ties one half)."""
        return self._delong[1]

    @cached_property
    def variance(self) -> float:
        """DeLong's variance of the AUC; NaN when a class has one member."""
        return float(placement_covariance(self.placements[:, None], self.is_case)[0, 0])

    @property
    def std_error(self) -> float:
        """DeLong's standard error of the AUC."""
        return float(np.sqrt(self.variance))

    @property
    def n_case(self) -> int:
        """Number of positives."""
        return int(self.is_case.sum())

    @cached_property
    def curve(self) -> points.CurvePoints:
        """All points of the curve."""
        return points.CurvePoints.of(self.values, self.is_case, self.direction)

    def ci(
        self,
        method: str = "delong",
        *,
        conf_level: float = 0.95,
        n_resamples: int = 2000,
        seed: int = 0,
    ) -> pd.DataFrame:
        """Interval of the AUC.

        Parameters
        ----------
        method : {"delong", "logit", "bootstrap"}
            Normal limits cut to [0, 1]; normal limits of logit(AUC); percentiles of resamples
            that keep the numbers of both classes.
        conf_level : float
        n_resamples, seed : int
            Of the bootstrap.

        Returns
        -------
        pandas.DataFrame
            One row: ``marker estimate std_error conf_low conf_high conf_level method``.
        """
        if method not in ("delong", "logit", "bootstrap"):
            raise InputError(f"method is {method!r}; choose delong, logit or bootstrap.")
        self._warn_degenerate()
        auc, se = self.auc, self.std_error
        if method == "delong":
            low, high = (np.clip(v, 0, 1) for v in normal_interval(auc, se, conf_level))
        elif method == "logit":
            low, high = _logit_interval(auc, se, conf_level)
        else:
            draws = self.bootstrap(n_resamples, seed)
            se = float(draws.std(ddof=1))
            low, high = percentile_limits(draws, conf_level)
        row = (self.marker, auc, se, float(low), float(high), conf_level, method)
        columns = ["marker", "estimate", "std_error", "conf_low", "conf_high", "conf_level"]
        return pd.DataFrame([row], columns=[*columns, "method"])

    def bootstrap(self, n_resamples: int = 2000, seed: int = 0) -> np.ndarray:
        """AUC of each stratified resample, the direction held."""
        check_resamples(n_resamples, seed)
        order = CurveOrder(self.oriented, self.is_case)
        counts = stratified_counts(self.is_case, n_resamples, seed)
        return np.array([order.area(count, 0.0, 1.0) for count in counts])

    def _warn_degenerate(self) -> None:
        if np.isnan(self.variance):
            reason = "a class has one member, so that the AUC has no standard error"
        elif self.variance == 0:
            reason = f"the AUC is {self.auc:g} without a misplaced pair; its interval is misleading"
        else:
            return
        warnings.warn(f"`{self.marker}`: {reason}.", EstimationWarning, stacklevel=3)

    def partial_auc(self, low: float, high: float, **options: Any) -> PartialAUC:
        """Area over a range of specificity or sensitivity; see `partial_auc`."""
        return partial_auc(self, low, high, **options)

    def coords(
        self,
        rule: str | None = None,
        *,
        threshold: Any = None,
        sensitivity: float | None = None,
        specificity: float | None = None,
        conf_level: float = 0.95,
        ci: str | None = None,
        n_resamples: int = 2000,
        seed: int = 0,
    ) -> pd.DataFrame:
        """Operating points of the curve, as ``pROC::coords``; give one of the first four.

        Parameters
        ----------
        rule : {"youden", "closest_topleft", "all"}
            ``youden``: every threshold with the largest sensitivity + specificity.
        threshold : float or array_like
            A marker at the threshold, or beyond it in the direction, is positive.
        sensitivity, specificity : float
            The threshold with the best other rate among those that reach this one. (pROC
            interpolates between thresholds; a point here can be used in the clinic.)
        conf_level : float
        ci : {"wilson", "bootstrap", "none"}, optional
            Wilson's limits take the threshold as given (the default for ``threshold`` and
            ``"all"``). The bootstrap chooses it anew in every resample (the default for
            thresholds that the data choose; of several tied ones the limits are the same).

        Returns
        -------
        pandas.DataFrame
            ``threshold sensitivity specificity ppv npv accuracy youden tp fp tn fn`` and limits
            ``sensitivity_low``, ``sensitivity_high`` and so on; `youden` is sensitivity +
            specificity - 1.
        """
        from faceage_stats.prediction.roc.coords import coords

        wanted = {"threshold": threshold, "sensitivity": sensitivity, "specificity": specificity}
        return coords(self, rule, wanted, ci, conf_level, n_resamples, seed)

    def band(
        self,
        n_points: int = 101,
        *,
        conf_level: float = 0.95,
        n_resamples: int = 2000,
        seed: int = 0,
    ) -> pd.DataFrame:
        """Pointwise bootstrap limits of the sensitivity over a grid of specificities.

        As ``pROC::ci.se``: ``specificity sensitivity conf_low conf_high``, interpolated between
        thresholds.
        """
        from faceage_stats.prediction.roc.coords import sensitivity_band

        return sensitivity_band(self, n_points, conf_level, n_resamples, seed)

    def tidy(self, **kwargs: Any) -> pd.DataFrame:
        """One row per threshold: ``threshold sensitivity specificity``."""
        return pd.DataFrame(
            {
                "threshold": self.curve.threshold,
                "sensitivity": self.curve.sensitivity,
                "specificity": self.curve.specificity,
            }
        )

    def glance(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row: the AUC with DeLong's limits and its test against one half.

        Columns ``marker estimate std_error conf_low conf_high statistic p_value n n_event
        n_missing direction positive negative``.
        """
        auc, se = self.auc, self.std_error
        low, high = (np.clip(v, 0, 1) for v in normal_interval(auc, se, conf_level))
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = float(np.float64(auc - 0.5) / se)
        row = {
            "marker": self.marker, "estimate": auc, "std_error": se,
            "conf_low": float(low), "conf_high": float(high),
            "statistic": statistic, "p_value": 2 * stats.norm.sf(abs(statistic)),
            "n": len(self.values), "n_event": self.n_case, "n_missing": self.n_missing,
            "direction": self.direction, "positive": self.positive, "negative": self.negative,
        }  # fmt: skip
        return pd.DataFrame([row])

    def augment(self) -> pd.DataFrame:
        """One row per row used: ``row outcome marker placement`` (outcome 1 = positive)."""
        return pd.DataFrame(
            {
                "row": self.rows,
                "outcome": self.is_case.astype(np.int64),
                "marker": self.values,
                "placement": self.placements,
            }
        )

    def _title(self) -> str:
        chosen = ", chosen by the data" if self.direction_auto else ""
        return f"ROC curve of {self.marker} for {self.outcome} (direction {self.direction}{chosen})"

    def __repr__(self) -> str:
        return f"{self._title()}\n{self.glance().to_string(index=False)}"


@frozen_result
class ROCSet(Result):
    """ROC curves of several markers on the same rows; ``rocs["m1"]`` is one of them."""

    curves: tuple[ROC, ...]

    def __iter__(self) -> Iterator[ROC]:
        return iter(self.curves)

    def __len__(self) -> int:
        return len(self.curves)

    def __getitem__(self, marker: str) -> ROC:
        for curve in self.curves:
            if curve.marker == marker:
                return curve
        raise KeyError(f"{marker!r}; the markers are {', '.join(c.marker for c in self.curves)}")

    @cached_property
    def vcov(self) -> pd.DataFrame:
        """DeLong's joint covariance of the AUCs."""
        place = np.column_stack([curve.placements for curve in self.curves])
        names = [curve.marker for curve in self.curves]
        covariance = placement_covariance(place, self.curves[0].is_case)
        return pd.DataFrame(covariance, index=names, columns=names)

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per marker, the columns of `ROC.glance`."""
        frames = [curve.glance(conf_level=conf_level) for curve in self.curves]
        return pd.concat(frames, ignore_index=True)

    def glance(self) -> pd.DataFrame:
        """One row: ``n n_event n_missing positive negative``."""
        columns = ["n", "n_event", "n_missing", "positive", "negative"]
        return self.curves[0].glance()[columns]

    def _title(self) -> str:
        return f"ROC curves for {self.curves[0].outcome}"


def _logit_interval(auc: float, se: float, conf_level: float) -> tuple[Any, Any]:
    """Limits of AUC from a normal interval of its logit; NaN at 0 and 1."""
    if auc in (0.0, 1.0):
        return np.nan, np.nan
    low, high = normal_interval(np.log(auc / (1 - auc)), se / (auc * (1 - auc)), conf_level)
    return 1 / (1 + np.exp(-low)), 1 / (1 + np.exp(-high))
