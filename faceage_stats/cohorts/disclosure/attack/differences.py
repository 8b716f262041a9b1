"""Counts that differ by few patients: along a flow, between items, between two builds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from faceage_stats.cohorts.disclosure.attack.build import Page
from faceage_stats.cohorts.disclosure.attack.cells import Count, counts_of, decimal
from faceage_stats.cohorts.disclosure.attack.findings import Finding

__all__ = ["along_a_flow", "between_builds", "between_items"]


def along_a_flow(page: Page) -> Iterator[Finding]:
    """Events that are lost from one step to the next are those of the patients excluded there."""
    for file, table in page.tables.items():
        if not {"step", "n_event"} <= set(table):
            continue
        events = [decimal(text) for text in table["n_event"]]
        for first, last in pairwise(events):
            if first and last and page.base == 1 and _is_few(page, first[0] - last[0]):
                yield Finding(page.item, "difference", "n_event of two steps", (file,))


def between_items(pages: Sequence[Page]) -> Iterator[Finding]:
    """The same patients counted under two definitions: their difference is a few of them."""
    ends = [(page, end) for page in pages if (end := _end(page))]
    for (one, first), (two, second) in combinations(ends, 2):
        exact = one.base == two.base == 1
        same = first["n_after"] == second["n_after"]
        difference = abs(first.get("n_event", 0) - second.get("n_event", 0))
        if exact and same and _is_few(one, difference):
            files = (f"{one.item}/flow.csv", f"{two.item}/flow.csv")
            yield Finding(one.item, "difference", f"n_event beside {two.item}", files)


def between_builds(now: Sequence[Page], before: Sequence[Page]) -> Iterator[Finding]:
    """A count that moved by a few between two builds says what the new patients are."""
    earlier = {page.item: page for page in before}
    for page in now:
        old = earlier.get(page.item)
        if old is None:
            continue
        was = {(c.file, c.name): c for c in counts_of(old)}
        for count in counts_of(page):
            then = was.get((count.file, count.name))
            if then and _moved(page, count, then):
                files = (f"now: {count.file}", f"before: {count.file}")
                yield Finding(page.item, "difference", f"two builds, {count.what}", files)


def _moved(page: Page, now: Count, then: Count) -> bool:
    """Whether the change is known to be of a few patients."""
    exact = now.shown and then.shown and now.low == now.high and then.low == then.high
    return exact and _is_few(page, abs(now.low - then.low))


def _end(page: Page) -> dict[str, float]:
    table = page.tables.get("flow.csv")
    if table is None or "n_after" not in table or table.empty:
        return {}
    last = table.iloc[-1]
    found = {c: decimal(last[c]) for c in ("n_after", "n_event") if c in table}
    return {c: number[0] for c, number in found.items() if number} if all(found.values()) else {}


def _is_few(page: Page, difference: float) -> bool:
    return 0 < difference < page.minimum
