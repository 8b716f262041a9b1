"""The kind of a column, however it is stored: numbers, true/false, text, a factor or dates."""

from __future__ import annotations

import datetime as dt
import decimal
import numbers
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats.errors import InputError

__all__ = ["beyond_exact", "by_kind", "is_time", "level_text"]

_EXACT = 2**53  # whole numbers beyond it are record numbers, which float64 would merge
_NUMBERS = {"integer", "floating", "mixed-integer-float", "decimal", "empty"}
_TIMES = {"datetime", "datetime64", "timedelta", "timedelta64", "period"}
_SCALARS = (str, numbers.Real, decimal.Decimal, np.bool_, dt.date, dt.time, dt.timedelta, pd.Period)


def by_kind(values: pd.Series) -> pd.Series:
    """Read a column as its kind; float64, factors, dates and text come back as they are.

    Parameters
    ----------
    values : pandas.Series
        Of any dtype: NumPy, nullable, Arrow, category, or Python objects.

    Returns
    -------
    pandas.Series
        float64 for numbers, "boolean" for true/false, object for text; a categorical, dates,
        times, durations and periods as they are. Where text stands beside anything else, all is
        text, as in R, so that no row is lost: 1 and "1" are the same, 1 and "unknown" differ.

    Raises
    ------
    InputError
        The cells hold something else: lists, complex numbers.

    Examples
    --------
    >>> by_kind(pd.Series([1, None], dtype="Int8")).tolist()
    [1.0, nan]
    >>> by_kind(pd.Series([1, 1.0, "1", "unknown"])).tolist()
    ['1', '1', '1', 'unknown']
    """
    dtype = values.dtype
    if dtype == np.dtype(float) or isinstance(dtype, pd.CategoricalDtype):
        return values
    if isinstance(dtype, pd.SparseDtype):
        return by_kind(pd.Series(np.asarray(values), index=values.index, name=values.name))
    if dtype == np.dtype(object):
        return _read_objects(values)
    if pd.api.types.is_bool_dtype(dtype):
        return values.astype("boolean")
    if pd.api.types.is_complex_dtype(dtype):
        raise InputError(f"column '{values.name}' holds complex numbers. Use their real part.")
    if pd.api.types.is_numeric_dtype(dtype):
        return values if beyond_exact(values) else _as_float(values)
    if pd.api.types.is_string_dtype(dtype):
        return values.astype(object).where(values.notna(), np.nan)
    if isinstance(dtype, pd.ArrowDtype):
        return by_kind(_from_arrow(values))
    return values


def _as_float(values: pd.Series) -> pd.Series:
    array = values.to_numpy(dtype=float, na_value=np.nan)
    return pd.Series(array, index=values.index, name=values.name)


def beyond_exact(values: pd.Series) -> bool:
    """Tell whole numbers that float64 would merge: record numbers, of which groups are made.

    Examples
    --------
    >>> beyond_exact(pd.Series([2**53 + 1])), beyond_exact(pd.Series([2.0**60]))
    (True, False)
    """
    if not pd.api.types.is_integer_dtype(values.dtype):
        return False
    whole = values.to_numpy() if isinstance(values.dtype, np.dtype) else values
    return bool((whole > _EXACT).any() or (whole < -_EXACT).any())


def _from_arrow(values: pd.Series) -> pd.Series:
    """Dates of Arrow become those of pandas; a dictionary is text unless its order is meant."""
    import pyarrow

    array = pyarrow.array(values)
    if pyarrow.types.is_dictionary(array.type) and not array.type.ordered:
        array = array.cast(array.type.value_type)
    plain = array.to_pandas(date_as_object=False)
    return pd.Series(plain.array, index=values.index, name=values.name)


def _read_objects(values: pd.Series) -> pd.Series:
    """Read Python objects, as they come from a database or from rows put together by hand."""
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind == "string":
        return values
    if kind in _NUMBERS:
        return by_kind(pd.to_numeric(values.where(values.notna(), np.nan)))
    if kind == "boolean":
        return values.astype("boolean")
    if kind == "date":
        return values.astype("datetime64[s]")
    if kind in _TIMES:
        return values.infer_objects()
    present = values.dropna()
    odd = [each for each in present if not isinstance(each, _SCALARS)]
    if odd:
        cure = " Make them text: .str.decode('latin-1')." if isinstance(odd[0], bytes) else ""
        raise InputError(
            f"column '{values.name}' holds a {type(odd[0]).__name__} in {len(odd)} rows; a cell "
            f"holds a number, true/false, a text or a date.{cure}"
        )
    if all(isinstance(each, numbers.Real | decimal.Decimal | np.bool_) for each in present):
        return values.where(values.notna(), np.nan).astype(float)
    texts = [np.nan if pd.isna(each) else level_text(each) for each in values]
    return pd.Series(texts, index=values.index, name=values.name, dtype=object)


def is_time(values: pd.Series) -> bool:
    """Tell dates, times, durations and periods: they group patients, but are no numbers.

    Examples
    --------
    >>> is_time(pd.Series(pd.to_datetime(["2022-01-31"]))), is_time(pd.Series([2022]))
    (True, False)
    """
    dtype = values.dtype
    return (
        pd.api.types.is_datetime64_any_dtype(dtype)
        or pd.api.types.is_timedelta64_dtype(dtype)
        or isinstance(dtype, pd.PeriodDtype)
    )


def level_text(level: Any) -> str:
    """Write a level as R does: 2.0 as 2, true in capitals, a day without its midnight.

    Examples
    --------
    >>> [level_text(each) for each in (2.0, True, 0.1 + 0.2, pd.Timestamp("2022-01-31"), "lung")]
    ['2', 'TRUE', '0.3', '2022-01-31', 'lung']
    """
    if isinstance(level, str):
        return level
    if isinstance(level, bool | np.bool_):
        return str(level).upper()
    if isinstance(level, float | np.floating | decimal.Decimal):
        return str(int(level)) if float(level).is_integer() else f"{float(level):.15g}"
    if isinstance(level, dt.datetime | dt.timedelta):
        return str(level).removesuffix(" 00:00:00")
    return str(level)
