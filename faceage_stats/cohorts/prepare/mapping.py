"""Read a mapping: every key is known, every name is there, and all faults are told at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import pandas as pd

from faceage_stats._expression.evaluate import names_in
from faceage_stats._near import did_you_mean
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
    FollowUp,
    Repeats,
    Scores,
    Source,
)
from faceage_stats.cohorts.prepare.section import Document, Section
from faceage_stats.cohorts.prepare.yaml_text import read_yaml
from faceage_stats.cohorts.schema.load_schema import load_schema
from faceage_stats.cohorts.schema.schema import Schema
from faceage_stats.cohorts.schema.schema_names import schema_names
from faceage_stats.errors import FormulaError, InputError

__all__ = ["load_mapping"]

_READING = ("sheet", "encoding", "decimal", "thousands", "value_labels")


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
    source, marks = _source(top.section("source"), folder)
    dates = {name: _date(top.section("dates"), name) for name in top.section("dates").names()}
    below = top.section("columns")
    columns = {name: column_rule(below, name, schema, dates) for name in below.names()}
    declared = Declared(
        name=document.name,
        schema=schema,
        label=top.text("label"),
        short_name=top.text("short_name"),
        source=source,
        marks=marks,
        missing=top.texts("missing"),
        missing_in={name: codes for name in below.names() if (codes := _own_codes(below, name))},
        repeats=_repeats(top.section("duplicates")),
        dates=dates,
        columns={name: rule for name, rule in columns.items() if rule is not None},
        follow_up=_follow_up(top, schema, dates),
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


def _source(part: Section, folder: Path) -> tuple[Source, Marks]:
    path = part.text("path")
    reading: dict[str, Any] = {key: part.text(key) for key in _READING if part.get(key) is not None}
    header = part.number("header_row")
    if header is not None:
        reading["header_row"] = int(header)
    marks = Marks(reading.get("decimal"), reading.get("thousands"))
    part.close()
    return Source(folder / path if path else None, reading), marks


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
        keep=part.choice("keep", ("refuse", "first", "last", "newest"), "refuse"),
        by=part.text("by"),
    )
    part.close()
    _check_condition(part, repeats.prefer, "prefer")
    if (repeats.keep == "newest") != bool(repeats.by):
        part.fault("by", "names the date for `keep: newest`, and stands with it only.")
    return repeats


def _follow_up(top: Section, schema: Schema, dates: Mapping[str, DateRule]) -> FollowUp | None:
    part = top.section("follow_up")
    if "follow_up" not in top:
        return None
    names = [field.name for field in schema.fields]
    time = part.text("time", "time_days" if "time_days" in names else "years")
    unit = next((field.unit for field in schema.fields if field.name == time), "")
    follow_up = FollowUp(
        start=part.text("start", required=True),
        death=part.text("death"),
        last_contact=part.text("last_contact"),
        cut_off=part.text("cut_off"),
        after_cut_off=part.choice("after_cut_off", ("refuse", "censor"), "refuse"),
        same_day=part.choice("same_day", ("refuse", "exclude", "half_day"), "refuse"),
        time=time,
        event=part.text("event", "death"),
        unit=part.text("unit", unit or "days"),
    )
    part.close()
    if not (follow_up.death or follow_up.last_contact):
        part.fault("last_contact", "is missing: follow-up ends with `death` or `last_contact`.")
    for key in ("start", "death", "last_contact"):
        _check_date(part, key, getattr(follow_up, key), dates)
    if follow_up.cut_off and pd.isna(
        pd.to_datetime(follow_up.cut_off, "coerce", format="%Y-%m-%d")
    ):
        part.fault("cut_off", "is no date; write it as YYYY-MM-DD.")
    if follow_up.unit not in ("days", "months", "years"):
        part.fault("unit", "is days, months or years.")
    return follow_up


def _check_date(part: Section, key: str, name: str, dates: Mapping[str, DateRule]) -> None:
    if name and name not in dates:
        part.fault(key, f"there is no date '{name}' below `dates`.{did_you_mean(name, dates)}")


def _exclusions(top: Section) -> tuple[Exclusion, ...]:
    given = top.get("exclude") or []
    if not isinstance(given, list | tuple):
        top.fault("exclude", "is a list; begin each rule with a dash.")
        return ()
    found = []
    for i, each in enumerate(given, start=1):
        part = Section(each, top.document, ("exclude", str(i)))
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
    )
    part.close()
    if scores.rule == "nearest" and not scores.date:
        part.fault("date", "is missing: `rule: nearest` needs the date to be near to.")
    _check_date(part, "date", scores.date, dates)
    return scores


def _check_columns(top: Section, declared: Declared) -> None:
    """Columns of the schema that the mapping does not make, and near misses of their names."""
    others: set[str] = set()
    if declared.follow_up:
        has_death = declared.follow_up.death or declared.follow_up.event not in declared.columns
        others |= {declared.follow_up.time, *([declared.follow_up.event] if has_death else [])}
    if declared.scores:
        others.add(declared.scores.into)
    for name in others & {*declared.columns}:
        top.document.fault(("columns", name), "is made twice: here, and by follow_up or scores.")
    made = {*declared.columns, *others}
    names = [field.name for field in declared.schema.fields]
    unmade = [field for field in declared.schema.fields if field.name not in made]
    for field in unmade:
        near = did_you_mean(field.name, [name for name in declared.columns if name not in names])
        if field.required:
            what = f"the {declared.schema.name} schema needs '{field.name}' ({field.description})"
            top.document.fault(("columns",), f"{what}{near}")
    for name, rule in declared.columns.items():
        for date in _named_dates(rule):
            _check_date(Section(None, top.document, ("columns",)), name, date, declared.dates)
    if declared.repeats.by:
        _check_date(
            Section(None, top.document, ("duplicates",)), "by", declared.repeats.by, declared.dates
        )


def _named_dates(rule: ColumnRule) -> tuple[str, ...]:
    if isinstance(rule, Between):
        return rule.first, rule.last
    return (rule.date,) if isinstance(rule, DateColumn) else ()
