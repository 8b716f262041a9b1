"""Invented patients in the shape of a hospital's export, so that code is written away from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._expression.nodes import Number, Text, names_of, walk
from faceage_stats._expression.parse import parse
from faceage_stats._photo_rules import SCORED
from faceage_stats._seed import generator
from faceage_stats._units import DAYS_PER_YEAR
from faceage_stats.cohorts.curation.flow import Curated
from faceage_stats.cohorts.prepare.dates import write_date
from faceage_stats.cohorts.prepare.declared import (
    Between,
    Bmi,
    Codelist,
    ColumnRule,
    Condition,
    Declared,
    Quantity,
    Verbatim,
)
from faceage_stats.cohorts.prepare.export import joined
from faceage_stats.cohorts.prepare.mapping import load_mapping
from faceage_stats.cohorts.prepare.prepare import prepared
from faceage_stats.cohorts.prepare.units import convert

__all__ = ["dummy_cohort", "dummy_export"]

_BMI = {"weight": (55.0, 100.0), "height": (1.55, 1.9)}
_FIRST_DAY, _DAYS = "2012-01-01", 2000


def dummy_cohort(mapping: str | Path | Mapping[str, Any], n: int, *, seed: int = 0) -> Curated:
    """Prepare an invented export of `n` patients by a mapping; it reads no file of the hospital.

    Parameters
    ----------
    mapping : path or dict
        As for `prepare`.
    n : int
        Patients.
    seed : int

    Returns
    -------
    Curated
        As `prepare`; ``rows.attrs["dummy"]`` is true.
    """
    declared = load_mapping(mapping)
    export = dummy_export(declared, n, seed)
    invented = prepared(joined(declared, export, ()), _photographs(declared, export, seed))
    invented.rows.attrs["dummy"] = True
    return invented


def dummy_export(declared: Declared, n: int, seed: int) -> pd.DataFrame:
    """Draw every column of the export that a rule reads; columns are independent but for dates."""

    def draw(name: str) -> np.random.Generator:
        return generator(seed, "dummy", name)

    dates = _dates(declared, n, draw)
    export: dict[str, Any] = {}
    for name, rule in declared.dates.items():
        written = rule.formats[0] if rule.formats else "YYYY-MM-DD"
        export[rule.source] = write_date(dates[name], written)
    conditions = [each.where for each in declared.exclude]
    conditions += [declared.repeats.prefer] if declared.repeats.prefer else []
    for name, column in declared.columns.items():
        export |= _cells(declared, name, column, n, draw)
        conditions += [column.where] if isinstance(column, Condition) else []
    for where in conditions:
        export |= _named(where, {*export, *declared.columns, *declared.dates}, n, draw)
    patient = declared.repeats.patient
    if patient and patient not in export:
        export[patient] = _identifiers(n)
    return pd.DataFrame(export)


def _dates(
    declared: Declared, n: int, draw: Callable[[str], np.random.Generator]
) -> dict[str, pd.Series]:
    """Dates in an order that can be: birth, start, death or last contact, cut-off."""
    rng, follow_up = draw("dates"), declared.follow_up
    start = pd.Series(pd.Timestamp(_FIRST_DAY) + pd.to_timedelta(rng.integers(0, _DAYS, n), "D"))
    if follow_up and follow_up.cut_off:
        start += pd.Timestamp(follow_up.cut_off) - start.max() - pd.Timedelta(1, "D")
    latest = pd.Timestamp(follow_up.cut_off) if follow_up and follow_up.cut_off else None
    end = start + pd.to_timedelta(rng.exponential(900, n).astype(int) + 1, "D")
    end = end if latest is None else end.mask(end > latest, latest)
    found = dict.fromkeys(declared.dates, start)
    for rule in declared.columns.values():
        if isinstance(rule, Between):
            years = rng.uniform(40, 85, n) if rule.unit == "years" else rng.uniform(0.1, 3, n)
            apart = pd.to_timedelta((years * DAYS_PER_YEAR).astype(int), "D")
            later = found[rule.last] + (apart if rule.unit == "days" else pd.Timedelta(0))
            found[rule.last] = later
            found[rule.first] = later - apart
    if follow_up:
        died = rng.random(n) < 0.5
        found[follow_up.death] = end.where(died)
        found[follow_up.last_contact] = end
    return found


def _cells(
    declared: Declared, name: str, rule: ColumnRule, n: int, draw: Callable[[str], Any]
) -> dict[str, Any]:
    """Cells of the columns that a rule reads."""
    rng = draw(name)
    field = next((each for each in declared.schema.fields if each.name == name), None)
    if isinstance(rule, Codelist):
        codes = [code for code, to in rule.codes.items() if to is not None]
        return {rule.source: rng.choice(np.array(codes, dtype=object), n)}
    if isinstance(rule, Bmi):
        weight, height = (
            _numbers(part, _BMI[which], rng, n, declared)
            for which, part in (("weight", rule.weight), ("height", rule.height))
        )
        return {rule.weight.source: weight, rule.height.source: height}
    allowed = field.constraints.get("enum") if field else None
    if isinstance(rule, Quantity):
        if allowed:
            return {rule.source: rng.choice(np.array(allowed).astype(str).astype(object), n)}
        least, most = (field.expected if field and field.expected else rule.limits) or (1.0, 100.0)
        return {rule.source: _numbers(rule, (least, most), rng, n, declared)}
    if isinstance(rule, Verbatim):
        is_key = name in declared.schema.primary_key
        values = np.array(allowed or ["text"], dtype=object)
        return {rule.source: _identifiers(n) if is_key else rng.choice(values, n)}
    return {}


def _numbers(
    rule: Quantity, between: tuple[float, float], rng: Any, n: int, declared: Declared
) -> pd.Series:
    """Numbers as the export writes them: its unit, its decimal mark."""
    values = pd.Series(rng.uniform(*between, n))
    if rule.unit and rule.unit != rule.to:
        values = convert(values, rule.to, rule.unit)
    if rule.limits:
        values = values.clip(*rule.limits)
    text = values.map(lambda value: f"{value:.4f}")
    return text.str.replace(".", ",") if declared.marks.decimal == "," else text


def _named(where: str, known: set[str], n: int, draw: Callable[[str], Any]) -> dict[str, Any]:
    """Columns that only a condition names: its constants in a fifth of the rows, else another."""
    node = parse(where, "where")
    texts = [each.value for each in walk(node) if isinstance(each, Text)]
    numbers = [str(each.value) for each in walk(node) if isinstance(each, Number)]
    constants = texts or numbers or ["1"]
    other = "other" if texts else "0"
    values = np.array([*constants, *[other] * 4 * len(constants)], dtype=object)
    return {name: draw(name).choice(values, n) for name in names_of(node) if name not in known}


def _identifiers(n: int) -> list[str]:
    return [f"{i:06d}" for i in range(1, n + 1)]


def _photographs(declared: Declared, export: pd.DataFrame, seed: int) -> pd.DataFrame | None:
    """One scored photograph of each patient, on the day that the rule asks for."""
    if declared.scores is None:
        return None
    key = declared.columns[declared.schema.primary_key[0]]
    patients = export[key.source] if isinstance(key, Verbatim) else _identifiers(len(export))
    rng = generator(seed, "dummy", "scores")
    photographs = pd.DataFrame(
        {
            "photo": [f"{patient}.jpg" for patient in patients],
            "patient_id": patients,
            "model": declared.scores.model or "dummy",
            "status": SCORED[0],
            "score": rng.normal(66, 11, len(export)),
        }
    )
    days = _dates(declared, len(export), lambda name: generator(seed, "dummy", name))
    first = next(iter(days.values()), pd.Series(pd.Timestamp(_FIRST_DAY), range(len(export))))
    photographs["taken_on"] = days.get(declared.scores.date, first)
    return photographs
