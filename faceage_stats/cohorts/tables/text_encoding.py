"""The encoding of a text file: given, marked, or found out."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from faceage_stats._warn import warn
from faceage_stats.errors import InputError, ReadingWarning

__all__ = ["find_encoding"]

_CHUNK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIGN_IN_WORD = re.compile(r"[^\W\d_][¹³¿¼¾][^\W\d_]")
_CURE = (
    "say which it is: `encoding` (on the command line --encoding), such as cp1250 (Central "
    "Europe), cp1251, cp932 (Japan)"
)


def find_encoding(path: Path, given: str | None) -> tuple[str, int]:
    """Find the encoding of a file, and the number of quotes in it.

    UTF-8 or UTF-16 by its mark, else UTF-8 when all of it decodes, else Windows-1252, or
    Windows-1250 where signs such as ³ stand inside of words then. An odd number of quotes hints at
    one that is never closed.

    Parameters
    ----------
    path : pathlib.Path
        A text file.
    given : str, optional
        The encoding, when the user knows it.

    Returns
    -------
    tuple of (str, int)

    Raises
    ------
    InputError
        If the file holds binary data, or does not decode.

    Warns
    -----
    ReadingWarning
        When Windows-1252 or Windows-1250 had to be guessed.
    """
    with path.open("rb") as file:
        head = file.read(4)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    certain = _known(given) or marked
    failure, n_quotes = _decode(path, certain or "utf-8")
    if failure is None:
        return certain or "utf-8", n_quotes
    if certain is not None:
        raise InputError(f"{path.name} is not valid {certain} from line {failure} on.")
    failure, n_quotes = _decode(path, "cp1252")
    if failure is not None and _decode(path, "cp1250")[0] is not None:
        raise InputError(
            f"{path.name}: line {failure} is neither UTF-8 nor Windows-1252 text. Save it as "
            f"UTF-8, or {_CURE}."
        )
    name = "cp1252" if failure is None and not _signs_in_words(path) else "cp1250"
    warn(
        f"{path.name} is not UTF-8 and was read as Windows-{name[2:]}. If letters look wrong, save "
        f"the file as UTF-8, or {_CURE}.",
        ReadingWarning,
    )
    return name, n_quotes


def _signs_in_words(path: Path) -> bool:
    """Whether signs stand between letters, as where Polish is read as Windows-1252."""
    with path.open(encoding="cp1252", newline="") as file:
        return any(_SIGN_IN_WORD.search(line) for line in file)


def _known(given: str | None) -> str | None:
    if given is None:
        return None
    try:
        name = codecs.lookup(given).name
    except LookupError:
        raise InputError(
            f"encoding is {given!r}, which is not known. Usual ones: utf-8, utf-16, cp1252, "
            "cp1250, cp932."
        ) from None
    return "utf-8-sig" if name == "utf-8" else name  # a mark is no part of the first name


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
