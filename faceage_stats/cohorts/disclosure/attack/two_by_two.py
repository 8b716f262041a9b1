"""Cells of a printed table of two groups, from its margins and a test or difference beside them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats.cohorts.disclosure.attack.build import Page
from faceage_stats.cohorts.disclosure.attack.cells import decimal, is_overall
from faceage_stats.cohorts.disclosure.attack.findings import Finding

__all__ = ["cells_of_two_groups"]

_HEADING = re.compile(r"(?P<group>.+), N = (?P<n>[\d,]+)")
_CELL = re.compile(r"(?P<n>[\d,]+) \([\d.]+%\)")
_MANY = 100  # margins; where they are rounded, so many tables fit that no cell is told

Cells = tuple[int, int, int, int]  # two levels of one group, then of the other


@dataclass(frozen=True)
class _Margins:
    """Sizes of the two groups, and patients of the first level."""

    one: range
    two: range
    level: range


def cells_of_two_groups(page: Page) -> Iterator[Finding]:
    """List withheld cells of which a test or a standardised difference leaves one value only."""
    for file, table in page.tables.items():
        headings = {str(c): m for c in table if (m := _HEADING.fullmatch(str(c)))}
        overall = [c for c, m in headings.items() if is_overall(m["group"])]
        groups = [c for c in headings if c not in overall]
        if len(overall) != 1 or len(groups) != 2:
            continue
        sizes = [_around(page, headings[c]["n"]) for c in groups]
        for heading, levels in _variables(table):
            cells = [str(cell) for level in levels for cell in level[groups]]
            known = _CELL.fullmatch(str(levels[0][overall[0]]))
            if any(map(_CELL.fullmatch, cells)) or known is None:
                continue  # with one cell known, margins give the others
            margins = _Margins(sizes[0], sizes[1], _around(page, known["n"]))
            if any(_gives_few(page, margins, heading, name) for name in ("SMD", "p")):
                what = f"cells of {str(heading.iloc[0]).partition(',')[0]}"
                yield Finding(page.item, "solved", what, (file,))


def _around(page: Page, text: str) -> range:
    count, slack = int(text.replace(",", "")), page.base - 1
    return range(max(count - slack, 0), count + slack + 1)


def _variables(table: pd.DataFrame) -> Iterator[tuple[pd.Series, list[pd.Series]]]:
    """Rows that name a variable of two levels, each with its levels, which are set in."""
    rows = [row for _, row in table.iterrows()]
    is_level = [str(row.iloc[0]).startswith("  ") for row in rows]
    for at, row in enumerate(rows):
        after = [*is_level[at + 1 :], False]
        levels = rows[at + 1 : at + 1 + after.index(False)]
        if not is_level[at] and len(levels) == 2:
            yield row, levels


def _gives_few(page: Page, margins: _Margins, heading: pd.Series, name: str) -> bool:
    """Whether all tables with these margins and the printed statistic share a small cell."""
    shown = decimal(heading.get(name, ""))
    if shown is None or len(margins.one) * len(margins.two) * len(margins.level) > _MANY:
        return False
    statistics = (_difference,) if name == "SMD" else (_chi_squared, _corrected, _fisher)
    found = [
        cells
        for cells in _tables(margins)
        if any(abs(s(cells) - abs(shown[0])) <= shown[1] + 1e-9 for s in statistics)
    ]
    shared = set.intersection(*[set(enumerate(cells)) for cells in found]) if found else set()
    return any(0 < count < page.minimum for _, count in shared)


def _tables(margins: _Margins) -> Iterator[Cells]:
    """Every table with these margins."""
    for one in margins.one:
        for two in margins.two:
            for level in margins.level:
                for cell in range(max(0, level - two), min(one, level) + 1):
                    yield cell, one - cell, level - cell, two - level + cell


def _difference(cells: Cells) -> float:
    """Standardised difference of two proportions (Yang and Dalton 2012)."""
    p, q = cells[0] / (cells[0] + cells[1]), cells[2] / (cells[2] + cells[3])
    spread = np.sqrt((p * (1 - p) + q * (1 - q)) / 2)
    return float(abs(p - q) / spread) if spread > 0 else np.inf


def _square(cells: Cells) -> list[list[int]]:
    return [[cells[0], cells[1]], [cells[2], cells[3]]]


def _test(correction: bool) -> Callable[[Cells], float]:
    def p_value(cells: Cells) -> float:
        square = np.array(_square(cells))
        if not (square.sum(axis=0) * square.sum(axis=1)).all():
            return np.inf
        return float(stats.chi2_contingency(square, correction=correction).pvalue)

    return p_value


_chi_squared, _corrected = _test(False), _test(True)


def _fisher(cells: Cells) -> float:
    return float(stats.fisher_exact(_square(cells)).pvalue)
