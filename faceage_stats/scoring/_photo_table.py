"""A manifest of photographs: any table with a column `photo`, checked before anything is scored."""

from __future__ import annotations

import hashlib
import os
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats.cohorts.tables.read_table import read_batches
from faceage_stats.cohorts.tables.reading import Reading
from faceage_stats.errors import InputError
from faceage_stats.scoring._places import Places
from faceage_stats.scoring._table import RESULT_COLUMNS

__all__ = ["PhotoTable", "check_table"]

_AS_WRITTEN = Reading(text_columns=None, missing_codes=("",))  # NA may be a patient's initials
_KNOWN = ("photo", "patient_id", "taken_on")  # found whatever their capitals


@dataclass(frozen=True)
class PhotoTable:
    """A checked manifest: its columns, its length, and how to read it again.

    Attributes
    ----------
    file : pathlib.Path
    columns : tuple of str
        All of them, with `photo`, `patient_id` and `taken_on` in small letters.
    n : int
        Rows.
    blank : dict of str to int
        Rows without a `patient_id`, and without a `taken_on`, where there is the column.
    """

    file: Path
    columns: tuple[str, ...]
    n: int
    blank: dict[str, int] = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Cells of one row after another, as text; an empty one is ''."""
        for frame in _frames(self.file):
            yield from _rows(frame)


def check_table(file: Path, base: Path) -> PhotoTable:
    """Read a manifest once, in constant memory but for eight bytes per row.

    Parameters
    ----------
    file : pathlib.Path
        Any table that `read_table` reads.
    base : pathlib.Path
        Folder that the photographs are relative to.

    Returns
    -------
    PhotoTable

    Raises
    ------
    InputError
        Column `photo` is missing, a column is one that the scorer writes; rows that name no
        photograph, one that is listed before, or a date that is none, with their count.
    """
    problems: dict[str, list[int]] = {}
    blank: dict[str, int] = {}
    places, hashes = Places(base), array("Q")
    columns: tuple[str, ...] = ()
    position = 0
    for frame in _frames(file):
        columns = tuple(frame.columns)
        _check_columns(columns, file)
        blank |= {name: 0 for name in _KNOWN[1:] if name in columns and name not in blank}
        for row in _rows(frame):
            position += 1
            cells = dict(zip(columns, row, strict=True))
            problem = _problem(cells)
            if problem:
                problems.setdefault(problem, []).append(position)
                continue
            for name in blank:
                blank[name] += not cells[name].strip()
            path = os.path.normpath(places.find(cells["photo"]))
            key = hashlib.blake2b(os.fsencode(path), digest_size=8).digest()
            hashes.append(int.from_bytes(key, "little"))
    if problems:
        texts = [f"{len(at)} rows {what} (rows {_some(at)})" for what, at in problems.items()]
        raise InputError(f"{file.name}: {'; '.join(texts)}. Correct the manifest.")
    if not hashes:
        raise InputError(f"{file.name} lists no photographs.")
    _refuse_repeated(hashes, file)
    return PhotoTable(file, columns, len(hashes), blank)


def _frames(file: Path) -> Iterator[pd.DataFrame]:
    """Blocks of rows with the known columns spelt as we spell them."""
    for frame in read_batches(file, how=_AS_WRITTEN):
        names = {name: str(name).strip().lower() for name in frame.columns}
        known = {name: small for name, small in names.items() if small in _KNOWN}
        yield frame.rename(columns=known)


def _rows(frame: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    columns: list[list[str]] = [_text(frame[name]) for name in frame.columns]
    return zip(*columns, strict=True)


def _text(column: pd.Series[Any]) -> list[str]:
    """Cells of a column as text: dates as YYYY-MM-DD, whole numbers without a point."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "M":
        column = column.dt.strftime("%Y-%m-%d")
    elif isinstance(column.dtype, np.dtype) and column.dtype.kind == "f":
        column = column.map(lambda cell: f"{cell:.17g}", na_action="ignore")
    return [str(cell) for cell in column.astype(object).where(column.notna(), "")]


def _problem(cells: dict[str, str]) -> str:
    """What is wrong with a row, in words that follow a count."""
    if not cells["photo"].strip():
        return "name no photograph"
    if cells.get("taken_on"):
        try:
            date.fromisoformat(cells["taken_on"])
        except ValueError:
            return "have a `taken_on` that is not YYYY-MM-DD"
    return ""


def _some(positions: list[int]) -> str:
    text = ", ".join(map(str, positions[:5]))
    return text + (", …" if len(positions) > 5 else "")


def _check_columns(columns: tuple[str, ...], file: Path) -> None:
    if "photo" not in columns:
        raise InputError(f"{file.name} has no column `photo`; it has {', '.join(columns)}.")
    if len(set(columns)) != len(columns):
        raise InputError(f"{file.name} has two columns of the same name but for capitals.")
    taken = sorted(
        name for name in columns if name in RESULT_COLUMNS or name.startswith("embedding_")
    )
    if taken:
        raise InputError(
            f"{file.name} has columns that the scorer writes itself: {', '.join(taken)}. "
            "Rename them."
        )


def _refuse_repeated(hashes: array[int], file: Path) -> None:
    values = np.frombuffer(hashes, np.uint64)  # the same memory, so sorted in place
    values.sort()
    repeated = int(np.count_nonzero(values[1:] == values[:-1]))
    if repeated:
        raise InputError(
            f"{file.name}: {repeated} rows repeat a photograph that is listed before, perhaps "
            "under another spelling or through a link. Each is scored once; remove them."
        )
