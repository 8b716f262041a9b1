"""What the pages of the book say about themselves, and the index made from it."""

import json
from pathlib import Path

import pytest
import yaml

from faceage_stats.reporting.book.chapters import Chapter, chapters, page_of_item
from faceage_stats.reporting.book.html import raw_table
from faceage_stats.reporting.book.papers import (
    find_page,
    in_the_paper,
    numbers_page,
    pages_of_values,
    read_papers,
    value_links,
)
from faceage_stats.reporting.claims.ledger import read_ledger
from faceage_stats.reporting.paper import paper_values

BOOK = Path(__file__).parents[3] / "book"
TOC = yaml.safe_load((BOOK / "_toc.yml").read_text(encoding="utf-8"))
PAGES = {chapter["file"] for part in TOC["parts"] for chapter in part["chapters"]}


@pytest.fixture(scope="module")
def papers():
    return read_papers(BOOK / "papers.yaml")


def test_a_chapter_has_its_title_question_and_items(tmp_path):
    question = "**Question.** Is [it](b.md)\nso?\n% end"
    text = f"# A title\n\n{question}\n\n```{{include}} _generated/one.md\n```\n"
    (tmp_path / "a.md").write_text(text, encoding="utf-8")
    read = chapters(tmp_path)
    assert read == [Chapter("a", "A title", "Is it so?", ("one",))]
    assert page_of_item(read) == {"one": "a"}


def test_every_paper_shows_pages_that_the_book_has(papers):
    shown = {page for paper in papers for page in paper.shows.values()}
    assert shown <= PAGES
    assert {code for paper in papers for code in paper.codes.values()} <= {
        name for paper in papers for name in paper.shows
    }


@pytest.fixture
def computed(tmp_path):
    """Pages of values, where one item has one value of the papers and others are not made."""
    (tmp_path / "fig3c").mkdir()
    text = json.dumps([{"id": "faceage_maastro_hr_adjusted"}])
    (tmp_path / "fig3c" / "values.json").write_text(text, encoding="utf-8")
    return pages_of_values(tmp_path, [Chapter("fig3c", "Figure 3c", "Why?", ("fig3c", "fig3b"))])


def test_every_published_number_has_a_row_with_its_source_and_its_page(papers, computed):
    page = numbers_page(papers, computed)
    for name in paper_values()["id"]:
        assert f'id="{name}"' in page
    row = page[page.index('id="faceage_maastro_hr_adjusted"') :].split("</tr>")[0]
    assert 'href="fig3c.html#value-faceage-maastro-hr-adjusted"' in row
    assert "https://doi.org/10.1016/j.landig.2025.03.002" in row
    assert "1.151" in row


def test_the_id_of_a_value_leads_to_our_row_and_to_the_paper_s_figure(papers, computed):
    links = value_links(papers, {**computed, "faceage_gi_hr_uva": "fig3c"})
    assert set(links) == set(paper_values()["id"])
    assert 'href="fig3c.html#value-faceage-gi-hr-uva"' in links["faceage_gi_hr_uva"]
    assert 'href="find.html#faceage-figure-3c"' in links["faceage_gi_hr_uva"]
    assert 'href="published_numbers.html#faceage_cdk6"' in links["faceage_cdk6"]


def test_every_source_of_a_claim_leads_to_its_paper(papers):
    for claim in read_ledger(BOOK / "claims.yaml"):
        assert 'href="find.html#' in in_the_paper(claim.source, papers), claim.source


def test_the_index_goes_by_figure_and_by_question(papers):
    read = [Chapter("fig3c", "Figure 3c: hazard ratio", "Does it predict?", ("fig3c",))]
    page = find_page(papers, read)
    assert '<tr id="faceage-figure-3c"><th scope="row">Figure 3c</th>' in page
    assert '<a href="fig3c.html">Figure 3c: hazard ratio</a>' in page
    assert "Does it predict?" in page


def test_cells_are_escaped_only_once():
    table = raw_table("a < b", ["x"], [["<b>one</b>"]], ["row"])
    assert "<caption>a &lt; b</caption>" in table
    assert '<tr id="row"><th scope="row"><b>one</b></th></tr>' in table
