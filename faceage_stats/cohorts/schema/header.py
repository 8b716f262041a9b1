"""Columns that are missing, misspelt, twice or not allowed."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace

from faceage_stats.cohorts.schema.problems import Order, Problem
from faceage_stats.cohorts.schema.schema import Field, Schema

__all__ = ["header_problems"]


def header_problems(names: list[str], n_rows: int, schema: Schema) -> list[Problem]:
    """Columns that are missing, misspelt, twice or not allowed; a table without rows."""
    problems = []
    if not (names and n_rows):
        problems.append(
            Problem("(table)", "no rows", "It holds no data rows; export it again, with them.")
        )
    problems += [
        Problem(name, "appears more than once", "Keep one column of that name.")
        for name in dict.fromkeys(n for n in names if names.count(n) > 1)
    ]
    declared = [entry.name for entry in schema.fields]
    undeclared = [n for n in names if n not in declared and schema.pattern_field(n) is None]
    for entry in schema.fields:
        if entry.name not in names:
            problems += _absent(entry, undeclared)
    for pattern, minimum, entry in schema.pattern_fields:
        if sum(re.fullmatch(pattern, name) is not None for name in names) < minimum:
            problems.append(
                Problem(
                    pattern,
                    f"at least {minimum} column named so",
                    f"{entry.description} Name the columns so.",
                )
            )
    if not schema.extra_columns:
        cure = f"Remove it: the {schema.name} table has no other columns."
        problems += [Problem(name, "not in the schema", cure) for name in undeclared]
    return [replace(problem, order=(Order.HEADER, i)) for i, problem in enumerate(problems)]


def _absent(entry: Field, undeclared: list[str]) -> list[Problem]:
    """A column is absent: refused when it is required, or an undeclared one resembles it."""
    guess = _near(entry.name, undeclared, strict=entry.optional)
    if entry.optional and guess is None:
        return []
    hint = f"Did you mean '{guess}'? Rename it to '{entry.name}'" if guess else "Add it"
    may_be_empty = "" if entry.required or entry.optional else "; it may hold missing values"
    rule = "misspelt" if entry.optional else "missing from the table"
    return [Problem(entry.name, rule, f"{hint}{may_be_empty}. {entry.description}")]


def _near(name: str, undeclared: list[str], *, strict: bool) -> str | None:
    """The undeclared column that is most likely `name` in another spelling."""
    plain = {_plain(other): other for other in reversed(undeclared)}
    close = difflib.get_close_matches(_plain(name), plain, n=1, cutoff=0.85 if strict else 0.7)
    if close:
        return plain[close[0]]
    words = set(re.split(r"[^a-z0-9]+", name.lower()))
    longer = [o for o in undeclared if words <= set(re.split(r"[^a-z0-9]+", o.lower()))]
    return longer[0] if longer and not strict else None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
