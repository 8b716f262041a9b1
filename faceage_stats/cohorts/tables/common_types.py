"""The types that a column has whatever file it came from.

Numbers are float64, or int64 where all are whole and none is missing; true/false is bool, or
"boolean" with gaps; dates and times are datetime64; factors are categorical; text is object with
None where missing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._warn import warn
from faceage_stats.cohorts.tables.column_kind import ColumnKind, known_cells, typed
from faceage_stats.cohorts.tables.header import refuse_names
from faceage_stats.cohorts.tables.number_marks import NumberMarks
from faceage_stats.cohorts.tables.reading import Codes, Reading
from faceage_stats.cohorts.tables.row_names import index_to_columns
from faceage_stats.errors import InputError, ReadingWarning

__all__ = ["common_frame", "common_numbers"]

_EXACT = 2.0**53
_NUMBERS = ("integer", "floating", "mixed-integer-float", "decimal")
_DATES = ("date", "datetime", "datetime64")


def common_frame(frame: pd.DataFrame, how: Reading, where: str) -> pd.DataFrame:
    """Bring every column of a table to its common type; rows are numbered from 0.

    Parameters
    ----------
    frame : pandas.DataFrame
        As a format's own reader returns it.
    how : Reading
        Codes for missing values, columns that stay text.
    where : str
        Name of the file.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    InputError
        If names are missing or stand twice, or a column holds lists or raw bytes.
    """
    frame = index_to_columns(frame)
    frame.columns = pd.Index([str(name) for name in frame.columns])
    refuse_names(list(frame.columns), where)
    how.refuse_unknown_columns(list(frame.columns), where)
    columns = {str(name): _column(column, str(name), how, where) for name, column in frame.items()}
    return pd.DataFrame(columns, index=pd.RangeIndex(len(frame)))


def _column(values: pd.Series, name: str, how: Reading, where: str) -> pd.Series:
    codes, dtype = how.codes(name), values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _levels(values, codes, where)
    if dtype.kind == "M":
        return _instants(values)
    if dtype.kind == "m":
        return values.astype("timedelta64[ns]")
    if isinstance(dtype, pd.PeriodDtype):
        return values
    if pd.api.types.is_bool_dtype(dtype):
        return values.astype("boolean" if values.isna().any() else bool)
    if dtype.kind == "c":
        raise InputError(f"{where}: column '{name}' holds complex numbers. Save their parts.")
    if pd.api.types.is_numeric_dtype(dtype):
        return common_numbers(values, codes)
    return _objects(values.astype(object), name, how, where)


def common_numbers(values: pd.Series, codes: Codes) -> pd.Series:
    """Numbers as float64, or int64 where all are whole and none is missing.

    Parameters
    ----------
    values : pandas.Series
        Numbers of any storage.
    codes : Codes
        Numbers that mean missing.

    Returns
    -------
    pandas.Series
    """
    whole = values.dtype.kind in "iu" and not (values.isna() | values.isin(codes.numbers)).any()
    if whole and (values.dtype.kind == "i" or values.max() < 2**63):  # exact, beyond 2**53 too
        return values.astype(np.int64)
    held = values.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    numbers = pd.Series(held, values.index)
    numbers = numbers.mask(numbers.isin(codes.numbers))
    held = numbers.to_numpy()
    if len(held) and np.all((np.floor(held) == held) & (np.abs(held) < _EXACT)):
        return numbers.astype(np.int64)
    return numbers


def _levels(values: pd.Series, codes: Codes, where: str) -> pd.Series:
    """A factor without the levels that mean missing; levels that are numbers stay numbers."""
    missing = [
        level
        for level in values.cat.categories
        if (isinstance(level, str) and level.strip() in codes.texts)
        or (not isinstance(level, str) and level in codes.numbers)
    ]
    kept = values.cat.remove_categories(missing) if missing else values
    if pd.api.types.is_string_dtype(kept.cat.categories.dtype):
        return kept.cat.rename_categories(pd.Index(list(kept.cat.categories), dtype=object))
    return kept


def _instants(values: pd.Series) -> pd.Series:
    """Dates to the nanosecond where these reach (1678 to 2261), else to the microsecond."""
    known = values.dropna()
    limits = pd.Timestamp.min, pd.Timestamp.max
    years = known.dt.year
    far = len(known) and (years.min() <= limits[0].year or years.max() >= limits[1].year)
    return pd.Series(values.dt.as_unit("us" if far else "ns"))


def _objects(values: pd.Series, name: str, how: Reading, where: str) -> pd.Series:
    """Python objects by what they are."""
    codes = how.codes(name)
    values = values.copy()
    values[values.isna().to_numpy()] = None
    text = values.map(lambda value: isinstance(value, str)).to_numpy(dtype=bool)
    if text.any():
        values[text] = _known_text(values[text], codes)
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind == "empty":
        as_text = how.is_text(name) or bool(text.any() and text.all() and len(values) == 0)
        return values if as_text else pd.Series(np.nan, values.index, dtype=np.float64)
    if kind == "string" or kind in ("time", "timedelta", "period"):
        return values.astype("timedelta64[ns]") if kind == "timedelta" else values
    if kind in _NUMBERS:
        return common_numbers(pd.Series(values.astype(np.float64)), codes)
    if kind == "boolean":
        return values.astype("boolean" if values.isna().any() else bool)
    if kind in _DATES:
        return _instants(pd.Series([_instant(v) for v in values], values.index, dtype="M8[us]"))
    return _mixed(values, name, how, where)


def _instant(value: Any) -> Any:
    return np.datetime64("NaT") if pd.isna(value) else np.datetime64(value, "us")


def _known_text(values: pd.Series, codes: Codes) -> np.ndarray:
    """Text, None where it is blank or a code for missing."""
    import pyarrow as pa

    cells = known_cells(pa.array(list(values), pa.string()), codes)
    return np.asarray(cells.to_pandas(), dtype=object)


def _mixed(values: pd.Series, name: str, how: Reading, where: str) -> pd.Series:
    """Numbers beside text (a workbook): read as the same cells of a CSV file would be."""
    import pyarrow as pa

    known = values.dropna()
    odd = [v for v in known if not isinstance(v, str | int | float | bool) and not _is_date(v)]
    if odd:
        raise InputError(
            f"{where}: column '{name}' holds {len(odd)} cells of type {type(odd[0]).__name__}. "
            "Write plain numbers, text or dates there."
        )
    cells = pa.array([None if v is None else _cell_text(v) for v in values], pa.string())
    marks = NumberMarks(how.decimal or ".", how.thousands, may_have_commas=False)
    kind = ColumnKind(how.is_text(name), how.codes(name), marks)
    kind.narrow(cells)
    is_declared = name in how.number_columns
    kind.check(name, where, is_declared=is_declared)
    is_told = how.is_text(name) or is_declared or kind.n_words or kind.marks_that_hinder()
    if kind.name == "text" and not is_told:
        n_text = sum(isinstance(value, str) for value in known)
        warn(
            f"{where}: column '{name}' was read as text: {n_text} cells are text, "
            f"{len(known) - n_text} are numbers, dates or true/false. If the text means missing, "
            "name it in na_values=.",
            ReadingWarning,
        )
    return pd.Series(typed(cells, kind), values.index)


def _is_date(value: Any) -> bool:
    return hasattr(value, "isoformat")


def _cell_text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return str(value).removesuffix(" 00:00:00")
