"""Every column of results has a role, so that none is released by oversight."""

import pytest

from faceage_stats._glossary import GLOSSARY
from faceage_stats.cohorts.disclosure.roles import ROLES, role_of

# columns of words and of true and false, which hold no number
WORDS = {
    *(
        "term",
        "variable",
        "variable1",
        "variable2",
        "is_missing",
        "is_overall",
        "method",
        "alternative",
        "unit",
        "scale",
    ),
    *("group1", "group2", "model", "marker", "marker1", "marker2", "orientation", "ties", "family"),
    *("metric", "quantity", "p_adjust", "id", "modality1", "modality2", "reader1", "reader2"),
    *("item", "topic", "source", "variant", "cohort", "step", "reason", "direction", "positive"),
    *("negative", "paper", "display_item", "source_note", "interval_of", "flags", "status"),
    *("state", "from_state", "to_state"),
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


@pytest.mark.parametrize(
    "column",
    [
        *("residual", "std_residual", "dfbetas", "leverage", "hat", "cooks_distance", "influence"),
        *("min", "max", "estimate_min", "estimate_max", "row", "difference", "nearest", "distance"),
        *("weight", "weight_max", "expression", "genotype", "faceage", "predicted_risk"),
    ],
)
def test_values_of_single_patients_are_never_released(column):
    """As the page "What may leave the hospital" says."""
    assert role_of(column) == "withheld"


@pytest.mark.parametrize("column", ["n_neighbour", "n_expressed", "n_het", "n_hom", "n_mutated"])
def test_counts_of_neighbours_and_of_carriers_are_counts_of_patients(column):
    assert role_of(column) == "count"
