"""The codebook of a table."""

from __future__ import annotations

import pandas as pd

from faceage_stats.cohorts.schema.load_schema import load_schema
from faceage_stats.cohorts.schema.schema import Field

__all__ = ["data_dictionary"]


def data_dictionary(name: str) -> pd.DataFrame:
    """Say which columns a table has and what they mean, from its schema.

    Parameters
    ----------
    name : str
        Name of the schema.

    Returns
    -------
    pandas.DataFrame
        ``column`` (for a family of columns its name pattern), ``type``, ``unit``, ``allowed``,
        ``required`` (yes; column: may hold missing values; no: may be absent), ``reference``
        (first level of a factor) and ``description``.

    Examples
    --------
    >>> data_dictionary("utk").loc[3, ["column", "type", "required"]].tolist()
    ['gender', 'integer', 'yes']
    """
    declared = load_schema(name)
    named = [(entry.name, entry) for entry in declared.fields]
    families = [(pattern, entry) for pattern, _, entry in declared.pattern_fields]
    return pd.DataFrame(
        [
            {
                "column": column,
                "type": entry.type,
                "unit": entry.unit,
                "allowed": entry.allowed,
                "required": _need(entry, is_family=(column, entry) in families),
                "reference": "" if entry.reference is None else str(entry.reference),
                "description": entry.description,
            }
            for column, entry in named + families
        ]
    )


def _need(entry: Field, *, is_family: bool) -> str:
    if entry.required:
        return "yes"
    return "no" if entry.optional or is_family else "column"
