"""What stands above, between and after the columns of a text file, and marks inside numbers."""

from __future__ import annotations

import warnings

import pytest

from faceage_stats.cohorts.tables.read_table import read_table
from faceage_stats.errors import InputError, ReadingWarning


@pytest.fixture
def read(tmp_path):
    def read_text(content, name="t.csv", **given):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_table(path, **given)

    return read_text


def as_lists(frame):
    return frame.to_dict("list")


PATIENTS = {"id": ["p1", "p2"], "age": [60, 61]}


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("sep=;\nid;age\np1;60\np2;61\n", "t.csv"),
        ('"sep=,"\nid,age\np1,60\np2,61\n', "t.csv"),
        ("id,age,\np1,60,\np2,61,\n", "t.csv"),  # a delimiter ends each line
        ("id,age\np1,60,\np2,61,\n", "t.csv"),  # ... but the header
        ('"id" "age"\n"1" "p1" 60\n"2" "p2" 61\n', "t.txt"),  # write.table(df)
        ('"id" "age"\n"p1" 60\n"p2" 61\n', "t.csv"),  # write.table(df, row.names = FALSE)
        ("id age\np1 60\np2 61\n", "t.txt"),  # ... quote = FALSE
        ('"","id","age"\n"1","p1",60\n"2","p2",61\n', "t.csv"),  # write.csv(df)
        (",id,age\n0,p1,60\n1,p2,61\n", "t.csv"),  # df.to_csv of pandas
        ("\n\nid,age\n\np1,60\np2,61\n\n", "t.csv"),
        ("id,age\r\np1, 60\r\np2,+61\r\n", "t.csv"),
        (" id , age\np1, 60\np2,61\n", "t.csv"),
    ],
)
def test_layouts_of_one_table(read, content, name):
    assert as_lists(read(content, name)) == PATIENTS


def test_row_names_that_say_something_are_a_column(read):
    frame = read('"id" "age"\n"a" "p1" 60\n"b" "p2" 61\n', "t.txt")
    assert as_lists(frame) == {"row_names": ["a", "b"], **PATIENTS}


@pytest.mark.parametrize(
    "title", ["Export of cohort", "Export of cohort,", '"Export, 2020"', "Export\n"]
)
def test_a_title_is_named_and_passed_over(read, title):
    content = f"{title}\nid,age\np1,60\np2,61\n"
    line = content.split("id,age")[0].count("\n") + 1
    with pytest.raises(InputError, match=rf"first row has 1 cell .*pass header_row={line}\."):
        read(content)
    assert as_lists(read(content, header_row=line)) == PATIENTS


def test_a_header_must_name_each_column_once(read):
    with pytest.raises(InputError, match=r"columns 2, 4 have no name in the header\. Name each"):
        read("a,,c,\n1,2,3,4\n")
    with pytest.raises(
        InputError, match=r"columns age appear more than once\. Keep one, or rename"
    ):
        read("age,age\n1,2\n")


@pytest.mark.parametrize("mark", [".", ","])
def test_marks_that_may_group_thousands_are_refused(read, mark):
    content = f"n;m\n3{mark}130;1\n992;2\n12{mark}500;3\n"
    with pytest.raises(InputError, match=rf"'n'.*2 cells have.*1 none.*thousands='\{mark}'"):
        read(content)
    assert read(content, thousands=mark)["n"].tolist() == [3130, 992, 12500]
    assert read(content, decimal=mark)["n"].tolist() == [3.13, 992, 12.5]
    if mark == ".":
        assert read(content, decimal=",")["n"].tolist() == [3130, 992, 12500]
    else:
        with pytest.warns(ReadingWarning, match="2 cells have a comma .* thousands=','"):
            assert read(content, decimal=".")["n"].tolist() == ["3,130", "992", "12,500"]


@pytest.mark.parametrize("options", [{}, {"decimal": ","}, {"decimal": "."}])
def test_decimal_commas_beside_points_are_counted(read, options):
    content = "id;bmi\na;61,5\nb;70.5\nc;.5\nd;unknown\ne;8\n"
    with pytest.warns(ReadingWarning, match="'bmi'.* 1 cell has a comma and 2 cells have a point"):
        assert read(content, **options)["bmi"].tolist() == ["61,5", "70.5", ".5", "unknown", "8"]


def test_points_where_the_decimal_mark_is_a_comma_are_counted(read):
    with pytest.warns(ReadingWarning, match=r"1 cell has a point .* pass decimal='\.'"):
        assert read("id;bmi\na;61.5\nb;1234\n", decimal=",")["bmi"].tolist() == ["61.5", "1234"]


@pytest.mark.parametrize(
    ("cells", "message", "given", "first"),
    [
        ("3.130,50|992,10", "2 cells have a comma and 1 cell has a point", ".", 3130.5),
        ("3,130.5|992.1", "1 cell has a comma and 2 cells have a point", ",", 3130.5),
        ("3 130|992", "1 cell has a blank.* pass thousands=' '", " ", 3130),
        ("3\u202f130,5|12,5|1\xa0000|7", "2 cells have a blank", " ", 3130.5),
    ],
)
def test_thousands_are_not_text_in_silence(read, cells, message, given, first):
    content = "n;cost\n" + "".join(f"{i};{c}\n" for i, c in enumerate(cells.split("|")))
    with pytest.warns(ReadingWarning, match=message):
        assert read(content)["cost"].tolist() == cells.split("|")
    assert read(content, thousands=given)["cost"][0] == first


def test_blanks_between_and_inside_cells_are_refused(read):
    rows = "g x\n1 a b 1\n2 c 2\n"  # write.table(df, quote = FALSE)
    with pytest.raises(InputError, match=r"unquoted\. Export it again with another delimiter"):
        read(rows, "t.txt")
    assert list(read("note\nfelt well\nill\n", "t.txt")) == ["note"]


@pytest.mark.parametrize(
    ("name", "cure"),
    [("t.rda", r"saveRDS\(df"), ("t.RData", r"saveRDS\(df"), ("t.xls", "as .xlsx")],
)
def test_a_format_that_is_not_read_is_named_with_its_cure(read, name, cure):
    with pytest.raises(InputError, match=f"cannot be read.*{cure}"):
        read("x", name)


@pytest.mark.parametrize(
    "cells",
    [
        "61,5|70.5|see letter",  # one in three is no number
        "007|61,5|70.5",  # identifiers
        "1,2|1.2|1,2,3|3",  # answers to a question with several answers
        "C50.1|C50,2|I10",
        "12.03.2021|13,04,2021",
    ],
)
def test_other_text_with_points_and_commas_is_text(read, cells):
    content = "n;note\n" + "".join(f"{i};{c}\n" for i, c in enumerate(cells.split("|")))
    assert read(content)["note"].tolist() == cells.split("|")


def test_marks_are_counted_in_every_block(read, monkeypatch):
    monkeypatch.setattr("faceage_stats.cohorts.tables.delimited._BLOCK", 1 << 12)
    content = "id;bmi\n" + "".join(f"{i};{i}.5\n" for i in range(2000)) + "9;2,5\n" * 3
    with pytest.warns(ReadingWarning, match="3 cells have a comma and 2000 cells have a point"):
        read(content)


@pytest.mark.parametrize(
    "cells", ["1.125,2,3.5", "0.130,992", "1.234,5678", "3.130,x1", "1.250,2.000", "992,130"]
)
def test_numbers_that_can_be_read_in_one_way_are_read(read, cells):
    values = read("n\n" + cells.replace(",", "\n") + "\n")["n"].tolist()
    assert [str(v).rstrip("0").rstrip(".") for v in values] == [
        c.rstrip("0").rstrip(".") for c in cells.split(",")
    ]


def test_words_for_missing_values_are_named(read):
    with pytest.warns(ReadingWarning, match=r"'age' was read as text: 1 cell is a word such as"):
        assert read("id,age\np1,60\np2,.\n")["age"].tolist() == ["60", "."]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read("id,age\np1,60\np2,.\n", na_values=".")["age"].isna().tolist() == [False, True]
        assert read("id,stage\np1,I\np2,unknown\n")["stage"].tolist() == ["I", "unknown"]


def test_codes_of_one_column(read):
    frame = read("age,bmi\n99,99\n60,21.5\n", na_values={"bmi": 99})
    assert frame["age"].tolist() == [99, 60]
    assert frame["bmi"].isna().tolist() == [True, False]
    with pytest.raises(InputError, match="na_values names bmu, which the table does not have"):
        read("age\n1\n", na_values={"bmu": 9})


def test_identifiers_that_a_float_would_change_stay_text(read):
    assert read("id\n12345678901234567\nNA\n")["id"].tolist() == ["12345678901234567", None]
    assert read("id\n12345678901234567\n")["id"].tolist() == [12345678901234567]
    assert read("id\n0x1F\n")["id"].tolist() == ["0x1F"]


def test_dates(read):
    frame = read("day,late,no\n2020-01-31,9999-12-31,2020-13-31\n,,\n")
    assert frame.dtypes.astype(str).tolist() == ["datetime64[ns]", "datetime64[us]", "object"]
    assert frame["late"].dt.year[0] == 9999


def test_an_encoding_may_be_given(read):
    content = "site\nK\u00f6ln\n"
    assert read(content.encode("latin-1"), encoding="latin-1")["site"].tolist() == ["K\u00f6ln"]
    with pytest.raises(InputError, match="not valid utf-8-sig from line 2"):
        read(content.encode("latin-1"), encoding="utf-8")
    with pytest.raises(InputError, match="encoding is 'klingon', which is not known"):
        read(content, encoding="klingon")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"decimal": ";"}, "decimal is ';'; give"),
        ({"thousands": "x"}, "thousands is 'x'; give"),
        ({"decimal": ".", "thousands": "."}, "they must differ"),
        ({"header_row": 0}, "header_row is 0; give the line of the header, from 1"),
        ({"value_labels": "both"}, "value_labels is 'both'; give"),
    ],
)
def test_what_cannot_be_meant_is_refused(read, given, message):
    with pytest.raises(InputError, match=message):
        read("a\n1\n", **given)


@pytest.mark.parametrize(
    "text",
    [
        "a\n-1.5\n2\n",
        "a\n\u22121.5\n2\n",  # the minus sign of print
        "a\n\uff0d\uff11\uff0e\uff15\n\uff12\n",  # digits as wide as Chinese characters
        "a\n\u00a0-1.5\u202f\n2\n",
    ],
)
def test_numbers_are_what_they_say(read, text):
    assert read(text)["a"].tolist() == [-1.5, 2.0]


def test_text_keeps_its_signs(read):
    assert read("a\nx\u22121\ny\n")["a"].tolist() == ["x\u22121", "y"]


@pytest.mark.parametrize("cell", ["<0.5", ">=2", "\u2264 1,5", "12.5%", "3 %"])
def test_limits_and_percentages_are_told(read, cell):
    with pytest.warns(ReadingWarning, match="1 cell is a word .* a limit such as '<0.5' or a per"):
        assert read(f'a\n1.5\n"{cell}"\n2\n')["a"].tolist() == ["1.5", cell, "2"]


def test_groups_named_by_limits_are_groups(read):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read("a\n<65\n>=65\n<65\n")["a"].nunique() == 2
        assert read("a\n<65\n65-75\n>75\n")["a"].nunique() == 3


@pytest.mark.parametrize("cell", ["years", "61y", "(5)", "$5", "5-", "0x10"])
def test_a_few_cells_that_are_no_numbers_are_counted(read, cell):
    with pytest.warns(ReadingWarning, match=r"'a' was read as text: of 6 cells 1 is no number"):
        assert read(f"a\n{cell}\n1\n2.5\n3\n4\n5\n")["a"].dtype == object


def test_text_is_not_told_to_be_numbers(read):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read("id,stage\n007,1\n012,2a\n013,2b\n014,3\n")
        read("site\nlung\n3\nbreast\n")


def test_names_that_are_all_numbers_are_told(read):
    with pytest.warns(ReadingWarning, match="the names of all columns are numbers"):
        read("1,2.5\n3,4.5\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read("id,2020\n3,4\n")
