"""Files of R, SPSS, SAS and Stata: classes, value labels, encodings, truncation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from faceage_stats.cohorts.tables.common_types import common_frame
from faceage_stats.cohorts.tables.read_table import read_table
from faceage_stats.cohorts.tables.reading import Reading
from faceage_stats.errors import InputError, ReadingWarning

DATA = Path(__file__).parent / "data"


def test_classes_of_r():
    """Truth: the R code that wrote the file, with saveRDS.

    d <- data.frame(id = c("a", "b", NA), whole = 1:3, gap = c(1L, NA, 3L), real = c(1.5, NA, 2),
      day = as.Date(c("2020-01-05", NA, "1950-03-01")),
      when = as.POSIXct(c("2020-01-05 10:00:00", NA, "1950-03-01 00:00:00"), tz = "UTC"),
      loc = as.POSIXct(c("2020-07-05", NA, "2020-01-01"), tz = "Europe/Berlin"),
      dt = as.difftime(c(1.5, NA, 3), units = "days"),
      f = factor(c("lo", NA, "hi"), levels = c("lo", "mid", "hi")),
      o = factor(c("lo", "hi", "hi"), levels = c("lo", "hi"), ordered = TRUE),
      t = c(TRUE, NA, FALSE), tt = c(TRUE, TRUE, FALSE))
    d$lab <- haven's labelled(c(1, 2, NA), c(Yes = 1, No = 2)); d$i64 <- bit64's 1:3
    d$idate <- data.table's as.IDate(18266L, NA, 18267L)
    """
    frame = read_table(DATA / "classes.rds")
    assert frame["id"].tolist() == ["a", "b", None]
    assert frame["day"].astype(str).tolist() == ["2020-01-05", "NaT", "1950-03-01"]
    assert frame["when"].iloc[0] == pd.Timestamp("2020-01-05 10:00", tz="UTC")
    assert frame["loc"].iloc[0] == pd.Timestamp("2020-07-05", tz="Europe/Berlin")
    assert frame["dt"].tolist() == [pd.Timedelta(36, "h"), pd.NaT, pd.Timedelta(3, "D")]
    assert frame["f"].cat.categories.tolist() == ["lo", "mid", "hi"]
    assert frame["o"].cat.ordered
    assert frame["t"].dtype == "boolean"
    assert frame["tt"].dtype == bool
    assert frame["lab"].cat.categories.tolist() == ["Yes", "No"]
    assert frame["i64"].tolist() == [1, 2, 3]
    assert frame["idate"].astype(str).tolist() == ["2020-01-05", "NaT", "2020-01-06"]
    assert read_table(DATA / "classes.rds", value_labels="codes")["lab"].tolist()[:2] == [1, 2]


def test_complex_numbers_of_r_are_refused():
    frame = pd.DataFrame({"z": [1 + 2j, 3]})
    with pytest.raises(InputError, match="column 'z' holds complex numbers"):
        common_frame(frame, Reading(), "t.rds")


def test_row_names_and_lists_of_r():
    named = read_table(DATA / "row_names.rds")  # data.frame(x = ..., row.names = c("p1", "p2"))
    assert named.to_dict("list") == {"row_names": ["p1", "p2"], "x": [1.5, 2.5]}
    with pytest.raises(InputError, match=r"lists\.rds: column 'l' holds lists, a matrix"):
        read_table(DATA / "lists.rds")


LABELS = {"sex": {1: "male", 2: "female"}, "age": {99: "unknown"}}


@pytest.fixture(params=[".sav", ".dta"])
def labelled(request, tmp_path):
    frame = pd.DataFrame({"age": [60.0, 99.0, np.nan], "sex": [2.0, 1.0, 2.0]})
    path = tmp_path / f"t{request.param}"
    write = pyreadstat.write_sav if request.param == ".sav" else pyreadstat.write_dta
    write(frame, str(path), variable_value_labels=LABELS)
    return path


def test_value_labels(labelled):
    with pytest.warns(
        ReadingWarning, match=r"'age' keeps its codes: a value label for 1 cells \(99"
    ):
        frame = read_table(labelled)
    assert frame["sex"].tolist() == ["female", "male", "female"]
    assert frame["sex"].cat.categories.tolist() == ["male", "female"]  # by their codes
    codes = read_table(labelled, value_labels="codes", na_values={"age": 99})
    assert codes["sex"].tolist() == [2, 1, 2]
    assert codes["age"].isna().tolist() == [False, True, True]


def test_text_that_is_not_utf_8():
    with pytest.warns(ReadingWarning, match="was read as Windows-1252"):
        frame = read_table(DATA / "latin.sas7bdat")
    assert frame["site"].tolist() == ["Münster", "Köln"]
    assert read_table(DATA / "latin.sas7bdat", encoding="latin1").equals(frame)


@pytest.mark.parametrize("suffix", [".sav", ".dta", ".xpt", ".parquet", ".feather", ".xlsx"])
def test_a_file_that_was_cut_is_refused(tmp_path, suffix):
    frame = pd.DataFrame({"x": np.arange(500) / 7, "word": [f"patient {i}" for i in range(500)]})
    write = {
        ".sav": pyreadstat.write_sav,
        ".dta": pyreadstat.write_dta,
        ".xpt": pyreadstat.write_xport,
        ".parquet": pd.DataFrame.to_parquet,
        ".feather": pd.DataFrame.to_feather,
        ".xlsx": lambda frame, path: frame.to_excel(path, index=False),
    }[suffix]
    path = tmp_path / f"t{suffix}"
    write(frame, str(path))
    whole = path.read_bytes()
    assert len(read_table(path)) == 500
    for part in (0.3, 0.5, 0.8, 0.9, 0.99):
        n = int(part * len(whole))
        for size in (n, n - n % 80):  # records of SAS transport have 80 bytes
            path.write_bytes(whole[:size])
            with pytest.raises(InputError, match="truncated"):
                read_table(path)


def test_a_cut_sas_file_is_refused(tmp_path):
    whole = (DATA / "latin.sas7bdat").read_bytes()
    (tmp_path / "t.sas7bdat").write_bytes(whole[: len(whole) * 3 // 4])
    with pytest.raises(InputError, match="truncated"):
        read_table(tmp_path / "t.sas7bdat")


def test_a_level_na_of_r_is_missing():
    with pytest.warns(ReadingWarning, match=r"na_level\.rds: a factor has NA as a level"):
        g = read_table(DATA / "na_level.rds")["g"]  # addNA(factor(c("b", "a", NA, "b")))
    assert g.isna().tolist() == [False, False, True, False]
    assert g.cat.categories.tolist() == ["a", "b"]


def test_what_spss_calls_missing_is_missing_in_rds_too():
    """haven's read_sav(user_na = TRUE): 9 is in na_values, 97 and 99 within na_range."""
    with pytest.warns(ReadingWarning, match=r"'some' keeps its codes: .* \(1, 2\), none for 1"):
        frame = read_table(DATA / "labelled_spss.rds")
    assert frame["sex"].isna().tolist() == [False, False, True, True]
    assert frame["range"].isna().tolist() == [False, False, True, True]
    assert frame["sex"].cat.categories.tolist() == ["male", "female"]
    assert frame["some"].tolist() == [1, 2, 3, 1]


def test_what_r_holds_beside_columns_of_a_table_is_refused():
    with pytest.raises(InputError, match=r"twice\.rds: columns a appear more than once"):
        read_table(DATA / "twice.rds")  # names(d) <- c("a", "a")
    with pytest.raises(InputError, match=r"raw\.rds holds a column that is no numbers"):
        read_table(DATA / "raw.rds")


def test_months_of_stata_are_told(tmp_path):
    months = pd.DataFrame({"seen": pd.to_datetime(["2020-01-01", "1959-12-01"])})
    months.to_stata(tmp_path / "t.dta", write_index=False, convert_dates={"seen": "tm"})
    with pytest.warns(ReadingWarning, match="'seen' counts months since 1960, as Stata holds them"):
        assert read_table(tmp_path / "t.dta")["seen"].tolist() == [720, -1]
