"""Delimited text: encoding, delimiter, ragged rows and column types, in bounded memory.

A file is read twice, one block of rows at a time: first to learn of which kind each column is (one
bad cell among its last rows turns a column of numbers into text), then to convert its cells.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats.errors import InputError

__all__ = ["TextTable", "read_text_table", "scan_text_table"]

_CHUNK = 1 << 20
_SAMPLE = 1 << 16
_BLOCK = 1 << 22  # bytes that are parsed at a time, and the longest line that can be read
_WIDE_BLOCK = 1 << 28  # the same for thousands of columns, where a block would hold few rows
_WIDE = 1000
_DELIMITERS = (",", ";", "\t", "|")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LISTED = 5
_UNCUT = (
    "it cannot be cut into rows. Most often a quote is opened and never closed, or the file is "
    "truncated; nor may a row be longer than a few megabytes. Export it again."
)


@dataclass(frozen=True)
class _Layout:
    """How a file is written."""

    encoding: str
    delimiter: str
    missing_codes: tuple[str, ...]


@dataclass(frozen=True)
class TextTable:
    """A delimited file that was read through once: how to read it again, and what it holds."""

    path: Path
    layout: _Layout
    kinds: dict[str, str]  # column -> text, empty, truth, whole, number, comma
    dtypes: dict[str, type]
    n_rows: int

    def frames(self) -> Iterator[pd.DataFrame]:
        """One block of rows after another; a table without rows is one empty frame."""
        if self.n_rows == 0:
            yield pd.DataFrame(self._columns())
            return
        for batch in _open(self.path, self.layout, list(self.kinds), _Ragged()):
            series = {
                name: _typed(cells, kind).to_pandas()
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
        return {name: np.empty(self.n_rows, dtype) for name, dtype in self.dtypes.items()}


def read_text_table(
    path: Path, *, text_columns: set[str], missing_codes: Iterable[str]
) -> pd.DataFrame:
    """Read a delimited text file; see `read_table`."""
    return scan_text_table(path, text_columns=text_columns, missing_codes=missing_codes).read()


def scan_text_table(
    path: Path, *, text_columns: set[str], missing_codes: Iterable[str]
) -> TextTable:
    """Read a delimited file once: refuse what is broken, find the kind of every column."""
    encoding, n_quotes = _encoding(path)
    sample = _sample(path, encoding)
    if not sample.strip():
        raise InputError(f"{path.name} holds only blank lines. Export it again.")
    delimiter = _delimiter(sample)
    names = _header(path, encoding, delimiter)
    if len(set(names)) < len(names):
        twins = ", ".join(dict.fromkeys(n or "(no name)" for n in names if names.count(n) > 1))
        raise InputError(f"{path.name}: columns {twins} appear more than once. Keep one.")
    layout = _Layout(encoding, delimiter, tuple(missing_codes))
    columns = [_Column(name in text_columns, delimiter in (";", "\t")) for name in names]
    ragged = _Ragged()
    n_rows, last = 0, ""
    only_header = len(sample) < _SAMPLE and len(sample.strip().splitlines()) == 1
    for batch in () if only_header else _open(path, layout, names, ragged):
        n_rows += batch.num_rows
        for column, cells in zip(columns, batch.columns, strict=True):
            column.narrow(cells)
        if batch.num_rows:
            last = batch.columns[-1][-1].as_py() or ""
    if ragged.n:
        raise InputError(f"{path.name}: {ragged.describe(n_rows)}")
    if n_quotes % 2 and "\n" in last:
        raise InputError(f"{path.name}: {_UNCUT}")
    kinds = {name: column.kind for name, column in zip(names, columns, strict=True)}
    dtypes = {name: column.dtype for name, column in zip(names, columns, strict=True)}
    return TextTable(path, layout, kinds, dtypes, n_rows)


def _encoding(path: Path) -> tuple[str, int]:
    """UTF-8 or UTF-16 by mark, else UTF-8 when all of it decodes, else Windows-1252.

    With the number of quotes in the file: an odd one hints at a quote that is never closed.
    """
    with path.open("rb") as file:
        head = file.read(4)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    failure, n_quotes = _decode(path, marked or "utf-8")
    if failure is None:
        return marked or "utf-8", n_quotes
    if marked is not None:
        raise InputError(f"{path.name} is not valid {marked} from line {failure} on.")
    failure, n_quotes = _decode(path, "cp1252")
    if failure is not None:
        raise InputError(
            f"{path.name}: line {failure} is neither UTF-8 nor Windows-1252 text. Save it as UTF-8."
        )
    return "cp1252", n_quotes


def _decode(path: Path, encoding: str) -> tuple[int | None, int]:
    """Line of the first bytes that do not decode, and the quotes; binary content is refused."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line, n_quotes = 1, 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return line + error.object[: error.start].count(b"\n"), n_quotes
            if "\0" in text:
                raise InputError(
                    f"{path.name} holds binary data, not text. Was another format given the "
                    f"extension '{path.suffix}'?"
                )
            if not chunk:
                return None, n_quotes
            line += text.count("\n")
            n_quotes += text.count('"')


def _sample(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, newline="") as file:
        return file.read(_SAMPLE)


def _delimiter(sample: str) -> str:
    """The delimiter that cuts the most lines into as many cells as the header has."""
    lines = sample.splitlines(keepends=True)
    whole = lines if len(sample) < _SAMPLE else lines[:-1] or lines

    def score(delimiter: str) -> tuple[float, int]:
        rows = [
            row
            for row in csv.reader(io.StringIO("".join(whole), newline=""), delimiter=delimiter)
            if row
        ]
        width = len(rows[0])
        body = rows[1:] or rows
        return sum(len(row) == width for row in body) / len(body) * (width > 1), width

    return max(_DELIMITERS, key=score)


def _header(path: Path, encoding: str, delimiter: str) -> list[str]:
    try:
        with path.open(encoding=encoding, newline="") as file:
            return next(row for row in csv.reader(file, delimiter=delimiter) if row)
    except csv.Error as error:
        raise InputError(f"{path.name}: the header {_UNCUT.removeprefix('it ')}") from error


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


def _open(path: Path, layout: _Layout, names: list[str], ragged: _Ragged) -> Iterator[Any]:
    """Every cell as text, one block of rows after another."""
    import pyarrow as pa
    from pyarrow import csv as pacsv

    wide = len(names) > _WIDE
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
                column_types=dict.fromkeys(names, pa.string()),
                null_values=layout.missing_codes,
                strings_can_be_null=True,
            ),
        ) as reader:
            yield from reader
    except pa.ArrowInvalid as error:
        raise InputError(f"{path.name}: {_UNCUT}") from error


class _Column:
    """What a column may still be, narrowed block by block."""

    def __init__(self, as_text: bool, comma_decimals: bool) -> None:
        self.as_text = as_text
        self.empty = True
        self.gaps = False
        candidates = ["truth", "digits", "whole", "number"] + ["comma"] * comma_decimals
        self.possible = [] if as_text else candidates

    def narrow(self, cells: Any) -> None:
        """Strike out what the cells of this block are not."""
        import pyarrow.compute as pc

        self.gaps |= cells.null_count > 0
        if cells.null_count == len(cells):
            return
        self.empty = False
        if self.possible:
            known = pc.utf8_trim_whitespace(cells.drop_null())
            identifiers = bool(pc.any(pc.match_substring_regex(known, _LEADING_ZERO)).as_py())
            self.possible = [
                kind
                for kind in self.possible
                if not (identifiers and kind != "truth") and _fits(known, kind)
            ]

    @property
    def kind(self) -> str:
        """Numbers when all cells are numbers without leading zeros, truth values, else text."""
        if self.empty:
            return "text" if self.as_text else "empty"
        if "digits" in self.possible and "whole" not in self.possible:
            return "text"  # an identifier too long for a number
        kinds = [kind for kind in self.possible if kind != "digits"]
        return kinds[0] if kinds else "text"

    @property
    def dtype(self) -> type:
        """Of the whole column: whole numbers and truth values with gaps have no dtype."""
        gapless = {"truth": bool, "whole": int}
        gapped = {"truth": object, "text": object}
        return (gapped if self.gaps else gapped | gapless).get(self.kind, float)


_LEADING_ZERO = r"^[+-]?0\d"  # 0012 is an identifier
_SHAPES = {
    "truth": r"^(true|false|TRUE|FALSE|True|False)$",
    "digits": r"^[+-]?\d+$",
    "comma": r"^[+-]?\d+(,\d+)?$",
}


def _fits(cells: Any, kind: str) -> bool:
    """All cells look like this kind, and can be converted to it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    shape = _SHAPES.get(kind)
    if shape and not pc.all(pc.match_substring_regex(cells, shape)).as_py():
        return False
    try:
        _typed(cells, kind)
    except pa.ArrowInvalid:
        return False
    return True


def _typed(cells: Any, kind: str) -> Any:
    """Convert text to a kind; cells that cannot be raise ArrowInvalid."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if kind in ("text", "digits"):
        return cells
    if kind == "empty":
        return pa.nulls(len(cells), pa.float64())
    trimmed = pc.utf8_trim_whitespace(cells)
    if kind == "truth":
        return pc.equal(pc.utf8_lower(trimmed), "true")
    if kind == "comma":
        trimmed = pc.replace_substring(trimmed, ",", ".")
    return pc.cast(trimmed, pa.int64() if kind == "whole" else pa.float64())
