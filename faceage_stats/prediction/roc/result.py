"""ROC curves as a result: areas and their intervals, operating points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from faceage_stats._contrast import pairwise
from faceage_stats._near import did_you_mean
from faceage_stats._result import Result, frozen_result
from faceage_stats._seed import DEFAULT_SEED
from faceage_stats.errors import InputError
from faceage_stats.prediction.roc.coords import Limits, Request, Rule, coords, sensitivity_band
from faceage_stats.prediction.roc.curve import Curve
from faceage_stats.prediction.roc.delong import Focus, placement_covariance
from faceage_stats.prediction.roc.interval import Interval, auc_interval, resampled_areas
from faceage_stats.prediction.roc.partial_auc import PartialAUC, Range, partial_auc
from faceage_stats.prediction.roc.points import Direction
from faceage_stats.prediction.roc.tables import auc_table, row_table, stacked, title

__all__ = ["ROC"]


@frozen_result
class ROC(Result):
    """The ROC curve of a marker, or of several markers on the same rows.

    ``roc["m1"]`` is the curve of one marker, and iterating gives one after the other. What
    belongs to a single curve (``auc``, ``std_error``, ``direction``, ``partial_auc()``) is refused
    for several.

    Attributes
    ----------
    curves : tuple of Curve
    index : pandas.Index
        Labels of the rows used.
    """

    curves: tuple[Curve, ...]
    index: pd.Index

    def __iter__(self) -> Iterator[ROC]:
        return (ROC((curve,), self.index) for curve in self.curves)

    def __len__(self) -> int:
        return len(self.curves)

    def __getitem__(self, marker: str) -> ROC:
        for curve in self.curves:
            if curve.marker == marker:
                return ROC((curve,), self.index)
        raise KeyError(
            f"{marker!r}; the markers are {', '.join(self.markers)}."
            f"{did_you_mean(marker, self.markers)}"
        )

    @property
    def markers(self) -> tuple[str, ...]:
        """Names of the markers."""
        return tuple(curve.marker for curve in self.curves)

    @property
    def curve(self) -> Curve:
        """The one curve; refused when there are several."""
        if len(self.curves) > 1:
            raise InputError(
                f"there are {len(self.curves)} curves; choose one, e.g. [{self.markers[0]!r}], or "
                "use tidy(), one row per marker."
            )
        return self.curves[0]

    @property
    def auc(self) -> float:
        """Area under the curve: P(case beyond control) + P(tie) / 2."""
        return self.curve.auc

    @property
    def std_error(self) -> float:
        """DeLong's standard error of the AUC."""
        return self.curve.std_error

    @property
    def direction(self) -> Direction:
        """``"<"``: a higher marker means positive."""
        return self.curve.direction

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the area under each curve, with DeLong's limits and the test against one half.

        Parameters
        ----------
        conf_level : float

        Returns
        -------
        pandas.DataFrame
            One row per marker: ``marker estimate std_error conf_low conf_high statistic p_value n
            n_event n_missing direction positive negative``; limits are cut to 0 and 1.
        """
        return auc_table(self.curves, conf_level)

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_event n_missing positive negative``."""
        return self.tidy()[["n", "n_event", "n_missing", "positive", "negative"]].head(1)

    def augment(self) -> pd.DataFrame:
        """Return the placement of each row used, marker by marker.

        Returns
        -------
        pandas.DataFrame
            With the labels of the data given: ``row marker outcome value placement``; `outcome` is
            1 for the positive level, `placement` the proportion of the other class that the row
            beats, ties counting one half.
        """
        return row_table(self.curves, self.index)

    def vcov(self) -> pd.DataFrame:
        """Return DeLong's joint covariance of the areas, labelled by marker."""
        place = np.column_stack([curve.placements for curve in self.curves])
        covariance = placement_covariance(place, self.curves[0].is_case)
        return pd.DataFrame(covariance, index=self.markers, columns=self.markers)

    def contrasts(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the paired differences of the areas, the later minus the earlier (DeLong).

        Returns
        -------
        pandas.DataFrame
            One row per pair: ``marker1 marker2 estimate1 estimate2 estimate std_error conf_low
            conf_high statistic p_value``.
        """
        areas = [curve.auc for curve in self.curves]
        return pairwise(self.markers, areas, self.vcov(), conf_level)

    def ci(
        self,
        method: Interval = "delong",
        *,
        conf_level: float = 0.95,
        n_resamples: int = 2000,
        seed: int = DEFAULT_SEED,
    ) -> pd.DataFrame:
        """Return an interval of the area under each curve, as ``pROC::ci.auc``.

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
            One row per marker: ``marker estimate std_error conf_low conf_high conf_level method``.
        """
        return pd.DataFrame(
            [auc_interval(c, method, conf_level, n_resamples, seed) for c in self.curves]
        )

    def bootstrap(self, n_resamples: int = 2000, *, seed: int = DEFAULT_SEED) -> pd.DataFrame:
        """Return the area under each curve in stratified resamples, the directions held.

        Returns
        -------
        pandas.DataFrame
            One row per resample, one column per marker.
        """
        areas = [resampled_areas(curve, n_resamples, seed) for curve in self.curves]
        return pd.DataFrame(dict(zip(self.markers, areas, strict=True)))

    def coords(
        self,
        rule: Rule | None = None,
        *,
        threshold: float | Sequence[float] | np.ndarray | None = None,
        sensitivity: float | None = None,
        specificity: float | None = None,
        conf_level: float = 0.95,
        ci: Limits | None = None,
        n_resamples: int = 2000,
        seed: int = DEFAULT_SEED,
    ) -> pd.DataFrame:
        """Return operating points, as ``pROC::coords``; give one of the first four arguments.

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
        n_resamples, seed : int
            Of the bootstrap.

        Returns
        -------
        pandas.DataFrame
            ``marker threshold sensitivity specificity ppv npv accuracy youden tp fp tn fn`` and
            limits ``sensitivity_low``, ``sensitivity_high`` and so on; `youden` is sensitivity +
            specificity - 1.
        """
        request = Request(
            rule, threshold, sensitivity, specificity, ci, conf_level, n_resamples, seed
        )
        return stacked({curve.marker: coords(curve, request) for curve in self.curves})

    def band(
        self,
        n_points: int = 101,
        *,
        conf_level: float = 0.95,
        n_resamples: int = 2000,
        seed: int = DEFAULT_SEED,
    ) -> pd.DataFrame:
        """Return pointwise bootstrap limits of the sensitivity over a grid of specificities.

        As ``pROC::ci.se``, interpolated between thresholds.

        Returns
        -------
        pandas.DataFrame
            ``marker specificity sensitivity conf_low conf_high``.
        """
        return stacked(
            {
                curve.marker: sensitivity_band(curve, n_points, conf_level, n_resamples, seed)
                for curve in self.curves
            }
        )

    def partial_auc(
        self,
        low: float,
        high: float,
        *,
        focus: Focus = "specificity",
        conf_level: float = 0.95,
        n_resamples: int = 2000,
        seed: int = DEFAULT_SEED,
    ) -> PartialAUC:
        """Return the area under the part of the curve where specificity is in a range.

        Parameters
        ----------
        low, high : float
            The range, in either order; the ends are interpolated on the curve.
        focus : {"specificity", "sensitivity"}
            What the range is of.
        conf_level : float
        n_resamples, seed : int
            Of the stratified bootstrap (there is no simple standard error).

        Returns
        -------
        PartialAUC
            The raw area, and McClish's correction, which is 0.5 for chance and 1 for a perfect
            marker; NaN, with a warning, where the curve is below chance in the range.

        References
        ----------
        McClish DK (1989). Analyzing a portion of the ROC curve. Medical Decision Making 9:190-195.
        doi:10.1177/0272989X8900900307

        Examples
        --------
        >>> import faceage_stats as fs
        >>> df = pd.DataFrame({"y": [0, 0, 1, 0, 1, 1], "m": [1, 2, 3, 4, 5, 6]})
        >>> part = fs.roc("y ~ m", df, direction="<").partial_auc(0.5, 1, n_resamples=100)
        >>> round(part.raw, 4)
        0.3889
        """
        within = Range(low, high, focus)
        return partial_auc(
            self.curve, within, conf_level=conf_level, n_resamples=n_resamples, seed=seed
        )

    def _further_tables(self) -> tuple[str, ...]:
        return ("contrasts",) if len(self.curves) > 1 else ()

    def _printed(self) -> pd.DataFrame:
        return self.tidy().drop(columns=list(self.glance()))

    def _title(self) -> str:
        return title(self.curves)
