"""Constraints on cells, and rules that compare rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from faceage_stats.cohorts.schema.problems import Order, Problem
from faceage_stats.cohorts.schema.schema import Field, Schema

__all__ = [
    "BrokenRule",
    "column_problems",
    "constant_columns",
    "missing_cells",
    "unique_columns",
]

_MISSING = "missing values"
_TWICE = "duplicates"
BrokenRule: TypeAlias = tuple[str, str, np.ndarray, tuple[int, ...]]  # rule, cure, rows, order


def missing_cells(entry: Field, gaps: np.ndarray) -> BrokenRule:
    """The rule that no value of a column may be missing, and the rows where one is."""
    return _MISSING, _cure(entry, _MISSING), gaps, _place(entry, "required")


def column_problems(frame: pd.DataFrame, schema: Schema) -> list[Problem]:
    """Constraints of single cells; missing cells were listed by their type."""
    problems = _family_problems(frame, schema)
    for entry in schema.fields:
        for key, rule, test in _cell_checks(entry) if entry.name in frame else ():
            held = test(frame[entry.name].dropna())
            rows = held.index[~held.to_numpy(dtype=bool)]
            if not rows.empty:
                problems.append(
                    Problem.in_rows(
                        entry.name, rule, _cure(entry, rule), rows, order=_place(entry, key)
                    )
                )
    return problems


def _place(entry: Field, constraint: str) -> tuple[int, ...]:
    return Order.VALUE, list(entry.constraints).index(constraint)


def _cell_checks(entry: Field) -> list[tuple[str, str, Callable[[pd.Series], Any]]]:
    """Constraint, rule in words and its test, for each constraint on the cells of a column."""
    tests: dict[str, Callable[[Any], tuple[str, Callable[[pd.Series], Any]]]] = {
        "enum": lambda codes: ("allowed codes", lambda s: s.isin(codes)),
        "minimum": lambda limit: (f"at least {limit}", lambda s: s >= limit),
        "maximum": lambda limit: (f"at most {limit}", lambda s: s <= limit),
        "exclusiveMinimum": lambda limit: (f"greater than {limit}", lambda s: s > limit),
        "pattern": lambda pattern: ("format", lambda s: s.str.fullmatch(pattern).astype(bool)),
    }
    limits = entry.constraints
    return [(key, *tests[key](limits[key])) for key in limits if key not in ("required", "unique")]


def _cure(entry: Field, rule: str) -> str:
    if rule == _MISSING:
        return "Fill in the cells, or exclude those rows before validating and report it."
    if rule == _TWICE:
        return "Each value may appear once. Keep one row of each, or make the identifiers distinct."
    if rule == "allowed codes":
        return f"Recode to one of: {entry.allowed}."
    if rule == "format":
        return f"Every value {entry.allowed}."
    unit = f" in {entry.unit}" if entry.unit else ""
    return f"Allowed: {entry.allowed}{unit}. Check the unit, correct the cells or exclude the rows."


def _family_problems(frame: pd.DataFrame, schema: Schema) -> list[Problem]:
    """Ranges of dosage and gene columns, all columns of a family at once (there may be 10^5)."""
    problems = []
    for i, (pattern, _, entry) in enumerate(schema.pattern_fields):
        names = [c for c in frame if re.fullmatch(pattern, str(c))]
        if not names or "minimum" not in entry.constraints:
            continue
        low, high = entry.constraints["minimum"], entry.constraints["maximum"]
        values = frame[names].to_numpy(dtype=float)
        outside = (values < low) | (values > high)
        problems += [
            Problem.in_rows(
                str(names[j]),
                f"between {low} and {high}",
                _cure(entry, "range"),
                frame.index[outside[:, j]],
                order=(Order.FAMILY, i, int(j)),
            )
            for j in np.flatnonzero(outside.any(axis=0))
        ]
    return problems


def unique_columns(schema: Schema) -> list[tuple[Problem, tuple[str, ...]]]:
    """Columns, or a key of several, in which no value may repeat; with the problem if one does."""
    rules: list[tuple[Problem, tuple[str, ...]]] = [
        (Problem(e.name, _TWICE, _cure(e, _TWICE), order=_place(e, "unique")), (e.name,))
        for e in schema.fields
        if e.constraints.get("unique")
    ]
    key = schema.primary_key
    if len(key) > 1:
        cure = f"A row is {schema.row}. Keep one row of each."
        rules.append((Problem(", ".join(key), _TWICE, cure, order=(Order.KEY,)), key))
    return rules


def constant_columns(schema: Schema) -> list[tuple[Problem, tuple[str, ...], str]]:
    """Columns with one value on all rows that agree in other columns; the problem if not."""
    rules = []
    for i, repeat in enumerate(schema.constant_within):
        by = tuple(repeat["by"])
        rule = f"one value per {' and '.join(by)}"
        cure = f"{repeat['description']} Correct the rows that differ."
        for j, column in enumerate(repeat["columns"]):
            rules.append((Problem(column, rule, cure, order=(Order.REPEAT, i, j)), by, column))
    return rules
