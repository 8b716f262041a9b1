"""The kind of a column does not depend on how it is stored."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from faceage_stats._kinds import by_kind, level_text
from faceage_stats.errors import InputError

INTEGERS = ["int8", "uint8", "int16", "int64", "Int8", "Int64", ">i4", "int8[pyarrow]"]
FRACTIONS = ["float16", "float32", "Float64", ">f8", "double[pyarrow]"]


@pytest.mark.parametrize("dtype", [*INTEGERS, *FRACTIONS, object])
def test_numbers_of_any_storage_are_float64(dtype):
    read = by_kind(pd.Series([100, 60], dtype=dtype, index=[7, 3], name="age"))
    assert read.dtype == np.dtype(float)
    assert read.dtype.isnative
    assert read.tolist() == [100.0, 60.0]
    assert (read * read).tolist() == [10000.0, 3600.0]
    assert read.index.tolist() == [7, 3]
    assert read.name == "age"


def test_a_missing_value_of_pandas_beside_python_numbers_is_missing():
    values = by_kind(pd.Series([1, pd.NA, 2.5, Decimal(2)], dtype=object))
    assert values.tolist()[::2] == [1.0, 2.5]
    assert np.isnan(values[1])


def test_decimals_are_numbers():
    assert by_kind(pd.Series([Decimal("1.5"), None])).tolist()[0] == 1.5


@pytest.mark.parametrize("dtype", [bool, "boolean", "bool[pyarrow]", object])
def test_true_and_false_of_any_storage_are_boolean(dtype):
    assert by_kind(pd.Series([True, False], dtype=dtype)).dtype == "boolean"


@pytest.mark.parametrize("dtype", ["string", "string[pyarrow]", "large_string[pyarrow]", object])
def test_text_of_any_storage_is_equal(dtype):
    read = by_kind(pd.Series(["b", None, "a"], dtype=dtype))
    assert read.dtype == object
    assert read.isna().tolist() == [False, True, False]
    assert read.dropna().tolist() == ["b", "a"]


def test_plain_numbers_are_not_copied():
    values = pd.Series([1.0, 2.0])
    assert by_kind(values) is values


def test_record_numbers_too_long_for_float64_stay_apart():
    assert by_kind(pd.Series([2**60, 2**60 + 1])).nunique() == 2


def test_beside_text_all_is_text_and_no_row_is_lost():
    read = by_kind(pd.Series([1, "1", 2.0, True, None, "unknown"], index=[0, 0, 1, 1, 2, 2]))
    assert read.dropna().tolist() == ["1", "1", "2", "TRUE", "unknown"]


def test_dates_as_python_objects_are_dates():
    read = by_kind(pd.Series([dt.date(2022, 1, 1), None, dt.date(9999, 1, 1)]))
    assert pd.api.types.is_datetime64_any_dtype(read)
    assert read.isna().tolist()[1]


@pytest.mark.parametrize("cell", [[1], {"a": 1}, b"x"])
def test_other_cells_are_refused_with_their_count(cell):
    with pytest.raises(InputError, match=r"column 'x' holds a \w+ in 2 rows"):
        by_kind(pd.Series([cell, cell, "a"], name="x"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (1.0, "1"),
        (0.1 + 0.2, "0.3"),
        (np.True_, "TRUE"),
        (np.float32(2), "2"),
        (Decimal("2.50"), "2.5"),
        (pd.Timestamp("2022-01-31"), "2022-01-31"),
        (pd.Timestamp("2022-01-31 10:30"), "2022-01-31 10:30:00"),
        (pd.Timedelta(3, "D"), "3 days"),
        (pd.Period("2022-01", "M"), "2022-01"),
    ],
)
def test_a_level_is_written_as_r_writes_it(value, text):
    assert level_text(value) == text
