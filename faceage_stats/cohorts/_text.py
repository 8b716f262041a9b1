"""Delimited text: encoding, delimiter, ragged rows and column types, in bounded memory.

The cells stay in Arrow's compact strings until their column's type is known, so a file costs a few
times its size, also when one bad cell turns a column of numbers into text.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from faceage_stats.errors import InputError

__all__ = ["read_text_table"]

_CHUNK = 1 << 20
_SAMPLE = 1 << 16
_BLOCK = 1 << 24  # the longest line that can be read
_DELIMITERS = (",", ";", "\t", "|")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LISTED = 5
_UNCUT = (
    "it cannot be cut into rows. Most often a quote is opened and never closed, or the file is "
    "truncated. Export it again."
)


def read_text_table(
    path: Path, *, text_columns: set[str], missing_codes: Iterable[str]
) -> pd.DataFrame:
    """Read a delimited text file; see `read_table`."""
    encoding, n_quotes = _encoding(path)
    sample = _sample(path, encoding)
    if not sample.strip():
        raise InputError(f"{path.name} holds only blank lines. Export it again.")
    delimiter = _delimiter(sample)
    table = _parse(path, encoding, delimiter, list(missing_codes))
    names, columns = table.column_names, table.columns
    del table  # so that each column's text is freed once it is converted
    if len(set(names)) < len(names):
        twins = ", ".join(dict.fromkeys(n for n in names if names.count(n) > 1))
        raise InputError(f"{path.name}: columns {twins} appear more than once. Keep one.")
    if n_quotes % 2 and len(columns[-1]) and "\n" in (columns[-1][-1].as_py() or ""):
        raise InputError(f"{path.name}: {_UNCUT}")
    columns.reverse()
    series = {
        name: _to_series(columns.pop(), name in text_columns, delimiter in (";", "\t"))
        for name in names
    }
    return pd.DataFrame(series)


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
        rows = [row for row in csv.reader(io.StringIO("".join(whole)), delimiter=delimiter) if row]
        width = len(rows[0])
        body = rows[1:] or rows
        return sum(len(row) == width for row in body) / len(body) * (width > 1), width

    return max(_DELIMITERS, key=score)


def _header(path: Path, encoding: str, delimiter: str) -> list[str]:
    with path.open(encoding=encoding, newline="") as file:
        return next(row for row in csv.reader(file, delimiter=delimiter) if row)


def _parse(path: Path, encoding: str, delimiter: str, missing_codes: Sequence[str]) -> Any:
    """Every cell as text in an Arrow table; ragged rows are listed by line."""
    import pyarrow as pa
    from pyarrow import csv as pacsv

    ragged: list[tuple[int, int]] = []
    counts = {"ragged": 0, "expected": 0}

    def note(row: Any) -> str:
        counts["ragged"] += 1
        counts["expected"] = row.expected_columns
        if len(ragged) < _LISTED:
            ragged.append((row.number, row.actual_columns))
        return "skip"

    try:
        table = pacsv.read_csv(
            path,
            # row numbers are known to a single thread only
            read_options=pacsv.ReadOptions(use_threads=False, encoding=encoding, block_size=_BLOCK),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=note
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(_header(path, encoding, delimiter), pa.string()),
                null_values=missing_codes,
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        raise InputError(f"{path.name}: {_UNCUT}") from error
    if counts["ragged"]:
        raise InputError(
            _ragged(path, ragged, counts["ragged"], counts["expected"], table.num_rows)
        )
    return table


def _ragged(path: Path, ragged: list[tuple[int, int]], n: int, expected: int, n_good: int) -> str:
    where = ", ".join(f"line {line} ({cells} cells)" for line, cells in ragged)
    rows = "1 row has" if n == 1 else f"{n} rows have"
    text = f"{path.name}: the header has {expected} cells, {rows} another number: {where}"
    text += " ..." if n > len(ragged) else ""
    if n_good == 0 and all(cells == expected + 1 for _, cells in ragged):
        return f"{text}. Were row names written? In R use write.csv(df, row.names = FALSE)."
    return f"{text}. Quote cells that hold the delimiter; a short last line means a truncated file."


def _to_series(column: Any, as_text: bool, comma_decimals: bool) -> pd.Series:
    """Numbers when all cells are numbers without leading zeros, truth values, else text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if column.null_count == len(column):
        return pd.Series([None] * len(column), dtype=object if as_text else float)
    if as_text:
        return column.to_pandas()
    trimmed = pc.utf8_trim_whitespace(column)
    if comma_decimals and _all_match(trimmed, r"^[+-]?\d+(,\d+)?$"):
        trimmed = pc.replace_substring(trimmed, ",", ".")
    if _all_match(trimmed, r"^(true|false|TRUE|FALSE|True|False)$"):
        return pc.equal(pc.utf8_lower(trimmed), "true").to_pandas()
    if pc.any(pc.match_substring_regex(trimmed, r"^[+-]?0\d")).as_py():
        return column.to_pandas()  # 0012 is an identifier
    whole = _all_match(trimmed, r"^[+-]?\d+$")
    try:
        numbers = pc.cast(trimmed, pa.int64() if whole else pa.float64())
    except pa.ArrowInvalid:  # text, or an identifier too long for a number
        return column.to_pandas()
    return numbers.to_pandas()


def _all_match(column: Any, pattern: str) -> bool:
    import pyarrow.compute as pc

    return bool(pc.all(pc.match_substring_regex(column, pattern)).as_py())
