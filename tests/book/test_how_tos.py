"""The how-tos in the built book: what their cells show, and the notebook to take away."""

import json

import pytest

from faceage_stats.reporting.book.how_to import cells
from faceage_stats.reporting.store.read_item import read_item
from tests.book.conftest import ROOT, pages

HOW_TOS = ("analysis_as_in_r", "fair_use", "how_your_table_is_read", "score_your_photographs",
           "statistical_methods", "which_test", "your_cohort")  # fmt: skip


@pytest.mark.parametrize("page", HOW_TOS)
def test_a_how_to_shows_its_outputs_and_offers_a_notebook(html, page):
    shown = read_item(ROOT / "results" / "how_to").tables["outputs"]
    rows = shown[shown["page"] == page]
    code = cells((ROOT / "book" / f"{page}.md").read_text(encoding="utf-8"))
    assert len(rows) == len(code) > 0
    assert rows["output"].notna().any()
    built = (html / f"{page}.html").read_text(encoding="utf-8")
    (notebook,) = (html / "_downloads").glob(f"*/{page}.ipynb")
    assert notebook.relative_to(html).as_posix() in built
    made = json.loads(notebook.read_text(encoding="utf-8"))
    written = [cell["source"] for cell in made["cells"] if cell["cell_type"] == "code"]
    assert written == [each.strip("\n") for each in code]


def test_what_is_computed_by_hand_is_what_the_package_computes():
    shown = read_item(ROOT / "results" / "how_to").tables["outputs"]
    outputs = shown.loc[shown["page"] == "statistical_methods", "output"].dropna()
    by_hand = [text.splitlines()[:2] for text in outputs if text.startswith("by hand")]
    assert len(by_hand) >= 6
    for ours, theirs in by_hand:
        assert ours.split()[2:] == theirs.split()[1:], ours


def test_every_how_to_is_in_the_contents():
    assert set(HOW_TOS) <= set(pages())
