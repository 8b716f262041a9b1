"""The rows of a design: encoded already, or from the variables whenever they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from faceage_stats._formula.blocks import blocks
from faceage_stats._formula.design import Design
from faceage_stats._formula.extremes import refuse_extremes

__all__ = ["DesignRows", "Encoded", "Unencoded"]


class DesignRows(Protocol):
    """The complete rows of a design, without an intercept."""

    def matrix(self) -> np.ndarray:
        """Give them as they stand, shape (n, p), C-contiguous."""

    def in_order(self, order: np.ndarray) -> np.ndarray:
        """Give the rows at some positions as new columns, shape (p, len(order))."""

    def take(self, rows: np.ndarray) -> DesignRows:
        """Keep the rows at these positions."""


@dataclass(frozen=True)
class Encoded:
    """Rows that are encoded."""

    x: np.ndarray

    def matrix(self) -> np.ndarray:
        """Give the rows themselves."""
        return self.x

    def in_order(self, order: np.ndarray) -> np.ndarray:
        """Copy them, column by column."""
        p = self.x.shape[1]
        columns = np.empty((p, len(order)))
        for rows in blocks(len(order), p):
            columns[:, rows] = self.x[order[rows]].T
        return columns

    def take(self, rows: np.ndarray) -> Encoded:
        """Copy some."""
        return Encoded(self.x[rows])


@dataclass(frozen=True)
class Unencoded:
    """The variables of the rows: columns of the user's table, which is not to change meanwhile.

    A fit that needs the design in another order first makes it in that order alone.
    """

    design: Design
    values: tuple[np.ndarray, ...]
    n: int

    def matrix(self) -> np.ndarray:
        """Encode all rows; numbers that cannot be used are refused."""
        x = self.design.encoding.matrix(self.values, self.n)
        self._refuse(x)
        return x

    def in_order(self, order: np.ndarray) -> np.ndarray:
        """Encode them in an order, column by column; as `matrix` refuses."""
        columns = self.design.encoding.in_order(self.values, order)
        self._refuse(columns.T)
        return columns

    def take(self, rows: np.ndarray) -> Unencoded:
        """Keep the variables of some rows."""
        return Unencoded(self.design, tuple(each[rows] for each in self.values), len(rows))

    def _refuse(self, x: np.ndarray) -> None:
        self.design.refuse_not_finite(x)
        refuse_extremes(x, self.design.names)
