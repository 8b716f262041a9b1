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


def read_text_table(
    path: Path, *, text_columns: set[str], missing_codes: Iterable[str]
) -> pd.DataFrame:
    """Read a delimited text file; see `read_table`."""
    encoding = _encoding(path)
    sample = _sample(path, encoding)
    if not sample.strip():
        raise InputError(f"{path.name} holds only blank lines. Export it again.")
    delimiter = _delimiter(sample)
    table = _parse(path, encoding, delimiter, list(missing_codes))
    comma_decimals = delimiter in (";", "\t")
    columns = {}
    names = table.column_names
    if len(set(names)) < len(names):
        twins = ", ".join(dict.fromkeys(n for n in names if names.count(n) > 1))
        raise InputError(f"{path.name}: columns {twins} appear more than once. Keep one.")
    for name in names:
        column = table[name]
        table = table.drop_columns([name])  # frees each column's text once it is converted
        columns[name] = _to_series(column, name in text_columns, comma_decimals)
    return pd.DataFrame(columns)


def _encoding(path: Path) -> str:
    """UTF-8 or UTF-16 by mark, else UTF-8 when all of it decodes, else Windows-1252."""
    with path.open("rb") as file:
        head = file.read(4)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if marked is not None:
        failure = _first_failure(path, marked)
        if failure is not None:
            raise InputError(f"{path.name} is not valid {marked} from line {failure} on.")
        return marked
    if _first_failure(path, "utf-8") is None:
        return "utf-8"
    failure = _first_failure(path, "cp1252")
    if failure is not None:
        raise InputError(
            f"{path.name}: line {failure} is neither UTF-8 nor Windows-1252 text. Save it as UTF-8."
        )
    return "cp1252"


def _first_failure(path: Path, encoding: str) -> int | None:
    """Line of the first bytes that do not decode; binary content is refused outright."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return line + error.object[: error.start].count(b"\n")
            if "\0" in text:
                raise InputError(
                    f"{path.name} holds binary data, not text. Was another format given the "
                    f"extension '{path.suffix}'?"
                )
            if not chunk:
                return None
            line += text.count("\n")


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
        raise InputError(
            f"{path.name} cannot be cut into rows. Most often a quote is opened and never closed, "
            "or the file is truncated. Export it again."
        ) from error
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
