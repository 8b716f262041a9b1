"""A design in standard deviations from its means, so that no unit of a column costs digits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Scaled"]


@dataclass(frozen=True)
class Scaled:
    """Centre and scale of the columns of a design; columns are centred beside an intercept only.

    Examples
    --------
    >>> x = np.array([[1.0, 2015], [1, 2017]])
    >>> Scaled.of(x).rows(x).tolist()
    [[1.0, -1.0], [1.0, 1.0]]
    """

    centre: np.ndarray
    scale: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray) -> Scaled:
        """Measure a design, whose first column is the intercept where there is one."""
        spread = x.std(axis=0)
        centre = np.zeros(x.shape[1])
        if x.shape[1] and (x[:, 0] == 1).all():
            centre, spread[0] = x.mean(axis=0), 1.0
            centre[0] = 0.0
        return cls(centre, np.where(spread > 0, spread, 1.0))

    def rows(self, x: np.ndarray) -> np.ndarray:
        """Scale rows of a design."""
        return np.asarray((x - x[:, :1] * self.centre) / self.scale)

    @property
    def back(self) -> np.ndarray:
        """The matrix that turns coefficients of scaled columns into those of the columns given."""
        back = np.diag(1 / self.scale)
        if len(self.scale):
            back[0] -= self.centre / self.scale
        return back
