"""The words of documents: Word, Excel, PDF and PNG; what cannot be read is said."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path

__all__ = ["words_of_document"]

_TAG = re.compile(r"<[^>]*>")
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.S)
_SHOWN = re.compile(rb"\((?:[^()\\]|\\.)*\)")
_TEXT = re.compile(rb"[ -~]{3,}")


def words_of_document(path: Path) -> str | None:
    """Read the words of a document.

    Parameters
    ----------
    path : Path
        A file that a build wrote beside its tables.

    Returns
    -------
    str or None
        None where nobody can say what is in it.
    """
    content = path.read_bytes()
    if path.suffix in (".docx", ".xlsx"):
        return _office(path)
    if path.suffix == ".pdf":
        return _pdf(content)
    if path.suffix == ".png":  # its shapes are those of the SVG beside it
        about = content.partition(b"IDAT")[0]
        return "; ".join(text.decode("latin-1") for text in _TEXT.findall(about))
    if path.suffix in (".json", ".txt", ".log", ".html", ".md"):
        return _TAG.sub(" ", content.decode("utf-8", errors="replace"))
    return None


def _office(path: Path) -> str | None:
    """Each cell or paragraph in a line of its own."""
    try:
        with zipfile.ZipFile(path) as parts:
            texts = [parts.read(n).decode("utf-8") for n in parts.namelist() if ".xml" in n]
    except (zipfile.BadZipFile, UnicodeDecodeError):
        return None
    return "\n".join(_TAG.sub("\n", text) for text in texts)


def _pdf(content: bytes) -> str | None:
    """Strings of the page streams; None where letters are kept as numbers of a font."""
    shown = []
    for stream in _STREAM.findall(content):
        try:
            plain = zlib.decompress(stream)
        except zlib.error:
            plain = stream
        if b"BT" in plain:
            if b"> Tj" in plain:
                return None
            shown.append(b" ".join(part[1:-1] for part in _SHOWN.findall(plain)))
    return b"\n".join(shown).decode("latin-1")
