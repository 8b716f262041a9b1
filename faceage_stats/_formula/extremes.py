"""Numbers whose squares no float holds: a variance of them would be 0 or infinite."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from faceage_stats._columns import numeric_column
from faceage_stats.errors import InputError

__all__ = ["measured_column", "refuse_extremes"]

_SMALLEST, _LARGEST = 1e-150, 1e150


def refuse_extremes(x: np.ndarray, names: Sequence[str]) -> None:
    """Refuse columns of numbers whose largest is too large or too small to be squared; NaN is none.

    Examples
    --------
    >>> refuse_extremes(np.array([[1e200], [0.0]]), ["age"])
    Traceback (most recent call last):
    faceage_stats.errors.InputError: the numbers of 'age' are beyond 1e150. Use another unit.
    """
    with np.errstate(over="ignore"):  # where squares add up to a number, each has one
        squares = np.einsum("ij,ij->j", x, x)
    if ((squares <= _LARGEST**2) & (squares >= len(x) * _SMALLEST**2)).all():
        return
    largest = np.fmax.reduce(np.abs(x), axis=0, initial=0.0)
    for name, size in zip(names, largest, strict=True):
        if size > _LARGEST or 0 < size < _SMALLEST:
            far = "beyond 1e150" if size > 1 else "all below 1e-150"
            raise InputError(f"the numbers of '{name}' are {far}. Use another unit.")


def measured_column(data: pd.DataFrame, name: str, where: str) -> np.ndarray:
    """Read a column whose mean and variance are taken, with the refusals of `numeric_column`.

    Examples
    --------
    >>> measured_column(pd.DataFrame({"age": [1e200, 70]}), "age", "icc()")
    Traceback (most recent call last):
    faceage_stats.errors.InputError: the numbers of 'age' are beyond 1e150. Use another unit.
    """
    values = numeric_column(data, name, where)
    refuse_extremes(values[:, None], [name])
    return values
