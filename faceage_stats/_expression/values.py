"""What an expression can be worth, and how a value is read as numbers, true/false or text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from faceage_stats._levels import level_text
from faceage_stats.errors import FormulaError

__all__ = ["Basis", "Value", "is_dates", "is_factor", "is_text", "numbers", "texts", "truths"]


@dataclass(frozen=True)
class Basis:
    """Several columns of one term: a spline or a polynomial.

    Attributes
    ----------
    matrix : numpy.ndarray, shape (n, k)
        NaN in the rows where the variable is missing.
    index : pandas.Index
        The rows' labels.
    suffixes : tuple of str
        What R adds to the text of the term to name each column.
    """

    matrix: np.ndarray
    index: pd.Index
    suffixes: tuple[str, ...]


# pandas.Series, Basis, a list of constants, a number, true or false, a text
Value: TypeAlias = Any


def is_text(value: Value) -> bool:
    """Tell texts from all else: a constant in quotes, or a column of text."""
    return isinstance(value, str) or (isinstance(value, pd.Series) and value.dtype == object)


def is_factor(value: Value) -> bool:
    """Tell a categorical column."""
    return isinstance(value, pd.Series) and isinstance(value.dtype, pd.CategoricalDtype)


def is_dates(value: Value) -> bool:
    """Tell dates, times, durations and periods."""
    other = is_text(value) or is_factor(value)
    return isinstance(value, pd.Series) and value.dtype.kind in "mMO" and not other


def numbers(value: Value, doing: str) -> Any:
    """Read a value as float64, a constant or a column; true is 1.

    Parameters
    ----------
    value : Value
    doing : str
        What asks for numbers, as the message names it: ``"log()"``.
    """
    if isinstance(value, bool | int | float | np.number):
        return float(value)
    if isinstance(value, pd.Series) and value.dtype == "boolean":
        return value.astype("Float64").astype(float)
    if isinstance(value, pd.Series) and value.dtype == float:
        return value
    raise FormulaError(f"{doing} needs numbers; {_told(value)}.{_cure(value)}")


def truths(value: Value, doing: str) -> Any:
    """Read a value as true, false or missing; a number is true unless it is 0."""
    if isinstance(value, bool | int | float):
        return bool(value)
    if isinstance(value, pd.Series) and value.dtype == "boolean":
        return value
    if isinstance(value, pd.Series) and value.dtype == float:
        return value.ne(0).astype("boolean").mask(value.isna())
    raise FormulaError(f"{doing} needs conditions such as age > 65; {_told(value)}.")


def texts(value: Value) -> Any:
    """Read a value as text, a number as R writes it; missing stays None."""
    if not isinstance(value, pd.Series):
        return level_text(value)
    codes, found = pd.factorize(value)
    written = np.array([*map(level_text, found), None], dtype=object)
    return pd.Series(written[codes], value.index, name=value.name)


def _told(value: Value) -> str:
    """Say what a value is, in a message."""
    if isinstance(value, Basis):
        return "a spline or polynomial has several columns"
    if isinstance(value, list):
        return "c(...) holds several constants"
    if isinstance(value, str):
        return f'"{value[:20]}" is text'
    kind = "a factor" if is_factor(value) else "text" if is_text(value) else "dates or durations"
    return f"'{value.name}' holds {kind}"


def _cure(value: Value) -> str:
    if not isinstance(value, pd.Series):
        return ""
    if is_dates(value):
        return " Subtract dates, then as.numeric(stop - start) gives days."
    return " Numbers stored as text: as.numeric(x), or pandas.to_numeric before."
