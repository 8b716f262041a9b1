"""Read a schema by name.

`data_schemas/<name>.json` (Frictionless Table Schema with a few additional properties, described
in its README) is the single source of names, types, units, codes, level order and rules.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from faceage_stats._near import did_you_mean
from faceage_stats.cohorts.schema.schema import Field, Schema
from faceage_stats.cohorts.schema.schema_names import schema_folder, schema_names
from faceage_stats.errors import InputError

__all__ = ["load_schema"]

_TYPES = {"string", "number", "integer", "date"}
_CONSTRAINTS = {
    *("required", "unique", "enum", "minimum", "maximum", "exclusiveMinimum", "pattern"),
}


def load_schema(name: str) -> Schema:
    """Read one schema.

    Parameters
    ----------
    name : str
        One of `schema_names`, or the path to your schema (``.json``).

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
    path = Path(name) if name.endswith(".json") else schema_folder() / f"{name}.json"
    if not path.is_file():
        raise InputError(
            f"unknown schema '{name}'.{did_you_mean(name, schema_names())} Choose from "
            f"{', '.join(schema_names())}."
        )
    try:
        text = path.read_text(encoding="utf-8")
    except (ValueError, OSError) as error:
        raise InputError(f"{path.name} is not a table schema: {error}.") from error
    return _read(text, path)


@functools.cache
def _read(text: str, path: Path) -> Schema:
    """Read the text of a schema once; an edited file is another text."""
    try:
        declared = _schema(json.loads(text))
        patterns = [pattern for pattern, _, _ in declared.pattern_fields]
        fields = [*declared.fields, *(entry for _, _, entry in declared.pattern_fields)]
        patterns += [f.constraints["pattern"] for f in fields if "pattern" in f.constraints]
        for pattern in patterns:
            re.compile(pattern)
        unknown = {f.type for f in fields} - _TYPES
        unknown |= {key for f in fields for key in f.constraints} - _CONSTRAINTS
    except KeyError as error:
        raise InputError(f"{path.name} is not a table schema: it has no {error}.") from error
    except (ValueError, TypeError, AttributeError, OSError, re.error) as error:
        raise InputError(f"{path.name} is not a table schema: {error}.") from error
    if unknown:
        raise InputError(
            f"{path.name} cannot be used as a table schema: {', '.join(sorted(unknown))} "
            f"unknown. Types: {', '.join(sorted(_TYPES))}; constraints: "
            f"{', '.join(sorted(_CONSTRAINTS))}."
        )
    try:
        from faceage_stats.cohorts.schema.rules import check_rules  # help works without pandas

        check_rules(declared)
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path.name} is not a table schema: a rule has no {error}.") from error
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
        implausible=tuple(raw.get("implausible", [])),
    )


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
        expected=tuple(entry.get("expected", ())),
    )
