"""What a mapping declares, part by part; how it is written is read in `mapping`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from faceage_stats._photo_rules import Rule
from faceage_stats.cohorts.prepare.cells import Marks
from faceage_stats.cohorts.schema.schema import Schema

__all__ = [
    "Between",
    "Bmi",
    "Codelist",
    "ColumnRule",
    "Condition",
    "Constant",
    "DateColumn",
    "DateRule",
    "Declared",
    "Exclusion",
    "FollowUp",
    "Quantity",
    "Repeats",
    "Scores",
    "Source",
    "Verbatim",
]

Refuse: TypeAlias = Literal["refuse", "exclude"]
Unread: TypeAlias = Literal["refuse", "missing"]


@dataclass(frozen=True)
class Source:
    """The file of the export, and what `read_table` is told of it."""

    path: Path | None
    reading: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DateRule:
    """A column of dates: its formats as written (DD.MM.YYYY), and what becomes of other cells."""

    name: str
    source: str
    formats: tuple[str, ...]
    unread: Unread


@dataclass(frozen=True)
class Quantity:
    """A column of numbers in a unit; `limits` say which of them can be true."""

    source: str
    unit: str = ""
    to: str = ""
    limits: tuple[float, float] | None = None
    other_unit: str = ""  # of cells that are outside of the limits, and inside in that unit
    unread: Unread = "refuse"


@dataclass(frozen=True)
class Codelist:
    """Codes of the hospital and those of the schema; None means missing."""

    source: str
    codes: Mapping[str, str | None]
    other: Unread


@dataclass(frozen=True)
class Verbatim:
    """A column that is taken as it is."""

    source: str


@dataclass(frozen=True)
class Constant:
    """One value for every patient."""

    value: str


@dataclass(frozen=True)
class Condition:
    """1 where a condition on the export's columns holds, 0 where not, missing where unknown."""

    where: str


@dataclass(frozen=True)
class DateColumn:
    """A date, kept as it is."""

    date: str


@dataclass(frozen=True)
class Between:
    """The time from one date to another."""

    first: str
    last: str
    unit: str


@dataclass(frozen=True)
class Bmi:
    """Weight over squared height."""

    weight: Quantity
    height: Quantity


ColumnRule: TypeAlias = (
    Quantity | Codelist | Verbatim | Constant | Condition | DateColumn | Between | Bmi
)


@dataclass(frozen=True)
class Repeats:
    """What becomes of identical rows, and of several rows of one patient.

    Rows that hold the condition `prefer` count before the others of their patient; among what is
    left `keep` decides.
    """

    identical: Literal["drop", "refuse"]
    patient: str
    prefer: str
    keep: Literal["first", "last", "newest", "refuse"]
    by: str


@dataclass(frozen=True)
class FollowUp:
    """Which dates make follow-up and event, and the columns that they go to."""

    start: str
    death: str
    last_contact: str
    cut_off: str
    after_cut_off: Literal["refuse", "censor"]
    same_day: Literal["refuse", "exclude", "half_day"]
    time: str
    event: str
    unit: str


@dataclass(frozen=True)
class Exclusion:
    """Rows that are no part of the cohort, by a condition."""

    name: str
    where: str


@dataclass(frozen=True)
class Scores:
    """The table of the scorer, and how a patient's score is chosen from it."""

    path: Path | None
    rule: Rule
    date: str
    within_days: float | None
    model: str
    into: str


@dataclass(frozen=True)
class Declared:
    """A whole mapping."""

    name: str
    schema: Schema
    label: str
    short_name: str
    source: Source
    marks: Marks
    missing: tuple[str, ...]
    missing_in: Mapping[str, tuple[str, ...]]
    repeats: Repeats
    dates: Mapping[str, DateRule]
    columns: Mapping[str, ColumnRule]
    follow_up: FollowUp | None
    impossible_dates: Refuse
    exclude: tuple[Exclusion, ...]
    scores: Scores | None
    incomplete: Refuse
    lines: Mapping[str, str]  # of a column or date: how a message names its place

    def place(self, key: str) -> str:
        """Name the place of a rule in a message: the mapping, the line, the key."""
        return f"{self.name}, {self.lines.get(key, key + ':')}"

    @property
    def sources(self) -> dict[str, str]:
        """Columns of the export that rules read, with the rule that reads them."""
        found = {rule.source: name for name, rule in self.dates.items()}
        for name, rule in self.columns.items():
            parts = [rule.weight, rule.height] if isinstance(rule, Bmi) else [rule]
            found |= {part.source: name for part in parts if hasattr(part, "source")}
        return found
