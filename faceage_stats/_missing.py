"""Which columns are behind a refusal of rows: those that leave none complete, or do not vary."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._columns import as_pandas, is_frame

__all__ = ["constant_in_call", "missing_in_call", "told_missing"]

_LISTED = 3  # columns that a message names; a formula may have thousands
_NAME = re.compile(r"`([^`]+)`|((?:[^\W\d]|\.(?!\d))[\w.]*)")  # as a formula spells a column


def missing_in_call(arguments: Mapping[str, Any], few: int = 0) -> str:
    """Name the columns, or vectors, of a call that leave no complete row: a sentence, or nothing.

    Parameters
    ----------
    arguments : mapping
        The arguments of a call by name: tables, formulas, names of columns, vectors.
    few : int
        As many complete rows are told of as well.

    Examples
    --------
    >>> data = pd.DataFrame({"dose": [None, None], "age": [61, 70]})
    >>> missing_in_call({"formula": "age ~ dose", "data": data})
    "'dose' is missing in all 2 rows. Fill it, or leave it out."
    """
    for table in _used(arguments):
        missing = table.isna()
        any_missing = missing.any(axis=1)
        if any_missing.any() and int((~any_missing).sum()) <= few:
            counts = zip(missing.columns, missing.sum().tolist(), strict=True)
            return told_missing(dict(counts), len(missing))
    for name, value in arguments.items():
        if _is_empty_vector(value):
            return told_missing({getattr(value, "name", None) or name: len(value)}, len(value))
    return ""


def constant_in_call(arguments: Mapping[str, Any]) -> str:
    """Name the columns of a call that have one value in the complete rows: a sentence, or nothing.

    Examples
    --------
    >>> data = pd.DataFrame({"dose": [5, 5, None], "age": [61, 70, 58]})
    >>> constant_in_call({"formula": "~ age + dose", "data": data})
    "'dose' has one value in the 2 complete rows."
    """
    for table in _used(arguments):
        complete = table.dropna()
        alike = [f"'{name}'" for name in table if complete[name].astype(str).nunique() == 1]
        if alike:
            verb = "has" if len(alike) == 1 else "have"
            listed = ", ".join(alike[:_LISTED])
            return f"{listed} {verb} one value in the {len(complete)} complete rows."
    return ""


def told_missing(counts: Mapping[Any, int], n: int) -> str:
    """Tell which columns leave none of n rows complete, by how many cells of each are missing.

    Examples
    --------
    >>> told_missing({"age": 2, "dose": 3, "sex": 0}, 4)
    "'dose' is missing in 3 of 4 rows, 'age' in 2."
    """
    empty = [str(name) for name, count in counts.items() if count == n]
    if empty:
        verb, it = ("is", "it") if len(empty) == 1 else ("are", "them")
        more = f" and {len(empty) - _LISTED} more" if len(empty) > _LISTED else ""
        listed = ", ".join(f"'{name}'" for name in empty[:_LISTED])
        return f"{listed}{more} {verb} missing in all {n} rows. Fill {it}, or leave {it} out."
    first, *others = sorted(counts, key=lambda name: -counts[name])[:_LISTED]
    rest = "".join(f", '{name}' in {counts[name]}" for name in others if counts[name])
    return f"'{first}' is missing in {counts[first]} of {n} rows{rest}."


def _used(arguments: Mapping[str, Any]) -> Iterator[pd.DataFrame]:
    """The columns of each table that other arguments name; ``.`` may stand for all of them."""
    names = {name for value in arguments.values() for name in _names(value)}
    for value in arguments.values():
        if is_frame(value):
            table = as_pandas(value)
            used = table.loc[:, [name in names or "." in names for name in table.columns]]
            if used.columns.is_unique and not used.empty:
                yield used


def _is_empty_vector(value: Any) -> bool:
    if isinstance(value, np.ndarray | pd.Series):
        return value.ndim == 1 and len(value) > 0 and bool(pd.isna(value).all())
    is_list = isinstance(value, list) and len(value) > 0
    return is_list and all(each is None or each is pd.NA or _is_nan(each) for each in value)


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and value != value


def _names(value: Any) -> Iterator[str]:
    """Every text that an argument holds, and every name that stands in one."""
    if isinstance(value, str):
        yield value
        yield from (quoted or bare for quoted, bare in _NAME.findall(value))
    elif isinstance(value, Mapping):
        yield from _names([*value, *value.values()])
    elif isinstance(value, list | tuple | set):
        for each in value:
            yield from _names(each)
