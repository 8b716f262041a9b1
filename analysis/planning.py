"""What has to be made: compare every product with what it would be made from now.

File contents decide, not their dates, so that an edit by hand, a deleted file, a crash and a
fresh checkout are all healed alike.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import recipe
import workflow
from choosing import results_of
from declared import declared
from faceage_stats.reporting.provenance.drift import Drift, drift
from faceage_stats.reporting.provenance.fingerprints import file_sha256, ingredients
from faceage_stats.reporting.store.record import RECORD, read_record
from made import is_made

BOOK = workflow.ROOT / "book" / "_build" / "made.json"


@dataclass(frozen=True)
class Plan:
    """Products to make, and what was found changed by hand."""

    cohorts: list[str]
    items: list[str]
    book: bool
    damage: list[Drift] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether everything is up to date."""
        return not (self.cohorts or self.items or self.book)

    def forget(self) -> None:
        """Remove the records of what is to be made: without its record it counts as not made."""
        records = [cohort_record(cohort) for cohort in self.cohorts]
        records += [workflow.RESULTS / name / RECORD for name in self.items]
        for record in [*records, *([BOOK] if self.book else [])]:
            record.unlink(missing_ok=True)


def cohort_record(cohort: str) -> Path:
    """Record of a simulated cohort."""
    return workflow.DATA / f"{cohort}.made.json"


def plan(names: Iterable[str], config: Mapping[str, Any], *, book: bool) -> Plan:
    """Compare items, the cohorts that they need and, if asked for, the book."""
    needed = with_earlier(names, config)
    sha256 = functools.cache(file_sha256)  # a table is read by many items
    made_from = recipe.cohort_recipe(config)
    cohorts = [
        cohort
        for cohort in recipe.cohorts(needed, config)
        if not is_made(cohort_record(cohort), made_from)
    ]
    items: list[str] = []
    damage: list[Drift] = []
    for name in needed:
        damage += (damaged := damaged_files(name))
        waits = set(results_of(name, config)) & set(items) or set(
            recipe.cohorts([name], config)
        ) & set(cohorts)
        if damaged or waits or not is_current(name, config, sha256):
            items.append(name)
    stale_book = book and bool(items or not is_made(BOOK, recipe.book_recipe(config)))
    return Plan(cohorts, items, stale_book, damage)


def with_earlier(names: Iterable[str], config: Mapping[str, Any]) -> list[str]:
    """The items in an order in which each follows those whose results it reads."""
    ordered: dict[str, None] = {}
    for name in sorted(names, key=lambda name: (bool(declared(name).results), name)):
        ordered |= dict.fromkeys([*results_of(name, config), name])
    return list(ordered)


def damaged_files(name: str) -> list[Drift]:
    """Outputs of an item that were edited, added or removed since it was made."""
    folder = workflow.RESULTS / name
    if read_record(folder) is None:
        return []  # never made, or stopped on the way
    return [entry for entry in drift(folder, lambda kind, file: None) if entry.kind == "output"]


def is_current(name: str, config: Mapping[str, Any], sha256: Callable[[Path], str]) -> bool:
    """Whether an item's record says what it would be made from now."""
    record = read_record(workflow.RESULTS / name)
    if record is None:
        return False
    now = ingredients(**recipe.item_recipe(name, config), sha256=sha256)
    return all(record.get(key) == value for key, value in now.items())


def batches(items: Iterable[str]) -> list[list[str]]:
    """Items that are made side by side: first those of tables, then those of others' results.

    Items that draw their own rows, or read many tables, take long: they are not left for the end.
    """
    read = {name: declared(name) for name in items}
    slow_first = sorted(read, key=lambda n: (bool(read[n].tables), -len(read[n].tables), n))
    parts = [[n for n in slow_first if bool(read[n].results) == last] for last in (False, True)]
    return [part for part in parts if part]
