"""The equations that hold between the counts of an item, as an attacker would write them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import pandas as pd

from faceage_stats.cohorts.disclosure.attack.build import Page
from faceage_stats.cohorts.disclosure.attack.cells import (
    Count,
    Name,
    decimal,
    group_of,
    is_overall,
    labels_of,
    name_of,
)
from faceage_stats.cohorts.disclosure.attack.estimates import (
    know_from_differences,
    know_from_estimates,
)
from faceage_stats.cohorts.disclosure.attack.solver import Integers

__all__ = ["write_equations"]

_SUMS = (
    ("n", ("n_event", "n_censor")),
    ("n_before", ("n_excluded", "n_after")),
    ("n_before", ("n_event", "n_censor", "n")),  # up to a landmark
)


def write_equations(page: Page, counts: Sequence[Count]) -> Integers:
    """Put everything that the tables of an item say about its counts into one system."""
    system = Integers()
    for count in counts:
        system.know(count.name, count.low, min(count.high, 10**7))
    _margins(system, page, counts)
    sizes = {group_of(dict(c.name[1])): c.name for c in reversed(counts) if c.column == "n"}
    for table in page.tables.values():
        records = table.to_dict(orient="records")
        _sums(system, page, table, records)
        _flow(system, page, table, records)
        _pairs(system, page, table, records, sizes)
        know_from_estimates(system, page, table, records)
        know_from_differences(system, page, records, sizes)
        _proportions(system, page, table, records)
        _baseline(system, page, table, records)
    return system


def _margins(system: Integers, page: Page, counts: Sequence[Count]) -> None:
    """Parts add up to the whole: levels and groups to the row of all patients, or to a flow."""
    for column in dict.fromkeys(c.column for c in counts):
        cells = {c.name: c for c in counts if c.column == column and not _has(c, "step", "time")}
        for whole, parts in _wholes(list(cells.values())):
            if parts and _adds_up([cells[p.name] for p in parts], whole):
                terms = dict.fromkeys([p.name for p in parts], 1.0) | {whole.name: -1.0}
                system.relate(terms)


def _wholes(cells: list[Count]) -> Iterator[tuple[Count, list[Count]]]:
    """Each row of all patients with the rows that divide them, along each kind of label."""
    for whole in cells:
        labels = dict(whole.name[1])
        for kind in [k for k, value in labels.items() if is_overall(value)]:
            rest = {k: v for k, v in labels.items() if not is_overall(v)}
            families: dict[str, list[Count]] = defaultdict(list)
            for cell in cells:
                other = dict(cell.name[1])
                same = {k: v for k, v in other.items() if k in rest} == rest
                if same and kind in other and not is_overall(other[kind]):
                    # levels divide the patients anew within each variable
                    family = other["variable"] if kind in ("variable", "level") else ""
                    families[family if "variable" in other else ""].append(cell)
            yield from ((whole, family) for family in families.values())
    yield from _runs(cells)


def _runs(cells: list[Count]) -> Iterator[tuple[Count, list[Count]]]:
    """A row followed by its parts: of the next rows one is hidden, the others fall just short."""
    for start, whole in enumerate(cells):
        if not whole.shown:
            continue
        total, parts = 0.0, []
        for cell in cells[start + 1 : start + 9]:
            if cell.file != whole.file or total > whole.high:
                break
            parts.append(cell)
            total += cell.low if cell.shown else 0
            hidden = sum(not part.shown for part in parts)
            if hidden == 1 and len(parts) > 2 and 0 < whole.low - total < 0.05 * whole.low:
                yield whole, list(parts)


def _adds_up(parts: Sequence[Count], whole: Count) -> bool:
    """Whether the parts that are shown leave room for those that are not."""
    shown = [part for part in parts if part.shown]
    left_low = whole.low - sum(part.high for part in shown)
    left_high = whole.high - sum(part.low for part in shown)
    hidden = len(parts) - len(shown)
    return left_high >= hidden if hidden else left_low <= 0 <= left_high


def _has(count: Count, *kinds: str) -> bool:
    return any(kind in kinds for kind, _ in count.name[1])


def _sums(system: Integers, page: Page, table: pd.DataFrame, records: list[dict[Any, Any]]) -> None:
    """Patients have the event or are censored; before a step they stay or are excluded."""
    for whole, parts in _SUMS:
        later = "n_before" in table and whole == "n"  # those counted left before n were
        if {whole, *parts} <= set(table) and not later:
            for record in records:
                terms = dict.fromkeys((name_of(page, record, p) for p in parts), 1.0)
                system.relate(terms | {name_of(page, record, whole): -1.0})


def _flow(system: Integers, page: Page, table: pd.DataFrame, records: list[dict[Any, Any]]) -> None:
    """A step begins where the one before ended."""
    if {"n_before", "n_after"} <= set(table):
        for before, after in pairwise(records):
            end, start = name_of(page, before, "n_after"), name_of(page, after, "n_before")
            system.relate({end: 1.0, start: -1.0})


def _pairs(
    system: Integers,
    page: Page,
    table: pd.DataFrame,
    records: list[dict[Any, Any]],
    sizes: Mapping[tuple[str, ...], Name],
) -> None:
    """The patients of a comparison are those of its two groups."""
    if not {"group1", "group2", "n", "estimate1"} <= set(table):
        return
    for record in records:
        two = [sizes.get(group_of(record, column)) for column in ("group1", "group2")]
        if two[0] and two[1]:
            whole = name_of(page, record, "n")
            system.relate({two[0]: 1.0, two[1]: 1.0, whole: -1.0})


def _proportions(
    system: Integers, page: Page, table: pd.DataFrame, records: list[dict[Any, Any]]
) -> None:
    """A level has its proportion of the patients of its variable and group."""
    if not {"fraction", "level", "n"} <= set(table):
        return
    families: dict[frozenset[tuple[str, str]], list[dict[Any, Any]]] = defaultdict(list)
    for record in records:
        labels = frozenset(pair for pair in labels_of(record) if pair[0] != "level")
        families[labels].append(record)
    for family in families.values():
        known = [r for r in family if decimal(r["fraction"])]
        highs = [system.bounds[name_of(page, r, "n")] for r in known]
        low, high = sum(b[0] for b in highs), sum(b[1] for b in highs)
        for record in known:
            share = decimal(record["fraction"])
            if share and high < 10**6:
                name = name_of(page, record, "n")
                system.know(name, (share[0] - share[1]) * low, (share[0] + share[1]) * high)


def _baseline(
    system: Integers, page: Page, table: pd.DataFrame, records: list[dict[Any, Any]]
) -> None:
    """Known and missing values of a variable are all patients of a group, in every variable."""
    if not {"variable", "level", "group", "n", "n_missing", "fraction"} <= set(table):
        return
    parts: dict[tuple[str, str], list[dict[Any, Any]]] = defaultdict(list)
    for record in records:
        parts[record["variable"], record["group"]].append(record)
    for (_, group), family in parts.items():
        size = (page.item, frozenset({("all of group", str(group))}), "n")
        known = [r for r in family if r["level"] != "Missing"]
        missing = [r for r in family if r["level"] == "Missing"]
        terms = dict.fromkeys((name_of(page, r, "n") for r in known), 1.0)
        absent = name_of(page, (missing or known)[0], "n" if missing else "n_missing")
        system.relate(terms | {absent: 1.0, size: -1.0})
