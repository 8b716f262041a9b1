"""What a figure counts is what its caption, its alternative text and the tables beside it count."""

import importlib
import re
import warnings

import pandas as pd
import pytest

import faceage_stats as fs
import workflow
from faceage_stats.reporting.store.release import release

# items whose figures count the patients of groups that do not overlap
COUNTED = ("fig2b", "fig2c", "fig2d", "fig3a", "far", "fahr_quartiles", "ext8_teachh")
IN_ALT = re.compile(r": n ([\d,]+), mean|([\d,]+) at risk at the start")
IN_CAPTION = re.compile(r"([\d,]+) (?:palliative )?patients")


def number(text):
    return int(text.replace(",", ""))


@pytest.fixture(scope="module")
def data():
    """Tables by name, as a build of synthetic rows reads them."""
    cohorts = {cohort for _, cohort in workflow.TABLES.values() if cohort} - {"genotyped", "survey"}
    tables = {}
    for cohort in sorted(cohorts):
        tables |= fs.simulate(cohort, seed=3).tables
    return {name: fs.validate(tables[name], schema)
            for name, (schema, _) in workflow.TABLES.items() if name in tables}  # fmt: skip


@pytest.mark.parametrize("name", COUNTED)
def test_figure_caption_alternative_text_and_tables_count_alike(name, data):
    item = importlib.import_module(f"items.{name}")
    settings = workflow.settings(name, workflow.load_config())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = release(item.make({table: data[table] for table in item.TABLES}, settings))
    counted = 0
    for figure, alt in made.alts.items():
        groups = [number(a or b) for a, b in IN_ALT.findall(alt)]
        if not groups:
            continue
        counted += 1
        assert sum(groups) == number(IN_CAPTION.search(made.captions[figure]).group(1)), figure
        tabled = pd.concat(made.frames.values()).reindex(columns=["n", "n_risk", "n_before"])
        assert set(groups) <= set(tabled.to_numpy().ravel()) | {0}, figure
    assert counted, "no figure of this item says how many patients it shows"
