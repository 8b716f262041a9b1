"""The counts of a table as an attacker sees them: a name, and the range that the print allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from faceage_stats.cohorts.disclosure.attack.build import Page
from faceage_stats.cohorts.disclosure.roles import role_of

__all__ = [
    "LABELS",
    "Count",
    "Name",
    "counts_of",
    "decimal",
    "group_of",
    "is_overall",
    "labels_of",
    "name_of",
]

Name = tuple[str, frozenset[tuple[str, str]], str]  # item, labels of the row, column
LABELS = (
    *("variable", "level", "group", "strata", "cohort", "model", "marker", "definition", "step"),
    *("group1", "group2", "variant", "quantity", "metric", "time", "reader", "modality", "method"),
)
_OVERALL = ("overall", "all patients", "all", "all cancer", "everyone")


@dataclass(frozen=True)
class Count:
    """One cell that counts patients: `low` and `high` are equal when it is exact."""

    name: Name
    file: str
    row: int
    column: str
    shown: bool
    low: float
    high: float

    @property
    def what(self) -> str:
        """The place of the cell in words."""
        return f"{self.column} of {', '.join(sorted(value for _, value in self.name[1])) or 'all'}"


def counts_of(page: Page) -> Iterator[Count]:
    """Every cell of every column of counts, hidden ones included."""
    for file, table in page.tables.items():
        columns = [c for c in table if role_of(str(c)) == "count"]
        on_a_curve = {"time", "n_risk"} <= set(table)
        slack = (2 if on_a_curve else 1) * page.base - 1 if page.base > 1 else 0
        for row, record in enumerate(table.to_dict(orient="records")):
            for column in columns:
                name = name_of(page, record, str(column))
                number = decimal(record[column])
                if number is None:
                    # a zero is never withheld
                    yield Count(name, file, row, str(column), False, 1, float("inf"))
                elif number[0] >= 0:
                    wide = slack if number[0] >= page.minimum else 0  # a small one is exact
                    low, high = max(number[0] - wide, 0), number[0] + wide
                    yield Count(name, file, row, str(column), True, low, high)


def name_of(page: Page, record: dict[Any, Any], column: str) -> Name:
    """The same patients have the same name in every table of an item."""
    return page.item, labels_of(record), column


def labels_of(record: dict[Any, Any]) -> frozenset[tuple[str, str]]:
    """What the row is about."""
    return frozenset((c, str(record[c])) for c in LABELS if c in record and str(record[c]) != "")


def group_of(record: Mapping[Any, Any], column: str = "group") -> tuple[str, ...]:
    """A group within its cohort and model."""
    return tuple(filter(None, (str(record.get(name, "")) for name in ("cohort", "model", column))))


def decimal(text: Any) -> tuple[float, float] | None:
    """A printed number and half a unit of its last digit; None where none is printed."""
    written = str(text).strip()
    try:
        number = float(written)
    except ValueError:
        return None
    if not pd.notna(number) or abs(number) == float("inf"):
        return None
    mantissa, _, power = written.lower().partition("e")
    last = int(power or 0) - len(mantissa.partition(".")[2])
    return number, 0.5 * 10.0**last if last else 0.0


def is_overall(label: str) -> bool:
    """Whether a label names all patients."""
    return label.strip().lower() in _OVERALL
