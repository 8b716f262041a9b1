"""One door for the association functions: data frames, named columns, groups in order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats.errors import InputError

__all__ = ["as_frame", "group_codes", "numeric_column", "numeric_vector", "require_columns"]


def as_frame(data: Any) -> pd.DataFrame:
    """Return pandas data; a polars frame is converted once, here."""
    if isinstance(data, pd.DataFrame):
        return data
    if hasattr(data, "to_pandas"):
        return data.to_pandas()
    raise InputError(f"data is a {type(data).__name__}; a data frame with named columns is needed.")


def require_columns(data: pd.DataFrame, names: Iterable[str]) -> None:
    """Refuse all absent columns at once."""
    absent = [repr(name) for name in dict.fromkeys(names) if name not in data.columns]
    if absent:
        present = ", ".join(map(str, data.columns[:20]))
        raise InputError(f"The data have no column {', '.join(absent)}. Columns: {present}.")


def numeric_vector(values: Any, name: str) -> np.ndarray:
    """Float array with NaN for missing; text and infinite values are refused."""
    series = pd.Series(values)
    if not pd.api.types.is_numeric_dtype(series):
        numbers = pd.to_numeric(series, errors="coerce")
        bad = int((numbers.isna() & series.notna()).sum())
        if bad:
            raise InputError(f"`{name}` holds {bad} values that are not numbers. Recode them.")
        series = numbers
    vector = series.to_numpy(dtype=float, na_value=np.nan)
    infinite = int(np.isinf(vector).sum())
    if infinite:
        raise InputError(f"`{name}` holds {infinite} infinite values. Set them to missing.")
    return vector


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
