"""The checks behind `validate` that look at one row at a time: types, values, rules across columns.

Every function takes a batch of rows, whose index counts them from the top of the table, and returns
the problems it found; none stops at the first. The header is checked once, by name.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from faceage_stats.cohorts._problems import Problem

if TYPE_CHECKING:
    from faceage_stats.cohorts.schema import Field, Schema

__all__ = [
    "coerce_columns",
    "column_problems",
    "constant_columns",
    "header_problems",
    "row_problems",
    "unique_columns",
    "with_levels",
]

_DATE = r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?"
_DECIMAL_COMMA = r"\s*[+-]?\d+,\d+\s*"
_TRUTH = {"true": "1", "false": "0"}


# the order in which the problems of a column are listed
_HEADER, _TYPE, _FAMILY, _VALUE, _RULE, _REPEAT, _KEY = range(7)


# ---- header


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
    spare = [n for n in names if n not in declared and schema.pattern_field(n) is None]
    for entry in schema.fields:
        if entry.name not in names:
            problems += _absent(entry, spare)
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
        problems += [Problem(name, "not in the schema", cure) for name in spare]
    return [replace(problem, order=(_HEADER, i)) for i, problem in enumerate(problems)]


def _absent(entry: Field, spare: list[str]) -> list[Problem]:
    """A column is not there: refused when it must be, or when a spare one looks like it."""
    guess = _near(entry.name, spare, strict=entry.optional)
    if entry.optional and guess is None:
        return []
    hint = f"Did you mean '{guess}'? Rename it to '{entry.name}'" if guess else "Add it"
    may_be_empty = "" if entry.required or entry.optional else "; it may hold missing values"
    rule = "misspelt" if entry.optional else "missing from the table"
    return [Problem(entry.name, rule, f"{hint}{may_be_empty}. {entry.description}")]


def _near(name: str, spare: list[str], *, strict: bool) -> str | None:
    """The spare column that most likely is `name` under another spelling."""
    plain = {_plain(other): other for other in reversed(spare)}
    close = difflib.get_close_matches(_plain(name), plain, n=1, cutoff=0.85 if strict else 0.7)
    if close:
        return plain[close[0]]
    words = set(re.split(r"[^a-z0-9]+", name.lower()))
    longer = [o for o in spare if words <= set(re.split(r"[^a-z0-9]+", o.lower()))]
    return longer[0] if longer and not strict else None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


# ---- types


def coerce_columns(frame: pd.DataFrame, schema: Schema) -> tuple[pd.DataFrame, list[Problem]]:
    """Declared columns in their type, others untouched; missing and unreadable cells listed."""
    typed: dict[str, pd.Series] = {}
    problems: list[Problem] = []
    converters = {
        "string": _to_text,
        "number": _to_number,
        "integer": _to_integer,
        "date": _to_date,
    }
    present = [entry.name for entry in schema.fields if entry.name in frame]
    families = [c for c in frame if c not in present and schema.pattern_field(str(c)) is not None]
    for position, column in enumerate([*present, *families]):
        entry = schema.field(str(column))
        values = _without_missing_codes(frame[column], schema.missing_values)
        typed[str(column)], bad = converters[entry.type](values, entry)
        rules: list[tuple[str, str, np.ndarray, tuple[int, ...]]] = [
            (*one, (_TYPE, position, i)) for i, one in enumerate(bad)
        ]
        if entry.required:
            gaps = values.isna().to_numpy()
            rules.append((_MISSING, _cure(entry, _MISSING), gaps, _place(entry, "required")))
        problems += [
            Problem.in_rows(str(column), rule, cure, frame.index[mask], order=order)
            for rule, cure, mask, order in rules
            if mask.any()
        ]
    columns: dict[Any, pd.Series] = {**typed}
    columns |= {column: frame[column] for column in frame if column not in typed}
    return pd.DataFrame(columns, index=frame.index, copy=False), problems


Bad = list[tuple[str, str, np.ndarray]]  # rule, cure, mask of the rows


def _without_missing_codes(values: pd.Series, codes: Iterable[str]) -> pd.Series:
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(object)
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
        return values
    values = values.astype(object)
    return values.where(values.notna() & ~values.isin(list(codes)), np.nan)


def _to_text(values: pd.Series, entry: Field) -> tuple[pd.Series, Bad]:
    text = values.astype(object)
    other = text.notna() & ~text.map(lambda value: isinstance(value, str)).astype(bool)
    text[other] = [_plain_text(value) for value in text[other]]
    return text.where(text.notna(), np.nan), []


def _plain_text(value: Any) -> str:
    """Text of an identifier; one that was read as 12.0 is 12."""
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole else str(value)


def _to_number(values: pd.Series, entry: Field) -> tuple[pd.Series, Bad]:
    unit = entry.unit or "numbers"
    bad: Bad = []
    if pd.api.types.is_datetime64_any_dtype(values):
        return _nothing(values), [_dates_for_numbers(unit, values.notna().to_numpy())]
    if pd.api.types.is_numeric_dtype(values):
        numbers = values.astype("Float64").astype("float64")
    else:
        numbers, bad = _parse_numbers(values, unit)
    infinite = np.isinf(numbers.to_numpy())
    bad.append(("not finite", "Leave the cell empty where the value is not known.", infinite))
    return numbers.mask(infinite), bad


def _parse_numbers(values: pd.Series, unit: str) -> tuple[pd.Series, Bad]:
    known = values.notna().to_numpy()
    text = values[known].astype(str)
    text = text.where(~text.str.lower().isin(_TRUTH), text.str.lower().map(_TRUTH))
    parsed = pd.to_numeric(text, errors="coerce")
    numbers = parsed.astype(float).reindex(values.index)
    unread = known & numbers.isna().to_numpy()
    refused = values[unread].astype(str)
    date, comma = (_match(refused, pattern, values.index) for pattern in (_DATE, _DECIMAL_COMMA))
    return numbers, [
        _dates_for_numbers(unit, date),
        ("decimal commas", "Write decimal points, or read the file with read_table.", comma),
        (
            "not a number",
            f"Expected {unit}. Correct the cells, or leave them empty where not known.",
            unread & ~date & ~comma,
        ),
    ]


def _match(refused: pd.Series, pattern: str, index: pd.Index) -> np.ndarray:
    hits = refused.str.fullmatch(pattern).astype(bool)
    return hits.reindex(index, fill_value=False).to_numpy()


def _dates_for_numbers(unit: str, mask: np.ndarray) -> tuple[str, str, np.ndarray]:
    cure = (
        f"Expected {unit}. Subtract the first day from the last, in days (years = days / 365.25)."
    )
    return "dates where numbers are expected", cure, mask


def _to_integer(values: pd.Series, entry: Field) -> tuple[pd.Series, Bad]:
    numbers, bad = _to_number(values, entry)
    fractions = (numbers.notna() & (numbers % 1 != 0)).to_numpy()
    bad.append(("not a whole number", "Correct the cells: only whole numbers here.", fractions))
    return numbers.mask(fractions), bad


def _to_date(values: pd.Series, entry: Field) -> tuple[pd.Series, Bad]:
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.tz_localize(None).astype("datetime64[ns]"), []
    cure = "Write dates as YYYY-MM-DD."
    if pd.api.types.is_numeric_dtype(values):
        known = values.notna().to_numpy()
        dates = pd.Series(pd.NaT, index=values.index, dtype="datetime64[ns]")
        return dates, [("numbers where dates are expected", cure, known)]
    text = values.where(values.isna(), values.astype(str).str.removesuffix(" 00:00:00"))
    dates = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce").astype("datetime64[ns]")
    return dates, [("not a date", cure, (values.notna() & dates.isna()).to_numpy())]


def _nothing(values: pd.Series) -> pd.Series:
    return pd.Series(np.nan, index=values.index)


# ---- values


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


_MISSING = "missing values"
_TWICE = "duplicates"


def _place(entry: Field, constraint: str) -> tuple[int, ...]:
    return _VALUE, list(entry.constraints).index(constraint)


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
        return "Fill the cells in, or leave those rows out before validating and say so."
    if rule == _TWICE:
        return "Each value may appear once. Keep one row of each, or make the identifiers distinct."
    if rule == "allowed codes":
        return f"Recode to one of: {entry.allowed}."
    if rule == "format":
        return f"Every value {entry.allowed}."
    unit = f" in {entry.unit}" if entry.unit else ""
    return (
        f"Allowed: {entry.allowed}{unit}. Check the unit, correct the cells or leave the rows out."
    )


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
                order=(_FAMILY, i, int(j)),
            )
            for j in np.flatnonzero(outside.any(axis=0))
        ]
    return problems


# ---- rows


def row_problems(frame: pd.DataFrame, schema: Schema) -> list[Problem]:
    """Rules across the columns of a row."""
    problems = []
    declared = {entry.name for entry in schema.fields}
    for i, rule in enumerate(schema.rules):
        needed = declared.intersection(re.findall(r"\w+", rule["expression"])) | {*rule["columns"]}
        if not needed <= set(frame.columns):
            continue  # its missing column has been reported
        complete = frame.dropna(subset=rule["columns"])
        holds = np.asarray(complete.eval(rule["expression"], engine="python"), dtype=bool)
        if not holds.all():
            problems.append(
                Problem.in_rows(
                    ", ".join(rule["columns"]),
                    rule["name"],
                    f"{rule['description']} {rule['cure']}",
                    complete.index[~holds],
                    order=(_RULE, i),
                )
            )
    return problems


# ---- rules that need every row


def unique_columns(schema: Schema) -> list[tuple[Problem, tuple[str, ...]]]:
    """Columns, or a key of several, that hold no value twice; with the problem if they do."""
    rules: list[tuple[Problem, tuple[str, ...]]] = [
        (Problem(e.name, _TWICE, _cure(e, _TWICE), order=_place(e, "unique")), (e.name,))
        for e in schema.fields
        if e.constraints.get("unique")
    ]
    key = schema.primary_key
    if len(key) > 1:
        cure = f"A row is {schema.row}. Keep one row of each."
        rules.append((Problem(", ".join(key), _TWICE, cure, order=(_KEY,)), key))
    return rules


def constant_columns(schema: Schema) -> list[tuple[Problem, tuple[str, ...], str]]:
    """Columns that repeat one value on the rows alike in others; with the problem if not."""
    rules = []
    for i, repeat in enumerate(schema.constant_within):
        by = tuple(repeat["by"])
        rule = f"one value per {' and '.join(by)}"
        cure = f"{repeat['description']} Correct the rows that differ."
        for j, column in enumerate(repeat["columns"]):
            rules.append((Problem(column, rule, cure, order=(_REPEAT, i, j)), by, column))
    return rules


def with_levels(frame: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Factors as categoricals in the schema's level order, complete whole numbers as int64."""
    changed: dict[str, pd.Series] = {}
    for entry in schema.fields:
        if entry.name not in frame:
            continue
        if entry.is_factor:
            levels = pd.CategoricalDtype(list(entry.levels), ordered=entry.ordered)
            changed[entry.name] = frame[entry.name].astype(levels)
        elif entry.type == "integer" and entry.required:
            changed[entry.name] = frame[entry.name].astype("int64")
    return frame.assign(**changed)
