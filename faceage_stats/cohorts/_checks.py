"""The checks behind `validate`: header, types, values, rules across columns.

Every function takes a frame whose index counts the rows from 0 and returns the problems it found;
none stops at the first.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from faceage_stats.cohorts._problems import Problem

if TYPE_CHECKING:
    from faceage_stats.cohorts.schema import Field, Schema

__all__ = ["coerce_columns", "column_problems", "header_problems", "row_problems", "with_levels"]

_DATE = r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?"
_DECIMAL_COMMA = r"\s*[+-]?\d+,\d+\s*"
_TRUTH = {"true": "1", "false": "0"}


# ---- header


def header_problems(frame: pd.DataFrame, schema: Schema) -> list[Problem]:
    """Columns that are missing, misspelt, twice or not allowed; a table without rows."""
    names = [str(column) for column in frame.columns]
    problems = []
    if frame.empty:
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
    return problems


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
    """Declared columns in their type, others untouched; what cannot be converted is a problem."""
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
    for column in [*present, *families]:
        entry = schema.field(str(column))
        values = _without_missing_codes(frame[column], schema.missing_values)
        typed[str(column)], bad = converters[entry.type](values, entry)
        problems += [
            Problem(str(column), rule, cure, np.flatnonzero(mask))
            for rule, cure, mask in bad
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
    if pd.api.types.is_float_dtype(values) and bool((values.dropna() % 1 == 0).all()):
        values = values.astype("Int64")  # identifiers that were read as 12.0
    text = values.astype(object)
    other = text.notna() & ~text.map(lambda value: isinstance(value, str)).astype(bool)
    text[other] = [str(value) for value in text[other]]
    return text.where(text.notna(), np.nan), []


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


def column_problems(
    frame: pd.DataFrame, schema: Schema, *, already: list[Problem]
) -> list[Problem]:
    """Constraints of single columns, through pandera; `already` were reported as wrong type."""
    import pandera.pandas as pa
    from pandera.errors import SchemaErrors

    checked = {e.name: _column_checks(e) for e in schema.fields if e.name in frame}
    columns = {
        name: pa.Column(
            checks=[pa.Check(test, error=rule, ignore_na=rule != _MISSING) for rule, test in tests],
            nullable=True,
        )
        for name, tests in checked.items()
    }
    problems = _family_problems(frame, schema)
    try:
        pa.DataFrameSchema(columns).validate(frame, lazy=True, inplace=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases.drop_duplicates(["column", "check", "index"])
        for (column, rule), group in cases.groupby(["column", "check"], sort=False):
            rows = np.sort(group["index"].to_numpy(dtype=int))
            if rule == _MISSING:
                rows = np.setdiff1d(rows, _positions(already, column))
            if rows.size:
                problems.append(Problem(column, rule, _cure(schema.field(column), rule), rows))
    return problems


_MISSING = "missing values"


def _positions(problems: list[Problem], column: str) -> np.ndarray:
    found = [np.asarray(p.positions, int) for p in problems if p.column == column]
    return np.concatenate([np.empty(0, int), *found])


def _column_checks(entry: Field) -> list[tuple[str, Callable[[pd.Series], Any]]]:
    """Rule in words and its test, for each constraint of a column."""
    limits = entry.constraints
    tests: dict[str, Callable[[Any], tuple[str, Callable[[pd.Series], Any]]]] = {
        "required": lambda _: (_MISSING, lambda s: s.notna()),
        "unique": lambda _: ("duplicates", lambda s: ~s.duplicated(keep=False)),
        "enum": lambda codes: ("allowed codes", lambda s: s.isin(codes)),
        "minimum": lambda limit: (f"at least {limit}", lambda s: s >= limit),
        "maximum": lambda limit: (f"at most {limit}", lambda s: s <= limit),
        "exclusiveMinimum": lambda limit: (f"greater than {limit}", lambda s: s > limit),
        "pattern": lambda pattern: ("format", lambda s: s.str.fullmatch(pattern).astype(bool)),
    }
    return [tests[key](value) for key, value in limits.items() if value is not False]


def _cure(entry: Field, rule: str) -> str:
    if rule == _MISSING:
        return "Fill the cells in, or leave those rows out before validating and say so."
    if rule == "duplicates":
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
    for pattern, _, entry in schema.pattern_fields:
        names = [c for c in frame if re.fullmatch(pattern, str(c))]
        if not names or "minimum" not in entry.constraints:
            continue
        low, high = entry.constraints["minimum"], entry.constraints["maximum"]
        values = frame[names].to_numpy(dtype=float)
        outside = (values < low) | (values > high)
        problems += [
            Problem(
                str(names[j]),
                f"between {low} and {high}",
                _cure(entry, "range"),
                np.flatnonzero(outside[:, j]),
            )
            for j in np.flatnonzero(outside.any(axis=0))
        ]
    return problems


# ---- rows


def row_problems(frame: pd.DataFrame, schema: Schema) -> list[Problem]:
    """Rules across columns, values that repeat within a patient, and the key of several columns."""
    problems = []
    declared = {entry.name for entry in schema.fields}
    for rule in schema.rules:
        needed = declared.intersection(re.findall(r"\w+", rule["expression"]))
        if not needed <= set(frame.columns):
            continue  # its missing column has been reported
        complete = frame.dropna(subset=rule["columns"])
        holds = np.asarray(complete.eval(rule["expression"], engine="python"), dtype=bool)
        problems += _broken(rule["columns"], rule["name"], rule, complete.index[~holds])
    for repeat in schema.constant_within:
        for column in [c for c in repeat["columns"] if {c, *repeat["by"]} <= set(frame.columns)]:
            kinds = frame.groupby(repeat["by"])[column].transform("nunique", dropna=False)
            entry = {**repeat, "cure": "Correct the rows that differ."}
            name = f"one value per {' and '.join(repeat['by'])}"
            problems += _broken([column], name, entry, frame.index[(kinds > 1).to_numpy()])
    key = list(schema.primary_key)
    if len(key) > 1 and set(key) <= set(frame.columns):
        twice = frame.index[frame.duplicated(key, keep=False).to_numpy()]
        entry = {"description": f"A row is {schema.row}.", "cure": "Keep one row of each."}
        problems += _broken(key, "duplicates", entry, twice)
    return problems


def _broken(columns: list[str], rule: str, entry: Any, rows: pd.Index) -> list[Problem]:
    if rows.empty:
        return []
    cure = f"{entry['description']} {entry['cure']}"
    return [Problem(", ".join(columns), rule, cure, rows.to_numpy())]


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
