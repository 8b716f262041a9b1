"""Small counts that are printed: in texts, headings and beside the rows of a figure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from faceage_stats.cohorts.disclosure.attack.build import Page
from faceage_stats.cohorts.disclosure.attack.drawing import words_of
from faceage_stats.cohorts.disclosure.attack.findings import Finding

__all__ = ["picture_texts", "printed_counts"]

_COUNT = re.compile(
    r"\b[nN](?:\s|\u00a0)*=?(?:\s|\u00a0)+(?P<n>\d[\d,]*)\b"
    r"|(?<!fewer than )\b(?P<people>\d[\d,]*) "
    r"(?:patients?|deaths?|events?|people|rows?|at risk|dead|left out)\b"
)
_NUMBER = re.compile(r"\d[\d,]*")
# headings of columns of counts beside the rows of a figure, and of the line under a curve
_HEADERS = ("n", "Events", "Number at risk")


def printed_counts(page: Page) -> Iterator[Finding]:
    """List small counts printed in texts and pictures."""
    for where, text in (page.texts | _words(page)).items():
        if any(_is_small(page, count) for count in _counts(html.unescape(text))):
            yield Finding(page.item, "printed", "count in the text", (where,))
    for file, svg in page.pictures.items():
        lines = picture_texts(svg)
        if any(_is_small(page, count) for line in lines for count in _counts(line)):
            yield Finding(page.item, "printed", "count in the words of the figure", (file,))
        if any(_is_small(page, count) for count in _columns(lines)):
            yield Finding(page.item, "printed", "count beside a row of the figure", (file,))


def _words(page: Page) -> dict[str, str]:
    """The cells of each table that hold words, by file."""
    words = {}
    for file, table in page.tables.items():
        cells = [str(cell) for column in table for cell in dict.fromkeys(table[column])]
        words[f"{file}, cells"] = "; ".join(cell for cell in cells if " " in cell)
    return words


def picture_texts(svg: str) -> list[str]:
    """The words that a picture shows, and its description."""
    shown = [html.unescape(word.text) for word in words_of(svg)]
    return [*shown, *re.findall(r"<dc:description>(.*?)</dc:description>", svg, re.S)]


def _counts(text: str) -> Iterator[int]:
    for match in _COUNT.finditer(text):
        digits = match["n"] or match["people"]
        if digits:
            yield int(digits.replace(",", ""))


def _columns(lines: list[str]) -> Iterator[int]:
    """Whole numbers under a heading of counts, up to the next words."""
    counting = False
    for line in lines:
        if _NUMBER.fullmatch(line):
            if counting:
                yield int(line.replace(",", ""))
        else:
            counting = line in _HEADERS or (counting and line in ("", "NA", "–"))
    # numbers at risk stand before their heading
    if "Number at risk" in lines:
        end = lines.index("Number at risk")
        for line in reversed(lines[:end]):
            if not _NUMBER.fullmatch(line):
                break
            yield int(line.replace(",", ""))


def _is_small(page: Page, count: int) -> bool:
    return 0 < count < page.minimum
