"""The papers behind the book, and where each of their display items is shown."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from faceage_stats.reporting.book.chapters import Chapter, page_of_item
from faceage_stats.reporting.book.html import breakable, link, raw_table
from faceage_stats.reporting.formats import format_estimate_ci
from faceage_stats.reporting.paper import paper_values

__all__ = ["Paper", "find_page", "numbers_page", "pages_of_values", "read_papers"]


@dataclass(frozen=True)
class Paper:
    """A paper: its name in the list of published values, its DOI, its display items.

    `shows` maps a display item to a page; `codes` names the display items of the values.
    """

    name: str
    key: str
    title: str
    doi: str
    shows: Mapping[str, str]
    codes: Mapping[str, str] = field(default_factory=dict)


def read_papers(path: Path) -> list[Paper]:
    """Read ``papers.yaml``."""
    return [Paper(**entry) for entry in yaml.safe_load(path.read_text(encoding="utf-8"))]


def pages_of_values(values: Mapping[str, pd.DataFrame], read: Sequence[Chapter]) -> dict[str, str]:
    """Name the page that computes each value.

    Parameters
    ----------
    values : mapping of item to DataFrame
        Values of each item.
    read : sequence of Chapter

    Returns
    -------
    dict of id to page
    """
    pages = page_of_item(list(read))
    return {
        str(value): pages[item]
        for item, table in values.items()
        if item in pages
        for value in table["id"]
    }


def find_page(papers: Sequence[Paper], read: Sequence[Chapter]) -> str:
    """Markdown of the index: by paper and figure number, then by question."""
    titles = {chapter.page: chapter.title for chapter in read}
    parts = ["## By paper and figure number\n"]
    for paper in papers:
        rows = [
            [html.escape(shown), link(page, titles.get(page, page))]
            for shown, page in paper.shows.items()
        ]
        ids = [anchor(paper, shown) for shown in paper.shows]
        parts.append(
            f"({paper.key})=\n### {paper.title}\n\n[doi:{paper.doi}](https://doi.org/{paper.doi})\n"
        )
        parts.append(
            raw_table(f"Display items of {paper.title}", ["in the paper", "here"], rows, ids)
        )
    asked = [chapter for chapter in read if chapter.question]
    rows = [[html.escape(c.question), link(c.page, c.title)] for c in asked]
    parts.append("## By question\n")
    parts.append(raw_table("Questions that the pages answer", ["question", "page"], rows))
    return "\n".join(parts)


def numbers_page(papers: Sequence[Paper], computed: Mapping[str, str]) -> str:
    """Markdown of every published number: what it is, where it was printed, where it is computed.

    Parameters
    ----------
    papers : sequence of Paper
    computed : mapping of id to page
    """
    by_name = {paper.name: paper for paper in papers}
    published = [dict(row) for _, row in paper_values().iterrows()]
    rows = [_number_row(row, by_name.get(str(row["paper"])), computed) for row in published]
    head = ["number", "what", "published", "p as printed", "in the paper", "computed on"]
    return raw_table("Every published number", head, rows, [str(row["id"]) for row in published])


def _number_row(
    row: Mapping[str, Any], paper: Paper | None, computed: Mapping[str, str]
) -> list[str]:
    name = str(row["id"])
    what = ", ".join(str(row[key]) for key in ("cohort", "term", "model") if row[key])
    estimate, low, high = (row[key] for key in ("estimate", "conf_low", "conf_high"))
    if pd.isna(estimate):
        printed = ""
    elif pd.isna(low):
        printed = f"{estimate:.10g}"
    else:
        printed = format_estimate_ci(estimate, low, high, row["decimals"])
    code = str(row["display_item"])
    if paper is None:
        source = html.escape(f"{row['paper']}, {code}")
    else:
        shown = paper.codes.get(code)
        source = link("find", f"{paper.name}, {shown or code}", anchor(paper, shown or ""))
        source += f' <a href="https://doi.org/{paper.doi}">doi</a>'
    page = computed.get(name) or (paper.shows.get(paper.codes.get(code, "")) if paper else None)
    here = link(page, page) if page else "not computed here"
    cells = [what, printed, str(row["p_reported"])]
    return [breakable(name), *(html.escape(cell) for cell in cells), source, here]


def anchor(paper: Paper, shown: str) -> str:
    """Name the row of a display item on the index page.

    Examples
    --------
    >>> anchor(Paper("FaceAge", "faceage", "FaceAge", "10.1/x", {}), "Figure 3c")
    'faceage-figure-3c'
    """
    return "-".join([paper.key, *shown.lower().split()]).rstrip("-")
