"""The design of a regression with its intercept, and the columns beside it."""

from __future__ import annotations

import numpy as np
from scipy import linalg

from faceage_stats._formula.design import singular_columns
from faceage_stats._formula.frame import ModelFrame
from faceage_stats._warn import warn
from faceage_stats.errors import SingularColumnWarning

__all__ = [
    "independent_columns",
    "offset_of",
    "warn_singular",
    "weights_of",
    "with_intercept",
]


def with_intercept(frame: ModelFrame) -> np.ndarray:
    """Return the design with a column of ones first, unless the formula has ``- 1``."""
    return frame.design.with_intercept(frame.x)


def offset_of(frame: ModelFrame) -> np.ndarray:
    """Return the offset, 0 where the formula has none."""
    return np.zeros(frame.n) if frame.offset is None else frame.offset


def weights_of(frame: ModelFrame) -> np.ndarray:
    """Return the weights, 1 where none are given."""
    return np.ones(frame.n) if frame.weights is None else frame.weights


def warn_singular(frame: ModelFrame, kept: np.ndarray) -> None:
    """Name the columns that have no coefficient."""
    if not kept.all():
        warn(
            f"{singular_columns(frame.design.names_with_intercept, kept)}: its coefficient is NaN. "
            "Remove it from the formula.",
            SingularColumnWarning,
        )


def independent_columns(x: np.ndarray, given: np.ndarray | None = None) -> np.ndarray:
    """Find the columns that do not depend on earlier ones, as R's pivoting keeps them.

    Parameters
    ----------
    x : ndarray, shape (n, p)
    given : ndarray, shape (n, p), optional
        The columns before they were centred: what is left of one of them must be more than its
        rounding error.

    Examples
    --------
    >>> x = np.array([[1.0, 2, 3], [1, 0, 1], [1, 5, 6], [1, 1, 2]])
    >>> independent_columns(x).tolist()
    [True, True, False]
    """
    norm = column_lengths(x)
    scaled = x / norm
    diagonal = np.zeros(x.shape[1])
    r = linalg.qr(scaled, mode="r")[0]
    diagonal[: min(r.shape)] = np.abs(np.diag(r))
    rounding = 0.0 if given is None else 1e-14 * np.linalg.norm(given, axis=0)
    return np.asarray((diagonal > 1e-9) & (diagonal * norm > rounding))


def column_lengths(x: np.ndarray) -> np.ndarray:
    """Return the length of each column, 1 where it is 0: a unit that suits its numbers.

    Examples
    --------
    >>> column_lengths(np.array([[3e-9, 0], [4e-9, 0]])).tolist()
    [5e-09, 1.0]
    """
    lengths = np.linalg.norm(x, axis=0)
    return np.asarray(np.where(lengths > 0, lengths, 1.0))
