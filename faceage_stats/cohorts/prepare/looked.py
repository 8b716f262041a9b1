"""What the files of an export show: dates, codes, who is alive, and what joins them."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from faceage_stats.cohorts.prepare.cells import as_cells, texts
from faceage_stats.cohorts.prepare.dates import likely_formats
from faceage_stats.cohorts.prepare.declared import Source
from faceage_stats.cohorts.prepare.export import read_cells
from faceage_stats.cohorts.prepare.file_rules import LEADING_ZEROS
from faceage_stats.cohorts.prepare.words import ALIVE, UNKNOWN, column_named
from faceage_stats.cohorts.tables.formats import TEXT
from faceage_stats.cohorts.tables.text_encoding import find_encoding
from faceage_stats.errors import InputError, ReadingWarning

__all__ = ["LEAST_ROWS", "Looked", "Match", "look_at"]

MOST_CODES = 30  # more different values are no codelist, and may be identifiers
LEAST_ROWS = 5  # a value of fewer rows is not written down
DATES = ("birth", "start", "death", "last_contact")
_SHARED = 0.5  # of the values of a key that another file has as well


class Match(NamedTuple):
    """Columns of two files that have values in common."""

    here: str
    there: str
    leading_zeros: str


@dataclass(frozen=True)
class Looked:
    """What a draft is written from; no value of an identifier, and no rare one."""

    sources: tuple[Source, ...]
    n_rows: int
    matches: tuple[Match | None, ...]  # by what each further file is joined
    dates: dict[str, tuple[str, list[str]]]  # by the name that it gets: column, formats
    codes: dict[str, dict[str, int]]  # values of five rows or more, by column
    patient: str | None
    status: str | None

    @property
    def missing(self) -> list[str]:
        """Codes that are words for a missing value."""
        seen = (code for found in self.codes.values() for code in found)
        return list(dict.fromkeys(code for code in seen if code.casefold() in UNKNOWN))

    def date(self, name: str) -> str:
        """The name of a date, where one was recognised by it."""
        return name if name in self.dates else "TODO"


def look_at(paths: Sequence[Path], told: dict[str, Any], encoding: str | None) -> Looked:
    """Read the files of an export, and find what can be found.

    Parameters
    ----------
    paths : sequence of pathlib.Path
        The first, and those that are joined to it.
    told : dict
        Sheet and line of the header.
    encoding : str, optional
        Of those that are no UTF-8 or UTF-16.
    """
    sources = tuple(Source(path, told | _encoded(path, encoding)) for path in paths)
    tables = [as_cells(read_cells(source)) for source in sources]
    cells: dict[str, pd.Series] = {}
    for table in reversed(tables):
        cells = {str(name): values for name, values in table.items()} | cells
    formats = {name: found for name in cells if (found := _formats(cells[name]))}
    codes = {name: _codes(values) for name, values in cells.items() if name not in formats}
    matches = tuple(_match(tables[0], table) for table in tables[1:])
    joined = next((match.here for match in matches if match), None)
    return Looked(
        sources=sources,
        n_rows=len(tables[0]),
        matches=matches,
        dates=_named(formats),
        codes=codes,
        patient=joined or column_named("patient_id", [n for n in codes if not codes[n]]),
        status=next((n for n in codes if {c.casefold() for c in codes[n]} & ALIVE), None),
    )


def _encoded(path: Path, given: str | None) -> dict[str, str]:
    """The encoding of a text file that is none of those that are recognised for certain."""
    if path.suffix.lower() not in TEXT or not path.is_file():
        return {}
    if given is None:
        found = find_encoding(path, None)[0]
        return {} if found.startswith("utf") else {"encoding": found}
    return {} if _is_utf(path) else {"encoding": given}


def _is_utf(path: Path) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReadingWarning)
        try:
            return find_encoding(path, None)[0].startswith("utf")
        except InputError:
            return False


def _key(name: str) -> str:
    return re.sub(r"\W+", "_", name.lower()).strip("_")


def _formats(values: pd.Series) -> list[str]:
    is_date = pd.api.types.is_datetime64_any_dtype(values)
    return ["as dates"] if is_date else likely_formats(texts(values))


def _named(formats: dict[str, list[str]]) -> dict[str, tuple[str, list[str]]]:
    """Dates by what they are of, where the name of the column says it, else by that name."""
    found: dict[str, tuple[str, list[str]]] = {}
    left = dict(formats)
    for key in DATES:
        name = column_named(key, left)
        if name:
            found[key] = (name, left.pop(name))
    for name, each in left.items():
        key = _key(name)
        found[key if key not in found else f"{key}_2"] = (name, each)
    return found


def _codes(values: pd.Series) -> dict[str, int]:
    """Values of a codelist with their rows; none of an identifier, a number, or free text."""
    counts = texts(values).value_counts()
    if len(counts) > MOST_CODES:
        return {}
    return {str(code): int(n) for code, n in counts.items() if n >= LEAST_ROWS}


def _match(first: pd.DataFrame, other: pd.DataFrame) -> Match | None:
    """Find the columns of two files that have most values in common, where they have many."""
    for zeros in LEADING_ZEROS:
        here, there = (
            {str(name): {each.lstrip("0") if zeros == "ignore" else each for each in found}
             for name in table if len(found := set(texts(table[name]).dropna())) > MOST_CODES}
            for table in (first, other)
        )  # fmt: skip
        shared = {
            Match(a, b, zeros): len(one & two)
            for a, one in here.items()
            for b, two in there.items()
            if len(one & two) > _SHARED * min(len(one), len(two))
        }
        if shared:
            return max(shared, key=lambda match: shared[match])
    return None
