"""Counts that differ by few patients: along a flow, between two builds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from faceage_stats.cohorts.disclosure.attack.build import Page
from faceage_stats.cohorts.disclosure.attack.cells import Count, counts_of, decimal
from faceage_stats.cohorts.disclosure.attack.findings import Finding
from faceage_stats.cohorts.disclosure.attack.two_curves import last_days_of_one

__all__ = ["along_a_flow", "between_builds", "is_few"]


def along_a_flow(page: Page) -> Iterator[Finding]:
    """Events that are lost from one step to the next are those of the patients excluded there."""
    for file, table in page.tables.items():
        if not {"step", "n_event"} <= set(table):
            continue
        events = [decimal(text) for text in table["n_event"]]
        for first, last in pairwise(events):
            if first and last and page.base == 1 and is_few(page, first[0] - last[0]):
                yield Finding(page.item, "difference", "n_event of two steps", (file,), "n_event")


def between_builds(now: Sequence[Page], before: Sequence[Page]) -> Iterator[Finding]:
    """A count that moved by a few, or a curve, says what the patients between two builds are."""
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
                what = f"two builds, {count.what}"
                yield Finding(page.item, "difference", what, files, count.column)
        yield from last_days_of_one(page, old)


def _moved(page: Page, now: Count, then: Count) -> bool:
    """Whether the change is known to be of a few patients."""
    exact = now.shown and then.shown and now.low == now.high and then.low == then.high
    return exact and is_few(page, abs(now.low - then.low))


def is_few(page: Page, difference: float) -> bool:
    """Whether a number of patients is small and not zero."""
    return 0 < difference < page.minimum
