"""A commented draft of a mapping, from the names of an export's columns and their codes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from faceage_stats._near import nearest
from faceage_stats.cohorts.prepare.cells import as_cells, texts
from faceage_stats.cohorts.prepare.dates import likely_formats
from faceage_stats.cohorts.schema.load_schema import load_schema
from faceage_stats.cohorts.schema.schema import Field
from faceage_stats.cohorts.tables.read_table import read_batches
from faceage_stats.cohorts.tables.reading import Reading

__all__ = ["draft_mapping"]

MOST_CODES = 30  # more different values are no codelist, and may be identifiers
LEAST_ROWS = 5  # a value of fewer rows is not written down
_MISSING = {
    *("na", "n/a", "nan", "null", "none", "-", ".", "?", "-1", "-9", "-99", "-999", "99", "999"),
    *("unbekannt", "unknown", "inconnu", "desconocido", "onbekend", "sconosciuto", "okänt"),
    *("ignorado", "não informado", "keine angabe", "k.a.", "non noto", "ukjent", "ukendt", "brak"),
    *("b.d.", "brak danych", "nieznany", "nieznane", "neznámé", "ismeretlen", "bilinmiyor"),
    *("nr", "n.r.", "nd", "n.d.", "non renseigné", "non connu", "no consta", "sin dato"),
}
_FOLLOW_UP = """
# Time and event from dates; in their place, the export may have columns for them.
follow_up: {start: TODO, death: TODO, last_contact: TODO}
"""
_ENDS = """
# Scores of the photographs, as `faceage score` wrote them.
scores: {path: biomarkers.csv, rule: nearest, date: TODO, within_days: 30}

# exclude:
#   - {name: Palliative intent, where: "`Intent` == 'palliative'"}
incomplete: refuse        # or exclude: rows without a value that the schema needs
"""


def draft_mapping(
    export: str | Path, schema: str, *, sheet: str | None = None, header_row: int | None = None
) -> str:
    """Draft a mapping as text; identifiers and rare values are not written down.

    Parameters
    ----------
    export : path
        The hospital's file.
    schema : str
        Name of the schema.
    sheet : str, optional
        Sheet of a workbook with several.
    header_row : int, optional
        Line of the column names, from 1.

    Returns
    -------
    str
        YAML with a comment at each place that only the hospital can fill in (TODO).
    """
    path, declared = Path(export), load_schema(schema)
    how = Reading(text_columns=None, missing_codes=("",), sheet=sheet, header_row=header_row)
    read = read_batches(path, how=how)
    cells = as_cells(pd.concat(list(read), ignore_index=True))
    formats = {str(name): _formats(cells[name]) for name in cells}
    dates = {name: found for name, found in formats.items() if found}
    codes = {str(name): _codes(cells[name]) for name in cells if name not in dates}
    lines = [
        f"# {path.name} ({len(cells)} rows, {len(cells.columns)} columns) to the schema "
        f"{schema}. Complete each TODO, then: faceage prepare THIS_FILE",
        f"schema: {schema}",
        "label: TODO              # as figures and pages are to call your cohort",
        "source:",
        f"  path: {_scalar(path.name)}",
        *([f"  sheet: {_scalar(sheet)}"] if sheet else []),
        *([f"  header_row: {header_row}"] if header_row else []),
        f"missing: [{', '.join(map(_scalar, _missing(codes)))}]   # codes for a missing value",
        "duplicates:",
        "  identical: refuse       # or drop: rows whose every cell stands in an earlier row",
        "  keep: refuse            # or first, last, newest (with `by: a date`) of a patient",
        "  # prefer: \"`Remark` == 'correction'\"   rows that count before others of the patient",
        "",
        "dates:                    # DD, MM and YYYY as they stand there",
        *_date_lines(dates),
        "impossible_dates: refuse  # or exclude: death before start, and so on",
        "",
        "columns:",
    ]
    below = {"faceage", *(("time_days", "years", "death") if dates else ())}
    for field in declared.fields:
        if field.name not in below:
            lines += _column_lines(field, codes)
    lines += [_FOLLOW_UP.rstrip()] if dates else []
    return "\n".join([*lines, _ENDS, *_overview(codes, dates)]) + "\n"


def _formats(values: pd.Series) -> list[str]:
    is_date = pd.api.types.is_datetime64_any_dtype(values)
    return ["as dates"] if is_date else likely_formats(texts(values))


def _codes(values: pd.Series) -> dict[str, int]:
    """Values of a codelist with their rows; none of an identifier, a number, or free text."""
    counts = texts(values).value_counts()
    if len(counts) > MOST_CODES:
        return {}
    return {str(code): int(n) for code, n in counts.items() if n >= LEAST_ROWS}


def _missing(codes: dict[str, dict[str, int]]) -> list[str]:
    seen = (code for found in codes.values() for code in found)
    return list(dict.fromkeys(code for code in seen if code.lower() in _MISSING))


def _date_lines(dates: dict[str, list[str]]) -> Iterator[str]:
    for name, formats in dates.items():
        key = re.sub(r"\W+", "_", name.lower()).strip("_")
        written = "" if formats == ["as dates"] else f", format: {formats[0]}"
        both = f"   # TODO or {' or '.join(formats[1:])}?" if len(formats) > 1 else ""
        yield f"  {_scalar(key)}: {{from: {_scalar(name)}{written}}}{both}"
    if not dates:
        yield "  # none was found: {from: COLUMN, format: DD.MM.YYYY}"


def _column_lines(field: Field, codes: dict[str, dict[str, int]]) -> Iterator[str]:
    """One column of the schema: what it is, and the nearest of the export."""
    needed = "needed" if field.required else "may be missing"
    allowed = f" Codes: {field.allowed}." if field.levels or "enum" in field.constraints else ""
    unit = f" In {field.unit}." if field.unit else ""
    yield f"  # {field.name} ({needed}): {field.description}{unit}{allowed}"
    source = nearest(field.name, codes)
    listed = [code for code in codes.get(source or "", {}) if code.lower() not in _MISSING]
    if source and "enum" in field.constraints and listed:
        yield f"  {field.name}:"
        yield f"    from: {_scalar(source)}"
        yield f"    codes: {{{', '.join(f'{_scalar(code)}: TODO' for code in listed)}}}"
        yield "    other_codes: refuse   # or missing"
    elif field.name == "age":
        yield "  age: {years_between: [TODO, TODO]}   # two dates, or: {from: COLUMN}"
    elif field.name == "bmi":
        yield "  # bmi:"
        yield "  #   weight: {from: TODO, unit: kg}"
        yield "  #   height: {from: TODO, unit: cm}"
    else:
        mark = "" if source or field.required else "# "
        yield f"  {mark}{field.name}: {_scalar(source or 'TODO')}"


def _overview(codes: dict[str, dict[str, int]], dates: dict[str, list[str]]) -> Iterator[str]:
    yield f"# Columns of the export, with codes of {LEAST_ROWS} rows or more:"
    for name in dates:
        yield f"#   {_scalar(name)}: dates"
    for name, found in codes.items():
        listed = ", ".join(f"{_scalar(code)} ({n})" for code, n in found.items())
        yield f"#   {_scalar(name)}: {listed or 'identifiers, numbers or free text'}"


def _scalar(text: str) -> str:
    """Text as YAML reads it back, on one line."""
    return text if re.fullmatch(r"[^\W\d][\w-]*", text) else json.dumps(text, ensure_ascii=False)
