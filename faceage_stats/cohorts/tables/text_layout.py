"""How a delimited text file is written: encoding, delimiter, header."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from faceage_stats._spreadsheet import restored
from faceage_stats.cohorts.tables.header import ROW_NAMES, refuse_names, refuse_title, tell_numbers
from faceage_stats.cohorts.tables.reading import Reading
from faceage_stats.cohorts.tables.text_encoding import find_encoding
from faceage_stats.errors import InputError

__all__ = ["UNPARSED", "Layout", "find_layout"]

_SAMPLE = 1 << 16
_LONGEST_HEADER = 1 << 24
_LONGEST_CELL = 1 << 17  # csv has this limit, which other libraries raise for the whole process
_DELIMITERS = (",", ";", "\t", "|")
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.I)
_QUOTED_WORDS = re.compile(r'"[^"]*"( "[^"]*")+\s*')
UNPARSED = (
    "it cannot be parsed into rows. Most often a quote is opened and never closed, or the file is "
    "truncated; a row may not be longer than a few megabytes. Export it again."
)
Rows = list[tuple[int, int, list[str]]]  # first and last line, cells


@dataclass(frozen=True)
class Layout:
    """How a file is written, and which columns it has."""

    encoding: str
    delimiter: str
    names: tuple[str, ...]
    n_lines: int  # up to and with the header
    has_rows: bool  # False where nothing follows the header
    has_odd_quote: bool  # a hint at a quote that is never closed
    has_row_names: bool = False  # the first column holds R's row names
    n_trailing: int = 0  # delimiters that end each line, with nothing after them

    @property
    def has_decimal_commas(self) -> bool:
        """Whether a comma in a number may be its decimal point."""
        return self.delimiter in (";", "\t", " ")


def find_layout(path: Path, how: Reading) -> Layout:
    """Find encoding, delimiter and columns of a text file; refuse one that is binary or blank.

    Parameters
    ----------
    path : pathlib.Path
        An existing file.
    how : Reading
        What the user said of it.

    Returns
    -------
    Layout

    Raises
    ------
    InputError
        If it is not text, or has no usable header.
    """
    encoding, n_quotes = find_encoding(path, how.encoding)
    skipped, sample, is_whole = _sample(path, encoding, how.header_row)
    if not sample.strip():
        raise InputError(f"{path.name} holds only blank lines. Export it again.")
    declared = _SEPARATOR_LINE.fullmatch(sample.split("\n", 1)[0])
    if declared:
        skipped, sample = skipped + 1, sample.partition("\n")[2]
    delimiter = declared[1] if declared else _delimiter(sample, is_whole, path.suffix.lower())
    try:
        rows = _rows(sample, delimiter, is_whole, first_line=skipped + 1)
    except csv.Error as error:
        raise InputError(f"{path.name}: the header {UNPARSED.removeprefix('it ')}") from error
    if not rows:
        raise InputError(f"{path.name} holds no header below its first line. Export it again.")
    if how.header_row is None:
        refuse_title([(first, cells) for first, _, cells in rows[:50]], path.name, "line")
    names, has_row_names, n_trailing = _columns(rows, delimiter)
    names = [name.strip() for name in names]  # as R does, and as in a workbook
    refuse_names([*names, *[""] * (len(names) == 0)], path.name)
    tell_numbers(names, path.name)
    names = [restored(name) for name in names]
    if len(names) == 1 and path.suffix.lower() == ".txt":
        _refuse_unquoted_blanks(sample, is_whole, path.name)
    return Layout(
        encoding,
        delimiter,
        tuple(names),
        n_lines=rows[0][1],
        has_rows=len(rows) > 1 or not is_whole,
        has_odd_quote=n_quotes % 2 == 1,
        has_row_names=has_row_names,
        n_trailing=n_trailing,
    )


def _sample(path: Path, encoding: str, header_row: int | None) -> tuple[int, str, bool]:
    """Lines passed over, the text after them that shows the layout, whether that is all of it."""
    skipped = (header_row or 1) - 1
    with path.open(encoding=encoding, newline="") as file:
        for _ in range(skipped):
            file.readline()
        header = file.readline(_LONGEST_HEADER)
        sample = header + file.read(_SAMPLE)
        return skipped, sample, not file.read(1)


def _rows(sample: str, delimiter: str, is_whole: bool, *, first_line: int) -> Rows:
    """Rows that are not blank; a last one that the sample may have cut is left out."""
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    rows, last = [], 0
    for cells in reader:
        if any(len(cell) > _LONGEST_CELL for cell in cells):
            raise csv.Error("a cell is too long")
        if cells:
            rows.append((first_line + last, first_line + reader.line_num - 1, cells))
        last = reader.line_num
    return rows if is_whole or len(rows) < 2 else rows[:-1]


def _delimiter(sample: str, is_whole: bool, suffix: str) -> str:
    """The delimiter that cuts the most lines into as many cells as the header, or as most have."""

    def score(delimiter: str) -> tuple[float, bool, int]:
        try:
            rows = _rows(sample, delimiter, is_whole, first_line=1)
        except csv.Error:
            return 0.0, False, 0
        widths = Counter(len(cells) for _, _, cells in rows[1:] or rows)
        header, (width, n) = len(rows[0][2]), max(widths.items(), key=lambda pair: pair[::-1])
        share = max(widths[header] * (header > 1), n * (width > 1)) / widths.total()
        return share, share > 0 and header == width, max(header, width)

    best = max(_DELIMITERS, key=score)
    if not score(best)[0]:
        best = ","
    if best == "," and not score(best)[0] and _is_spaced(sample, is_whole, suffix):
        return " "
    return best


def _is_spaced(sample: str, is_whole: bool, suffix: str) -> bool:
    """Whether blanks separate the cells, as R's write.table writes them."""
    if _QUOTED_WORDS.fullmatch(sample.split("\n", 1)[0]):
        return True
    if suffix != ".txt":
        return False
    widths = [len(cells) for _, _, cells in _rows(sample, " ", is_whole, first_line=1)]
    return min(widths) > 1 and len(set(widths[1:])) == 1 and widths[-1] - widths[0] in (0, 1)


def _refuse_unquoted_blanks(sample: str, is_whole: bool, where: str) -> None:
    """Refuse R's write.table(quote = FALSE) of text that holds blanks: cells cannot be told."""
    header, *body = [cells for _, _, cells in _rows(sample, " ", is_whole, first_line=1)]
    if len(header) > 1 and body and min(map(len, body)) >= len(header):
        raise InputError(
            f"{where}: blanks stand between cells and inside them, unquoted. Export it again with "
            'another delimiter, in R write.csv(df, "table.csv"); a file with one column has a name '
            "without blanks."
        )


def _columns(rows: Rows, delimiter: str) -> tuple[list[str], bool, int]:
    """Names, whether the first column holds row names, and delimiters that only end a line."""
    header, body = rows[0][2], [cells for _, _, cells in rows[1:]]
    width = Counter(map(len, body)).most_common(1)[0][0] if body else len(header)
    if width == len(header) + 1 and all(len(cells) == width for cells in body):
        if not any(cells[-1].strip() for cells in body):
            return header, False, 1
        if delimiter != ",":  # beside commas, 61,5 would be a row name and a number
            return [ROW_NAMES, *header], True, 0
    n_trailing = 0
    while n_trailing < len(header) - 1 and not header[-1 - n_trailing].strip():
        n_trailing += 1
    if any(cell.strip() for cells in body for cell in cells[len(header) - n_trailing :]):
        n_trailing = 0
    names = header[: len(header) - n_trailing]
    if len(names) > 1 and not names[0].strip():
        return [ROW_NAMES, *names[1:]], True, n_trailing
    return names, False, n_trailing
