"""Delimited text: ragged rows and column types, in bounded memory.

A file is read twice, one block of rows at a time: first to learn of which kind each column is (one
bad cell among its last rows turns a column of numbers into text), then to convert its cells.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats.cohorts.tables.column_kind import ColumnKind, typed
from faceage_stats.cohorts.tables.number_marks import NumberMarks
from faceage_stats.cohorts.tables.plain_numbers import PlainBlock, plain_blocks
from faceage_stats.cohorts.tables.reading import Reading
from faceage_stats.cohorts.tables.row_names import RowNumbers
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
    kinds: dict[str, ColumnKind]  # of the columns that are kept
    first: int  # position of the first of them in the file
    n_rows: int

    def frames(self) -> Iterator[pd.DataFrame]:
        """One block of rows after another; a table without rows is one empty frame."""
        if self.n_rows == 0:
            yield self._frame(self._columns())
        else:
            yield from (self._frame(block) for block in self._blocks())

    def read(self) -> pd.DataFrame:
        """Read the whole table, into columns of known length so that nothing is held twice."""
        columns = self._columns()
        start = 0
        for block in self._blocks() if self.n_rows else ():
            n = len(next(iter(block.values())))
            for name, values in block.items():
                columns[name][start : start + n] = values
            start += n
        return self._frame(columns)

    def _blocks(self) -> Iterator[dict[str, np.ndarray]]:
        for batch in _open(self.path, self.layout, _Ragged()):
            kept = batch.columns[self.first : self.first + len(self.kinds)]
            yield {
                name: typed(cells, kind)
                for cells, (name, kind) in zip(kept, self.kinds.items(), strict=True)
            }

    def _columns(self) -> dict[str, np.ndarray]:
        return {name: np.empty(self.n_rows, kind.dtype) for name, kind in self.kinds.items()}

    def _frame(self, columns: dict[str, np.ndarray]) -> pd.DataFrame:
        kept: dict[str, Any] = dict(columns)
        for name, values in columns.items():
            if values.dtype == object:  # text, of which pandas would make a type of its own
                kept[name] = pd.Series(values, dtype=object)
                if self.kinds[name].name == "truth":
                    kept[name] = kept[name].astype("boolean")
        return pd.DataFrame(kept, copy=False)


def read_text_table(path: Path, how: Reading) -> pd.DataFrame:
    """Read a delimited text file; see `read_table`."""
    return scan_text_table(path, how).read()


def scan_text_table(path: Path, how: Reading) -> TextTable:
    """Read a delimited file once: refuse what is broken, find the kind of every column."""
    layout = find_layout(path, how)
    how.refuse_unknown_columns(layout.names, path.name)
    kinds = [_kind(name, layout, how) for name in layout.names]
    ragged, row_numbers = _Ragged(), RowNumbers(layout.has_row_names)
    n_rows, last = 0, ""
    for batch in _open(path, layout, ragged) if layout.has_rows else ():
        _refuse_trailing(batch, layout, path)
        row_numbers.look(batch.columns[0].to_pylist() if layout.has_row_names else [], n_rows)
        n_rows += batch.num_rows
        _narrow(kinds, batch.columns[: len(kinds)])
        if batch.num_rows:
            last = batch.columns[-1][-1].as_py() or ""
    if ragged.n:
        raise InputError(f"{path.name}: {ragged.describe(n_rows)}")
    if layout.has_odd_quote and "\n" in last:
        raise InputError(f"{path.name}: {UNPARSED}")
    first = int(row_numbers.are_numbers and n_rows > 0)
    kept = dict(zip(layout.names[first:], kinds[first:], strict=True))
    for name, kind in kept.items():
        kind.check(name, path.name, is_declared=name in how.number_columns)
    return TextTable(path, layout, kept, first, n_rows)


def _narrow(kinds: Sequence[ColumnKind], columns: Sequence[Any]) -> None:
    """Learn from a block of rows: of the columns of plain numbers together, of others in turn."""
    plain: dict[int, PlainBlock | None] = {}
    for codes, group in itertools.groupby(
        (i for i, kind in enumerate(kinds) if kind.may_be_plain), key=lambda i: kinds[i].codes
    ):
        alike = list(group)
        plain |= zip(alike, plain_blocks([columns[i] for i in alike], codes), strict=True)
    for i, (kind, cells) in enumerate(zip(kinds, columns, strict=True)):
        block = plain.get(i)
        kind.narrow(cells) if block is None else kind.narrow_plainly(block)


def _kind(name: str, layout: Layout, how: Reading) -> ColumnKind:
    marks = NumberMarks(how.decimal, how.thousands, layout.has_decimal_commas)
    return ColumnKind(how.is_text(name), how.codes(name), marks)


def _refuse_trailing(batch: Any, layout: Layout, path: Path) -> None:
    """Columns after the last name must be blank in every row."""
    import pyarrow.compute as pc

    for cells in batch.columns[len(layout.names) :]:
        n = int(pc.sum(pc.not_equal(pc.utf8_trim_whitespace(cells), "")).as_py() or 0)
        if n:
            raise InputError(
                f"{path.name}: {n} rows hold a cell to the right of the last column name. Name "
                "that column in the header, or quote cells that hold the delimiter."
            )


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


def _open(path: Path, layout: Layout, ragged: _Ragged) -> Iterator[Any]:
    """Every cell as text, one block of rows after another."""
    import pyarrow as pa
    from pyarrow import csv as pacsv

    wide = len(layout.names) > _WIDE
    columns = [*layout.names, *(f"\0{i}" for i in range(layout.n_trailing))]
    try:
        with pacsv.open_csv(
            path,
            # row numbers are known to a single thread only
            read_options=pacsv.ReadOptions(
                use_threads=False,
                encoding=layout.encoding,
                block_size=_WIDE_BLOCK if wide else _BLOCK,
                column_names=columns,
                skip_rows=layout.n_lines,
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=layout.delimiter, newlines_in_values=True, invalid_row_handler=ragged
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=False
            ),
        ) as reader:
            yield from reader
    except pa.ArrowInvalid as error:
        raise InputError(f"{path.name}: {UNPARSED}") from error
