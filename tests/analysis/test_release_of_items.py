"""What stays of the main figures of 1,500 private patients under the default rules."""

import importlib
import json
import re
import warnings

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

import faceage_stats as fs
import workflow
from faceage_stats.cohorts.disclosure.attack.attack import attack
from faceage_stats.cohorts.disclosure.rules import RULE_SETS
from faceage_stats.reporting.store.release import release
from faceage_stats.reporting.store.write_item import write_item
from settings import settings_of

SIZES = {"maastro": 1500, "thoracic": 573, "palliative": 717, "survey": None}
# item -> figures, and values that papers quote
HEADLINES = {
    "fig2a": ([""], ["faceage_gap_cancer_vs_reference"]),
    "fig3a": ([""], []),
    "fig3b": ([""], ["faceage_group2_hr_mva", "faceage_group4_hr_mva"]),
    "fig3c": ([""], ["faceage_maastro_hr_uva", "faceage_maastro_hr_adjusted"]),
    "fig4d": (["", "c_index", "curves", "gain_by_skill"], ["faceage_readers_auc_photo"]),
    "ext8_teachh": (
        ["", "faceage"],
        ["faceage_teachh_high_median_age", "faceage_teachh_high_median_faceage"],
    ),
    "cohort_maastro": ([""], []),
    "subgroups": ([""], ["faceage_subgroup_sex_female"]),
}


@pytest.fixture(scope="module")
def data():
    tables = {
        name: table
        for cohort, n in SIZES.items()
        for name, table in fs.simulate(cohort, seed=5, n=n).tables.items()
    }
    rng = np.random.default_rng(5)
    age = rng.integers(20, 95, 900)
    reference = {
        "subj_id": [f"{i:04}" for i in range(900)],
        "age": age,
        "faceage": (age + rng.normal(0, 8, 900)).round(2).clip(1, 110),
        "gender": rng.integers(0, 2, 900),
        "race": 0,
    }
    tables["utk"] = pd.DataFrame(reference)
    return tables


@pytest.fixture(scope="module")
def released(data, tmp_path_factory):
    """Every item, released and written as a private build does."""
    results = tmp_path_factory.mktemp("results")
    config = {**workflow.load_config(), "bootstrap_replicates": 50}
    found, exact = {}, {}
    for name in HEADLINES:
        module = importlib.import_module(f"items.{name}")
        used = {
            table: fs.validate(data[table], workflow.TABLES[table][0]) for table in module.TABLES
        }
        settings = settings_of(name, config)
        settings = settings.__class__(
            **(vars(settings) | {"sources": dict.fromkeys(used, "private")})
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sites with few deaths
            item = module.make(used, settings)
            found[name], exact[name] = release(item, settings.rules(*used)), item.values
        write_item(found[name], results / name, provenance={"item": name, "synthetic": False})
    return found, results, exact


@pytest.mark.parametrize(("name", "figures", "ids"), [(n, *e) for n, e in HEADLINES.items()])
def test_headline_estimates_stay(released, name, figures, ids):
    item = released[0][name]
    assert list(item.figures) == figures
    values = item.values.set_index("id").reindex(columns=["estimate", "conf_low", "conf_high"])
    assert values.loc[ids].notna().all(axis=None)
    assert not any("values of single patients" in text for text in item.withheld)


@pytest.mark.parametrize(("name", "ids"), [(n, ids) for n, (_, ids) in HEADLINES.items() if ids])
def test_headline_estimates_are_the_exact_ones_but_for_their_digits(released, name, ids):
    """In the file as in the numbers that the item hands over: two digits, or half a month."""
    stored = json.loads((released[1] / name / "values.json").read_text(encoding="utf-8"))
    columns = ["estimate", "conf_low", "conf_high"]
    tables = [pd.DataFrame(stored), released[2][name]]
    shown, exact = (
        t[t.get("variant", pd.Series("default", t.index)).fillna("default") == "default"]
        .set_index("id").loc[ids, columns].to_numpy(float)
        for t in tables
    )  # fmt: skip
    assert (np.abs(shown - exact) <= np.maximum(0.051 * np.abs(exact), 1 / 24)).all()


def test_curves_of_every_group_stay(released, data):
    drawn = released[0]["fig3a"].frames["source_data"]
    assert drawn["strata"].nunique() >= 3
    assert drawn.groupby("strata", sort=False)["time"].max().head(3).eq(7).all()
    end = drawn.groupby("strata", sort=False)["estimate"].last()
    rows = fs.curate(data["maastro"], "maastro", follow_up_cap=7).rows
    km = fs.survfit("Surv(years, death) ~ faceage_group", data=rows).at(7).set_index("strata")
    for group, size in rows["faceage_group"].value_counts().items():
        if str(group) in end:  # a step waits for 12 deaths at most; counts are rounded to 5
            true = km.loc[f"faceage_group={group}"]
            lag = 10 / size + 13 / true["n_risk"]
            assert -10 / size < end[str(group)] - true["estimate"] < lag


def test_all_items_together_give_nothing_away(released):
    assert attack(released[1]).empty


@pytest.mark.parametrize("name", ["thoracic", "palliative"])
def test_a_figure_prints_the_numbers_of_its_table(data, name):
    """Had its rows lost their counts, they would be rounded by those of the whole item."""
    item = importlib.import_module(f"items.{name}").make({name: data[name]}, None)
    shown = release(item, RULE_SETS["opensafely"])
    cells = {*shown.frames["table_hazard_ratios"].astype(str).to_numpy().ravel()}
    printed = {text.get_text() for text in shown.figures[""].findobj(Text)}
    intervals = {text for text in printed if re.fullmatch(r"[\d.]+ \([\d.]+–[\d.]+\)", text)}
    assert len(intervals) > 10
    assert intervals <= cells
