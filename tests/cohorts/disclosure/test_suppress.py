"""Small-number suppression. Truth: an attacker who solves for hidden cells by linear algebra."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceage_stats.cohorts.disclosure import suppress
from faceage_stats.errors import DisclosureWarning, InputError


def quiet(table: pd.DataFrame, *args: object, **options: object) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DisclosureWarning)
        return suppress(table, *args, **options)


def flow(*excluded: int, n: int = 500) -> pd.DataFrame:
    before = n - np.cumsum([0, *excluded[:-1]])
    table = pd.DataFrame({"step": range(len(excluded)), "n_before": before, "n_excluded": excluded})
    return table.assign(n_after=table["n_before"] - table["n_excluded"])


def test_nothing_small_nothing_done():
    table = pd.DataFrame({"group": ["a", "b"], "n": [50, 60], "n_event": [10, 0], "estimate": 1.5})
    result = suppress(table)  # a warning would be an error
    assert result["suppressed"].tolist() == [False, False]
    assert result["n_event"].tolist() == [10, 0]  # zero is not small
    pd.testing.assert_frame_equal(result[list(table)].astype(table.dtypes), table)


def test_a_small_group_takes_the_next_smallest_with_it():
    table = pd.DataFrame({"group": list("abcd"), "n": [40, 3, 0, 30]})
    before = table.copy()
    with pytest.warns(
        DisclosureWarning, match="1 cells are below the threshold of 5.*1 more would reveal them"
    ):
        result = suppress(table)
    pd.testing.assert_frame_equal(table, before)
    assert result["n"].isna().tolist() == [False, True, False, True]
    assert result["suppressed"].tolist() == [False, True, False, True]


def test_two_small_groups_whose_sum_is_small():
    result = quiet(pd.DataFrame({"n": [40, 1, 2, 30]}))
    assert result["n"].isna().tolist() == [False, True, True, True]
    assert quiet(pd.DataFrame({"n": [40, 4, 2, 30]}))["n"].isna().sum() == 2


def test_only_zeros_left_to_hide():
    assert quiet(pd.DataFrame({"n": [0, 3, 0]}))["n"].isna().sum() >= 2


def test_groups_add_up_within_by():
    table = pd.DataFrame({"site": list("aabb"), "n": [3, 40, 50, 60]})
    assert quiet(table, by=["site"])["n"].isna().tolist() == [True, True, False, False]


def test_complement_of_the_events():
    table = pd.DataFrame({"n": [50, 60, 70], "n_event": [48, 30, 20]})
    result = quiet(table)
    assert result["n"].notna().all()
    assert result["n_event"].isna().tolist() == [True, False, True]


def test_events_and_censored_make_up_the_group():
    table = pd.DataFrame({"n": [50, 60, 70], "n_event": [47, 30, 20], "n_censor": [3, 30, 50]})
    result = quiet(table)
    row = result.loc[0, ["n", "n_event", "n_censor"]]
    assert row.isna().sum() >= 2


def test_shares_and_estimates():
    table = pd.DataFrame(
        {"n": [50, 3, 60], "n_event": [20, 1, 30], "percent": [40.0, 33.3, 50.0], "time": 1.5}
    ).assign(estimate=[1.1, 9.9, 1.2])
    result = quiet(table)
    # group 0 is hidden only to protect group 1: its share would give it away, its estimate not
    assert result["percent"].isna().tolist() == [True, True, False]
    assert result["estimate"].isna().tolist() == [False, True, False]
    assert result["time"].notna().all()


def test_derived_columns_by_name():
    table = pd.DataFrame({"k": [50, 3, 60], "ratio": [0.4, 0.3, 0.5], "other": 1.0})
    result = quiet(table, ["k"], derived={"ratio": ["k"]})
    assert result["ratio"].isna().tolist() == [True, True, False]
    assert result["other"].notna().all()


def test_flow_hides_the_early_numbers_and_keeps_the_analysed():
    result = quiet(flow(0, 3, 0, 100))
    assert result["n_after"].iloc[-1] == 397
    assert result.loc[1, ["n_before", "n_excluded"]].isna().all()
    assert pd.isna(result.loc[0, "n_after"])
    assert pd.isna(result.loc[0, "n_before"])


def test_deaths_among_the_few_left_out():
    table = flow(0, 20, 0).assign(n_event=[200, 198, 198])
    assert quiet(table)["n_event"].isna().tolist() == [True, False, False]


def test_threshold():
    table = pd.DataFrame({"n": [9, 12, 40]})
    assert quiet(table, threshold=10)["n"].isna().tolist() == [True, True, False]
    for threshold in (0, 1):
        assert suppress(pd.DataFrame({"n": [1, 50]}), threshold=threshold)["n"].tolist() == [1, 50]


def test_missing_counts_fractions_and_empty_tables():
    result = quiet(pd.DataFrame({"n": [np.nan, 3.0, 40.0, 50.0]}))
    assert result["n"].isna().tolist() == [True, True, True, False]
    assert result["suppressed"].tolist() == [False, True, True, False]
    weighted = quiet(pd.DataFrame({"n": [10.5, 20.25]}))
    assert weighted["n"].tolist() == [10.5, 20.25]
    assert suppress(pd.DataFrame({"n": pd.Series(dtype=float)})).empty
    assert suppress(pd.DataFrame({"estimate": [1.0]}))["suppressed"].tolist() == [False]


def test_refusals():
    table = pd.DataFrame({"n": [1, 2], "text": ["a", "b"]})
    with pytest.raises(InputError, match="threshold is -1; give 0"):
        suppress(table, threshold=-1)
    with pytest.raises(InputError, match="the table has no column k, site"):
        suppress(table, ["k"], by=["site"])
    with pytest.raises(InputError, match="the table has no column ratio"):
        suppress(table, derived={"ratio": ["n"]})
    with pytest.raises(InputError, match="column 'text' holds 2 values that are not counts"):
        suppress(table, ["text"])
    with pytest.raises(InputError, match="column 'n' holds 1 values that are not counts"):
        suppress(pd.DataFrame({"n": [-1, 2]}))


def test_a_long_survival_curve_is_quick():
    n = 5000
    curve = pd.DataFrame({"n_risk": np.arange(n, 0, -1), "n_event": 1, "estimate": 0.5})
    result = quiet(curve)
    assert result["n_event"].isna().all()
    assert result["n_risk"].isna().sum() == 4
    assert result["estimate"].isna().sum() == 4


# ---- the attacker


def solvable(table: pd.DataFrame, result: pd.DataFrame, equations: list[dict]) -> set:
    """Hidden cells that the visible ones, the totals and the identities determine."""
    columns = ["n", "n_event", "n_censor", "n_before", "n_excluded", "n_after"]
    hidden = [
        (i, c) for c in columns if c in result for i in result.index if pd.isna(result.loc[i, c])
    ]
    matrix = np.array([[e.get(cell, 0) for cell in hidden] for e in equations], float)
    rank = np.linalg.matrix_rank
    return {
        cell
        for k, cell in enumerate(hidden)
        if rank(np.vstack([matrix, np.eye(len(hidden))[k]])) == rank(matrix)
    }


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=7))
def test_no_hidden_count_can_be_solved_for(rows):
    table = pd.DataFrame(rows, columns=["n_event", "n_censor"])
    table["n"] = table["n_event"] + table["n_censor"]
    result = quiet(table)
    equations = [{(i, "n"): 1, (i, "n_event"): -1, (i, "n_censor"): -1} for i in table.index]
    equations += [{(i, c): 1 for i in table.index} for c in table]
    small = [(i, c) for c, i in itertools.product(table, table.index) if 0 < table.loc[i, c] < 5]
    assert all(pd.isna(result.loc[cell]) for cell in small)
    if any((result[c].isna().sum() < len(table)) for c in table):  # else nothing is shown at all
        assert solvable(table, result, equations).isdisjoint(small)


@given(st.lists(st.integers(0, 12), min_size=2, max_size=8))
def test_no_exclusion_can_be_solved_for(excluded):
    table = flow(*excluded)
    result = quiet(table)
    equations: list[dict] = [
        {(i, "n_before"): 1, (i, "n_excluded"): -1, (i, "n_after"): -1} for i in table.index
    ]
    equations += [{(i, "n_after"): 1, (i + 1, "n_before"): -1} for i in table.index[:-1]]
    small = {(i, "n_excluded") for i in table.index if 0 < table.loc[i, "n_excluded"] < 5}
    assert all(pd.isna(result.loc[cell]) for cell in small)
    assert solvable(table, result, equations).isdisjoint(small)


def test_an_estimate_that_gives_a_hidden_count_back_is_blank():
    rates = pd.DataFrame(
        {"n": [100, 30, 50], "n_event": [40, 2, 20], "estimate": [0.4, 2 / 30, 0.4]}
    )
    with pytest.warns(DisclosureWarning):
        assert suppress(rates)["estimate"].isna()[1]
    steps = pd.DataFrame({"time": [1, 2, 3], "n_risk": [40, 30, 20], "n_event": [8, 2, 7]})
    steps["estimate"] = (1 - steps["n_event"] / steps["n_risk"]).cumprod()
    with pytest.warns(DisclosureWarning):
        released = suppress(steps, by=["time"])
    assert released["n_event"].isna().tolist() == released["estimate"].isna().tolist()
    ratios = rates.assign(estimate=[1.8, 2.4, 0.9])  # hazard ratios say nothing of the count
    with pytest.warns(DisclosureWarning):
        assert suppress(ratios)["estimate"].notna().all()
