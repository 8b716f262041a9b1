"""Cells in the type that their column declares; those that cannot be read are listed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats.cohorts.schema.constraints import BrokenRule, missing_cells
from faceage_stats.cohorts.schema.problems import Order, Problem
from faceage_stats.cohorts.schema.schema import Field, Schema

__all__ = ["coerce_columns", "with_levels"]

_DATE = r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?"
_DECIMAL_COMMA = r"\s*[+-]?\d+,\d+\s*"
_TRUTH = {"true": "1", "false": "0"}


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
        rules: list[BrokenRule] = [(*one, (Order.TYPE, position, i)) for i, one in enumerate(bad)]
        if entry.required:
            rules.append(missing_cells(entry, values.isna().to_numpy()))
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
