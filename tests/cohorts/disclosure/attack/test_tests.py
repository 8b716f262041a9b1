"""Counts behind tests, ratios and differences. Truth: three patients, or three events, of whom
nothing else is shown; the statistics are computed from the rows by R's formulas or our own fits."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.cohorts.disclosure.attack.attack import attack
from faceage_stats.cohorts.disclosure.ratios import events_behind
from faceage_stats.cohorts.disclosure.rules import RULE_SETS
from faceage_stats.reporting.store.release import release
from faceage_stats.reporting.store.write_item import write_item

RULES = RULE_SETS["opensafely"]
RECORD = {"item": "x", "parameters": {"sources": {"maastro": "private"}}}


def found(folder: Path, **tables: pd.DataFrame) -> set[tuple[str, str]]:
    """What an attacker finds in tables that nobody released."""
    folder.mkdir(parents=True)
    for name, table in tables.items():
        table.to_csv(folder / f"table_{name}.csv", index=False)
    (folder / "item.json").write_text('{"caption": ""}', encoding="utf-8")
    (folder / "values.json").write_text(json.dumps([]), encoding="utf-8")
    findings = attack(folder)
    return set(zip(findings["kind"], findings["what"], strict=True))


def after_release(folder: Path, **tables: object) -> pd.DataFrame:
    """The first table as it is released; written, so that it was attacked as well."""
    item = fs.Item(caption="Patients.", tables=tables)
    released = release(item, RULES)
    write_item(released, folder / "x", provenance=RECORD)
    return next(iter(released.frames.values()))


# ---- chi-squared, Fisher and standardised differences


@pytest.fixture(scope="module")
def ill() -> pd.DataFrame:
    """Three of 30 are ill, and 57 of 370."""
    groups = np.repeat(["a", "b"], [30, 370])
    state = np.repeat(["yes", "no", "yes", "no"], [3, 27, 57, 313])
    return pd.DataFrame({"group": groups, "ill": state, "old": np.tile(["yes", "no"], 200)})


def printed(table):
    return table.display().to_frame()


@pytest.mark.parametrize("without", ["SMD", "p"])
def test_a_test_or_a_difference_beside_margins_gives_a_cell(tmp_path, ill, without):
    """Version 0.1.0 blanked both cells, and left the sizes, all patients and the test."""
    table = fs.table_one(ill, by="group", columns=["ill", "old"], test=True)
    shown = printed(table.suppressed(5)).drop(columns=without)
    assert shown.loc[shown["Characteristic"] == "  yes", "a, N = 30"].tolist() == [
        "*",
        "15 (50.0%)",
    ]
    assert found(tmp_path / "bare", x=shown) == {("solved", "cells of ill")}
    released = after_release(tmp_path, x=partial(printed, table))
    row = released[released["Characteristic"].str.startswith("ill")].iloc[0]
    assert row[["SMD", "p"]].isin(["", "*", "NA", np.nan]).all()


# ---- hazard and odds ratios


def cohort(n: int, n_few: int, seed: int = 3) -> pd.DataFrame:
    """All are followed to death; some have a rare site, and a rare metastasis as 0 or 1."""
    rng = np.random.default_rng(seed)
    site = np.where(np.arange(n) < n_few, "rare", "usual")
    return pd.DataFrame(
        {
            "site": pd.Categorical(site, ["usual", "rare"]),
            "metastasis": (site == "rare").astype(int),
            "age10": rng.normal(6.5, 1, n),
            "years": rng.exponential(3, n) + 0.01,
            "death": 1,
            "ill": rng.integers(0, 2, n),
        }
    )


@pytest.mark.parametrize("few", [2, 3, 4])
def test_the_error_of_a_hazard_ratio_is_that_of_few_events(few):
    """1 / error^2 is at most the events of the smaller group, and within a third of them."""
    fit = fs.coxph("Surv(years, death) ~ metastasis", cohort(400, few))
    fewest, most = events_behind(fit.tidy().drop(columns="n"))
    assert fewest[0] == most[0] <= few
    assert fewest[0] == pytest.approx(few, rel=1 / 3)


def test_the_error_of_an_odds_ratio_is_that_of_its_smallest_cell():
    """Woolf: the squared error is the sum of the reciprocals of the cells, 3, 97, 40 and 60."""
    exposed, ill = (
        np.repeat([1, 1, 0, 0], [3, 97, 40, 60]),
        np.repeat([1, 0, 1, 0], [3, 97, 40, 60]),
    )
    fit = fs.glm("ill ~ exposed", pd.DataFrame({"exposed": exposed, "ill": ill}), family="binomial")
    row = fit.tidy().query("term == 'exposed'")
    assert events_behind(row)[0][0] == pytest.approx(
        1 / (1 / 3 + 1 / 97 + 1 / 40 + 1 / 60), rel=1e-6
    )


@pytest.mark.parametrize("interval", [False, True])
def test_a_ratio_of_few_is_found_and_after_the_release_it_is_not_there(tmp_path, interval):
    rows = cohort(400, 3)
    tidy = fs.coxph("Surv(years, death) ~ metastasis + age10", rows).tidy(exponentiate=True)
    bare = tidy.round(2).drop(columns="std_error") if interval else tidy
    assert found(tmp_path / "bare", x=bare) == {("few", "error of the ratio of metastasis")}
    released = after_release(tmp_path, x=tidy).set_index("term")
    assert released.loc["metastasis", ["estimate", "std_error", "conf_low"]].isna().all()
    assert released.loc["age10", ["estimate", "std_error", "conf_low"]].notna().all()


def test_the_influence_of_a_level_of_few_is_withheld(tmp_path):
    """The table has no number of its own for a level, only the error of its logarithm."""
    fit = fs.coxph("Surv(years, death) ~ site + age10", cohort(400, 3))
    table = fs.influence(fit)
    assert ("few", "error of the ratio of siterare") in found(tmp_path / "bare", x=table)
    released = after_release(tmp_path, x=table).set_index("term")
    assert released.loc["siterare", ["estimate", "std_error"]].isna().all()
    assert released.loc["age10", ["estimate", "std_error"]].notna().all()


def test_withheld_events_of_a_level_follow_from_the_error_and_the_reference(tmp_path):
    tidy = fs.coxph("Surv(years, death) ~ site", cohort(400, 4)).tidy(exponentiate=True)
    blank = tidy.assign(n_event=tidy["n_event"].astype(float))
    blank.loc[1, ["n", "n_event"]] = [40, np.nan]  # many patients, few deaths
    assert found(tmp_path / "bare", x=blank) == {("few", "error of the ratio of siterare")}


# ---- means


def test_a_group_follows_from_the_error_of_its_difference(tmp_path):
    """Welch: the squared error is s1^2 / n1 + s2^2 / n2, with n2 = 80 printed beside it."""
    gaps = pd.DataFrame({"group": ["few", "many"], "std_dev": [6.5, 7.1], "n": [np.nan, 80]})
    error = np.sqrt(6.5**2 / 3 + 7.1**2 / 80)
    pairs = pd.DataFrame({"group1": ["few"], "group2": ["many"], "estimate": [1.5],
                          "std_error": [error]})  # fmt: skip
    assert ("solved", "n of few") in found(tmp_path / "bare", gaps=gaps, pairs=pairs)
    coarse = pairs.assign(std_error=float(f"{error:.1g}"))
    assert ("solved", "n of few") not in found(tmp_path / "coarse", gaps=gaps, pairs=coarse)


def test_the_share_of_an_imputed_level_gives_its_number(tmp_path):
    table = pd.DataFrame(
        {"variable": "smoking", "level": ["never", "current"], "n": 385, "n_missing": 35,
         "estimate1": [382 / 385, 3 / 385], "estimate2": [0.99, 0.01], "r_hat": 1.0,
         "method": "regression"}
    )  # fmt: skip
    assert ("solved", "n of current") in found(tmp_path / "bare", x=table)
    released = after_release(tmp_path, x=table)
    assert (released["estimate1"] * 100 % 1 == 0).all()


# ---- genes


def test_a_variant_of_few_carriers_has_no_estimate(tmp_path):
    table = pd.DataFrame(
        {"gene": ["A", "B"], "estimate": 1.5, "conf_low": 0.1, "conf_high": 3.0,
         "allele_frequency": [3 / 400, 0.3], "n": 200}
    )  # fmt: skip
    released = after_release(tmp_path, x=table)
    assert released["estimate"].isna().tolist() == [True, False]
