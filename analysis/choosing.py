"""Which tables an item is made from: never private rows beside synthetic ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import workflow
from declared import declared
from faceage_stats.cohorts.remote import how_to_get_utk
from workflow import Table

# Pages of a book of her own besides those of her tables: her numbers beside the published ones,
# and what the software was checked against.
METHODS = ("comparison", "validation", "benchmarks")
NO_LIFE_TABLE = (
    "This page needs a life table of your population: `life_table: PATH` in config.yaml. Your "
    "patients are not set against simulated rates."
)
ONE_HOSPITAL = "This page needs the tables of two hospitals or more, as a list in config.yaml."


@dataclass(frozen=True)
class Chosen:
    """The tables that an item uses, those that it has to do without, and whether it can."""

    used: dict[str, Table]
    left_out: list[Table]
    possible: bool
    simulates: bool
    lacks: str = ""  # besides tables

    @property
    def private(self) -> list[Table]:
        """Private tables among those used."""
        return [table for table in self.used.values() if table.source == "private"]

    @property
    def synthetic(self) -> bool:
        """Whether rows are synthetic: those of a table, or drawn by the item itself."""
        return self.simulates or any(table.source == "synthetic" for table in self.used.values())

    @property
    def matched(self) -> bool:
        """Whether synthetic rows are matched to the published values: no row that an item draws."""
        drawn = [table for table in self.used.values() if table.source == "synthetic"]
        return not self.simulates and all(table.matched for table in drawn)

    @property
    def reason(self) -> str:
        """Say in words which tables are left out, and why."""
        by_source: dict[str, list[str]] = {}
        for table in self.left_out:
            by_source.setdefault(table.source, []).append(table.name)
        listed = {source: ", ".join(names) for source, names in by_source.items()}
        parts = [self.lacks] if self.lacks else []
        if "none" in listed:
            parts.append(f"Left out: config.yaml says `none` for {listed['none']}.")
        if "synthetic" in listed:
            parts.append(
                f"Left out: {listed['synthetic']}, synthetic in this build. Private and synthetic "
                "rows are never in one number."
            )
        if "public" in listed:
            parts.append(how_to_get_utk())
        return " ".join(parts)


def choose(name: str, config: Mapping[str, Any]) -> Chosen:
    """Choose the tables of an item: those that are there, and private or synthetic ones."""
    known = workflow.tables(config)
    wanted = [known[table] for table in declared(name).tables]
    is_private = any(table.source == "private" for table in wanted)
    left_out = [
        table
        for table in wanted
        if table.source == "none"
        or (table.source == "public" and not table.path.is_file())
        or (table.source == "synthetic" and is_private)
    ]
    absent = {table.name for table in left_out}
    some = set(declared(name).any_of)
    used = {table.name: table for table in wanted if table.name not in absent}
    lacks = _lacks(name, used.values(), config)
    possible = absent <= some and (not some or bool(some - absent)) and not lacks
    return Chosen(used, left_out, possible, declared(name).simulates, lacks)


def _lacks(name: str, used: Collection[Table], config: Mapping[str, Any]) -> str:
    """What an item needs besides its tables, and does not have."""
    if declared(name).several and not any(table.hospitals for table in used):
        return ONE_HOSPITAL
    is_private = any(table.source == "private" for table in used)
    if declared(name).life_table and is_private and workflow.life_table(config) is None:
        return NO_LIFE_TABLE
    return ""


def whose(name: str, config: Mapping[str, Any]) -> list[Table]:
    """The private tables whose numbers an item shows: its own, or those of results it reads."""
    chosen = choose(name, config)
    if not chosen.possible:
        return []
    if chosen.private:
        return chosen.private
    found = {t.name: t for result in results_of(name, config) for t in whose(result, config)}
    return list(found.values())


def is_own(name: str, config: Mapping[str, Any]) -> bool:
    """Whether an item shows numbers of a private table."""
    return bool(whose(name, config))


def wanted_items(config: Mapping[str, Any]) -> list[str]:
    """The items of the book: all, or with `profile: own` those of private tables and methods."""
    names = workflow.item_names()
    if config.get("profile") != "own":
        return names
    return [name for name in names if name in METHODS or is_own(name, config)]


def results_of(name: str, config: Mapping[str, Any]) -> tuple[str, ...]:
    """The items whose results an item reads; no synthetic ones beside those of private tables."""
    results = declared(name).results
    if not any(table.source == "private" for table in workflow.tables(config).values()):
        return results
    if config.get("profile") == "own":
        return tuple(result for result in results if is_own(result, config))
    chosen = {result: choose(result, config) for result in results}
    return tuple(r for r, found in chosen.items() if found.possible and not found.synthetic)
