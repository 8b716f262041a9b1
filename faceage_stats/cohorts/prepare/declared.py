"""What a mapping declares, part by part; how it is written is read in `mapping`."""

from __future__ import annotations

from collections.abc import Container, Mapping
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
    "Join",
    "Quantity",
    "Repeats",
    "Scores",
    "Source",
    "Status",
    "Verbatim",
]

Refuse: TypeAlias = Literal["refuse", "exclude"]
Unread: TypeAlias = Literal["refuse", "missing"]
LeadingZeros: TypeAlias = Literal["keep", "ignore"]


@dataclass(frozen=True)
class Source:
    """The file of the export, and what `read_table` is told of it."""

    path: Path | None
    reading: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Join:
    """Another file of the export, one row of which stands beside each row of the same patient."""

    source: Source
    place: str  # how a message names it
    here: str
    there: str
    keep: Literal["first", "last", "newest", "oldest", "refuse"]
    by: str
    leading_zeros: LeadingZeros

    @property
    def name(self) -> str:
        """The file's name."""
        return self.source.path.name if self.source.path else ""

    def column(self, name: str, known: Container[str]) -> str:
        """What a column of it is called: by its file as well, where its name is taken."""
        stem = self.source.path.stem if self.source.path else ""
        return f"{stem}.{name}" if name in known else name


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
    """A column that is taken as it is, or whose values are replaced by numbers at the end."""

    source: str
    numbered: bool = False


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
    keep: Literal["first", "last", "newest", "oldest", "refuse"]
    by: str


@dataclass(frozen=True)
class Status:
    """The export's column of vital status, and what counts where it and the dates disagree."""

    source: str
    alive: tuple[str, ...]
    dead: tuple[str, ...]
    alive_with_death: Literal["refuse", "dead", "alive", "exclude"]
    dead_without_date: Literal["refuse", "last_contact", "alive", "exclude"]


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
    status: Status | None

    @property
    def makes_event(self) -> bool:
        """Whether who died is known from it; else the event is a column of the export."""
        return bool(self.death) or self.status is not None


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
    leading_zeros: LeadingZeros


@dataclass(frozen=True)
class Declared:
    """A whole mapping."""

    name: str
    schema: Schema
    label: str
    short_name: str
    source: Source
    joins: tuple[Join, ...]
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
    def files(self) -> tuple[Path, ...]:
        """Every file that the mapping names: the export, what is joined to it, the scores."""
        parts = (self.source, *(join.source for join in self.joins), self.scores)
        return tuple(part.path for part in parts if part is not None and part.path is not None)

    @property
    def sources(self) -> dict[str, str]:
        """Columns of the export that rules read, with the rule that reads them."""
        found = {rule.source: name for name, rule in self.dates.items()}
        for name, rule in self.columns.items():
            parts = [rule.weight, rule.height] if isinstance(rule, Bmi) else [rule]
            found |= {part.source: name for part in parts if hasattr(part, "source")}
        if self.follow_up and self.follow_up.status:
            found[self.follow_up.status.source] = "follow_up"
        return found
