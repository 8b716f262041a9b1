"""Every box of Python on every page runs as it stands, in a folder with the files it asks for."""

import contextlib
import io
import os
import shutil
import sys
import warnings

import pytest

import faceage_stats as fs
from faceage_stats.reporting.book.how_to import cells
from tests.book.conftest import ROOT, pages
from tests.book.test_how_tos import HOW_TOS
from tests.scoring.portraits import write_portraits

# the cells of the how-tos run when the results are made, and their outputs are tested
BOXES = {
    page: boxes
    for page in pages()
    if page not in HOW_TOS
    and (boxes := cells((ROOT / "book" / f"{page}.md").read_text(encoding="utf-8")))
}
PAIRS = """photo,pair,condition,score
1a.jpg,1,without,51.0\n1b.jpg,1,with,54.5\n2a.jpg,2,without,62.0\n2b.jpg,2,with,63.0
3a.jpg,3,without,40.0\n3b.jpg,3,with,46.0\n4a.jpg,4,without,70.0\n4b.jpg,4,with,69.0
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What pages tell their reader to have: a clone's tables, photographs, pairs, an export."""
    sys.path.insert(0, str(ROOT / "analysis"))
    from items.how_to import prepare

    place = tmp_path_factory.mktemp("reader")
    prepare(place)
    shutil.copytree(ROOT / "analysis" / "public", place / "analysis" / "public")
    write_portraits(place / "photographs")
    (place / "photographs" / "grace_hopper.png").unlink()  # one is enough, and twice as fast
    (place / "pairs_scored.csv").write_text(PAIRS, encoding="utf-8")
    return place


NEEDS_UTK = pytest.mark.skipif(
    "FACEAGE_DATA_DIR" not in os.environ, reason="the box reads the UTK outputs"
)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=NEEDS_UTK) if any("utk" in box for box in boxes) else page
        for page, boxes in BOXES.items()
    ],
)
def test_the_boxes_of_a_page_run_in_a_row(page, folder, monkeypatch):
    monkeypatch.setattr(fs.options, "private", False)  # one page sets it
    names = {"__name__": "__main__"}
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        with contextlib.chdir(folder):
            for box in BOXES[page]:
                exec(compile(box, page, "exec"), names)


def test_the_boxes_that_fail_would_be_seen():
    """The pages with code are those of the items at least."""
    assert len(BOXES) >= 60
