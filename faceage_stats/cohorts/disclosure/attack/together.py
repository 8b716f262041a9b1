"""Items of the same patients, read together: all patients of one page less the parts of another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from faceage_stats.cohorts.disclosure.attack.build import Page
from faceage_stats.cohorts.disclosure.attack.cells import Count, counts_of, is_overall
from faceage_stats.cohorts.disclosure.attack.differences import is_few
from faceage_stats.cohorts.disclosure.attack.findings import Finding

__all__ = ["between_items"]

_PARTS = ("level", "group", "strata", "cohort")
_OF_ALL = {"n": ("n", "n_after"), "n_event": ("n_event",)}
_NEARLY_ALL = 0.95  # parts that are fewer are not those of all patients
_FEWEST_PARTS = 2


def between_items(pages: Sequence[Page]) -> Iterator[Finding]:
    """List counts of few that one item gives away with another of the same tables."""
    by_tables: dict[str, list[Page]] = defaultdict(list)
    for page in pages:
        sources = page.record.get("parameters", {}).get("sources", {})
        by_tables[repr(sorted(sources.items()))].append(page)
    for same in by_tables.values():
        counts = {page.item: list(counts_of(page)) for page in same}
        wholes = {page.item: _wholes(counts[page.item]) for page in same}
        families = {page.item: list(_families(counts[page.item])) for page in same}
        for one, two in combinations(same, 2):
            yield from _two_definitions(two, wholes[one.item], wholes[two.item])
            for parts_of, whole_of in ((one, two), (two, one)):
                yield from _left_over(parts_of, families[parts_of.item], wholes[whole_of.item])


def _wholes(counts: Sequence[Count]) -> dict[str, list[Count]]:
    """Counts of all patients of an item, by what they count; of a flow its end."""
    found: dict[str, list[Count]] = {}
    for kind, columns in _OF_ALL.items():
        rows = [c for c in counts if c.column in columns and c.shown and _is_of_all(c)]
        ends = [c for c in rows if c.file == "flow.csv"][-1:]
        others = [c for c in rows if c.file != "flow.csv"]
        found[kind] = list({(c.low, c.high): c for c in [*others, *ends]}.values())
    return found


def _is_of_all(count: Count) -> bool:
    labels = dict(count.name[1])
    labels.pop("step", "")
    return all(is_overall(value) for value in labels.values())


def _families(counts: Sequence[Count]) -> Iterator[list[Count]]:
    """Rows of a table that differ in one label only: the parts of something."""
    for kind in _PARTS:
        families: dict[tuple[object, ...], list[Count]] = defaultdict(list)
        for count in counts:
            labels = dict(count.name[1])
            part = labels.pop(kind, "")
            if part and not is_overall(part) and count.column in _OF_ALL:
                families[count.file, count.column, frozenset(labels.items())].append(count)
        yield from (family for family in families.values() if len(family) >= _FEWEST_PARTS)


def _two_definitions(
    later: Page, one: dict[str, list[Count]], two: dict[str, list[Count]]
) -> Iterator[Finding]:
    """The same patients with events counted in two ways: the difference is a few of them."""
    patients = {(c.low, c.high) for c in one["n"] if c.low == c.high}
    if not any((c.low, c.high) in patients for c in two["n"]):
        return
    for first in one["n_event"]:
        for second in two["n_event"]:
            exact = first.low == first.high and second.low == second.high
            if exact and is_few(later, abs(first.low - second.low)):
                yield _finding(later, "difference", first, second)


def _left_over(
    page: Page, families: Sequence[list[Count]], wholes: dict[str, list[Count]]
) -> Iterator[Finding]:
    """All patients less the parts that are shown: the part that is hidden, or not listed."""
    for parts in families:
        low, high = sum(p.low for p in parts if p.shown), sum(p.high for p in parts if p.shown)
        hidden = sum(not part.shown for part in parts)
        for whole in wholes[parts[0].column]:
            left = max(whole.low - high, hidden), whole.high - low
            nearly = _NEARLY_ALL * whole.low < low < whole.low
            # all hidden ones together; of several each is known only where each is one
            known = left[0] == left[1] and (hidden <= 1 or left[0] == hidden)
            if nearly and known and is_few(page, left[0]):
                yield _finding(page, "solved" if hidden else "difference", parts[0], whole)


def _finding(page: Page, kind: str, one: Count, two: Count) -> Finding:
    item, other = sorted((one, two), key=lambda count: count.name[0] != page.item)
    files = tuple(f"{count.name[0]}/{count.file}" for count in (item, other))
    return Finding(page.item, kind, f"{item.column} beside {other.name[0]}", files, item.column)
