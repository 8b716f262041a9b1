"""Attack a build: recover small counts, times and values of patients from all that it shows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import pandas as pd

from faceage_stats.cohorts.disclosure.attack.book import read_book
from faceage_stats.cohorts.disclosure.attack.build import Page, read_build
from faceage_stats.cohorts.disclosure.attack.cells import Count, counts_of
from faceage_stats.cohorts.disclosure.attack.curves import solved_on_curves
from faceage_stats.cohorts.disclosure.attack.differences import along_a_flow, between_builds
from faceage_stats.cohorts.disclosure.attack.digits import exact_numbers
from faceage_stats.cohorts.disclosure.attack.equations import write_equations
from faceage_stats.cohorts.disclosure.attack.few import (
    ratios_of_few,
    shares_of_few,
    statistics_of_few,
)
from faceage_stats.cohorts.disclosure.attack.findings import Finding, findings_table
from faceage_stats.cohorts.disclosure.attack.identifiers import shown_identifiers, told_apart
from faceage_stats.cohorts.disclosure.attack.many_pairs import numbers_behind_tests
from faceage_stats.cohorts.disclosure.attack.moves import moves_of_few
from faceage_stats.cohorts.disclosure.attack.pictures import drawn_patients, event_times
from faceage_stats.cohorts.disclosure.attack.printed import printed_counts
from faceage_stats.cohorts.disclosure.attack.records import unguarded_hashes
from faceage_stats.cohorts.disclosure.attack.shapes import shapes_of_few
from faceage_stats.cohorts.disclosure.attack.shares import exact_shares
from faceage_stats.cohorts.disclosure.attack.together import between_items
from faceage_stats.cohorts.disclosure.attack.two_by_two import cells_of_two_groups
from faceage_stats.errors import InputError

__all__ = ["attack"]


def attack(
    results: str | Path,
    before: str | Path | None = None,
    *,
    book: str | Path | None = None,
    minimum: int = 5,
    synthetic: bool = False,
    identifiers: Collection[str] = (),
) -> pd.DataFrame:
    """Try to recover from results what they must not give away.

    Parameters
    ----------
    results : path
        Folder with one folder per item, or one item.
    before : path, optional
        An earlier build of the same cohort.
    book : path, optional
        Its HTML pages; what each says is read with the item whose files it shows.
    minimum : int
        Counts from 1 to ``minimum - 1`` are small, where an item does not say by which rules it
        was released.
    synthetic : bool
        Attack also items whose record says that no row is real.
    identifiers : collection of str
        Of patients, by who holds the tables: none may stand anywhere.

    Returns
    -------
    pandas.DataFrame
        One row per finding: ``item``, ``kind`` (printed, times, solved, difference, few,
        unchecked, patients, confirms, digits, unread), ``what`` (where, never the value),
        ``files`` and, of counts, ``column``. ``attrs["items"]`` names what was attacked.

    Raises
    ------
    InputError
        If a folder holds no item.

    See Also
    --------
    suppress : Suppression within one table.

    Notes
    -----
    Every file is read: tables, texts, headings, the words and the shapes of figures, documents,
    records and pages; a file that cannot be read is a finding of its own. Counts that are withheld
    are unknown whole numbers between equations (margins, flows, sizes of the groups of a
    comparison and the error of their difference, standard deviation over standard error,
    proportions, the fall of a curve); the range of each is found by mixed-integer programming, with
    the rounding of the rules taken into account. Shares and curves must be those of rounded counts,
    and so must the number of patients that many tests have in common. Tables of two groups are
    listed until one is left that has the printed margins and test; the error of a hazard or odds
    ratio tells the events.

    References
    ----------
    Hundepool A, Domingo-Ferrer J, Franconi L, Giessing S, Schulte Nordholt E, Spicer K, de Wolf
    P-P (2012). Statistical Disclosure Control. Wiley, chapter 4.

    Examples
    --------
    >>> import tempfile
    >>> attack(tempfile.mkdtemp())
    Traceback (most recent call last):
    faceage_stats.errors.InputError: the folder holds no item to attack.
    """
    pages = read_build(_folder(results), minimum)
    if book is not None:
        read_book(Path(book), Path(results), pages)
    now = [page for page in pages if synthetic or not page.synthetic]
    old = [] if before is None else read_build(_folder(before), minimum)
    findings = [finding for page in now for finding in _alone(page)]
    named = told_apart(identifiers)
    findings += [finding for page in now for finding in shown_identifiers(page, named)]
    findings += [*between_items(now), *between_builds(now, old)]
    found = findings_table(findings)
    found.attrs["items"] = [page.item for page in now]
    return found


def _folder(results: str | Path) -> Path:
    folder = Path(results)
    if not any(folder.glob("item.json")) and not any(folder.glob("*/item.json")):
        raise InputError("the folder holds no item to attack.")
    return folder


def _alone(page: Page) -> Iterator[Finding]:
    """What one item gives away by itself."""
    counts = list(counts_of(page))
    solved = _solved(page, counts)
    yield from printed_counts(page)
    yield from unguarded_hashes(page)
    yield from (Finding(page.item, "unread", "no attacker of ours", (f,)) for f in page.unread)
    yield from event_times(page)
    yield from drawn_patients(page)
    yield from solved_on_curves(page)
    yield from along_a_flow(page)
    yield from ratios_of_few(page)
    yield from shares_of_few(page)
    yield from cells_of_two_groups(page)
    yield from exact_numbers(page)
    yield from exact_shares(page)
    yield from moves_of_few(page)
    yield from numbers_behind_tests(page)
    shown = [c for c in counts if c.shown and c.low == c.high and 0 < c.low < page.minimum]
    for count in shown:
        yield Finding(page.item, "unchecked", count.what, (count.file,), count.column)
    for count in solved:
        yield Finding(page.item, "solved", count.what, (count.file,), count.column)
    few = _labels([c for c in [*shown, *solved] if c.column == "n"])
    many = _labels([c for c in counts if c.shown and c.low >= page.minimum])
    yield from statistics_of_few(page, few - many)
    yield from shapes_of_few(page, few - many)


def _labels(counts: Sequence[Count]) -> set[str]:
    """Labels of the rows that are about one group."""
    names = [dict(count.name[1]) for count in counts]
    return {value for name in names if "group1" not in name for value in name.values()}


def _solved(page: Page, counts: list[Count]) -> list[Count]:
    """Withheld counts that can have one value only, and a small one."""
    system = write_equations(page, counts)
    hidden = {count.name: count for count in counts if not count.shown}
    ranges = system.ranges(hidden)
    return [
        count
        for name, count in hidden.items()
        if (span := ranges.get(name)) and span[0] == span[1] and 0 < span[0] < page.minimum
    ]
