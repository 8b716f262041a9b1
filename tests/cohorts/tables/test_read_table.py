"""Reading and writing tables. Truth: files written here byte by byte, and round trips."""

from __future__ import annotations

import gzip
import string
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faceage_stats.cohorts.tables.read_table import read_table
from faceage_stats.cohorts.tables.write_table import write_table
from faceage_stats.errors import InputError, ReadingWarning

FRAME = pd.DataFrame({"id": ["a", "b"], "age": [61.5, 70.0], "n": [1, 2], "site": ["Köln", "Ω"]})
LATIN = FRAME.assign(site=["Köln", "Brühl"])


def text(tmp_path: Path, content: str | bytes, name: str = "t.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# ---- text


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_delimiters_and_encodings(tmp_path, delimiter, encoding):
    frame = LATIN if encoding == "cp1252" else FRAME
    path = tmp_path / "t.csv"
    frame.to_csv(path, sep=delimiter, encoding=encoding, index=False)
    if encoding == "cp1252":  # a guess, which is told
        with pytest.warns(ReadingWarning, match="read as Windows-1252"):
            pd.testing.assert_frame_equal(read_table(path), frame)
    pd.testing.assert_frame_equal(read_table(path, encoding=encoding), frame)


def test_decimal_commas_beside_semicolons_and_tabs(tmp_path):
    path = text(tmp_path, "id;age;gap\r\na;61,5;-1,25\r\nb;70;2\r\n")
    frame = read_table(path)
    assert frame["age"].tolist() == [61.5, 70.0]
    assert frame["gap"].tolist() == [-1.25, 2.0]
    quoted = text(tmp_path, 'id,age\na,"61,5"\n')
    with pytest.warns(ReadingWarning, match=r"'age' was read as text.*pass decimal=','"):
        assert read_table(quoted)["age"].tolist() == ["61,5"]
    assert read_table(quoted, decimal=",")["age"].tolist() == [61.5]


def test_column_types(tmp_path):
    path = text(
        tmp_path,
        "code,big,whole,real,truth,empty,word,spaced\n"
        "0012,20170110153238490123,1,1e-3,TRUE,,x, 5\n"
        "0100,20170110153238490124,NA,2,false,NA,2, 6\n",
    )
    frame = read_table(path)
    assert frame["code"].tolist() == ["0012", "0100"]
    assert frame["big"].tolist() == ["20170110153238490123", "20170110153238490124"]
    assert frame["whole"].iloc[0] == 1
    assert np.isnan(frame["whole"].iloc[1])
    assert frame["real"].tolist() == [0.001, 2.0]
    assert frame["truth"].tolist() == [True, False]
    assert frame["empty"].isna().all()
    assert frame["word"].tolist() == ["x", "2"]
    assert frame["spaced"].tolist() == [5, 6]


def test_schema_keeps_identifiers_as_text(tmp_path):
    path = text(tmp_path, "subj_id,faceage,age,gender,race\n12,60.5,61,0,1\n")
    assert read_table(path, schema="utk")["subj_id"].tolist() == ["12"]
    assert read_table(path)["subj_id"].tolist() == [12]


def test_quoted_delimiters_newlines_and_quotes(tmp_path):
    path = text(tmp_path, 'id,note\na,"one, two\nthree ""four"""\nb,five\n')
    assert read_table(path)["note"].tolist() == ['one, two\nthree "four"', "five"]


def test_one_column_header_only_and_wide(tmp_path):
    assert read_table(text(tmp_path, "age\n60\n61\n"))["age"].tolist() == [60, 61]
    assert read_table(text(tmp_path, "age,sex\n")).shape == (0, 2)
    names = [f"GENE{i}" for i in range(30_000)]  # a header longer than the sample
    wide = read_table(text(tmp_path, ",".join(names) + "\n" + ",".join(["1.5"] * 30_000) + "\n"))
    assert wide.shape == (1, 30_000)
    assert set(wide.dtypes) == {np.dtype(float)}


BROKEN = [
    ("a,b\n1,2\n3\n4,5\n6,7,8\n", r"2 rows have another number: line 3 \(1 cells\), line 5 \(3"),
    ("a,b\n1,2\n3", r"1 row has another number: line 3 \(1 cells\).*truncated"),
    ("a,b\n1,10,x\n2,20,y\n", r"row.names = FALSE"),
    ("a,a\n1,2\n", r"columns a appear more than once"),
    ("\n\n \n", r"holds only blank lines"),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", r"holds binary data, not text"),
    (gzip.compress(b"a,b\n1,2\n" * 100, mtime=0), r"holds binary data|neither UTF-8 nor"),
    (b"a,b\n1,2\n3,\x81\n", r"line 3 is neither UTF-8 nor Windows-1252"),
    (b"\xef\xbb\xbfa,b\n1,2\n3,\xff\n", r"not valid utf-8-sig from line 3 on"),
    ('a,b\n1,"2\n3,4\n', r"cannot be parsed into rows.*never closed"),
    ('a,b\n1,2\n"3,4\n', r"1 row has another number"),
]


@pytest.mark.parametrize(("content", "message"), BROKEN)
def test_broken_text_is_refused(tmp_path, content, message):
    with pytest.raises(InputError, match=r"^t\.csv.*(?:" + message + ")"):
        read_table(text(tmp_path, content))


def test_only_five_bad_lines_are_listed(tmp_path):
    with pytest.raises(InputError, match=r"9 rows have.*line 7 \(1 cells\) \.\.\."):
        read_table(text(tmp_path, "a,b\n1,2\n" + "3\n" * 9))


def test_a_row_longer_than_can_be_read(tmp_path, monkeypatch):
    monkeypatch.setattr("faceage_stats.cohorts.tables.delimited._BLOCK", 64)
    with pytest.raises(InputError, match="cannot be parsed into rows"):
        read_table(text(tmp_path, 'a,b\n1,"2\n' + "3,4\n" * 100))


def test_refused_paths(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv does not exist"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(InputError, match="is a folder; name one file in it"):
        read_table(tmp_path)
    with pytest.raises(InputError, match=r"t\.csv is empty \(0 bytes\)"):
        read_table(text(tmp_path, ""))
    with pytest.raises(InputError, match=r"extension '\.doc' cannot be read.*\.csv, \.tsv"):
        read_table(text(tmp_path, "x", "t.doc"))
    with pytest.raises(InputError, match=r"`sheet` is for \.xlsx only; omit it"):
        read_table(text(tmp_path, "a\n1\n"), sheet="one")


def test_operating_system_errors_are_input_errors(tmp_path, monkeypatch):
    path = text(tmp_path, "a\n1\n")

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(InputError, match=r"t\.csv cannot be read: Permission denied"):
        read_table(path)


def test_one_bad_cell_does_not_cost_many_times_the_file(tmp_path, measured):
    """A long file with one word among its numbers: the reader's peak stays near the file's size."""
    path = tmp_path / "long.csv"
    body = b"1234.5678,2345.6789,3456.7891,4567.8912\n" * 200_000
    with path.open("wb") as file:
        file.write(b"a,b,c,d\n")
        for _ in range(5):
            file.write(body)
        file.write(b"1,word,3,4\n")
    code = (
        "from faceage_stats.cohorts.tables.read_table import read_table\n"
        "before = peak()\n"
        f"frame = read_table({str(path)!r})\n"
        "assert frame['b'].iloc[-1] == 'word' and frame['a'].dtype == float\n"
        "print(peak() - before)\n"
    )
    assert int(measured(code)) < 8 * path.stat().st_size


# ---- other formats


def test_parquet_keeps_types_and_levels(tmp_path):
    frame = FRAME.assign(
        sex=pd.Categorical(["M", "F"], ["M", "F"]), on=pd.Timestamp("2020-01-01").as_unit("ms")
    )
    read = read_table(write_table(frame, tmp_path / "t.parquet"))
    pd.testing.assert_frame_equal(read, frame.astype({"on": "datetime64[ns]"}))


def test_excel_and_its_sheets(tmp_path):
    path = tmp_path / "t.xlsx"
    FRAME.assign(code=["NA", "x"]).to_excel(path, index=False)
    frame = read_table(path)
    pd.testing.assert_frame_equal(frame[FRAME.columns], FRAME)
    assert frame["code"].isna().tolist() == [True, False]
    with pd.ExcelWriter(path) as writer:
        FRAME.to_excel(writer, sheet_name="one", index=False)
        FRAME.head(1).to_excel(writer, sheet_name="two", index=False)
    with pytest.raises(InputError, match="has 2 sheets; choose one with sheet="):
        read_table(path)
    with pytest.raises(InputError, match=r"has no sheet 'three'. It has one, two"):
        read_table(path, sheet="three")
    assert len(read_table(path, sheet="two")) == 1


@pytest.mark.parametrize(
    ("suffix", "write"),
    [
        (".dta", pyreadstat.write_dta),
        (".sav", pyreadstat.write_sav),
        (".por", pyreadstat.write_por),
        (".xpt", pyreadstat.write_xport),
    ],
)
def test_statistics_packages(tmp_path, suffix, write):
    frame = pd.DataFrame({"ID": ["a", "b"], "AGE": [61.5, 70.0], "N": [1.0, np.nan]})
    path = tmp_path / f"t{suffix}"
    write(frame, str(path))
    pd.testing.assert_frame_equal(read_table(path), frame, check_dtype=False)


# data.frame(id = c("a", "b"), age = c(61.5, NA), sex = factor(c("M", "F"), levels = c("M", "F")))
# written by saveRDS(..., version = 3, ascii = FALSE) in R; kept beside this test
RDS = Path(__file__).parent / "data" / "frame.rds"


def test_rds(tmp_path):
    frame = read_table(RDS)
    assert frame["id"].tolist() == ["a", "b"]
    assert frame["age"].iloc[0] == 61.5
    assert np.isnan(frame["age"].iloc[1])
    assert frame["sex"].cat.categories.tolist() == ["M", "F"]
    assert frame.index.tolist() == [0, 1]


def test_rds_that_is_no_data_frame():
    with pytest.raises(InputError, match=r"vector\.rds holds an R object that is not a data frame"):
        read_table(RDS.with_name("vector.rds"))


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        (".parquet", "Parquet"),
        (".xlsx", "Excel"),
        (".dta", "Stata"),
        (".sav", "SPSS"),
        (".por", "SPSS"),
        (".sas7bdat", "SAS"),
        (".xpt", "SAS"),
        (".rds", "RDS"),
    ],
)
def test_junk_under_a_known_extension(tmp_path, suffix, kind):
    path = text(tmp_path, bytes(range(256)) * 8, f"t{suffix}")
    with pytest.raises(InputError, match=rf"is not a readable {kind} file"):
        read_table(path)


def test_truncated_parquet_and_excel(tmp_path):
    path = write_table(FRAME, tmp_path / "t.parquet")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match="not a readable Parquet file: truncated"):
        read_table(path)
    book = tmp_path / "t.xlsx"
    FRAME.to_excel(book, index=False)
    book.write_bytes(book.read_bytes()[:-200])
    with pytest.raises(InputError, match="not a readable Excel file: truncated"):
        read_table(book)


# ---- writing


def test_csv_bytes_are_the_same_every_time(tmp_path):
    first = write_table(FRAME, tmp_path / "a.csv").read_bytes()
    assert first == "id,age,n,site\na,61.5,1,Köln\nb,70.0,2,Ω\n".encode()
    assert write_table(FRAME, tmp_path / "b.csv").read_bytes() == first
    parquet = [write_table(FRAME, tmp_path / f"{n}.parquet").read_bytes() for n in "ab"]
    assert parquet[0] == parquet[1]


def test_refused_writes(tmp_path):
    with pytest.raises(InputError, match=r"written as \.csv or \.parquet"):
        write_table(FRAME, tmp_path / "t.xlsx")
    with pytest.raises(InputError, match="Make its folder first"):
        write_table(FRAME, tmp_path / "none" / "t.csv")
    (tmp_path / "d.csv").mkdir()
    with pytest.raises(InputError, match=r"d\.csv is a folder; name a file in it"):
        write_table(FRAME, tmp_path / "d.csv")


def test_a_file_is_replaced_only_with_force(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"t\.csv exists already and was left as it is"):
        write_table(FRAME, path)
    assert path.read_text(encoding="utf-8") == "mine"
    assert read_table(write_table(FRAME, path, force=True)).shape == FRAME.shape


words = st.text(string.ascii_letters + " ,;\"'\n|éß-", min_size=1).filter(
    lambda s: (
        s.strip() and s != "NA" and s.lower() not in ("true", "false", "nan", "inf", "infinity")
    )
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(
    rows=st.lists(
        st.tuples(
            words,
            st.floats(allow_nan=False, allow_infinity=False),
            st.integers(-(2**53), 2**53),
            st.booleans(),
        ),
        min_size=1,
        max_size=8,
    ),
    suffix=st.sampled_from([".csv", ".parquet"]),
)
def test_what_is_written_is_read_back(tmp_path, rows, suffix):
    frame = pd.DataFrame(rows, columns=["word", "real", "whole", "truth"])
    read = read_table(write_table(frame, tmp_path / f"t{suffix}", force=True))
    pd.testing.assert_frame_equal(read, frame, check_dtype=False, rtol=0, atol=0)
