"""How-tos. The code of the pages that run when the book is built, and what it shows."""

import re
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

import pandas as pd

import faceage_stats as fs
from faceage_stats.errors import ReadingWarning
from faceage_stats.reporting.book.how_to import cells, run

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # the export and the portraits are those of the tests

TABLES = ()
READS = "the code of the pages"
SIMULATES = True
FILES = (
    "book/analysis_as_in_r.md",
    "book/fair_use.md",
    "book/how_your_table_is_read.md",
    "book/score_your_photographs.md",
    "book/statistical_methods.md",
    "book/which_test.md",
    "book/your_cohort.md",
    "tests/messy_hospital.py",
    "tests/scoring/portraits.py",
)
MAPPING = re.compile(r"```yaml\n(schema: maastro.*?)```", re.DOTALL)


def make(data, settings):
    """Run the cells of each page in a folder that holds what the page asks of its reader."""
    pages = [ROOT / name for name in FILES if name.startswith("book/")]
    with tempfile.TemporaryDirectory(prefix="faceage-") as place:
        prepare(Path(place))
        shown = [shown_by(page, place) for page in pages]
    return fs.Item(
        caption="{n_cell} cells of {n_page} pages, run when the results of this book were made.",
        numbers={"n_page": len(pages), "n_cell": sum(map(len, shown))},
        tables={"outputs": pd.concat(shown, ignore_index=True)},
        columns={
            "page": "page of the book",
            "cell": "its place among the cells of the page, from 1",
            "output": "what it shows",
        },
        roles={"cell": "setting"},
    )


def shown_by(page, prepared):
    """What each cell of a page shows, in a folder of its own."""
    code = cells(page.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="faceage-") as place:
        shutil.copytree(prepared, place, dirs_exist_ok=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReadingWarning)  # one photograph is a visitor's
            outputs = run(code, Path(place))
    return pd.DataFrame({"page": page.stem, "cell": range(1, len(code) + 1), "output": outputs})


def prepare(place):
    """Write an export with its mapping, and two portraits with their list."""
    from tests import messy_hospital
    from tests.scoring.portraits import write_portraits

    messy_hospital.write(place)
    page = (ROOT / "book" / "your_cohort.md").read_text(encoding="utf-8")
    (place / "hospital.yaml").write_text(MAPPING.search(page)[1], encoding="utf-8")
    write_portraits(place / "photos")
    rows = [("astronaut", "p1"), ("grace_hopper", "p2")]
    lines = "".join(f"photos/{photo}.png,{patient},2024-05-31\n" for photo, patient in rows)
    (place / "manifest.csv").write_text(f"photo,patient_id,taken_on\n{lines}", encoding="utf-8")
    clinical = pd.DataFrame({"patient_id": ["p1", "p2", "p3"], "age": [40, 77, 50]})
    clinical.to_parquet(place / "clinical.parquet")
