"""Named columns and ordered groups, for the association functions that take no formula."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats import _columns
from faceage_stats._columns import as_pandas as as_frame

__all__ = ["as_frame", "group_codes", "numeric_column", "numeric_vector", "require_columns"]


def require_columns(data: pd.DataFrame, names: Iterable[str]) -> None:
    """Refuse all absent columns at once."""
    _columns.require_columns(list(dict.fromkeys(names)), data, "the call")


def numeric_vector(values: Any, name: str) -> np.ndarray:
    """Float array with NaN for missing; text, dates and infinite values are refused."""
    return _columns.numeric(pd.Series(values), name)


def numeric_column(data: pd.DataFrame, name: str) -> np.ndarray:
    """Return a column as floats, with the refusals of `numeric_vector`."""
    require_columns(data, [name])
    return numeric_vector(data[name], name)


def group_codes(values: Any) -> tuple[np.ndarray, list[Any]]:
    """Codes (-1 for missing) and labels: a categorical's order, else sorted as R's factor()."""
    series = pd.Series(values)
    if not isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype("category")  # sorts text in code-point order, numbers by size
    series = series.cat.remove_unused_categories()
    return series.cat.codes.to_numpy(), list(series.cat.categories)
