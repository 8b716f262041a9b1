"""What in a valid table can hardly be true, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pandas as pd

from faceage_stats._expression.evaluate import one_column
from faceage_stats._expression.parse import parse
from faceage_stats._units import DAYS_PER_YEAR
from faceage_stats.cohorts.schema.schema import Field, Schema

__all__ = ["cohort_notes", "column_note", "is_event"]

# unit of the schema -> what a table may hold in its place, and what one of those is
_OTHER_UNITS = {
    "days": {"years": DAYS_PER_YEAR, "months": DAYS_PER_YEAR / 12, "weeks": 7.0},
    "years": {"days": 1 / DAYS_PER_YEAR, "months": 1 / 12, "decades": 10.0},
    "kg/m^2": {"g/m^2": 1e-3, "kg/cm^2": 1e4},
}
_POWERS = (10.0, 100.0, 1000.0, 1e4, 0.1, 0.01, 1e-3, 1e-4)
_LEAST_ROWS = 20  # of fewer rows nothing can be told
_WEAKEST, _GAP, _SD = 0.2, 15.0, (2.0, 20.0)


def is_event(field: Field) -> bool:
    """Whether a column holds 0 and 1, so that its mean is what is expected."""
    return list(field.constraints.get("enum", ())) == [0, 1]


def column_note(values: pd.Series, field: Field) -> str:
    """Say why the middle of a column is not where it is expected; nothing where it is.

    Parameters
    ----------
    values : pandas.Series
        Numbers.
    field : Field
        With ``expected``.
    """
    low, high = field.expected
    middle = float(values.mean() if is_event(field) else values.median())
    if low <= middle <= high or values.notna().sum() < _LEAST_ROWS:
        return ""
    if is_event(field):
        return f"{middle:.1%} are 1: are 0 and 1 swapped, or the events not in the table?"
    told = f"median {field.name} {middle:.3g}, expected {low:g} to {high:g}"
    unit = f" {field.unit}" if field.unit else ""
    for other, factor in _OTHER_UNITS.get(field.unit, {}).items():
        if low <= middle * factor <= high:
            return f"{told}{unit}: is {field.name} in {other}?"
    power = next((each for each in _POWERS if low <= middle * each <= high), None)
    if power:
        action = f"divided by {power:g}" if power > 1 else f"multiplied by {1 / power:g}"
        return f"{told}{unit}: was {field.name} {action}?"
    return f"{told}{unit}: look at its unit and at the patients."


def cohort_notes(data: pd.DataFrame, schema: Schema) -> Iterator[tuple[str, str]]:
    """Name the columns that do not fit each other, and say why."""
    if len(data) < _LEAST_ROWS:
        return
    if {"faceage", "age"} <= set(data):
        yield from _face_and_age(data["faceage"], data["age"])
    time = next((name for name in ("time_days", "years") if name in data), None)
    if time and {"death", "age"} <= set(data):
        yield from _deaths(data, time)
    for rule in schema.implausible:
        holds = one_column(parse(rule["expression"], rule["name"]), data, rule["name"])
        n = int(holds.fillna(False).sum())
        if n:
            yield rule["name"], f"{n} rows: {rule['description']}"
    for field in schema.fields:
        if field.type == "date" and field.name in data:
            n = int((data[field.name] > pd.Timestamp(date.today())).sum())
            if n:
                yield field.name, f"{n} dates are in the future."


def _face_and_age(faceage: pd.Series, age: pd.Series) -> Iterator[tuple[str, str]]:
    gap = faceage - age
    if faceage.std() > 0 and age.std() > 0:
        r = float(faceage.corr(age))
        if r < _WEAKEST:
            yield (
                "faceage, age",
                (f"they correlate with r = {r:.2f}: were the scores joined to the right patients?"),
            )
    if abs(gap.mean()) > _GAP:
        yield (
            "faceage, age",
            (f"the mean gap is {gap.mean():.1f} years: are both in years, and of the same day?"),
        )
    if not _SD[0] <= gap.std() <= _SD[1]:
        yield (
            "faceage, age",
            (
                f"the gap has a standard deviation of {gap.std():.1f} years; {_SD[0]:g} to "
                f"{_SD[1]:g} are usual."
            ),
        )


def _deaths(data: pd.DataFrame, time: str) -> Iterator[tuple[str, str]]:
    """Those who die are followed for less time and are older; the other way round is a swap."""
    died = data["death"] == 1
    if min(died.sum(), (~died).sum()) < _LEAST_ROWS:
        return
    of_dead, of_alive = (data.loc[mask, time].median() for mask in (died, ~died))
    ages = [data.loc[mask, "age"].mean() for mask in (died, ~died)]
    if of_dead > of_alive and ages[0] < ages[1]:
        yield (
            "death",
            (
                "patients with death = 1 are followed for longer than the others and are younger: "
                "are 0 and 1 swapped?"
            ),
        )
