"""Columns of a table: find them, read them as their kind or as numbers."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._kinds import beyond_exact, by_kind
from faceage_stats._near import did_you_mean, nearest
from faceage_stats._units import DAYS_PER_YEAR
from faceage_stats.errors import FormulaError, InputError

__all__ = [
    "as_pandas",
    "column",
    "columns_of",
    "is_frame",
    "largest_of",
    "numeric",
    "numeric_column",
    "require_columns",
]

_OF_POLARS = ("to_pandas", "columns", "dtypes")


def as_pandas(data: Any) -> pd.DataFrame:
    """Return a pandas DataFrame; convert a polars one. `column` reads what is used.

    Numbers whose bytes stand in the order of another machine (SAS, MATLAB and FITS files hold
    them) are turned: pandas cannot select rows of them.

    Examples
    --------
    >>> as_pandas([1, 2])
    Traceback (most recent call last):
    faceage_stats.errors.InputError: data is a list; pass a pandas or polars DataFrame.
    """
    if isinstance(data, pd.DataFrame):
        if data.columns.nlevels > 1:
            raise InputError(
                f"the names of data's columns have {data.columns.nlevels} levels; join them first: "
                'data.columns = ["_".join(map(str, name)) for name in data.columns].'
            )
        return _in_native_order(data)
    if is_frame(data):
        frame: pd.DataFrame = data.to_pandas()
        for name, kind in zip(data.columns, data.dtypes, strict=True):
            if str(kind).startswith("Categorical"):  # text to polars; Enum is its ordered one
                frame[name] = frame[name].astype(object)
        return frame
    got = "missing" if data is None else f"a {type(data).__name__}"
    raise InputError(f"data is {got}; pass a pandas or polars DataFrame.{_cure(data)}")


def is_frame(data: Any) -> bool:
    """Tell the tables that are read, of pandas and polars, from all others.

    Examples
    --------
    >>> is_frame(pd.DataFrame()), is_frame([1])
    (True, False)
    """
    return isinstance(data, pd.DataFrame) or all(hasattr(data, each) for each in _OF_POLARS)


def _cure(data: Any) -> str:
    if isinstance(data, str):
        return " The formula comes first, then data." if "~" in data else ""
    known = [name for name in ("collect", "to_pandas") if hasattr(data, name)]
    return f" Its {known[0]}() gives one." if known else ""


def _in_native_order(data: pd.DataFrame) -> pd.DataFrame:
    foreign = {
        j: kind.newbyteorder("=")
        for j, kind in enumerate(data.dtypes)
        if isinstance(kind, np.dtype) and not kind.isnative
    }
    if foreign:
        data = data.copy(deep=False)
        for j, kind in foreign.items():
            data.isetitem(j, data.iloc[:, j].to_numpy().astype(kind))
    return data


def column(data: pd.DataFrame, name: Any, where: str = "data") -> pd.Series:
    """Find a column and read it as its kind, whatever its storage; see `by_kind`.

    Parameters
    ----------
    data : pandas.DataFrame
    name : str
    where : str
        The caller, as messages name it.

    Returns
    -------
    pandas.Series
        With the index of the data.

    Raises
    ------
    FormulaError
        There is no such column.
    InputError
        The name stands twice, or the cells hold lists.

    Examples
    --------
    >>> column(pd.DataFrame({"ecog": pd.Series([1, 0], dtype="int8")}), "ecog").tolist()
    [1.0, 0.0]
    """
    require_columns([name], data, where)
    return by_kind(data[name])


def _refuse_repeated(names: list[Any], data: pd.DataFrame, where: str) -> None:
    if data.columns.is_unique:
        return
    for name in names:
        n = int((data.columns == name).sum())
        if n > 1:
            raise InputError(
                f"{where}: {n} columns are called '{name}'. Rename them, or keep the first of "
                "each: data.loc[:, ~data.columns.duplicated()]."
            )


def columns_of(data: pd.DataFrame, names: Iterable[Any], where: str) -> pd.DataFrame:
    """Read several columns, each as its kind; see `column`.

    Examples
    --------
    >>> data = pd.DataFrame({"id": [7, 7], "sex": pd.Series(["f", "m"], dtype="string")})
    >>> columns_of(data, ["sex"], "icc()").dtypes.tolist()
    [dtype('O')]
    """
    names = list(names)
    require_columns(names, data, where)
    read = {name: column(data, name, where) for name in names}
    return pd.DataFrame(read, index=data.index)


def require_columns(names: Iterable[Any], data: pd.DataFrame, where: str) -> None:
    """Refuse names that are not columns, all at once, with near matches; or are columns twice.

    Parameters
    ----------
    names : iterable of str
    data : pandas.DataFrame
    where : str
        The caller, as the message names it: ``"icc()"``, or a formula in backticks.

    Raises
    ------
    FormulaError
        A name is no column.
    InputError
        A name stands twice.

    Examples
    --------
    >>> import pandas as pd
    >>> require_columns(["nope"], pd.DataFrame({"note": [1]}), "icc()")
    Traceback (most recent call last):
    faceage_stats.errors.FormulaError: icc(): no column 'nope'. Did you mean 'note'?
    """
    names = list(names)
    no_names = [name for name in names if not isinstance(name, Hashable)]
    if no_names:
        raise FormulaError(
            f"{where}: a column is named by one text; here stands a {type(no_names[0]).__name__}."
        )
    absent = [name for name in dict.fromkeys(names) if name not in data.columns]
    if not absent:
        return _refuse_repeated(names, data, where)
    if len(absent) > 1:
        near = [nearest(name, data.columns) for name in absent]
        hints = [f" (did you mean '{each}'?)" if each else "" for each in near]
        listed = ", ".join(f"'{name}'{hint}" for name, hint in zip(absent, hints, strict=True))
        raise FormulaError(f"{where}: no columns {listed}.")
    if absent[0] in map(str, data.columns):
        cure = " A name here is no text; make all of them texts: data.columns.map(str)."
    else:
        count = f" The data have {len(data.columns)} columns."
        cure = did_you_mean(absent[0], data.columns) or count
    raise FormulaError(f"{where}: no column '{absent[0]}'.{cure}")


def numeric(values: Any, name: str, what: str = "column") -> np.ndarray:
    """Read values as floats, NaN for missing; refuse dates, text and infinite values by name.

    Examples
    --------
    >>> numeric([1, None, 2.5], "age").tolist()
    [1.0, nan, 2.5]
    """
    if not isinstance(values, pd.Series):
        values = _one_column(values, name, what)
    values = by_kind(values if values.name == name else values.rename(name))
    if values.dtype != float:
        _refuse_unless_numbers(values, name, what)
    array: np.ndarray = values.to_numpy(dtype=float, na_value=np.nan)
    infinite = np.isinf(array)
    if infinite.any():
        raise InputError(
            f"{what} '{name}' has {infinite.sum()} infinite values. Correct them or set them "
            "missing."
        )
    return array


def _one_column(values: Any, name: str, what: str) -> pd.Series:
    """Make a column of a list or an array."""
    try:
        dimensions = np.ndim(values)
    except ValueError:  # a list of lists, a result of several parts
        raise InputError(f"{what} '{name}' is a {type(values).__name__}; pass numbers.") from None
    if dimensions > 1:
        raise InputError(f"{what} '{name}' has {dimensions} dimensions; pass one column.")
    return pd.Series(values, name=name)


def _refuse_unless_numbers(values: pd.Series, name: str, what: str) -> None:
    """Refuse dates, durations, text, and record numbers."""
    if pd.api.types.is_datetime64_any_dtype(values) or isinstance(values.dtype, pd.PeriodDtype):
        raise InputError(
            f"{what} '{name}' holds dates. Use a duration, e.g. "
            f"(stop - start).dt.days / {DAYS_PER_YEAR} for years."
        )
    if pd.api.types.is_timedelta64_dtype(values):
        raise InputError(f"{what} '{name}' holds time differences. Use .dt.days to get numbers.")
    if not (pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values.dtype)):
        number = pd.to_numeric(values.astype(object), errors="coerce")
        n_text = int((number.isna() & values.notna()).sum())
        cure = " after correcting those rows" if n_text else ""
        raise InputError(
            f"{what} '{name}' holds text ({n_text} of {len(values)} rows are not numbers). "
            f"Convert it with pandas.to_numeric{cure}."
        )
    if beyond_exact(values):
        raise InputError(
            f"{what} '{name}' has whole numbers beyond 2^53, which arithmetic would merge. An "
            "identifier? Where they are measured, use another unit or their distance from one."
        )


def numeric_column(data: pd.DataFrame, name: str, where: str) -> np.ndarray:
    """Read a column as floats, with the refusals of `require_columns` and `numeric`.

    Examples
    --------
    >>> import pandas as pd
    >>> numeric_column(pd.DataFrame({"age": [61, 70]}), "age", "icc()").tolist()
    [61.0, 70.0]
    """
    return numeric(column(data, name, where), name)


def largest_of(x: np.ndarray) -> np.ndarray:
    """Return the largest absolute value of each column, 1 where it is 0: a unit for its numbers.

    The square of a number beyond 1e154 is no number; over this unit all squares are.

    Examples
    --------
    >>> largest_of(np.array([[3e200, 0], [-4e200, 0]])).tolist()
    [4e+200, 1.0]
    """
    largest = np.abs(x).max(axis=0)
    return np.asarray(np.where(largest > 0, largest, 1.0))
