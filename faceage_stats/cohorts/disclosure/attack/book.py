"""The HTML pages of a book, read with the items whose files they show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd

from faceage_stats._files import sha256
from faceage_stats.cohorts.disclosure.attack.build import Page

__all__ = ["read_book"]

_SPOKEN = ("alt", "title", "aria-label", "content", "href", "src")
_SHOWN = (".csv", ".svg", ".png")


def read_book(book: Path, results: Path, pages: Sequence[Page]) -> None:
    """Add the tables and texts of HTML pages to what their items tell the world.

    Parameters
    ----------
    book : Path
        Folder of the HTML pages.
    results : Path
        Folder with one folder per item.
    pages : sequence of Page
        The items; changed in place.
    """
    items = {page.item: page for page in pages}
    folders = [p for p in sorted(results.glob("*/*")) if p.parent.name in items]
    owner = {sha256(p): p.parent.name for p in folders if p.suffix in _SHOWN}
    for path in sorted(book.rglob("*.html")):
        parsed = _Parsed()
        parsed.feed(path.read_text(encoding="utf-8"))
        linked = [path.parent / link for link in parsed.links]
        shown = [p for p in linked if p.suffix in _SHOWN and p.is_file()]
        owners = Counter(owner[digest] for p in shown if (digest := sha256(p)) in owner)
        for item, _ in owners.most_common(1):
            items[item].texts[path.name] = "\n".join(parsed.texts)
            for number, table in enumerate(parsed.tables, 1):
                items[item].tables[f"{path.name}, table {number}"] = table


class _Parsed(HTMLParser):
    """Texts, links and tables of one page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self.tables: list[pd.DataFrame] = []
        self._rows: list[list[str]] = []
        self._in_cell = self._in_script = self._in_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, row or cell; keep links and what attributes say."""
        self.links += [value for name, value in attrs if name in ("href", "src") and value]
        self.texts += [value for name, value in attrs if name in _SPOKEN and value]
        self._in_script |= tag in ("script", "style")
        if tag == "pre":  # words of a colour each, which are no sentence apart: n=5
            self.texts.append("")
            self._in_code = True
        elif tag == "table":
            self._rows = []
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th") and self._rows:
            self._rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        """End a cell or a table."""
        if tag in ("script", "style"):
            self._in_script = False
        elif tag == "pre":
            self._in_code = False
        elif tag in ("td", "th"):
            self._in_cell = False
        elif tag == "table" and len(self._rows) > 1:
            self.tables.append(_table(self._rows))

    def handle_data(self, data: str) -> None:
        """Keep what is shown."""
        if self._in_cell:
            self._rows[-1][-1] += data
        elif self._in_code:
            self.texts[-1] += data
        elif data.strip() and not self._in_script:
            self.texts.append(data)


def _table(rows: list[list[str]]) -> pd.DataFrame:
    """Columns by the names of the results, numbers without commas, dashes as blanks."""
    head, *body = rows
    width = len(head)
    cells = [[_plain(cell) for cell in (row + [""] * width)[:width]] for row in body]
    return pd.DataFrame(cells, columns=[name.strip().replace(" ", "_") for name in head])


def _plain(cell: str) -> str:
    text = cell.strip()
    number = text.replace(",", "")
    return "" if text == "–" else number if number.replace(".", "", 1).isdigit() else text
