"""The chapters of the book: which items a page shows, its title and the question it answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Chapter", "chapters", "page_of_item"]

_INCLUDED = re.compile(r"_generated/(\w+)(?:/\w+)?\.md")
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_QUESTION = re.compile(r"\*\*Question\.?\*\*\s*(.+?)(?:\n\s*\n|\n%|\Z)", re.DOTALL)


@dataclass(frozen=True)
class Chapter:
    """One page of the book."""

    page: str
    title: str
    question: str
    items: tuple[str, ...]


def chapters(book: Path) -> list[Chapter]:
    """Read the pages of the book, with what is included in them.

    Parameters
    ----------
    book : Path
        Folder of the pages; the fragments of the items lie in ``_generated/``.

    Returns
    -------
    list of Chapter
        By name of the page.
    """
    return [_chapter(path) for path in sorted(book.glob("*.md"))]


def page_of_item(read: list[Chapter]) -> dict[str, str]:
    """Name the page on which each item is shown.

    Examples
    --------
    >>> page_of_item([Chapter("ext8", "TEACHH", "", ("ext8_teachh",))])
    {'ext8_teachh': 'ext8'}
    """
    return {item: chapter.page for chapter in read for item in chapter.items}


def _chapter(path: Path) -> Chapter:
    text = path.read_text(encoding="utf-8")
    items = tuple(dict.fromkeys(_INCLUDED.findall(text)))
    fragments = [path.parent / "_generated" / f"{item}.md" for item in items]
    whole = "\n\n".join([text, *(f.read_text(encoding="utf-8") for f in fragments if f.is_file())])
    title, question = _TITLE.search(text), _QUESTION.search(whole)
    return Chapter(
        page=path.stem,
        title=title.group(1).strip() if title else path.stem,
        question=_LINK.sub(r"\1", " ".join(question.group(1).split())) if question else "",
        items=items,
    )
