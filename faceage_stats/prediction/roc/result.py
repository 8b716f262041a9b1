"""ROC curves as a result: areas and their intervals, operating points."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from faceage_stats._contrast import pairwise
from faceage_stats._near import did_you_mean
from faceage_stats._result import frozen_result
from faceage_stats._seed import DEFAULT_SEED
from faceage_stats.prediction.roc.curve import Curve
from faceage_stats.prediction.roc.delong import placement_covariance
from faceage_stats.prediction.roc.interval import Interval, auc_interval, resampled_areas
from faceage_stats.prediction.roc.points import Direction
from faceage_stats.prediction.roc.readings import CurveReadings
from faceage_stats.prediction.roc.tables import auc_table, row_table, title

__all__ = ["ROC"]


@frozen_result
class ROC(CurveReadings):
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
    def auc(self) -> float:
        """Area under the curve, P(case beyond control) + P(tie) / 2."""
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

    def _further_tables(self) -> tuple[str, ...]:
        return ("contrasts",) if len(self.curves) > 1 else ()

    def _printed(self) -> pd.DataFrame:
        return self.tidy().drop(columns=list(self.glance()))

    def _title(self) -> str:
        return title(self.curves)
