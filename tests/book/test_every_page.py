"""Every page of the built book, as files: links lead somewhere, figures and tables are told."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

import faceage_stats as fs
from faceage_stats.reporting.paper import paper_values
from tests.book.conftest import pages

ARTICLE = re.compile(r"<article.*?</article>", re.DOTALL)
# tables of results, not those of the columns of a download and of provenance
ITEM_TABLE = re.compile(
    r'<div class="item-table[^>]*aria-label="(?!Columns of|Made from)[^"]*">.*?</table>', re.DOTALL
)
CHAPTERS = re.compile(r'<div class="bd-toc-item.*?</nav>', re.DOTALL)
HEADING = re.compile(r"<h([1-6])\b")
FIGURE = re.compile(r"<figure\b.*?</figure>", re.DOTALL)
CAPTION = re.compile(r'<span class="caption-text">\s*\S')
# with the box around it, which may have its name, and a caption
TABLE = re.compile(
    r'(?:<div class="(?:item|linked)-table[^>]*>)?\s*<table\b[^>]*>\s*(?:<caption>)?'
)


class Page(HTMLParser):
    """Ids, links, sources, headings, and what lacks a caption or an alternative text."""

    def __init__(self, path: Path):
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.headings: list[int] = []
        self.silent = 0
        self.text: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if "id" in given:
            self.ids.add(given["id"])
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag in ("img", "script") and given.get("src"):
            self.loaded.append(given["src"])
        if tag == "link" and given.get("rel") in ("stylesheet", "icon"):
            self.loaded.append(given["href"])
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if (tag == "img" and "alt" not in given) or (
            tag == "svg" and given.get("role") == "img" and not given.get("aria-label")
        ):
            self.silent += 1

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def read(html):
    return {
        path.relative_to(html).as_posix(): Page(path)
        for path in html.rglob("*.html")
        if "_static" not in path.parts
    }


def test_every_chapter_and_every_public_name_is_a_page(read):
    assert {f"{page}.html" for page in pages()} <= set(read)
    assert sum(name.startswith("reference/") for name in read) >= 200


def test_every_chapter_lists_all_chapters_and_marks_itself(html):
    chapters = [page for page in pages() if page != "index"]
    for page in chapters:
        nav = CHAPTERS.search((html / f"{page}.html").read_text(encoding="utf-8")).group()
        listed = re.findall(r'<li class="toctree-l1[^"]*"><a class="([^"]*)" href="([^"]*)"', nav)
        assert [f"{page}.html" if link == "#" else link for _, link in listed] == [
            f"{chapter}.html" for chapter in chapters
        ]
        marked = [link for name, link in listed if "current" in name]
        assert marked == ["#"], page
        assert nav.count('<ul class="current ') == 1


def test_every_link_leads_somewhere(html, read):
    broken = []
    for name, page in read.items():
        for link in {*page.links, *page.loaded}:
            if re.match(r"(https?|mailto|data|javascript):", link):
                continue
            address, anchor = urldefrag(link)
            address = address.split("?")[0]
            target = ((html / name).parent / unquote(address)).resolve() if address else html / name
            inside = target.relative_to(html).as_posix() if target.is_relative_to(html) else ""
            if not target.is_file() or (
                anchor and inside in read and unquote(anchor) not in read[inside].ids
            ):
                broken.append(f"{name}: {link}")
    assert broken == []


def test_nothing_is_loaded_from_elsewhere(read):
    """Hospital machines are often offline: a page must not wait for another host."""
    assert [u for page in read.values() for u in page.loaded if re.match("(https?:)?//", u)] == []


def test_pages_are_told_to_those_who_cannot_see_them(read):
    assert {name: page.silent for name, page in read.items() if page.silent} == {}


@pytest.fixture(scope="module")
def articles(html, read):
    """The text of each page, without the theme around it; the index of names is the theme's."""
    texts = {name: (html / name).read_text(encoding="utf-8") for name in read}
    found = {name: ARTICLE.search(text) for name, text in texts.items() if name != "genindex.html"}
    return {name: article.group() for name, article in found.items() if article}


def test_headings_are_in_order(articles):
    """One title, and no level left out below it."""
    levels = {name: [int(n) for n in HEADING.findall(text)] for name, text in articles.items()}
    assert len(levels) >= 280
    assert [name for name, found in levels.items() if found.count(1) != 1] == []
    skipped = [
        name
        for name, found in levels.items()
        if any(n > before + 1 for before, n in zip([0, *found], found, strict=False))
    ]
    assert skipped == []


def test_every_figure_has_a_caption_and_every_table_a_name(articles):
    figures = {name: FIGURE.findall(text) for name, text in articles.items()}
    assert sum(map(len, figures.values())) >= 75
    without = [name for name, each in figures.items() for f in each if not CAPTION.search(f)]
    assert without == []
    loose = [name for name, text in articles.items()
             if text.count('class="figure-drawing') > len(figures[name])]  # fmt: skip
    assert loose == []
    tables = {name: TABLE.findall(text) for name, text in articles.items()}
    assert sum(map(len, tables.values())) >= 250
    bare = [name for name, text in articles.items() if re.search(r"<h2>Figure<", text)]
    assert bare == [], "a figure's label says what it shows"
    unnamed = [
        f"{name}: {table[:60]}"
        for name, each in tables.items()
        for table in each
        if "aria-label" not in table and "<caption>" not in table
    ]
    assert unnamed == []


def test_no_mark_of_a_docstring_is_left_in_the_reference(read):
    raw = [
        name
        for name, page in read.items()
        if name.startswith("reference/") and "``" in "".join(page.text)
    ]
    assert raw == []


def test_attributes_that_share_a_line_keep_their_names(read):
    """Not "n_missing (n,)" for ``n, n_missing : int``."""
    lost = re.compile(r"^\w+ \(\w+(?:, \w+)*,\)", re.MULTILINE)
    found = {
        name: lost.findall("".join(page.text))
        for name, page in read.items()
        if name.startswith("reference/classes/")
    }
    assert {name: each for name, each in found.items() if each} == {}
    assert "n, n_missing (int)" in "".join(read["reference/classes/Accuracy.html"].text)


# pages whose tables are of names: of files, photographs, cases, columns, variants and probes
OF_NAMES = {"audit", "data_dictionary", "genes", "genes_breast", "scorer", "validation",
            "variants", "worked_example"}  # fmt: skip
CELL = re.compile(r"<(td|th)\b[^>]*>(.*?)</\1>")
LINK = re.compile(r"<a .*?</a>|<[^>]+>")
RAW = re.compile(r"\b[a-z]\w*_\w+|\b[a-z]{3,}10\b|=(?:&[lg]t;|\()"
                 r"|\bConf (?:low|high)\b|\btwo\.sided\b|&[lg]t;="
                 r"|\b(?:Jpeg|Auc|Hn|Lr|Nri|Idi|Hr|Aic|Skat|Acat|Hwe)\b")  # fmt: skip


def test_no_name_of_the_code_reaches_a_reader(articles):
    found = [
        f"{name}: {raw.group()}"
        for name, text in articles.items()
        if "/" not in name and name.removesuffix(".html") not in OF_NAMES
        for table in ITEM_TABLE.findall(text)
        for _, cell in CELL.findall(table)
        if (raw := RAW.search(LINK.sub("", cell))) and not hasattr(fs, raw.group())
    ]
    assert found == []


def test_no_name_of_the_code_stands_in_a_list(articles):
    """What a published number is, and which tables an item reads."""
    for name, column in (("index", 1), ("published_numbers", 1)):
        rows = re.findall(r"<tr[^>]*>(.*?)</tr>", articles[f"{name}.html"])
        cells = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row) for row in rows]
        found = [RAW.search(LINK.sub("", row[column])) for row in cells if len(row) > column]
        assert len(found) >= 50, name
        assert not any(found), [raw.group() for raw in found if raw]


def linked_rows(html, name, column):
    """The addresses in one cell of each row of the tables of a page."""
    rows = re.findall(r"<tr id=[^>]*>(.*?)</tr>", (html / f"{name}.html").read_text("utf-8"))
    cells = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row)[column] for row in rows]
    return [re.findall(r'href="([^"]+)"', cell) for cell in cells]


def test_the_page_and_the_paper_s_figure_are_one_click_from_each_published_value(html, read):
    """In comparison and audit; a value that no page computes leads to its row of all values."""
    for name in ("comparison", "audit"):
        rows = [links for links in linked_rows(html, name, 0) if links]
        assert len(rows) >= 30, name
        assert {len(links) for links in rows} == {2}, name
        for ours, paper in rows:
            anchor = ours.partition("#")[2]
            assert anchor.startswith("value-") or anchor in set(paper_values()["id"]), ours
            assert paper.startswith("find.html#"), paper
    audited = linked_rows(html, "audit", 0)
    assert ["fig3c.html#value-faceage-maastro-hr-uva", "find.html#faceage-figure-3c"] in audited


def test_every_claim_is_one_click_from_its_row_and_from_the_paper_s_figure(html, read):
    claimed, shown = linked_rows(html, "claims", 0), linked_rows(html, "claims", -1)
    assert len(claimed) == len(shown) >= 35
    assert all(links and links[0].startswith("find.html#") for links in claimed)
    assert all(len(links) == 1 and "#" in links[0] for links in shown)
