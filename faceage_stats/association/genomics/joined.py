"""Join a wide table of genes or variants to clinical data: by identifier, never by position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from faceage_stats._columns import as_pandas, columns_of, require_columns
from faceage_stats._formula.extremes import refuse_extremes
from faceage_stats.errors import DesignError, InputError

__all__ = ["MAX_UNMATCHED", "Joined", "Unmatched", "join_by_id", "matrix_of", "rows_of"]

MAX_UNMATCHED = 0.1  # proportion of the smaller table that may be without a partner


class Unmatched(NamedTuple):
    """Patients that only the wide table has, or only the clinical data."""

    table: int
    data: int


@dataclass(frozen=True)
class Joined:
    """Rows found in both tables, in the order of the clinical data.

    Attributes
    ----------
    data : pandas.DataFrame
        Clinical rows of patients who are in the wide table.
    values : ndarray, shape (n, m)
        The wide table's columns for the same patients; NaN is missing.
    names : tuple of str
        Columns of `values`.
    unmatched : Unmatched
        Patients without a partner in the other table.
    """

    data: pd.DataFrame
    values: np.ndarray
    names: tuple[str, ...]
    unmatched: Unmatched


def join_by_id(
    table: Any,
    data: Any,
    *,
    key: str,
    columns: Sequence[str] | None,
    max_unmatched: float,
    what: str,
) -> Joined:
    """Match patients; refuse repeated identifiers and too many without a partner."""
    table, data = as_pandas(table), as_pandas(data)
    require_columns([key], table, f"id= ({what})")
    require_columns([key], data, "id= (data)")
    names = _wide_columns(table, data, key, columns, what)
    for frame, label in ((table, what), (data, "data")):
        _check_ids(frame[key], key, label)
    position = pd.Index(table[key]).get_indexer(pd.Index(data[key]))
    found = position >= 0
    n_both = int(found.sum())
    _refuse_unmatched(n_both, len(table), len(data), key, max_unmatched, what)
    values = rows_of(matrix_of(table, names, what), position[found])
    return Joined(
        data=data[found].reset_index(drop=True),
        values=values,
        names=tuple(names),
        unmatched=Unmatched(len(table) - n_both, len(data) - n_both),
    )


def _wide_columns(
    table: pd.DataFrame, data: pd.DataFrame, key: str, columns: Sequence[str] | None, what: str
) -> list[str]:
    """The columns named, or all but the identifier; each once."""
    if columns is not None:
        names = [str(name) for name in columns]
        require_columns(names, table, what)
    else:
        names = [str(name) for name in table.columns if name != key]
        shared = [name for name in names if name in data.columns]
        if shared:
            raise InputError(
                f"{what} and data have {len(shared)} columns in common besides '{key}' "
                f"({', '.join(shared[:5])}). Name the columns of {what} that are meant."
            )
    present = table.columns[table.columns.isin(names)].astype(str)
    named = pd.Index(names)
    repeated = {*present[present.duplicated()], *named[named.duplicated()]}
    if repeated:
        shown = ", ".join(sorted(repeated)[:5])
        raise InputError(
            f"{len(repeated)} columns of {what} are there or named more than once ({shown}). "
            "Keep one of each, or average them."
        )
    if not names:
        raise InputError(f"{what} has no columns besides '{key}'.")
    return names


def _check_ids(ids: pd.Series, key: str, label: str) -> None:
    n_missing, n_repeated = int(ids.isna().sum()), int(ids.duplicated().sum())
    if n_missing:
        raise InputError(f"'{key}' is missing in {n_missing} rows of {label}; drop or fill them.")
    if n_repeated:
        raise InputError(
            f"'{key}' occurs more than once in {label} ({n_repeated} rows too many). Keep one row "
            "per patient."
        )


def _refuse_unmatched(
    n_both: int, n_table: int, n_data: int, key: str, max_unmatched: float, what: str
) -> None:
    """A subset of either table is usual; a smaller table that does not fit the larger is not."""
    smaller = min(n_table, n_data)
    without = 1 - n_both / smaller if smaller else 1.0
    if n_both == 0 or without > max_unmatched:
        raise DesignError(
            f"'{key}' matches {n_both} patients of {n_table} in {what} and {n_data} in data: "
            f"{without:.0%} of the smaller table is without a partner, {max_unmatched:.0%} are "
            "allowed. Check how both tables write and type the identifier."
        )


def matrix_of(table: pd.DataFrame, names: list[str], what: str) -> np.ndarray:
    """(n, m) floats; text, infinite values and those without a square are refused."""
    part = table[names]
    if any(pd.api.types.is_object_dtype(dtype) for dtype in part.dtypes.unique()):
        part = columns_of(table, names, what)
    others = [dtype for dtype in part.dtypes.unique() if not _holds_numbers(dtype)]
    text = [
        name
        for name, dtype in zip(names, part.dtypes, strict=True)
        if others and dtype in others and not part[name].isna().all()
    ]
    if text:
        raise InputError(
            f"{len(text)} columns of {what} are not numeric ({', '.join(text[:5])}). Convert "
            "them, or name the columns that are meant."
        )
    values = part.to_numpy(dtype=float, na_value=np.nan)
    try:
        refuse_extremes(values, names)
    except InputError:
        infinite = np.isinf(values).any(axis=0)
        if not infinite.any():
            raise
        listed = ", ".join(np.array(names)[infinite][:5])
        raise InputError(
            f"{int(infinite.sum())} columns of {what} hold infinite values ({listed}). "
            "Was a logarithm taken of zero?"
        ) from None
    return values


def _holds_numbers(dtype: Any) -> bool:
    return bool(pd.api.types.is_any_real_numeric_dtype(dtype) or pd.api.types.is_bool_dtype(dtype))


def rows_of(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Take rows of a wide matrix; all of them as they stand, the usual case, without a copy."""
    if np.array_equal(rows, np.arange(len(values))):
        return values
    return np.asarray(values[rows])
