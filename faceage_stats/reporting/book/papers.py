"""The papers behind the book, and where each of their display items is shown."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from faceage_stats.reporting.anchors import value_anchor
from faceage_stats.reporting.book.chapters import Chapter, page_of_item
from faceage_stats.reporting.book.html import breakable, link, raw_link, raw_table
from faceage_stats.reporting.formats import format_estimate_ci
from faceage_stats.reporting.paper import paper_values
from faceage_stats.reporting.words import in_words

__all__ = [
    "Paper",
    "find_page",
    "in_the_paper",
    "numbers_page",
    "pages_of_values",
    "read_papers",
    "value_links",
]


@dataclass(frozen=True)
class Paper:
    """A paper: its name in the list of published values, its DOI, its display items.

    Without a DOI `seen` says where its numbers come from. `shows` maps a display item to a page;
    `codes` names the display items of the values.
    """

    name: str
    key: str
    title: str
    doi: str
    shows: Mapping[str, str]
    codes: Mapping[str, str] = field(default_factory=dict)
    seen: str = ""


def read_papers(path: Path) -> list[Paper]:
    """Read ``papers.yaml``."""
    return [Paper(**entry) for entry in yaml.safe_load(path.read_text(encoding="utf-8"))]


def pages_of_values(results: Path, read: Sequence[Chapter]) -> dict[str, str]:
    """Name the page that computes each value.

    Parameters
    ----------
    results : Path
        Folder with one stored item per name.
    read : sequence of Chapter

    Returns
    -------
    dict of id to page
    """
    stored = {item: results / item / "values.json" for item in page_of_item(list(read))}
    return {
        str(value["id"]): page
        for item, page in page_of_item(list(read)).items()
        if stored[item].is_file()
        for value in json.loads(stored[item].read_text(encoding="utf-8"))
    }


def value_links(papers: Sequence[Paper], computed: Mapping[str, str]) -> dict[str, str]:
    """Lead from the id of each published value to its row here, and to its place in the paper.

    Parameters
    ----------
    papers : sequence of Paper
    computed : mapping of id to page

    Returns
    -------
    dict of id to HTML
    """
    links = {}
    for row in paper_values().to_dict(orient="records"):
        name = str(row["id"])
        page, place = computed.get(name), value_anchor(name)
        here = raw_link(page or "published_numbers", breakable(name), place if page else name)
        links[name] = f"{here} <small>{_source(row, papers)}</small>"
    return links


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
        source = f"[doi:{paper.doi}](https://doi.org/{paper.doi})" if paper.doi else paper.seen
        parts.append(f"({paper.key})=\n### {paper.title}\n\n{source}\n")
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
    rows = [_number_row(row, papers, computed) for row in paper_values().to_dict(orient="records")]
    head = ["number", "what", "published", "p as printed", "in the paper", "computed on"]
    return raw_table("Every published number", head, rows, list(paper_values()["id"]))


def _number_row(
    row: Mapping[Any, Any], papers: Sequence[Paper], computed: Mapping[str, str]
) -> list[str]:
    name = str(row["id"])
    parts = (str(row[key]) for key in ("cohort", "term", "model") if row[key])
    what = ", ".join(in_words(part, short=True) for part in parts)
    estimate, low, high = (row[key] for key in ("estimate", "conf_low", "conf_high"))
    if pd.isna(estimate):
        printed = ""
    elif pd.isna(low):
        printed = f"{estimate:.{row['decimals']}f}"
    else:
        printed = format_estimate_ci(estimate, low, high, row["decimals"])
    source = _source(row, papers)
    if (paper := _paper(row, papers)) is not None and paper.doi:
        source += f' <a href="https://doi.org/{paper.doi}">doi</a>'
    cells = [html.escape(cell) for cell in (what, printed, str(row["p_reported"]))]
    return [breakable(name), *cells, source, _here(row, papers, computed)]


def _here(row: Mapping[Any, Any], papers: Sequence[Paper], computed: Mapping[str, str]) -> str:
    """The row that computes a value; otherwise the page of its display item."""
    name = str(row["id"])
    if name in computed:
        return link(computed[name], computed[name], value_anchor(name))
    paper = _paper(row, papers)
    page = paper and paper.shows.get(paper.codes.get(str(row["display_item"]), ""))
    return link(page, page) if page else "not computed here"


def _paper(row: Mapping[Any, Any], papers: Sequence[Paper]) -> Paper | None:
    return next((paper for paper in papers if paper.name == row["paper"]), None)


def _source(row: Mapping[Any, Any], papers: Sequence[Paper]) -> str:
    """The display item of a value, linked to its row of the index."""
    code, paper = str(row["display_item"]), _paper(row, papers)
    if paper is None:
        return html.escape(f"{row['paper']}, {code}")
    shown = paper.codes.get(code)
    return link("find", f"{paper.name}, {shown or code}", anchor(paper, shown or ""))


def in_the_paper(source: str, papers: Sequence[Paper]) -> str:
    """Link a source, as the ledger of claims names it, to its display item in the index.

    Parameters
    ----------
    source : str
        As ``FaceAge (Lancet Digital Health 2025), abstract and Figure 3c``.
    papers : sequence of Paper

    Returns
    -------
    str
        HTML; the text itself where no paper has this title.
    """
    paper = next((paper for paper in papers if source.startswith(paper.title)), None)
    if paper is None:
        return html.escape(source)
    place = source.removeprefix(paper.title).lower()
    shown = [item for item in paper.shows if item.lower() in place]
    return link("find", source, anchor(paper, max(shown, key=len, default="")))


def anchor(paper: Paper, shown: str) -> str:
    """Name the row of a display item on the index page.

    Examples
    --------
    >>> anchor(Paper("FaceAge", "faceage", "FaceAge", "10.1/x", {}), "Figure 3c")
    'faceage-figure-3c'
    """
    return "-".join([paper.key, *shown.lower().split()]).rstrip("-")
