"""Counts behind estimates. Truth: three patients, whose estimates are computed from the rows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import faceage_stats as fs
from faceage_stats.cohorts.disclosure.attack.attack import attack
from faceage_stats.cohorts.disclosure.circumstances import Circumstances
from faceage_stats.cohorts.disclosure.release_table import release_table
from faceage_stats.cohorts.disclosure.rules import RULE_SETS
from faceage_stats.reporting.store.disclose_table_one import disclose_table_one
from faceage_stats.reporting.store.release import release

RULES = RULE_SETS["opensafely"]
RNG = np.random.default_rng(8)


def kinds(folder: Path, table: pd.DataFrame, **disclosure: float) -> set[str]:
    folder.mkdir(parents=True)
    table.to_csv(folder / "table_x.csv", index=False)
    text = json.dumps({"caption": "", "disclosure": disclosure or None})
    (folder / "item.json").write_text(text, encoding="utf-8")
    (folder / "values.json").write_text("[]", encoding="utf-8")
    return set(attack(folder)["kind"])


def mean(n: int) -> dict[str, float]:
    values = RNG.normal(5, 7, n)
    half = stats.t.ppf(0.975, n - 1) * values.std(ddof=1) / np.sqrt(n)
    return {
        "group": f"of {'few' if n < 8 else n}", "n": n, "mean": values.mean(),
        "std_dev": values.std(ddof=1), "std_error": values.std(ddof=1) / np.sqrt(n),
        "conf_low": values.mean() - half, "conf_high": values.mean() + half,
    }  # fmt: skip


def share(n: int, k: int, column: str) -> dict[str, float]:
    p = k / n
    return {"group": f"of {n}", "n": n, "n_event": k, column: p,
            "std_error": np.sqrt(p * (1 - p) / n)}  # fmt: skip


def area(cases: int, controls: int) -> dict[str, float]:
    x, y = RNG.normal(1, 1, cases), RNG.normal(0, 1, controls)
    estimate = stats.mannwhitneyu(x, y).statistic / (cases * controls)
    estimate = max(estimate, 1 - estimate)
    return {"marker": f"m{controls}", "estimate": estimate, "n_case": cases, "n_control": controls}


def frame(*rows: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame(list(rows))


TOOLS = {
    "standard deviation over standard error": (
        frame(mean(3), mean(140), mean(90))[["group", "n", "mean", "std_dev", "std_error"]],
        "n",
    ),
    "standard error of a proportion": (
        frame(share(4, 1, "sensitivity"), share(80, 41, "sensitivity"))
        .drop(columns="n_event")
        .assign(group=["a", "b"]),
        "n",
    ),
    "a percentage and its denominator": (
        frame(share(97, 3, "fraction"), share(80, 41, "fraction")).drop(columns="std_error"),
        "n_event",
    ),
    "cases times controls times the area": (frame(area(3, 101), area(40, 90)), "n_case"),
}


@pytest.mark.parametrize(("table", "column"), TOOLS.values(), ids=TOOLS)
def test_a_blank_count_is_solved_from_the_estimates_beside_it(tmp_path, table, column):
    """The count is blank as version 0.1.0 left it; after the release nothing is found."""
    blank = table.copy()
    blank[column] = blank[column].astype(float)
    blank.loc[0, column] = np.nan
    assert "solved" in kinds(tmp_path / "bare", blank)
    released = release_table(table, Circumstances(RULES))
    rules = {"base": RULES.base, "minimum": RULES.minimum, "time_grid": RULES.time_grid}
    assert kinds(tmp_path / "released", released, **rules) == set()


# ---- tools that need no file: what they give with exact numbers, and with released ones


def tables_with(margins: tuple[int, int, int], statistic, shown: float, digits: float) -> list[int]:
    """Upper left cells of 2 x 2 tables with known margins whose statistic prints as shown."""
    row, column, n = margins
    found = []
    for cell in range(max(0, row + column - n), min(row, column) + 1):
        table = [[cell, row - cell], [column - cell, n - row - column + cell]]
        if abs(statistic(table) - shown) <= digits:
            found.append(cell)
    return found


def chi_squared(table: list[list[int]]) -> float:
    return float(stats.chi2_contingency(table, correction=False).statistic)


def fisher(table: list[list[int]]) -> float:
    return float(stats.fisher_exact(table).pvalue)


@pytest.mark.parametrize("statistic", [chi_squared, fisher])
def test_a_statistic_and_margins_give_a_cell(statistic):
    """Three women of 30 with the disease, 60 patients of 400 with it."""
    true = [[3, 27], [57, 313]]
    value = statistic(true)
    exact = tables_with((30, 60, 400), statistic, value, 1e-9 * value)
    assert exact[0] == 3
    assert len(exact) <= 2  # the other side of the distribution may have the same


def test_no_test_of_a_table_stands_beside_a_cell_that_is_withheld():
    """Even rounded to two digits a p value leaves two or three tables."""
    groups = np.repeat(["a", "b"], [30, 370])
    ill = np.repeat([1, 0, 1, 0], [3, 27, 57, 313])
    rows = pd.DataFrame({"group": groups, "ill": ill, "old": np.tile([0, 1], 200)})
    table = fs.table_one(rows, by="group", columns=["ill", "old"])
    shown = disclose_table_one(table, RULES).differences.set_index("variable")
    assert table.differences["smd"].notna().all()
    assert shown.loc["ill", ["smd", "statistic", "p_value"]].isna().all()
    assert np.isfinite(shown.loc["old", "smd"])


def test_a_hazard_ratio_of_few_events_has_no_interval_that_would_give_them():
    """The error of a log hazard ratio is about 2 / sqrt(events)."""
    half = 1.96 * 2 / np.sqrt(4)
    table = pd.DataFrame({"term": ["x"], "estimate": 1.5, "conf_low": 1.5 / np.exp(half),
                          "conf_high": 1.5 * np.exp(half), "n": 60, "n_event": 4})  # fmt: skip
    width = np.log(table["conf_high"] / table["conf_low"])[0]
    assert round((2 * 1.96 * 2 / width) ** 2) == 4
    hidden = release_table(table, Circumstances(RULES))
    assert hidden[["estimate", "conf_low", "conf_high", "n_event"]].isna().all(axis=None)


def test_the_median_of_an_even_number_is_no_patients_value():
    values = np.sort(RNG.normal(65, 9, 40).round(1))
    row = {"group": "a", "n": 40, "median": np.median(values), "std_dev": values.std(ddof=1)}
    shown = release_table(pd.DataFrame([row]), Circumstances(RULES))["median"][0]
    assert shown % 0.5 == 0  # a value is known to 0.1
    assert shown != np.median(values)


def test_the_few_of_two_or_three_patients_have_no_mean_and_no_deviation():
    table = frame(mean(2), mean(3), mean(50)).assign(group=["a", "b", "c"])
    shown = release_table(table, Circumstances(RULES)).drop(columns=["group", "suppressed"])
    assert shown.head(2).isna().all(axis=None)


def test_ranks_and_blanks_say_no_more_than_that_a_count_is_small():
    """Rows in the order of counts, a zero shown beside blanks: 1 to 7 look alike."""
    shown = []
    for few in range(1, 8):
        table = pd.DataFrame({"group": list("abcd"), "n": [300, 60, few, 0]})
        item = fs.Item(caption="x", tables={"n": table})
        shown.append(release(item, RULES).frames["table_n"]["n"].tolist())
    np.testing.assert_array_equal(shown, [[300, np.nan, np.nan, 0]] * 7)


def test_a_pair_within_a_cohort_gives_the_group_that_is_hidden_there(tmp_path):
    """`never` has another size in every cohort; 98 of the pair less 95 are three."""
    gaps = pd.DataFrame({"cohort": ["breast", "breast", "lung", "lung"], "estimate": 5.0,
                         "group": ["never", "former"] * 2, "n": [260, 135, None, 95]})  # fmt: skip
    pairs = pd.DataFrame({"cohort": ["breast", "lung"], "group1": "former", "group2": "never",
                          "estimate1": 7.0, "n": [395, 98]})  # fmt: skip
    (tmp_path / "x").mkdir()
    pairs.to_csv(tmp_path / "x" / "table_pairs.csv", index=False)
    gaps.to_csv(tmp_path / "x" / "table_gaps.csv", index=False)
    (tmp_path / "x" / "item.json").write_text("{}", encoding="utf-8")
    (tmp_path / "x" / "values.json").write_text("[]", encoding="utf-8")
    found = attack(tmp_path / "x")
    assert found.loc[found["kind"] == "solved", "what"].str.contains("lung, never").all()
    assert "solved" in set(found["kind"])
