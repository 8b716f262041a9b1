"""Truth: cells counted by hand."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

import faceage_stats as fs
from faceage_stats._missing import missing_in_call, told_missing
from faceage_stats.errors import DesignError, InputError

N = 12
DATA = pd.DataFrame(
    {
        "t": np.arange(1.0, N + 1),
        "s": np.zeros(N),
        "d": [1, 0, 1] * 4,
        "x": np.arange(N) ** 2.0,
        "tumour size": np.nan,
        "none": pd.Series([None] * N, dtype="string"),
        "early": [1.0] * 6 + [np.nan] * 6,
        "late": [np.nan] * 6 + [2.0] * 6,
    }
)


@pytest.mark.parametrize(
    ("right", "told"),
    [
        ("x + `tumour size`", "'tumour size' is missing in all 12 rows. Fill it, or leave it out."),
        ("x + strata(none)", "'none' is missing in all 12 rows."),
        ("none + `tumour size`", "'tumour size', 'none' are missing in all 12 rows. Fill them"),
        (".", "'tumour size', 'none' are missing in all 12 rows"),
        ("early + x + log(late)", "'early' is missing in 6 of 12 rows, 'late' in 6."),
    ],
)
@pytest.mark.parametrize("table", [DATA, pl.from_pandas(DATA)], ids=["pandas", "polars"])
def test_a_refusal_names_the_columns_that_leave_no_row(right, told, table):
    with pytest.raises(DesignError, match="none of the 12 rows is complete") as refusal:
        fs.coxph(f"Surv(t, d) ~ {right}", table)
    assert told in str(refusal.value)
    assert str(refusal.value).count("missing") == told.count("missing")


def test_columns_that_arguments_name_are_among_them():
    with pytest.raises(DesignError, match="'early' is missing in 6 of 12 rows, 'late' in 6"):
        fs.coxph("Surv(t, d) ~ late", DATA, weights="early")
    with pytest.raises(DesignError, match="'none' is missing in all 12 rows"):
        fs.complete_case(DATA, ["x", "none"])


def test_vectors_are_named():
    none = DATA["tumour size"]
    with pytest.raises(DesignError, match="'tumour size' is missing in all 12 rows"):
        fs.cor_test(none, DATA["x"])
    assert missing_in_call({"x": [None, np.nan], "y": [1, 2]}).startswith("'x' is missing")


def test_other_refusals_stay_as_they_are():
    with pytest.raises(InputError) as refusal:
        fs.coxph("Surv(t, x) ~ early", DATA)
    assert "missing" not in str(refusal.value)
    assert missing_in_call({"formula": "t ~ early", "data": DATA}) == ""
    assert missing_in_call({"formula": "t ~ none", "data": DATA.head(0)}) == ""


def test_of_many_columns_a_few_are_named():
    told = told_missing({f"g{i}": 5 for i in range(10)}, 5)
    assert told.startswith("'g0', 'g1', 'g2' and 7 more are missing in all 5 rows.")


def test_intervals_that_are_empty_throughout_name_both_columns():
    with pytest.raises(InputError, match="'s' is not after 't' in any of the 12 rows that have"):
        fs.coxph("Surv(t, s, d) ~ x", DATA)
    with pytest.raises(InputError, match="'t' is not after 't' in any"):
        fs.survfit("Surv(t, t, d) ~ 1", DATA)


def test_a_file_of_rows_names_them_too(tmp_path):
    pytest.importorskip("pyarrow")
    path = tmp_path / "rows.parquet"
    DATA[["t", "d", "early", "late"]].to_parquet(path, row_group_size=6)
    with pytest.raises(DesignError, match=r"complete\. 'early' is missing in 6 of 12 rows, 'late'"):
        fs.coxph_parquet("Surv(t, d) ~ early + late", str(path))


def test_a_refusal_for_want_of_more_rows_says_what_is_missing():
    few = DATA.assign(x=DATA["x"].where(DATA.index < 3))
    with pytest.raises(DesignError, match=r"3 complete pairs; 4 .* 'x' is missing in 9 of 12 rows"):
        fs.cor_test("~ x + t", few)


@pytest.mark.parametrize(
    "call",
    [
        lambda data: fs.cor_test("~ x + t", data),
        lambda data: fs.lin_ccc("~ x + t", data),
        lambda data: fs.cor_dependent_test("t ~ x + d", data),
        lambda data: fs.calibration_line(data, "t", "x"),
        lambda data: fs.accuracy(data, "t", "x"),
    ],
)
def test_a_refusal_of_what_must_vary_says_which_does_not(call):
    with pytest.raises(DesignError, match="'x' has one value in the 12 complete rows"):
        call(DATA.assign(x=7))


def test_a_refusal_is_never_hidden_by_what_is_asked_of_its_arguments():
    odd = [np.arange(2), None, [1, [2]]]
    with pytest.raises(InputError, match="data is a list"):
        fs.lm("y ~ x", odd)
    with pytest.raises(InputError, match="have 2 levels"):
        fs.lm("y ~ x", pd.concat({"a": DATA}, axis=1))
