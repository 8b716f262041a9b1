"""The matched cohorts: what the items of the book compute from them is what was published."""

import importlib
import warnings

import pandas as pd
import pytest

import faceage_stats as fs
import workflow
from faceage_stats.cohorts.synthetic.matched import matched_values
from faceage_stats.cohorts.synthetic.simulate import COHORTS
from faceage_stats.reporting.paper import compare
from items.comparison import RESULTS
from settings import settings_of

GAP = "faceage_gap_cancer_vs_reference"  # against UTKFace, which is not in this repository
IDS = sorted({each for cohort in COHORTS for each in matched_values(cohort)})


@pytest.fixture(scope="module")
def tables():
    """Matched tables by name, read as a build reads them."""
    drawn = {}
    for cohort in COHORTS:
        drawn |= fs.simulate(cohort, match="published").tables
    return {
        name: fs.validate(drawn[name], schema)
        for name, (schema, _) in workflow.TABLES.items()
        if name in drawn
    }


@pytest.fixture(scope="module")
def recovered(tables):
    """Every value of every item that the comparison reads, judged."""
    config = workflow.load_config()
    values = []
    for name in RESULTS:
        item = importlib.import_module(f"items.{name}")
        if not set(item.TABLES) <= set(tables):
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = item.make({t: tables[t] for t in item.TABLES}, settings_of(name, config))
        values.append(made.values)
    planted = [
        record
        for cohort in COHORTS
        for record in fs.simulate(cohort, match="published").truth["planted"]
    ]
    return compare(pd.concat(values, ignore_index=True), planted, matched=IDS).set_index("id")


@pytest.mark.parametrize("name", [name for name in IDS if name != GAP])
def test_the_published_value_is_realised_as_printed(recovered, name):
    rows = recovered.loc[[name]]
    expected = "holds" if name == "faceage_cdk6" else "matched"  # of CDK6 no number was printed
    assert set(rows["status"]) == {expected}, rows.filter(like="_").T
