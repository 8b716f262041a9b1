"""A commented draft of a mapping, from the names of an export's columns and their codes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from faceage_stats.cohorts.prepare.looked import LEAST_ROWS, Looked, look_at
from faceage_stats.cohorts.prepare.words import ALIVE, DEAD, UNKNOWN, column_named, plain_words
from faceage_stats.cohorts.schema.load_schema import load_schema
from faceage_stats.cohorts.schema.schema import Field

__all__ = ["draft_mapping"]

_ENDS = """
# exclude:
#   - {name: Palliative intent, where: "`Intent` == 'palliative'"}
incomplete: refuse        # or exclude: rows without a value that the schema needs
"""


def draft_mapping(
    exports: str | Path | Sequence[str | Path],
    schema: str,
    *,
    sheet: str | None = None,
    header_row: int | None = None,
    encoding: str | None = None,
) -> str:
    """Draft a mapping as text; identifiers and rare values are not written down.

    Parameters
    ----------
    exports : path or list of paths
        The hospital's file, and those that are joined to it.
    schema : str
        Name of the schema.
    sheet : str, optional
        Sheet of a workbook with several.
    header_row : int, optional
        Line of the column names, from 1.
    encoding : str, optional
        Encoding of the files that are no UTF-8 or UTF-16; default: found.

    Returns
    -------
    str
        YAML with a comment at each place that only the hospital can fill in (TODO).
    """
    paths = [Path(each) for each in ([exports] if isinstance(exports, str | Path) else exports)]
    declared = load_schema(schema)
    told: dict[str, Any] = {"sheet": sheet, "header_row": header_row}
    seen = look_at(paths, {key: v for key, v in told.items() if v is not None}, encoding)
    lines = [
        f"# {', '.join(path.name for path in paths)} ({seen.n_rows} rows) to the schema {schema}.",
        "# What was found is a suggestion. Complete each TODO, then: faceage prepare THIS_FILE",
        f"schema: {schema}",
        "label: TODO              # as figures and pages are to call your cohort",
        "short_name: TODO",
        *_source_lines(seen),
        f"missing: [{', '.join(map(_scalar, seen.missing))}]   # codes for a missing value",
        "duplicates:",
        "  identical: refuse       # or drop: rows whose every cell stands in an earlier row",
        "  keep: refuse            # or first, last, newest or oldest (with `by: a date`)",
        "  # prefer: \"`Remark` == 'correction'\"   rows that count before others of the patient",
        "",
        "dates:                    # DD, MM and YYYY as they stand there",
        *_date_lines(seen),
        "impossible_dates: refuse  # or exclude: death before start, and so on",
        "",
        "columns:",
    ]
    below = {"faceage", *(("time_days", "years", "death") if seen.dates else ())}
    for field in declared.fields:
        if field.name not in below:
            lines += _column_lines(field, seen)
    lines += _follow_up_lines(seen) if seen.dates else []
    lines += [
        "",
        "# Scores of the photographs, as `faceage score` wrote them.",
        f"scores: {{path: biomarkers.csv, rule: nearest, date: {seen.date('start')}, "
        "within_days: 30}",
    ]
    return "\n".join([*lines, _ENDS, *_overview(seen)]) + "\n"


def _source_lines(seen: Looked) -> Iterator[str]:
    """The first file, and those beside it."""
    first, *others = seen.sources
    yield f"source: {{{_file(first)}}}"
    if others:
        yield "join:                     # keep: first, last, newest or oldest (with `by: a date`)"
    for source, match in zip(others, seen.matches, strict=True):
        here, there, zeros = match or ("TODO", "TODO", "keep")
        columns = _scalar(here) if here == there else f"[{_scalar(here)}, {_scalar(there)}]"
        told = "" if zeros == "keep" else f", leading_zeros: {zeros}"
        yield f"  - {{{_file(source)}, match: {columns}{told}, keep: refuse}}"


def _file(source: Any) -> str:
    told = ((k, v if isinstance(v, int) else _scalar(v)) for k, v in source.reading.items())
    return ", ".join([f"path: {_scalar(source.path.name)}", *(f"{k}: {v}" for k, v in told)])


def _date_lines(seen: Looked) -> Iterator[str]:
    for key, (name, formats) in seen.dates.items():
        written = "" if formats == ["as dates"] else f", format: {formats[0]}"
        both = f"   # TODO or {' or '.join(formats[1:])}?" if len(formats) > 1 else ""
        yield f"  {_scalar(key)}: {{from: {_scalar(name)}{written}}}{both}"
    if not seen.dates:
        yield "  # none was found: {from: COLUMN, format: DD.MM.YYYY}"


def _column_lines(field: Field, seen: Looked) -> Iterator[str]:
    """One column of the schema: what it is, and the nearest of the export."""
    needed = "needed" if field.required else "may be missing"
    enum = [str(each) for each in field.constraints.get("enum", ())]
    allowed = f" Codes: {field.allowed}." if field.levels or enum else ""
    unit = f" In {field.unit}." if field.unit else ""
    yield f"  # {field.name} ({needed}): {field.description}{unit}{allowed}"
    source = column_named(field.name, seen.codes)
    listed = [c for c in seen.codes.get(source or "", {}) if c.casefold() not in UNKNOWN]
    if field.constraints.get("unique"):
        key = _scalar(seen.patient or "TODO")
        yield f"  {field.name}: {{number: {key}}}   # a hospital's number: it stays behind"
        yield f"  # {field.name}: {key}   # where it is a pseudonym already"
    elif source and enum and listed:
        codes = (f"{_scalar(code)}: {code if code in enum else 'TODO'}" for code in listed)
        yield f"  {field.name}:"
        yield f"    from: {_scalar(source)}"
        yield f"    codes: {{{', '.join(codes)}}}"
        yield "    other_codes: refuse   # or missing"
    elif field.name == "age" and seen.dates:
        dates = f"{seen.date('birth')}, {seen.date('start')}"
        yield f"  age: {{years_between: [{dates}]}}   # two dates, or: {{from: COLUMN}}"
    elif field.name == "bmi":
        yield from _bmi_lines(seen)
    else:
        mark = "" if source or field.required else "# "
        yield f"  {mark}{field.name}: {_scalar(source or 'TODO')}"


def _bmi_lines(seen: Looked) -> Iterator[str]:
    """Weight and height by their names, with the unit that the name says."""
    sources = {part: column_named(part, seen.codes) for part in ("weight", "height")}
    mark = "" if all(sources.values()) else "# "
    yield f"  {mark}bmi:"
    for (part, source), usual in zip(sources.items(), (("kg", "lb"), ("cm", "m")), strict=True):
        said = [unit for unit in usual if unit in plain_words(source or "")]
        unit = said[0] if said else f"{usual[0]}}}   # TODO or {usual[1]}?"
        closing = "}" if said else ""
        yield f"  {mark}  {part}: {{from: {_scalar(source or 'TODO')}, unit: {unit}{closing}"


def _follow_up_lines(seen: Looked) -> Iterator[str]:
    yield ""
    yield "# Time and event from dates; in their place, the export may have columns for them."
    yield "follow_up:"
    yield f"  start: {seen.date('start')}"
    yield f"  death: {seen.date('death')}   # omit it where `status` alone says who died"
    yield f"  last_contact: {seen.date('last_contact')}"
    if seen.status is None:
        return
    alive, dead = (
        ", ".join(_scalar(c) for c in seen.codes[seen.status] if c.casefold() in words) or "TODO"
        for words in (ALIVE, DEAD)
    )
    yield f"  status: {{from: {_scalar(seen.status)}, alive: [{alive}], dead: [{dead}],"
    yield "           alive_with_death: refuse, dead_without_date: refuse}"


def _overview(seen: Looked) -> Iterator[str]:
    yield f"# Columns of the export, with codes of {LEAST_ROWS} rows or more:"
    for name, _ in seen.dates.values():
        yield f"#   {_scalar(name)}: dates"
    for name, found in seen.codes.items():
        listed = ", ".join(f"{_scalar(code)} ({n})" for code, n in found.items())
        yield f"#   {_scalar(name)}: {listed or 'identifiers, numbers or free text'}"


def _scalar(text: str) -> str:
    """Text as YAML reads it back, on one line."""
    return text if re.fullmatch(r"[^\W\d][\w-]*", text) else json.dumps(text, ensure_ascii=False)
