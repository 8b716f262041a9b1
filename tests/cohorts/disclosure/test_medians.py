"""Medians among other quantities: a time of a death, or a value of a patient."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.cohorts.disclosure import release_table as releasing
from faceage_stats.cohorts.disclosure.rules import RULE_SETS
from faceage_stats.errors import DisclosureError
from faceage_stats.reporting.store.release import release
from faceage_stats.reporting.store.write_item import write_item

RULES = dataclasses.replace(RULE_SETS["opensafely"], key=b"secret")
QUANTITIES = ["hazard_ratio", "median_survival", "median_survival_months", "median"]


def item():
    """What papers quote of one cohort: exact numbers of four kinds."""
    values = pd.DataFrame({"id": list("abcd"), "quantity": QUANTITIES, "n": 305, "n_event": 205})
    low, high = [1.2, 1.02, 12.2, np.nan], [1.6, 1.57, 18.9, np.nan]
    values = values.assign(estimate=[1.43, 1.19, 14.3, 74.43], conf_low=low, conf_high=high)
    return fs.Item(caption="Values.", values=values)


def test_medians_are_on_the_grid_and_other_values_as_estimates():
    shown = release(item(), RULES).values.set_index("quantity")
    assert shown.loc["hazard_ratio", "estimate"] == 1.43
    assert shown.loc["median_survival", "estimate"] == pytest.approx(14 / 12, abs=1e-3)
    assert shown.loc["median_survival", "conf_low"] == 1
    assert shown.loc["median_survival_months", ["estimate", "conf_low"]].tolist() == [14, 12]
    assert shown.loc["median", "estimate"] == 70


@pytest.mark.parametrize(
    ("quantity", "what"),
    [
        ("median_survival", "median survival"),
        ("median_survival_months", "median survival"),
        ("median", "a quantile that is a value"),
    ],
)
def test_the_attacker_knows_a_median_among_other_quantities(tmp_path, monkeypatch, quantity, what):
    monkeypatch.setattr(releasing, "with_medians", lambda released, *others: released)
    alone = item()
    alone = dataclasses.replace(alone, values=alone.values.query("quantity == @quantity"))
    with pytest.raises(DisclosureError, match=what):
        write_item(release(alone, RULES), tmp_path / "values", provenance={"synthetic": False})
