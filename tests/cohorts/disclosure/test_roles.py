"""Every column of results has a role, so that none is released by oversight."""

import pytest

from faceage_stats._glossary import GLOSSARY
from faceage_stats.cohorts.disclosure.roles import ROLES, role_of

# columns of words and of true and false, which hold no number
WORDS = {
    *("term", "variable", "is_missing", "is_overall", "method", "alternative", "unit", "scale"),
    *("group1", "group2", "model", "marker", "marker1", "marker2", "orientation", "ties", "family"),
    *("metric", "quantity", "p_adjust", "id", "modality1", "modality2", "reader1", "reader2"),
    *("item", "topic", "source", "variant", "cohort", "step", "reason", "direction", "positive"),
    *("negative", "paper", "display_item", "source_note", "interval_of", "flags", "status"),
    *("gene", "gene_set", "variant_id", "note", "level1", "level2", "condition", "reference"),
}


def test_every_column_of_the_glossary_has_a_role():
    assert [c for c in GLOSSARY if c not in ROLES | dict.fromkeys(WORDS) and c[:2] != "n_"] == []


@pytest.mark.parametrize(
    ("column", "role"),
    [
        ("n_whatever", "count"),
        ("n_reader", "setting"),
        ("age", "withheld"),
        ("dfbetas", "withheld"),
        ("bic", "withheld"),
        ("q25", "quantile"),
        ("time", "time"),
    ],
)
def test_a_column_that_nobody_knows_is_withheld(column, role):
    assert role_of(column) == role


def test_an_item_names_the_role_of_its_own_columns():
    assert role_of("nonlinear", {"nonlinear": "p_value"}) == "p_value"
