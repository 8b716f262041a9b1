"""A fit in columns measured from their means.

A column far from zero (a calendar year, a time in seconds) is nearly a multiple of the intercept:
in its own units least squares loses as many digits as it has in common with its mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Centred", "column_means", "moved"]


def column_means(x: np.ndarray) -> np.ndarray:
    """Return the mean of every column after the intercept; zeros where there is no intercept.

    Examples
    --------
    >>> column_means(np.array([[1.0, 2015], [1, 2017]])).tolist()
    [0.0, 2016.0]
    """
    if not x.shape[1] or not (x[:, 0] == 1).all():
        return np.zeros(x.shape[1])
    means = x.mean(axis=0)
    means[0] = 0.0
    return np.asarray(means)


def moved(x: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Measure rows from the means, as far as they have a part of the intercept (their first)."""
    return np.asarray(x - x[:, :1] * means)


@dataclass(frozen=True)
class Centred:
    """Coefficients and variance of the centred columns; NaN for a column that depends on others.

    Attributes
    ----------
    means, coefficients : ndarray, shape (p,)
    variance : ndarray, shape (p, p)
    """

    means: np.ndarray
    coefficients: np.ndarray
    variance: np.ndarray

    @property
    def at_zero(self) -> tuple[np.ndarray, np.ndarray]:
        """Coefficients and variance of the columns as they are, the intercept where all are 0."""
        kept = np.isfinite(self.coefficients)
        back = np.eye(len(kept))
        back[:1] -= np.where(kept, self.means, 0.0)
        coefficients = back @ np.nan_to_num(self.coefficients)
        variance = back @ np.nan_to_num(self.variance) @ back.T
        outside = ~np.outer(kept, kept)
        return np.where(kept, coefficients, np.nan), np.where(outside, np.nan, variance)

    def linear(self, x: np.ndarray) -> np.ndarray:
        """Combine the coefficients by rows of the design."""
        return np.asarray(moved(x, self.means) @ np.nan_to_num(self.coefficients))

    def std_error(self, x: np.ndarray) -> np.ndarray:
        """Return the standard error of each such combination."""
        rows = moved(x, self.means)
        variance = np.einsum("ij,jk,ik->i", rows, np.nan_to_num(self.variance), rows)
        return np.asarray(np.sqrt(np.maximum(variance, 0.0)))
