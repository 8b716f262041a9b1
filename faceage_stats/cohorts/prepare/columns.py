"""New columns from the export's cells: each kind of rule, and the steps that it counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pandas as pd

from faceage_stats._expression.evaluate import names_in, one_column
from faceage_stats._expression.parse import parse
from faceage_stats._near import nearest
from faceage_stats.cohorts.prepare.cells import numbers, texts, typed_columns
from faceage_stats.cohorts.prepare.declared import (
    Between,
    Bmi,
    Codelist,
    ColumnRule,
    Condition,
    Constant,
    DateColumn,
    Quantity,
    Verbatim,
)
from faceage_stats.cohorts.prepare.preparation import Preparation, rows_text
from faceage_stats.cohorts.prepare.units import convert
from faceage_stats.errors import FormulaError, InputError

__all__ = ["add_columns", "condition", "counted"]

_TELLING = 4  # letters
FEW = 5  # a code of fewer rows than this is counted, not shown


def add_columns(work: Preparation) -> None:
    """Make every column of the mapping; what is wrong is noted, all of it."""
    for name, rule in work.mapping.columns.items():
        try:
            work.rows[name] = _values(work, name, rule)
        except InputError as error:
            work.problem(name, str(error))
            work.rows[name] = None
    work.raise_if_faulty()


def _values(work: Preparation, name: str, rule: ColumnRule) -> pd.Series:
    if isinstance(rule, Codelist):
        return _recoded(work, name, rule)
    if isinstance(rule, Quantity):
        return _quantity(work, name, rule)
    if isinstance(rule, Bmi):
        weight = _quantity(work, name, rule.weight)
        height = _quantity(work, name, rule.height)
        work.note(
            f"{name}", "weight in kg over squared height in m", weight.notna() & height.notna()
        )
        return weight / height**2
    if isinstance(rule, Between):
        days = (work.dates[rule.last] - work.dates[rule.first]).dt.days.astype(float)
        work.note(name, f"{rule.unit} from {rule.first} to {rule.last}", days.notna())
        return convert(days, "days", rule.unit)
    if isinstance(rule, Condition):
        holds = condition(work, rule.where, name)
        work.note(name, f"1 where {said(rule.where)}", holds.notna())
        return holds.astype("Float64").astype(float)
    if isinstance(rule, DateColumn):
        return work.dates[rule.date]
    if isinstance(rule, Constant):
        work.note(name, f"{rule.value} for all", np.ones(len(work.rows)))
        return pd.Series(rule.value, work.rows.index, dtype=object)
    return _verbatim(work, rule)


def _verbatim(work: Preparation, rule: Verbatim) -> pd.Series:
    cells = work.cells[rule.source]
    if pd.api.types.is_datetime64_any_dtype(cells):
        return cells
    return texts(cells)


def _recoded(work: Preparation, name: str, rule: Codelist) -> pd.Series:
    """Codes by the list; others are refused with their counts, or set to missing."""
    cells = texts(work.cells[rule.source])
    places = {code: _place(code, rule.codes) for code in cells.dropna().unique()}
    unknown = cells.notna() & ~cells.isin([code for code, place in places.items() if place])
    if unknown.any() and rule.other == "refuse":
        work.problem(
            name,
            f"{rows_text(cells.index, unknown)} of '{rule.source}' hold codes that are not in "
            f"`codes`: {counted(cells[unknown], list(rule.codes))}. Add them there, or write "
            "`other_codes: missing`.",
        )
    found = {code: rule.codes.get(place) for code, place in places.items()}
    recoded = [found.get(code) for code in cells]
    values = pd.Series(recoded, cells.index, dtype=object)
    known = cells.notna() & ~unknown
    rows_of = Counter(places[code] for code in cells.dropna())
    work.note(f"Codes of {name}", _pairs(rule.codes, rows_of), known & (cells != values))
    if rule.other == "missing":
        work.note(f"Other codes of {name}", "codes that are not listed count as missing", unknown)
    return values


def said(where: str) -> str:
    """Name the columns of a condition: what it compares them with may be a patient's number."""
    return f"a condition on {', '.join(names_in(where, 'where'))} holds"


def _pairs(codes: Mapping[str, str | None], rows_of: Mapping[str, int]) -> str:
    """The codelist as the flow prints it: without the codes of few rows."""
    shown = [f"{c} = {to or 'missing'}" for c, to in codes.items() if rows_of.get(c, 0) >= FEW]
    rare = len(codes) - len(shown)
    if rare:
        shown.append(f"and {rare} of fewer than {FEW} rows each")
    return ", ".join(shown)


def _place(code: str, codes: Mapping[str, str | None]) -> str:
    """Find the entry of a code: itself, or the longest beginning that is written with a star."""
    if code in codes:
        return code
    fits = [each for each in codes if each.endswith("*") and code.startswith(each[:-1])]
    return max(fits, key=len, default="")


def counted(codes: pd.Series, known: list[str]) -> str:
    """Codes with the number of their rows, those of few rows together and not shown."""
    counts = Counter(codes)
    shown = [
        f"'{code}' ({n} rows{_meant(code, known)})" for code, n in counts.most_common() if n >= FEW
    ]
    rare = [n for n in counts.values() if n < FEW]
    if rare:
        noun = "code" if len(rare) == 1 else "codes"
        shown.append(f"{len(rare)} {noun} of fewer than {FEW} rows each ({sum(rare)} rows)")
    return ", ".join(shown)


def _meant(code: str, known: list[str]) -> str:
    """The code that is nearest in spelling; of very short ones any is near."""
    near = nearest(code, known) if len(code) >= _TELLING else None
    return f", did you mean '{near}'" if near else ""


def _quantity(work: Preparation, name: str, rule: Quantity) -> pd.Series:
    """Numbers in the unit that is asked for, within their limits."""
    label = name if rule.source == name else f"{name} from {rule.source}"
    values, unread = numbers(work.cells[rule.source], work.mapping.marks)
    if unread.any():
        if rule.unread == "refuse":
            work.problem(
                name,
                f"'{rule.source}' holds no number in {rows_text(values.index, unread)}. Name "
                "codes in `missing`, or write `other: missing`.",
            )
        work.note(f"Numbers of {label}", "what is no number counts as missing", unread)
    if rule.limits is not None:
        values = _within(work, name, label, values, rule)
    if rule.unit and rule.unit != rule.to:
        values = convert(values, rule.unit, rule.to)
        work.note(f"Unit of {label}", f"{rule.unit} to {rule.to}", values.notna())
    return values


def _within(
    work: Preparation, name: str, label: str, values: pd.Series, rule: Quantity
) -> pd.Series:
    """Take cells in the other unit for what they are; refuse those that fit neither."""
    low, high = rule.limits or (-np.inf, np.inf)
    limits = f"{low:g} to {high:g} {rule.unit}".rstrip()
    if rule.other_unit:
        turned = convert(values, rule.other_unit, rule.unit)
        other = values.notna() & ~values.between(low, high) & turned.between(low, high)
        values = values.mask(other, turned)
        work.note(
            f"Unit of {label}", f"outside of {limits}, but in {rule.other_unit} within", other
        )
    outside = values.notna() & ~values.between(low, high)
    if outside.any() and rule.unread == "refuse":
        work.problem(
            name,
            f"'{rule.source}' is outside of {limits} in {rows_text(values.index, outside)}. "
            "Correct the unit or the range, or write `other: missing`.",
        )
    work.note(f"Range of {label}", f"outside of {limits} counts as missing", outside)
    return values.mask(outside)


def condition(work: Preparation, where: str, key: str) -> pd.Series:
    """Evaluate a condition on what is known of the rows: true, false or missing."""
    table = work.table()
    raw = [name for name in names_in(where, key) if name in work.cells and name not in work.rows]
    typed = typed_columns(work.cells, [n for n in raw if n not in work.dates], work.mapping.marks)
    value = one_column(parse(where, key), table.assign(**typed), key)
    if value.dtype != "boolean":
        raise FormulaError(f"`{where}` is not true or false.")
    return value
