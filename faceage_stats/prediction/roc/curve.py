"""One ROC curve: the marker and outcome of the rows used, and the area under it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from faceage_stats.prediction.roc.delong import (
    Placements,
    auc_and_placements,
    placement_covariance,
)
from faceage_stats.prediction.roc.points import CurvePoints, Direction

__all__ = ["Curve"]


@dataclass(frozen=True)
class Curve:
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
    values : ndarray, shape (n,)
        Marker of each row used.
    is_case : ndarray of bool, shape (n,)
    rows : ndarray of int, shape (n,)
        Positions (0-based) of the rows used among the `n_rows` rows of the data.
    n_rows, n_missing : int
    """

    marker: str
    outcome: str
    negative: str
    positive: str
    direction: Direction
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
    def placed(self) -> Placements:
        """Area, and placement of each row: DeLong's components, from one sort."""
        return auc_and_placements(self.oriented, self.is_case)

    @property
    def auc(self) -> float:
        """Area under the curve: P(case beyond control) + P(tie) / 2."""
        return self.placed.auc

    @property
    def placements(self) -> np.ndarray:
        """Proportion of the other class that each row beats (ties one half)."""
        return self.placed.placements

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
    def points(self) -> CurvePoints:
        """All points of the curve."""
        return CurvePoints.of(self.values, self.is_case, self.direction)
