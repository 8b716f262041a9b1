"""Tables against their schema: load it, validate a frame, print the codebook.

`data_schemas/<name>.json` (Frictionless Table Schema with a few properties of our own, described
in its README) is the single source of names, types, units, codes, level order and rules.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faceage_stats._near import did_you_mean
from faceage_stats.errors import InputError

if TYPE_CHECKING:  # the names of the schemas cost nothing; pandas comes with the first table
    import pandas as pd

__all__ = ["Field", "Schema", "data_dictionary", "load_schema", "schema_names", "validate"]

_ROWS = 200_000
_TYPES = {"string", "number", "integer", "date"}
_CONSTRAINTS = {
    *("required", "unique", "enum", "minimum", "maximum", "exclusiveMinimum", "pattern"),
}
_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Field:
    """One column of a table, or one family of columns that share a name pattern."""

    name: str
    type: str
    description: str
    unit: str = ""
    constraints: Mapping[str, Any] = field(default_factory=dict)
    levels: tuple[Any, ...] = ()
    reference: Any = None
    labels: Mapping[str, str] = field(default_factory=dict)
    ordered: bool = False
    optional: bool = False

    @property
    def required(self) -> bool:
        """No value may be missing."""
        return bool(self.constraints.get("required", False))

    @property
    def is_factor(self) -> bool:
        """Text with declared levels: categorical once validated."""
        return self.type == "string" and bool(self.levels)

    @property
    def label_levels(self) -> list[str]:
        """The labels in level order, pooled ones once: the levels of the recoded column."""
        return list(dict.fromkeys(self.labels[str(level)] for level in self.levels))

    @property
    def allowed(self) -> str:
        """Allowed values in words."""
        if "enum" in self.constraints:
            codes = self.constraints["enum"]
            return ", ".join(
                f"{c} = {self.labels[str(c)]}" if self.labels.get(str(c), c) != c else str(c)
                for c in codes
            )
        limits = self.constraints
        parts = [
            f"{sign} {limits[key]}"
            for key, sign in (("exclusiveMinimum", ">"), ("minimum", ">="), ("maximum", "<="))
            if key in limits
        ]
        if "pattern" in limits:
            parts.append(f"matches {limits['pattern']}")
        return " and ".join(parts)


@dataclass(frozen=True)
class Schema:
    """A table as declared in `data_schemas`."""

    name: str
    title: str
    description: str
    row: str
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    missing_values: tuple[str, ...]
    pattern_fields: tuple[tuple[str, int, Field], ...]
    rules: tuple[Mapping[str, Any], ...]
    constant_within: tuple[Mapping[str, Any], ...]
    extra_columns: bool

    def field(self, column: str) -> Field:
        """Field of a column; for a dosage or gene column that of its pattern."""
        for candidate in self.fields:
            if candidate.name == column:
                return candidate
        found = self.pattern_field(column)
        if found is None:
            raise InputError(
                f"the {self.name} schema has no column '{column}'. Its columns are "
                f"{', '.join(f.name for f in self.fields)}."
            )
        return found

    def pattern_field(self, column: str) -> Field | None:
        """The family of columns that a name belongs to, if any."""
        for pattern, _, candidate in self.pattern_fields:
            if re.fullmatch(pattern, column):
                return candidate
        return None


def schema_names() -> list[str]:
    """Names of the schemas that are shipped, in alphabetical order.

    Returns
    -------
    list of str

    Examples
    --------
    >>> schema_names()[:3]
    ['biomarkers', 'expression', 'fahr_rt']
    """
    return sorted(path.stem for path in _folder().glob("*.json"))


@functools.cache
def load_schema(name: str) -> Schema:
    """Read one schema.

    Parameters
    ----------
    name : str
        One of `schema_names`, or the path of a schema of your own (``.json``).

    Returns
    -------
    Schema

    Raises
    ------
    InputError
        If there is no such schema.

    Examples
    --------
    >>> load_schema("maastro").field("time_days").unit
    'days'
    """
    path = Path(name) if name.endswith(".json") else _folder() / f"{name}.json"
    if not path.is_file():
        raise InputError(
            f"there is no schema '{name}'.{did_you_mean(name, schema_names())} The schemas are "
            f"{', '.join(schema_names())}."
        )
    try:
        declared = _schema(json.loads(path.read_text(encoding="utf-8")))
        patterns = [pattern for pattern, _, _ in declared.pattern_fields]
        fields = [*declared.fields, *(entry for _, _, entry in declared.pattern_fields)]
        patterns += [f.constraints["pattern"] for f in fields if "pattern" in f.constraints]
        for pattern in patterns:
            re.compile(pattern)
        unknown = {f.type for f in fields} - _TYPES
        unknown |= {key for f in fields for key in f.constraints} - _CONSTRAINTS
    except KeyError as error:
        raise InputError(f"{path.name} is no table schema: it has no {error}.") from error
    except (ValueError, TypeError, AttributeError, OSError, re.error) as error:
        raise InputError(f"{path.name} is no table schema: {error}.") from error
    if unknown:
        raise InputError(
            f"{path.name} is no table schema that can be checked: {', '.join(sorted(unknown))} "
            f"unknown. Types: {', '.join(sorted(_TYPES))}; constraints: "
            f"{', '.join(sorted(_CONSTRAINTS))}."
        )
    return declared


def _schema(raw: Mapping[str, Any]) -> Schema:
    key = raw["primaryKey"]
    return Schema(
        name=raw["name"],
        title=raw["title"],
        description=raw["description"],
        row=raw["row"],
        fields=tuple(_field(entry) for entry in raw["fields"]),
        primary_key=(key,) if isinstance(key, str) else tuple(key),
        missing_values=tuple(raw["missingValues"]),
        pattern_fields=tuple(
            (entry["pattern"], entry["minimumColumns"], _field(entry))
            for entry in raw.get("patternFields", [])
        ),
        rules=tuple(raw["rules"]),
        constant_within=tuple(raw.get("constantWithin", [])),
        extra_columns=raw["extraColumns"]["allowed"],
    )


def validate(df: Any, schema: str) -> pd.DataFrame:
    """Check a table against its schema: a typed copy, or one error that lists every problem.

    Parameters
    ----------
    df : pandas.DataFrame or polars.DataFrame
        The raw table, one row per unit named in the schema.
    schema : str
        Name of the schema, such as ``"maastro"``.

    Returns
    -------
    pandas.DataFrame
        Same rows, same index; the schema's columns first and in its order, then the others
        untouched. Text with levels is categorical with the schema's level order (the first level
        is the reference), identifiers are text, dates are ``datetime64``, numbers are ``float64``,
        whole numbers ``int64`` where none may be missing and ``float64`` otherwise.
        ``attrs["schema"]`` holds the name.

    Raises
    ------
    SchemaError
        If anything is wrong. ``error.problems`` has one row per problem: ``column``, ``rule``,
        ``n_rows``, ``rows`` (up to five positions; the first row under the header is 1, so that
        no identifier is printed) and ``cure``.
    InputError
        If `df` is not a data frame or `schema` does not exist.

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
    import pandas as pd

    from faceage_stats.cohorts._checks import with_levels
    from faceage_stats.cohorts._validation import Validation

    declared = load_schema(schema)
    frame = _as_frame(df)
    validation = Validation(declared)
    # in parts, so that what checking needs beside the table stays small
    starts = range(0, max(len(frame), 1), _ROWS)
    parts = [validation.add(frame.iloc[start : start + _ROWS]) for start in starts]
    validation.raise_if_refused()
    typed = with_levels(parts[0] if len(parts) == 1 else pd.concat(parts), declared)
    typed.index = frame.index
    typed.attrs["schema"] = declared.name
    return typed


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
    import pandas as pd

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


def _folder() -> Path:
    """The schemas inside an installed package, or beside it in a checkout."""
    inside = _PACKAGE / "data_schemas"
    return inside if inside.is_dir() else _PACKAGE.parent / "data_schemas"


def _field(entry: Mapping[str, Any]) -> Field:
    return Field(
        name=entry["name"],
        type=entry["type"],
        description=entry["description"],
        unit=entry.get("unit", ""),
        constraints=entry["constraints"],
        levels=tuple(entry.get("levels", ())),
        reference=entry.get("reference"),
        labels=entry.get("labels", {}),
        ordered=entry.get("ordered", False),
        optional=entry.get("optional", False),
    )


def _as_frame(df: Any) -> pd.DataFrame:
    import pandas as pd

    if isinstance(df, pd.DataFrame):
        return df.copy(deep=False)
    if hasattr(df, "to_pandas"):
        return df.to_pandas()
    raise InputError(
        f"validate needs a data frame, not a {type(df).__name__}. Read the file with read_table."
    )
