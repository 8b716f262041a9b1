"""Delimited text: ragged rows and column types, in bounded memory.

A file is read twice, one block of rows at a time: first to learn of which kind each column is (one
bad cell among its last rows turns a column of numbers into text), then to convert its cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats.cohorts.tables.column_kind import ColumnKind, typed
from faceage_stats.cohorts.tables.text_layout import UNPARSED, Layout, find_layout
from faceage_stats.errors import InputError

__all__ = ["TextTable", "read_text_table", "scan_text_table"]

_BLOCK = 1 << 22  # bytes that are parsed at a time, and the longest line that can be read
_WIDE_BLOCK = 1 << 28  # the same for thousands of columns, where a block would hold few rows
_WIDE = 1000
_LISTED = 5


@dataclass(frozen=True)
class TextTable:
    """A delimited file that was read through once: how to read it again, and what it holds."""

    path: Path
    layout: Layout
    missing_codes: tuple[str, ...]
    kinds: dict[str, ColumnKind]
    n_rows: int

    def frames(self) -> Iterator[pd.DataFrame]:
        """One block of rows after another; a table without rows is one empty frame."""
        if self.n_rows == 0:
            yield pd.DataFrame(self._columns())
            return
        for batch in _open(self.path, self.layout, self.missing_codes, _Ragged()):
            series = {
                name: typed(cells, kind.name).to_pandas()
                for cells, (name, kind) in zip(batch.columns, self.kinds.items(), strict=True)
            }
            yield pd.DataFrame(series, copy=False)

    def read(self) -> pd.DataFrame:
        """Read the whole table, into columns of known length so that nothing is held twice."""
        columns = self._columns()
        start = 0
        for frame in self.frames():
            for name, column in columns.items():
                column[start : start + len(frame)] = frame[name].to_numpy()
            start += len(frame)
        return pd.DataFrame(columns, copy=False)

    def _columns(self) -> dict[str, np.ndarray]:
        return {name: np.empty(self.n_rows, kind.dtype) for name, kind in self.kinds.items()}


def read_text_table(
    path: Path, *, text_columns: set[str], missing_codes: Iterable[str]
) -> pd.DataFrame:
    """Read a delimited text file; see `read_table`."""
    return scan_text_table(path, text_columns=text_columns, missing_codes=missing_codes).read()


def scan_text_table(
    path: Path, *, text_columns: set[str], missing_codes: Iterable[str]
) -> TextTable:
    """Read a delimited file once: refuse what is broken, find the kind of every column."""
    layout = find_layout(path)
    kinds = [ColumnKind(name in text_columns, layout.has_decimal_commas) for name in layout.names]
    ragged = _Ragged()
    n_rows, last = 0, ""
    codes = tuple(missing_codes)
    for batch in _open(path, layout, codes, ragged) if layout.has_rows else ():
        n_rows += batch.num_rows
        for kind, cells in zip(kinds, batch.columns, strict=True):
            kind.narrow(cells)
        if batch.num_rows:
            last = batch.columns[-1][-1].as_py() or ""
    if ragged.n:
        raise InputError(f"{path.name}: {ragged.describe(n_rows)}")
    if layout.has_odd_quote and "\n" in last:
        raise InputError(f"{path.name}: {UNPARSED}")
    return TextTable(path, layout, codes, dict(zip(layout.names, kinds, strict=True)), n_rows)


class _Ragged:
    """Rows with too few or too many cells: how many, and the first."""

    def __init__(self) -> None:
        self.n = 0
        self.expected = 0
        self.first: list[tuple[int, int]] = []
        self.by_one = True  # every row has one cell more than the header

    def __call__(self, row: Any) -> str:
        """Note a row for Arrow's parser, which then goes on with the next."""
        self.n += 1
        self.expected = row.expected_columns
        self.by_one &= row.actual_columns == row.expected_columns + 1
        if len(self.first) < _LISTED:
            self.first.append((row.number, row.actual_columns))
        return "skip"

    def describe(self, n_good: int) -> str:
        where = ", ".join(f"line {line} ({cells} cells)" for line, cells in self.first)
        rows = "1 row has" if self.n == 1 else f"{self.n} rows have"
        text = f"the header has {self.expected} cells, {rows} another number: {where}"
        text += " ..." if self.n > len(self.first) else ""
        if n_good == 0 and self.by_one:
            return f"{text}. Were row names written? In R use write.csv(df, row.names = FALSE)."
        return (
            f"{text}. Quote cells that hold the delimiter; a short last line means a truncated "
            "file."
        )


def _open(
    path: Path, layout: Layout, missing_codes: tuple[str, ...], ragged: _Ragged
) -> Iterator[Any]:
    """Every cell as text, one block of rows after another."""
    import pyarrow as pa
    from pyarrow import csv as pacsv

    wide = len(layout.names) > _WIDE
    try:
        with pacsv.open_csv(
            path,
            # row numbers are known to a single thread only
            read_options=pacsv.ReadOptions(
                use_threads=False,
                encoding=layout.encoding,
                block_size=_WIDE_BLOCK if wide else _BLOCK,
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=layout.delimiter, newlines_in_values=True, invalid_row_handler=ragged
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(layout.names, pa.string()),
                null_values=missing_codes,
                strings_can_be_null=True,
            ),
        ) as reader:
            yield from reader
    except pa.ArrowInvalid as error:
        raise InputError(f"{path.name}: {UNPARSED}") from error
