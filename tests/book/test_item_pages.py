"""Every page of an item has every part, in one order."""

import re
from pathlib import Path

import pytest

from faceage_stats.reporting.book.chapters import chapters, page_of_item
from faceage_stats.reporting.pages.item_page import PARTS

BOOK = Path(__file__).parents[2] / "book"
ITEMS = Path(__file__).parents[2] / "analysis" / "items"
# shown on the page of another item, or on a how-to
PARTLY = {"benchmarks", "how_to", "scorer_cards", "scorer_failures"}
PAGES = {item: page for item, page in page_of_item(chapters(BOOK)).items()
         if (ITEMS / f"{item}.py").is_file() and item not in PARTLY}  # fmt: skip
CODE = re.compile(r"## Code\n\n.*?```python\n(.*?)```", re.DOTALL)


def text_of(item):
    return (BOOK / f"{PAGES[item]}.md").read_text(encoding="utf-8")


def test_every_item_has_a_page():
    names = {path.stem for path in ITEMS.glob("[!_]*.py")}
    assert set(PAGES) | PARTLY == names


@pytest.mark.parametrize("item", PAGES)
def test_every_page_has_every_part_in_one_order(item):
    text = text_of(item)
    included = {part: f"_generated/{item}/{part}.md" for part in PARTS}
    order = [
        *("# ", "**Question.** ", included["answer"], "## How to read it", included["tables"]),
        *("## Method", included["checks"], "## Code", included["record"]),
    ]
    places = [text.find(part) for part in order]
    assert -1 not in places, order[places.index(-1)]
    assert places == sorted(places)
    caveat = text[text.index(included["checks"]) : text.index("## Code")]
    assert len(caveat.split()) > 8, "what a reader must beware of stands after the checks"


@pytest.mark.parametrize("item", PAGES)
def test_the_code_is_a_few_lines(item):
    """That they run as they stand is tested with those of all pages."""
    code = CODE.search(text_of(item)).group(1)
    assert len([line for line in code.splitlines() if line.strip()]) <= 8


OF_REAL_PEOPLE = ("real people", "real deaths", "not faces", "unweighted", "4,086", "known effect")


@pytest.mark.parametrize("item", [item for item in PAGES if item.startswith("nhanes")])
def test_pages_of_real_people_say_what_they_are_and_are_not(item):
    text = " ".join(text_of(item).lower().replace("**", "").split())
    assert [words for words in OF_REAL_PEOPLE if words not in text] == []
