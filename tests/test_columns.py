"""Columns: found by name with a near match, read as numbers, 0/1 or groups, refused by name."""

from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest

import faceage_stats as fs
from faceage_stats._columns import (
    as_pandas,
    numeric,
    numeric_column,
    require_columns,
)
from faceage_stats._levels import group_codes
from faceage_stats._near import nearest
from faceage_stats.errors import FormulaError, InputError

TABLE = pd.DataFrame({"note": [1, 2], "Age": [61.0, np.nan], "text": ["a", "b"]})


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["nope"], "icc(): no column 'nope'. Did you mean 'note'?"),
        (["AGE"], "icc(): no column 'AGE'. Did you mean 'Age'?"),
        (["zzz"], "icc(): no column 'zzz'. The data have 3 columns."),
        (["zzz", "nope", "zzz"], "icc(): no columns 'zzz', 'nope' (did you mean 'note'?)."),
    ],
)
def test_absent_columns_are_refused_all_at_once(names, message):
    with pytest.raises(FormulaError) as refusal:
        require_columns(names, TABLE, "icc()")
    assert str(refusal.value) == message


def test_present_columns_pass():
    require_columns(["note", "Age"], TABLE, "icc()")


def test_a_table_is_converted_once_at_the_door():
    assert as_pandas(TABLE) is TABLE
    assert as_pandas(pl.DataFrame({"x": [1]}))["x"].tolist() == [1]
    with pytest.raises(InputError, match="data is a list; pass a pandas or polars DataFrame"):
        as_pandas([1])


def test_numbers_of_another_machine_are_turned_at_the_door():
    data = pd.DataFrame({"x": np.array([1, 2, 3], ">i4"), "y": np.array([0.5, 1, 2], ">f8")})
    data.columns = ["x", "x"]
    turned = as_pandas(data)
    assert [kind.isnative for kind in turned.dtypes] == [True, True]
    assert turned.take([2, 0]).to_numpy().tolist() == [[3, 2], [1, 0.5]]
    assert not data.dtypes.iloc[0].isnative  # what was given stays as it was


def test_a_name_that_stands_twice_is_no_name():
    data = pd.DataFrame([[1, 2, 3]], columns=["x", "x", "y"])
    require_columns(["y"], data, "icc()")
    with pytest.raises(InputError, match=r"icc\(\): 2 columns are called 'x'"):
        require_columns(["y", "x"], data, "icc()")


def test_numbers_among_python_objects_are_numbers():
    """Rows put together by hand or read from a database are not factors."""
    data = pd.DataFrame({"decimal": pd.Series([Decimal("1.0"), None, Decimal(3)], dtype=object)})
    assert numeric_column(data, "decimal", "icc()").tolist()[::2] == [1, 3]
    assert data.dtypes.eq(object).all()


def test_objects_and_numbers_give_one_fit():
    rows = pd.DataFrame(
        {"t": range(1, 10), "d": [1, 0, 1] * 3, "x": [3, 1, 4, 1, 5, np.nan, 2, 6, 5]}
    )
    stored = rows.astype(object).where(rows.notna(), None)
    given, typed = (fs.coxph("Surv(t, d) ~ x", table).tidy() for table in (stored, rows))
    pd.testing.assert_frame_equal(given, typed)


def test_a_column_that_stands_twice_is_refused_where_it_is_used():
    twice = pd.concat([TABLE, TABLE[["note"]]], axis=1)
    with pytest.raises(InputError, match=r"icc\(\): 2 columns are called 'note'. Rename them"):
        numeric_column(twice, "note", "icc()")
    assert numeric_column(twice, "Age", "icc()")[0] == 61


@pytest.mark.parametrize("dtype", ["int8", "Int64", "float32", "Float64", "bool"])
def test_numbers_become_float64_whatever_their_dtype(dtype):
    values = numeric(pd.Series([1, 0], dtype=dtype), "x")
    assert values.dtype == np.float64
    assert values.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (pd.to_datetime(["2020-01-01"]), "holds dates"),
        (pd.to_timedelta(["1D"]), "holds time differences"),
        (["1", "x"], r"holds text \(1 of 2 rows are not numbers\)"),
        ([1.0, np.inf], "has 1 infinite values"),
    ],
)
def test_what_is_no_number_is_refused(values, message):
    with pytest.raises(InputError, match=message):
        numeric(values, "x")


def test_a_numeric_column_is_looked_up_first():
    np.testing.assert_array_equal(numeric_column(TABLE, "Age", "icc()"), [61.0, np.nan])
    with pytest.raises(FormulaError, match=r"icc\(\): no column 'age'"):
        numeric_column(TABLE, "age", "icc()")


def test_groups_keep_the_order_of_a_categorical_and_sort_text():
    codes, labels = group_codes(pd.Categorical(["b", "a"], categories=["c", "b", "a"]))
    assert (codes.tolist(), labels) == ([0, 1], ["b", "a"])
    codes, labels = group_codes([10, 9, None])
    assert (codes.tolist(), labels) == ([1, 0, -1], ["9", "10"])


def test_the_nearest_name_ignores_case():
    assert nearest("CONF_LEVL", ["conf_level"]) == "conf_level"
    assert nearest("zzz", ["conf_level"]) is None


def test_tables_of_others_are_refused_with_what_makes_one_of_ours():
    data = pl.DataFrame({"a": [1, 2]})
    with pytest.raises(InputError, match=r"a LazyFrame; pass .* Its collect\(\) gives one"):
        as_pandas(data.lazy())
    with pytest.raises(InputError, match=r"a Table; pass .* Its to_pandas\(\) gives one"):
        as_pandas(data.to_arrow())
    with pytest.raises(InputError, match="data is a recarray"):
        fs.lm("a ~ b", TABLE.to_records())


def test_names_that_are_no_texts_are_told():
    with pytest.raises(FormulaError, match=r"no column '7'\. A name here is no text; make all of"):
        fs.lm("y ~ `7`", pd.DataFrame({"y": [1.0, 2, 4], 7: [1, 2, 3]}))
    assert nearest("age", ["stage", " age "]) == " age "


@pytest.mark.parametrize("dtype", ["int64", "uint64", "Int64", object])
def test_whole_numbers_that_arithmetic_would_merge_are_refused(dtype):
    big = pd.Series([2**60 + i for i in range(6)], dtype=dtype)
    data = pd.DataFrame({"y": [1.0, 2, 4, 3, 5, 9], "big": big})
    with pytest.raises(InputError, match=r"'big' has whole numbers beyond 2\^53"):
        fs.lm("y ~ big", data)
    assert len(group_codes(big)[1]) == 6  # as groups they are told apart


def test_bytes_are_refused_with_the_cure():
    with pytest.raises(InputError, match=r"holds a bytes in 2 rows.*\.str\.decode\('latin-1'\)"):
        group_codes([b"a", b"b"])
