"""Read the rule of one column of a mapping: which kind it is, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from faceage_stats._expression.evaluate import names_in
from faceage_stats._near import did_you_mean
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
from faceage_stats.cohorts.prepare.section import Section
from faceage_stats.cohorts.prepare.units import unit_problem
from faceage_stats.cohorts.schema.schema import Field, Schema
from faceage_stats.errors import FormulaError

__all__ = ["MISSING", "column_rule"]

_KINDS = {  # the keys that say what a rule is
    "from": "a column of the export",
    "number": "a column of the export, whose values are replaced by numbers",
    "value": "one value for all",
    "where": "a condition",
    "date": "a date",
    "years_between": "[birth, start]",
    "days_between": "[first, last]",
    "weight": "with height: the body mass index",
}
MISSING = "missing"  # what a codelist writes for a code that is not known


def column_rule(
    below: Section, name: str, schema: Schema, dates: Mapping[str, Any]
) -> ColumnRule | None:
    """Read the rule of a column; a single text is the column of the export.

    Parameters
    ----------
    below : Section
        The columns of the mapping.
    name : str
        The column to make.
    schema : Schema
    dates : dict
        The dates of the mapping, by name.

    Returns
    -------
    ColumnRule or None
        None where it cannot be read; why is noted in the section.
    """
    given = below.content.get(name)
    content = given if isinstance(given, Mapping) else {"from": given}
    part = Section(content, below.document, (*below.place, name))
    field = next((each for each in schema.fields if each.name == name), None)
    found = [key for key in _KINDS if key in part]
    if len(found) != 1:
        told = " and ".join(found) or "none"
        listed = ", ".join(f"{key} ({what})" for key, what in _KINDS.items())
        below.fault(name, f"one of these keys makes a column, here stand {told}: {listed}.")
        return None
    part.asked.append("missing")  # read with the codes for missing values
    rule: ColumnRule = _READ[found[0]](part, field)
    part.close(others=("from",))
    return rule


def _from(part: Section, field: Field | None) -> ColumnRule:
    source = part.text("from", required=True)
    if "codes" in part:
        return _codelist(part, source, field)
    numeric = field is not None and field.type in ("number", "integer")
    if numeric or "unit" in part or "range" in part:
        return _quantity(part, source, field.unit if field else part.text("to"))
    return Verbatim(source)


def _numbered(part: Section, field: Field | None) -> Verbatim:
    if field is None or not field.constraints.get("unique"):
        part.fault("number", "is for the column that identifies a patient.")
    return Verbatim(part.text("number", required=True), numbered=True)


def _codelist(part: Section, source: str, field: Field | None) -> Codelist:
    codes = part.section("codes")
    found: dict[str, str | None] = {}
    empty = [code for code in codes.names() if codes.get(code) in (None, "")]
    if empty:
        part.fault(
            "codes",
            f"{', '.join(empty)} stand{'s' if len(empty) == 1 else ''} for nothing. Write a code "
            f"of the schema, or `{MISSING}`.",
        )
    allowed = [str(each) for each in field.constraints.get("enum", ())] if field else []
    unknown: dict[str, list[str]] = {}
    for code in codes.names():
        text = codes.text(code)
        found[code] = None if text == MISSING else text
        if allowed and text not in (*allowed, MISSING, ""):
            unknown.setdefault(text, []).append(code)
    for text, written in unknown.items():
        near = did_you_mean(text, allowed)
        listed = field.allowed if field else ""
        which = ", ".join(written)
        codes.fault(
            written[0], f"'{text}' is no code of the schema ({which}).{near} Codes: {listed}."
        )
    other = part.choice("other_codes", ("refuse", "missing"), "refuse")
    return Codelist(source, found, other)


def _quantity(part: Section, source: str, to: str) -> Quantity:
    unit, other = part.text("unit"), part.text("other_unit")
    for key, each in (("unit", unit), ("other_unit", other)):
        problem = unit_problem(each, to) if each and to else ""
        if problem:
            part.fault(key, problem)
    limits = _limits(part)
    if other and not (unit and limits):
        part.fault("other_unit", "needs `unit`, and `range` to tell which cells are in it.")
    unread = part.choice("other", ("refuse", "missing"), "refuse")
    return Quantity(source, unit, to if unit else "", limits, other, unread)


def _limits(part: Section) -> tuple[float, float] | None:
    written = part.texts("range")
    if not written:
        return None
    try:
        low, high = map(float, written)
    except ValueError:
        part.fault("range", "is two numbers, the least and the most: [100, 230].")
        return None
    if low >= high:
        part.fault("range", "is the least, then the most.")
    return low, high


def _between(unit: str) -> Any:
    def read(part: Section, field: Field | None) -> Between:
        names = part.texts(f"{unit}_between")
        if len(names) != 2:
            part.fault(f"{unit}_between", "is two dates: [birth, start].")
            names = ("", "")
        return Between(names[0], names[1], unit)

    return read


def _bmi(part: Section, field: Field | None) -> Bmi:
    parts = []
    for key, unit in (("weight", "kg"), ("height", "m")):
        below = part.section(key)
        if below.text("unit") == "":
            below.fault("unit", f"is missing: `{key}: {{from: ..., unit: ...}}`.")
        parts.append(_quantity(below, below.text("from", required=True), unit))
        below.close()
    return Bmi(*parts)


def _condition(part: Section, field: Field | None) -> Condition:
    where = part.text("where", required=True)
    try:
        names_in(where, "where")
    except FormulaError as error:
        part.fault("where", str(error))
    return Condition(where)


_READ: dict[str, Any] = {
    "from": _from,
    "number": _numbered,
    "value": lambda part, field: Constant(part.text("value", required=True)),
    "where": _condition,
    "date": lambda part, field: DateColumn(part.text("date", required=True)),
    "years_between": _between("years"),
    "days_between": _between("days"),
    "weight": _bmi,
}
