"""How a delimited text file is written: encoding, delimiter, header."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from pathlib import Path

from faceage_stats.errors import InputError

__all__ = ["UNPARSED", "Layout", "find_layout"]

_CHUNK = 1 << 20
_SAMPLE = 1 << 16
_DELIMITERS = (",", ";", "\t", "|")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
UNPARSED = (
    "it cannot be parsed into rows. Most often a quote is opened and never closed, or the file is "
    "truncated; a row may not be longer than a few megabytes. Export it again."
)


@dataclass(frozen=True)
class Layout:
    """How a file is written, and which columns it has."""

    encoding: str
    delimiter: str
    names: tuple[str, ...]
    has_rows: bool  # False where the header is the only line
    has_odd_quote: bool  # a hint at a quote that is never closed

    @property
    def has_decimal_commas(self) -> bool:
        """Whether a comma in a number is its decimal point."""
        return self.delimiter in (";", "\t")


def find_layout(path: Path) -> Layout:
    """Find encoding, delimiter and columns of a text file; refuse one that is binary or blank.

    Parameters
    ----------
    path : pathlib.Path
        An existing file.

    Returns
    -------
    Layout

    Raises
    ------
    InputError
        If it is not text, or has no usable header.
    """
    encoding, n_quotes = _encoding(path)
    sample = _sample(path, encoding)
    if not sample.strip():
        raise InputError(f"{path.name} holds only blank lines. Export it again.")
    delimiter = _delimiter(sample)
    names = _header(path, encoding, delimiter)
    if len(set(names)) < len(names):
        repeated = ", ".join(dict.fromkeys(n or "(no name)" for n in names if names.count(n) > 1))
        raise InputError(f"{path.name}: columns {repeated} appear more than once. Keep one.")
    is_whole = len(sample) < _SAMPLE
    has_rows = not (is_whole and len(sample.strip().splitlines()) == 1)
    return Layout(encoding, delimiter, tuple(names), has_rows, n_quotes % 2 == 1)


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
        raise InputError(f"{path.name}: the header {UNPARSED.removeprefix('it ')}") from error
