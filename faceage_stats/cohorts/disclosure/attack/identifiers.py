"""Identifiers of patients in what a build shows."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from faceage_stats.cohorts.disclosure.attack.build import Page
from faceage_stats.cohorts.disclosure.attack.findings import Finding

__all__ = ["shown_identifiers", "told_apart"]

_WORD = re.compile(r"[\w-]+")
_LONG = 6  # characters; a shorter number may be one of the results


def told_apart(identifiers: Collection[str]) -> frozenset[str]:
    """Identifiers that are no words and no numbers of a result: long, with a digit in them.

    Examples
    --------
    >>> sorted(told_apart({"17", "HN7310000", "patient", "20-4411"}))
    ['20-4411', 'HN7310000']
    """
    return frozenset(i for i in identifiers if len(i) >= _LONG and any(c.isdigit() for c in i))


def shown_identifiers(page: Page, identifiers: frozenset[str]) -> Iterator[Finding]:
    """List files in which an identifier stands, alone or between other words.

    Parameters
    ----------
    page : Page
    identifiers : frozenset of str
        Of the patients of the private tables, from `told_apart`.
    """
    if not identifiers:
        return
    cells = {file: " ".join(table.to_numpy(str).ravel()) for file, table in page.tables.items()}
    for file, text in [*page.texts.items(), *page.pictures.items(), *cells.items()]:
        if not identifiers.isdisjoint(_WORD.findall(text)):
            yield Finding(page.item, "patients", "an identifier", (file,))
