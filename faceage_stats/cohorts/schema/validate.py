"""Check a table against its schema."""

from __future__ import annotations

from typing import Any

import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas
from faceage_stats.cohorts.schema.batches import Validation
from faceage_stats.cohorts.schema.cells import with_levels
from faceage_stats.cohorts.schema.load_schema import load_schema

__all__ = ["validate"]

_ROWS = 200_000


@checked_call
def validate(data: Any, schema: str) -> pd.DataFrame:
    """Check a table against its schema; return it typed, or list every problem in one error.

    Parameters
    ----------
    data : pandas.DataFrame or polars.DataFrame
        The raw table, one row per unit named in the schema.
    schema : str
        Name of the schema, such as ``"maastro"``.

    Returns
    -------
    pandas.DataFrame
        Same rows, same index; the schema's columns first and in its order, then any further
        columns unchanged. Text with levels is categorical with the schema's level order (the first
        level is the reference), identifiers are text, dates are ``datetime64``, numbers are
        ``float64``, whole numbers ``int64`` where none may be missing and ``float64`` otherwise.
        ``attrs["schema"]`` holds the name.

    Raises
    ------
    SchemaError
        If anything is wrong. ``error.problems`` has one row per problem: ``column``, ``rule``,
        ``n_rows``, ``rows`` (up to five positions; the first row under the header is 1, so that
        no identifier is printed) and ``cure``.
    InputError
        If `data` is not a data frame or `schema` does not exist.

    See Also
    --------
    read_table : Read the file, with identifiers as text.
    curate : Validate a table and apply the published exclusions of its cohort.

    Notes
    -----
    Checked: columns (missing, misspelt, twice, unexpected), types, dates where times are expected,
    non-finite numbers, codes, ranges, patterns, missing values, duplicate keys, rules across
    columns, values that must repeat within a patient. A rule is applied to the rows in which none
    of its columns is missing. Values are never shown.

    Examples
    --------
    >>> import pandas as pd
    >>> utk = pd.DataFrame({"subj_id": [1, 2], "faceage": [61.5, 70.2], "age": [60, 72],
    ...                     "gender": [0, 1], "race": [0, 4]})
    >>> validate(utk, "utk").dtypes["subj_id"]
    dtype('O')
    >>> validate(utk.assign(race=[0, 9]), "utk")
    Traceback (most recent call last):
        ...
    faceage_stats.errors.SchemaError: utk table of 2 rows: 1 problem.
      1. column 'race', allowed codes: 1 row (row 2). Recode to one of: 0 = white, 1 = black, \
2 = asian, 3 = indian, 4 = other.
    """
    declared = load_schema(schema)
    frame = as_pandas(data)
    validation = Validation(declared)
    # in parts, so that checking needs little memory beside the table
    starts = range(0, max(len(frame), 1), _ROWS)
    parts = [validation.add(frame.iloc[start : start + _ROWS]) for start in starts]
    validation.raise_if_refused()
    typed = with_levels(parts[0] if len(parts) == 1 else pd.concat(parts), declared)
    typed.index = frame.index
    typed.attrs = {**frame.attrs, "schema": declared.name}
    return typed
