"""What a fit is made of: the complete rows of a formula, with or without an outcome."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from faceage_stats._formula.design import Design
from faceage_stats._formula.rows import DesignRows, Encoded, Unencoded
from faceage_stats._surv import Surv

__all__ = ["Frame", "ModelFrame", "SurvivalFrame"]


@dataclass(frozen=True)
class Frame:
    """What a fit needs beside its outcome, rows with missing values already dropped.

    Attributes
    ----------
    design : Design
    encoded : DesignRows
        The rows of the design; `x` is their matrix.
    strata : ndarray of int64 or None
        Stratum of each row, numbered in the sorted order of `strata_labels`.
    strata_labels : tuple of str
    cluster : ndarray of int64 or None
    weights, offset : ndarray or None
    rows : ndarray of int64
        Positions (0-based) of the kept rows in the data given.
    index : pandas.Index
        Labels of the kept rows in the data given.
    n_given, n_missing : int
        Rows of the data given, and those dropped because a used value was missing; a subset may
        leave out others.
    """

    design: Design
    encoded: DesignRows
    strata: np.ndarray | None
    strata_labels: tuple[str, ...]
    cluster: np.ndarray | None
    weights: np.ndarray | None
    offset: np.ndarray | None
    rows: np.ndarray
    index: pd.Index
    n_given: int
    n_missing: int

    @property
    def n(self) -> int:
        """Rows used."""
        return len(self.rows)

    @property
    def x(self) -> np.ndarray:
        """The design, shape (n, p), C-contiguous float64, without an intercept column."""
        return self.encoded.matrix()

    def settled(self) -> Self:
        """Encode the rows, so that nothing of the user's table is needed any more."""
        return dataclasses.replace(self, encoded=Encoded(self.x))

    def take(self, rows: np.ndarray) -> Self:
        """Keep the rows at these positions, in this order; strata and clusters keep their codes.

        Parameters
        ----------
        rows : ndarray of int
            Positions (0-based) in the frame; a row may come several times.

        Returns
        -------
        frame of the same type
        """
        kept: dict[str, Any] = {}
        for name, value in vars(self).items():
            if isinstance(value, np.ndarray | pd.Index):
                kept[name] = value[rows]
            elif isinstance(value, Surv | Encoded | Unencoded):
                kept[name] = value.take(rows)
        return dataclasses.replace(self, **kept)


@dataclass(frozen=True)
class SurvivalFrame(Frame):
    """A frame with a survival outcome; its events are whole numbers."""

    surv: Surv


@dataclass(frozen=True)
class ModelFrame(Frame):
    """A frame with a numeric outcome `y`, as float."""

    y: np.ndarray
