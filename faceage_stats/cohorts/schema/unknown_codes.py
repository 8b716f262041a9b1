"""Codes of a table that its schema does not have, with their rows; rare ones are not shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pandas as pd

from faceage_stats._levels import level_text
from faceage_stats._near import did_you_mean
from faceage_stats.cohorts.schema.schema import Schema

__all__ = ["unknown_codes"]

LEAST_ROWS = 5  # a code of fewer rows is counted, not shown


def unknown_codes(batches: Iterable[pd.DataFrame], schema: Schema) -> list[str]:
    """Describe the codes of each column of codes that are not in the schema.

    Parameters
    ----------
    batches : iterable of DataFrame
        The table, as it was read.
    schema : Schema

    Returns
    -------
    list of str
        One line per column with unknown codes: those of 5 rows or more with their rows and the
        nearest code of the schema, the others together.

    Examples
    --------
    >>> from faceage_stats.cohorts.schema.load_schema import load_schema
    >>> table = pd.DataFrame({"sex": ["F", "M", *["w"] * 7, "x"]})
    >>> unknown_codes([table], load_schema("maastro"))
    ["sex: 'w' (7 rows), 1 code of fewer than 5 rows each (1 rows)"]
    """
    fields = {f.name: f for f in schema.fields if "enum" in f.constraints}
    known = {name: [str(code) for code in f.constraints["enum"]] for name, f in fields.items()}
    counts: dict[str, Counter[str]] = {name: Counter() for name in fields}
    for rows in batches:
        for name in set(fields) & set(rows.columns):
            texts = rows[name].dropna().astype(object).map(level_text)
            counts[name].update(texts[~texts.isin(known[name])])
    return [f"{name}: {_listed(found, known[name])}" for name, found in counts.items() if found]


def _listed(counts: Counter[str], known: list[str]) -> str:
    parts = [
        f"'{code}' ({n} rows){did_you_mean(code, known)}"
        for code, n in counts.most_common()
        if n >= LEAST_ROWS
    ]
    rare = [n for n in counts.values() if n < LEAST_ROWS]
    if rare:
        noun = "code" if len(rare) == 1 else "codes"
        parts.append(f"{len(rare)} {noun} of fewer than {LEAST_ROWS} rows each ({sum(rare)} rows)")
    return ", ".join(parts)
