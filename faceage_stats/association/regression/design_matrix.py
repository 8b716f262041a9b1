"""The design of a regression with its intercept, and the columns beside it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import linalg

from faceage_stats._columns import as_pandas
from faceage_stats._formula.design import singular_columns
from faceage_stats._formula.frame import ModelFrame
from faceage_stats._warn import warn
from faceage_stats.errors import SingularColumnWarning

__all__ = [
    "independent_columns",
    "offset_of",
    "rows_to_predict",
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


def rows_to_predict(frame: ModelFrame, newdata: Any) -> tuple[np.ndarray, np.ndarray, pd.Index]:
    """Return the design with its intercept, the offset and the labels of new rows, or of the fit's.

    A row with a missing value is NaN; an unknown level is refused.
    """
    if newdata is None:
        return with_intercept(frame), offset_of(frame), frame.index
    table, design = as_pandas(newdata), frame.design
    x = design.with_intercept(design.encode(table))
    return x, design.encode_offset(table), table.index


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
