"""The same rows give the same table in every format, dtype by dtype."""

from __future__ import annotations

import string
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faceage_stats.cohorts.tables.read_table import read_table
from faceage_stats.cohorts.tables.write_table import write_table
from faceage_stats.errors import ReadingWarning

TABLE = pd.DataFrame(
    {
        "id": ["p1", "p2", "p3", "p4"],
        "whole": np.array([60, 61, 127, -3], dtype=np.int64),
        "gaps": [1.0, np.nan, 3.0, 4.0],
        "real": [0.1, 1 / 3, 1e-70, -2.5e10],
        "day": pd.to_datetime(["2020-01-31", None, "1950-03-01", "2001-12-24"]),
        "stage": pd.Series(["I", None, "IV", "II"], dtype=object),
    }
)
# Formats that have true and false; the others hold them as numbers.
WITH_TRUTH = TABLE.assign(
    dead=[True, False, True, True], maybe=pd.array([True, None, False, True], dtype="boolean")
)


def write_excel(frame: pd.DataFrame, path: Path) -> None:
    """Text that begins with = is written as text, where pandas would write a formula."""
    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        frame.to_excel(writer, index=False)
        for row in writer.book.active.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    cell.data_type = "s"


WRITERS = {
    ".csv": lambda frame, path: write_table(frame, path, force=True),
    ".parquet": lambda frame, path: write_table(frame, path, force=True),
    ".feather": lambda frame, path: frame.to_feather(path),
    ".xlsx": write_excel,
    ".dta": lambda frame, path: pyreadstat.write_dta(frame, str(path)),
    ".sav": lambda frame, path: pyreadstat.write_sav(frame, str(path)),
    ".zsav": lambda frame, path: pyreadstat.write_sav(frame, str(path), compress=True),
    ".xpt": lambda frame, path: pyreadstat.write_xport(frame, str(path), file_format_version=8),
}
PLAIN = [".dta", ".sav", ".zsav", ".xpt"]


def assert_same(read: pd.DataFrame, wanted: pd.DataFrame, rtol: float = 0) -> None:
    pd.testing.assert_frame_equal(read, wanted, rtol=rtol, atol=0, check_exact=rtol == 0)


@pytest.mark.parametrize("suffix", WRITERS)
def test_every_format_gives_one_table(tmp_path, suffix):
    wanted = TABLE if suffix in PLAIN else WITH_TRUTH
    WRITERS[suffix](wanted, tmp_path / f"t{suffix}")
    # the base-16 floats of SAS transport hold the first 15 digits
    rtol = 1e-15 if suffix == ".xpt" else 0
    assert_same(read_table(tmp_path / f"t{suffix}"), wanted, rtol)


@pytest.mark.parametrize("small", ["int8", "uint8", "int16", "Int8", "float32", "float16", "Int64"])
def test_small_numbers_become_plain_ones(tmp_path, small):
    frame = pd.DataFrame({"age": pd.Series([60, 61, 100]).astype(small)})
    for suffix in (".parquet", ".feather"):
        if small == "float16" and suffix == ".parquet":
            continue  # cannot be written
        WRITERS[suffix](frame, tmp_path / f"t{suffix}")
        age = read_table(tmp_path / f"t{suffix}")["age"]
        assert age.dtype == np.int64
        assert age.tolist() == [60, 61, 100]
    half = frame.astype("float32") / 8
    half.to_parquet(tmp_path / "h.parquet")
    assert read_table(tmp_path / "h.parquet")["age"].dtype == np.float64


@pytest.mark.parametrize("storage", ["string", "string[pyarrow]", "category", "object"])
def test_text_of_any_storage(tmp_path, storage):
    frame = pd.DataFrame({"sex": pd.Series(["f", None, " ", "m"], dtype=storage)})
    frame.to_parquet(tmp_path / "t.parquet")
    sex = read_table(tmp_path / "t.parquet")["sex"]
    assert sex.isna().tolist() == [False, True, True, False]
    assert sex.dtype == ("category" if storage == "category" else object)


def test_blank_text_and_codes_are_missing_everywhere(tmp_path):
    frame = pd.DataFrame({"g": ["a", "", " ", "NA", "unk"], "x": [1.0, 99.0, 3.0, 4.0, 5.5]})
    for suffix, write in WRITERS.items():
        write(frame, tmp_path / f"t{suffix}")
        read = read_table(tmp_path / f"t{suffix}", na_values=["unk", 99])
        assert read["g"].isna().tolist() == [False, True, True, True, True], suffix
        assert read["x"].isna().tolist() == [False, True, False, False, False], suffix


def test_an_index_becomes_columns_unless_it_counts_rows(tmp_path):
    frame = TABLE[["whole"]]
    for index, columns in [
        (pd.Index([3, 1, 7, 9]), ["whole"]),
        (pd.Index(list("abcd"), name="patient"), ["patient", "whole"]),
        (pd.Index(list("abcd")), ["row_names", "whole"]),
        (
            pd.Index(list("1234")),
            ["whole"],
        ),  # data of R packages, as in write.csv
        (pd.Index(list("1247")), ["row_names", "whole"]),
    ]:
        frame.set_axis(index).to_parquet(tmp_path / "t.parquet")
        read = read_table(tmp_path / "t.parquet")
        assert list(read) == columns
        assert read.index.equals(pd.RangeIndex(4))


# Text that a spreadsheet would run, and what else may stand in a cell.
words = st.builds(
    lambda mark, text: f"{mark}w{text}".rstrip(),
    st.sampled_from(["=", "+", "-", "@", "'", "'=", ""]),
    st.text(string.ascii_letters + string.digits + " ,;\"'=+-@ß", max_size=8),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    rows=st.lists(
        st.tuples(
            words,
            st.floats(-1e15, 1e15, allow_subnormal=False),
            st.integers(-(2**31) + 1, 2**31 - 102),
            st.one_of(st.none(), st.integers(0, 10**6)),
        ),
        min_size=1,
        max_size=6,
    ),
    suffix=st.sampled_from([*WRITERS]),
)
def test_what_is_written_is_read_back(tmp_path, rows, suffix):
    frame = pd.DataFrame(rows, columns=["word", "real", "whole", "gaps"])
    frame["gaps"] = frame["gaps"].astype(float)
    WRITERS[suffix](frame, tmp_path / f"t{suffix}")
    read = read_table(tmp_path / f"t{suffix}", decimal="." if suffix == ".csv" else None)
    rtol = 2e-15 if suffix in (".xpt", ".xlsx") else 0
    pd.testing.assert_frame_equal(
        read, frame, check_dtype=False, rtol=rtol, atol=1e-60 if rtol else 0
    )
    assert read["whole"].dtype == np.int64
    assert set(read.drop(columns="word").dtypes.astype(str)) <= {"int64", "float64"}


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_numbers_of_text_are_python_s_floats(tmp_path, numbers):
    path = tmp_path / "t.csv"
    path.write_text("x\n" + "\n".join(f"{x:.25e}" for x in numbers) + "\n", encoding="utf-8")
    read = read_table(path)["x"].tolist()
    assert read == [float(f"{x:.25e}") for x in numbers]


def dictionary(levels, codes, *, ordered=False):
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int8()), levels, ordered=ordered)


def test_a_dictionary_that_only_stores_text_is_text(tmp_path):
    """Truth: the levels of the same text in a CSV file, female before Male."""
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"sex": dictionary(["Male", "female"], [0, 1, None, 0])}), path)
    with pytest.warns(ReadingWarning, match="'sex' is a dictionary in the order in which"):
        sex = read_table(path)["sex"]
    assert (sex.dtype, sex.tolist()) == (object, ["Male", "female", None, "Male"])
    pl.DataFrame({"sex": ["Male", "female"]}, schema={"sex": pl.Categorical}).write_parquet(path)
    assert read_table(path)["sex"].tolist() == ["Male", "female"]


@pytest.mark.parametrize(
    "table",
    [
        pa.Table.from_pandas(pd.DataFrame({"sex": pd.Categorical(["b", "a"], ["b", "a"])})),
        pa.table({"sex": dictionary(["b", "a"], [1, 0])}),  # not in the order of the rows
        pa.table({"sex": dictionary(["b", "a"], [0, 1], ordered=True)}),
        pa.table({"sex": dictionary(["b", "a"], [0, 1])}).replace_schema_metadata({"r": "A"}),
    ],
)
@pytest.mark.parametrize("write", [pq.write_table, feather.write_feather])
def test_a_dictionary_with_an_order_is_a_factor(tmp_path, table, write):
    suffix = ".parquet" if write is pq.write_table else ".feather"
    write(table, tmp_path / f"t{suffix}")
    assert list(read_table(tmp_path / f"t{suffix}")["sex"].cat.categories) == ["b", "a"]
