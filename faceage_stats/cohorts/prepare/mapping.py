"""Read a mapping: every key is known, every name is there, and all faults are told at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from faceage_stats._expression.evaluate import names_in
from faceage_stats._near import did_you_mean, nearest
from faceage_stats._photo_rules import Rule
from faceage_stats.cohorts.prepare.cells import Marks
from faceage_stats.cohorts.prepare.column_rules import column_rule
from faceage_stats.cohorts.prepare.dates import format_problem
from faceage_stats.cohorts.prepare.declared import (
    Between,
    ColumnRule,
    DateColumn,
    DateRule,
    Declared,
    Exclusion,
    Repeats,
    Scores,
)
from faceage_stats.cohorts.prepare.file_rules import (
    KEPT,
    LEADING_ZEROS,
    MARKS,
    check_by,
    joins,
    source,
)
from faceage_stats.cohorts.prepare.follow_up_rules import check_date, follow_up
from faceage_stats.cohorts.prepare.section import Document, Section
from faceage_stats.cohorts.prepare.yaml_text import read_yaml
from faceage_stats.cohorts.schema.load_schema import load_schema
from faceage_stats.cohorts.schema.schema import Schema
from faceage_stats.cohorts.schema.schema_names import schema_names
from faceage_stats.errors import FormulaError, InputError

__all__ = ["is_mapping", "load_mapping"]


def is_mapping(path: Path) -> bool:
    """Whether a file is a mapping, by its extension."""
    return path.suffix.lower() in (".yaml", ".yml")


def load_mapping(mapping: str | Path | Mapping[str, Any]) -> Declared:
    """Read a mapping from its file, or from a dict of the same keys.

    Parameters
    ----------
    mapping : path or dict
        Files that it names are relative to its folder; those of a dict to the working folder.

    Returns
    -------
    Declared

    Raises
    ------
    InputError
        With every fault: its line, its key and the cure.
    """
    if isinstance(mapping, Mapping):
        return _declared(Section(mapping, Document("mapping", {})), Path())
    if not isinstance(mapping, str | Path):
        raise InputError(
            f"mapping is a {type(mapping).__name__}; give the path of a mapping (.yaml), or a dict."
        )
    path = Path(mapping)
    content, lines = read_yaml(path)
    return _declared(Section(content, Document(path.name, lines)), path.parent)


def _declared(top: Section, folder: Path) -> Declared:
    document = top.document
    schema = _schema(top)
    document.raise_if_faulty()  # nothing can be checked without a schema
    export = source(top.section("source"), folder)
    dates = {name: _date(top.section("dates"), name) for name in top.section("dates").names()}
    below = top.section("columns")
    columns = {name: column_rule(below, name, schema, dates) for name in below.names()}
    declared = Declared(
        name=document.name,
        schema=schema,
        label=top.text("label"),
        short_name=top.text("short_name"),
        source=export,
        joins=joins(top, folder),
        marks=Marks(*(export.reading.get(key) for key in MARKS)),
        missing=top.texts("missing"),
        missing_in={name: codes for name in below.names() if (codes := _own_codes(below, name))},
        repeats=_repeats(top.section("duplicates")),
        dates=dates,
        columns={name: rule for name, rule in columns.items() if rule is not None},
        follow_up=follow_up(top, schema, dates),
        impossible_dates=top.choice("impossible_dates", ("refuse", "exclude"), "refuse"),
        exclude=_exclusions(top),
        scores=_scores(top, folder, dates),
        incomplete=top.choice("incomplete", ("refuse", "exclude"), "refuse"),
        lines={
            name: document.where((part, name))
            for part, names in (("columns", columns), ("dates", dates))
            for name in names
        },
    )
    top.close()
    _check_columns(top, declared)
    document.raise_if_faulty()
    return declared


def _schema(top: Section) -> Schema:
    name = top.text("schema", required=True)
    try:
        return load_schema(name)
    except InputError as error:
        if name:
            top.fault("schema", str(error))
        return load_schema(schema_names()[0])


def _date(part: Section, name: str) -> DateRule:
    one = _short(part, name)
    formats = one.texts("format")
    for written in formats:
        if problem := format_problem(written):
            one.fault("format", problem)
    rule = DateRule(
        name,
        one.text("from", required=True),
        formats,
        one.choice("other", ("refuse", "missing"), "refuse"),
    )
    one.close()
    return rule


def _short(part: Section, name: str) -> Section:
    """The keys of a rule; a single text stands for its `from`."""
    given = part.content.get(name)
    if isinstance(given, Mapping) or given is None:
        return part.section(name)
    return Section({"from": given}, part.document, (*part.place, name))


def _own_codes(part: Section, name: str) -> tuple[str, ...]:
    given = part.content.get(name)
    return part.section(name).texts("missing") if isinstance(given, Mapping) else ()


def _repeats(part: Section) -> Repeats:
    repeats = Repeats(
        identical=part.choice("identical", ("refuse", "drop"), "refuse"),
        patient=part.text("patient"),
        prefer=part.text("prefer"),
        keep=part.choice("keep", KEPT, "refuse"),
        by=part.text("by"),
    )
    part.close()
    _check_condition(part, repeats.prefer, "prefer")
    check_by(part, repeats.keep, repeats.by)
    return repeats


def _exclusions(top: Section) -> tuple[Exclusion, ...]:
    found = []
    for part in top.listed("exclude"):
        rule = Exclusion(part.text("name", required=True), part.text("where", required=True))
        part.close()
        _check_condition(part, rule.where)
        found.append(rule)
    return tuple(found)


def _check_condition(part: Section, where: str, key: str = "where") -> None:
    try:
        if where:
            names_in(where, key)
    except FormulaError as error:
        part.fault(key, str(error))


def _scores(top: Section, folder: Path, dates: Mapping[str, DateRule]) -> Scores | None:
    part = top.section("scores")
    if "scores" not in top:
        return None
    path = part.text("path")
    scores = Scores(
        path=folder / path if path else None,
        rule=part.choice("rule", get_args(Rule), "nearest"),
        date=part.text("date"),
        within_days=part.number("within_days"),
        model=part.text("model"),
        into=part.text("into", "faceage"),
        leading_zeros=part.choice("leading_zeros", LEADING_ZEROS, "keep"),
    )
    part.close()
    if scores.rule == "nearest" and not scores.date:
        part.fault("date", "is missing: `rule: nearest` needs the date to be near to.")
    check_date(part, "date", scores.date, dates)
    if scores.within_days is not None and scores.within_days < 0:
        part.fault("within_days", f"is {scores.within_days:g}; it must be 0 or more.")
    return scores


def _check_columns(top: Section, declared: Declared) -> None:
    """Columns of the schema that the mapping does not make, and near misses of their names."""
    others: set[str] = set()
    if declared.follow_up:
        has_death = (
            declared.follow_up.makes_event or declared.follow_up.event not in declared.columns
        )
        others |= {declared.follow_up.time, *([declared.follow_up.event] if has_death else [])}
    if declared.scores:
        others.add(declared.scores.into)
    for name in others & {*declared.columns}:
        top.document.fault(("columns", name), "is made twice: here, and by follow_up or scores.")
    made = {*declared.columns, *others}
    names = [field.name for field in declared.schema.fields]
    unmade = [field for field in declared.schema.fields if field.name not in made]
    further = [name for name in declared.columns if name not in names]
    for field in unmade:
        if field.required:
            what = f"the {declared.schema.name} schema needs '{field.name}' ({field.description})"
            top.document.fault(("columns",), f"{what}{did_you_mean(field.name, further)}")
        elif near := nearest(field.name, further):
            top.document.fault(
                ("columns", near),
                f"the {declared.schema.name} schema has no such column. Did you mean "
                f"{field.name!r}? If it is another one, give it a name that is less like it.",
            )
    for name, rule in declared.columns.items():
        for date in _named_dates(rule):
            check_date(Section(None, top.document, ("columns",)), name, date, declared.dates)
    for place, by in (
        (("duplicates",), declared.repeats.by),
        *((("join", str(i)), join.by) for i, join in enumerate(declared.joins, start=1)),
    ):
        check_date(Section(None, top.document, place), "by", by, declared.dates)


def _named_dates(rule: ColumnRule) -> tuple[str, ...]:
    if isinstance(rule, Between):
        return rule.first, rule.last
    return (rule.date,) if isinstance(rule, DateColumn) else ()
