"""Rows of a table, and what the texts of an item say of whose they are."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

import faceage_stats as fs
from choosing import Chosen
from faceage_stats._levels import match_levels
from faceage_stats.cohorts.schema.load_schema import load_schema
from faceage_stats.errors import InputError
from faceage_stats.reporting.words import in_words
from workflow import Table

CORNER = 60  # characters that fit above a figure of one column
HOSPITAL = "hospital"  # column of a table of several hospitals
BY_HOSPITAL = (
    "Cox models and log-rank tests are stratified by hospital, and adjusted differences hold it "
    "fixed; curves, medians, crude differences and scores are of the patients of all together."
)
_held: dict[str, tuple[pd.DataFrame, list[Warning]]] = {}  # what this process read, by table


def copied(table: Table) -> pd.DataFrame:
    """As `read`, once in a process: items that read the same table have a copy, and its warnings.

    A file that changes meanwhile is refused before the item is written, by its hash.
    """
    key = repr(table)
    if key not in _held:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            rows = read(table)
        _held[key] = rows, [each.message for each in caught if isinstance(each.message, Warning)]
    rows, said = _held[key]
    for message in said:
        warnings.warn(message, stacklevel=2)
    return rows.copy()


def read(table: Table) -> pd.DataFrame:
    """Rows of a table as its schema has them; of several hospitals below each other."""
    if not table.hospitals:
        return _one(table)
    rows = [_of_hospital(part) for part in table.hospitals]
    together = pd.concat(rows, ignore_index=True)
    received = sum(_received(part) for part in rows)
    step = {"n_before": received, "n_excluded": 0, "n_changed": 0, "n_after": received}
    last = {"n_excluded": received - len(together), "n_after": len(together)}
    together.attrs = {"schema": table.schema}
    together.attrs["steps"] = [
        {"step": "Tables as received", "reason": "rows of all hospitals", **step},
        {"step": "Prepared", "reason": "each hospital by its mapping", **step, **last},
    ]
    return together


def _one(table: Table) -> pd.DataFrame:
    if table.is_mapping:
        return fs.prepare(None, table.path).rows
    raw = fs.read_table(table.path, schema=table.schema, **table.reading)
    return fs.validate(raw, table.schema)


def _of_hospital(table: Table) -> pd.DataFrame:
    """Rows with the hospital's name, also in their keys: two hospitals may number alike."""
    rows = _one(table)
    if "patient_id" not in rows:
        raise InputError(
            f"config.yaml: cohort `{table.name}` has no patients; it cannot be a list of hospitals."
        )
    keys = table.short_name + ":" + rows["patient_id"].astype(str)
    return rows.assign(**{"patient_id": keys, HOSPITAL: table.short_name})


def _received(rows: pd.DataFrame) -> int:
    steps = rows.attrs.get("steps", ())
    return int(steps[0]["n_before"]) if steps else len(rows)


def named(
    item: fs.Item, chosen: Chosen, owned: Iterable[Table], data: Mapping[str, pd.DataFrame]
) -> fs.Item:
    """Say whose patients these are, which model scored them, and which tables are left out."""
    numbers, said, notes = dict(item.numbers), "", item.notes
    for table in owned:
        key = f"cohort_{table.name}"
        numbers[key] = table.label
        said += f" Patients: {{{key}}}{' (together)' if table.hospitals else ''}."
        if table.name not in data:  # the item reads results
            continue
        if model := scoring_model(data[table.name]):
            numbers[f"model_of_{table.name}"] = model
            said += f" Scored by {{model_of_{table.name}}}."
        if table.hospitals:
            notes += f" {BY_HOSPITAL}"
        if absent := absent_levels(data[table.name], table.schema):
            notes += f" In {{{key}}} there are no patients with {absent}."
        if unknown := unrecorded(data[table.name], table.schema):
            notes += f" Of the patients of {{{key}}} {unknown} is not known, and in no model."
    if chosen.left_out:
        notes += f" {chosen.reason}"
    figure = item.figure
    if isinstance(figure, Mapping):
        figure = {name: _said(each, said) for name, each in figure.items()}
    elif isinstance(figure, fs.Figure):
        figure = _said(figure, said)
    caption = item.caption and item.caption + said
    return dataclasses.replace(
        item, caption=caption, figure=figure, notes=notes.strip(), numbers=numbers
    )


def _said(figure: fs.Figure, said: str) -> fs.Figure:
    return dataclasses.replace(figure, caption=figure.caption and figure.caption + said)


def absent_levels(rows: pd.DataFrame, schema: str) -> str:
    """Name the levels of factors that no patient has; they are in no model and no figure.

    A factor that is known of nobody has none to be without.
    """
    parts = []
    for field in load_schema(schema).fields:
        if not field.levels or field.name not in rows or rows[field.name].isna().all():
            continue
        labels = [str(field.labels.get(level, level)) for level in field.levels]
        there = match_levels(rows[field.name].dropna(), field.levels)
        found = {labels[code] for code in there if code >= 0}
        absent = [label for label in dict.fromkeys(labels) if label not in found]
        if absent:
            parts.append(f"{field.name} {', '.join(absent)}")
    return "; ".join(parts)


def unrecorded(rows: pd.DataFrame, schema: str) -> str:
    """Name the factors of the schema that are known of no patient."""
    names = [field.name for field in load_schema(schema).fields if field.levels]
    gone = [in_words(name).lower() for name in names if name in rows and rows[name].isna().all()]
    return ", ".join(gone[:-1]) + " and " * (len(gone) > 1) + gone[-1] if gone else ""


def scoring_model(rows: pd.DataFrame) -> str:
    """Name, version and hash of the model whose scores `prepare` joined."""
    scores = rows.attrs.get("scores", {})
    if "model" not in scores:
        return ""
    version = f" {scores['model_version']}" if scores.get("model_version") else ""
    digest = f" (SHA-256 {scores['model_sha256'][:12]})" if scores.get("model_sha256") else ""
    return f"{scores['model']}{version}{digest}"


def scores_of(data: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """What is known of the scores of each table, for the record of the item."""
    kept = ("model", "model_version", "model_sha256", "rule", "date", "within_days")
    found = {name: rows.attrs.get("scores", {}) for name, rows in data.items()}
    return {n: {k: s[k] for k in kept if k in s} for n, s in found.items() if s}


def label_of(tables: Iterable[Table]) -> str:
    """What the corner of a figure says of private tables: labels, or short names where long."""
    tables = list(tables)
    label = "; ".join(dict.fromkeys(table.label for table in tables))
    short = "; ".join(dict.fromkeys(table.short_name for table in tables))
    return label if len(label) <= CORNER else short
