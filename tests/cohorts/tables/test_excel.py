"""Workbooks: types that Excel gave, sheets, headers, formulas."""

from __future__ import annotations

import datetime as dt

import openpyxl
import openpyxl.chart
import pytest

from faceage_stats.cohorts.tables.read_table import read_table
from faceage_stats.errors import InputError, ReadingWarning


@pytest.fixture
def book(tmp_path):
    def make(*rows, title="Sheet"):
        workbook = openpyxl.Workbook()
        workbook.active.title = title
        for row in rows:
            workbook.active.append(row)
        workbook.saved_at = tmp_path / "t.xlsx"
        workbook.save(workbook.saved_at)
        return workbook

    return make


def test_cells_keep_the_type_that_excel_gave_them(book):
    day, noon = dt.datetime(2020, 1, 31), dt.datetime(2020, 1, 31, 12)
    frame = read_table(
        book(
            ["id", "code", "age", "gaps", "day", "seen", "dead"],
            ["007", "12", 60, 1.5, day, noon, True],
            ["012", "13", 61, " ", None, day, False],
        ).saved_at
    )
    assert frame.dtypes.astype(str).tolist() == [
        *("object", "object", "int64", "float64", "datetime64[ns]", "datetime64[ns]", "bool"),
    ]
    assert frame["id"].tolist() == ["007", "012"]
    assert frame["code"].tolist() == ["12", "13"]
    assert frame["seen"].tolist() == [noon, day]


def test_a_column_of_numbers_and_text(book):
    rows = [["a", "b", "c"], [60, 60, 60], ["61", ".", "high"]]
    path = book(*rows).saved_at
    with pytest.warns(ReadingWarning) as told:
        frame = read_table(path)
    assert frame["a"].tolist() == [60, 61]
    assert frame["b"].tolist() == ["60", "."]
    assert frame["c"].tolist() == ["60", "high"]
    assert "1 cell is a word such as '.'" in str(told[0].message)
    assert "1 cells are text, 1 are numbers" in str(told[1].message)
    assert read_table(path, na_values=[".", "high"])["c"].tolist()[0] == 60


def test_text_with_a_decimal_comma_beside_numbers_is_told_once(book):
    path = book(["bmi"], [70.5], ["61,5"], [8]).saved_at
    with pytest.warns(ReadingWarning) as told:
        assert read_table(path)["bmi"].tolist() == ["70.5", "61,5", "8"]
    (message,) = (str(each.message) for each in told)
    assert "1 cell has a comma and 1 cell has a point" in message


def test_sheets_without_cells_and_charts_are_passed_over(book):
    workbook = book(["a"], [1])
    workbook.create_sheet("Sheet2")
    workbook.create_chartsheet("Chart").add_chart(openpyxl.chart.BarChart())
    workbook.save(workbook.saved_at)
    assert read_table(workbook.saved_at)["a"].tolist() == [1]
    workbook["Sheet2"].append(["b"])
    workbook.save(workbook.saved_at)
    with pytest.raises(InputError, match=r"2 sheets; choose one with sheet=\.\.\.: Sheet, Sheet2"):
        read_table(workbook.saved_at)


def test_what_openpyxl_cannot_open_is_refused_in_words(book):
    workbook = book(["a"], [1])
    workbook.create_chartsheet("empty")  # without a chart
    workbook.save(workbook.saved_at)
    with pytest.raises(InputError, match="not a readable Excel file"):
        read_table(workbook.saved_at)


def test_headers_of_a_sheet(book):
    with pytest.raises(InputError, match=r"first row has 1 cell .*in row 3: pass header_row=3"):
        read_table(book(["Export"], [], ["id", "age"], ["a", 1]).saved_at)
    assert read_table(
        book(["Export"], [], ["id", "age"], ["a", 1]).saved_at, header_row=3
    ).shape == (
        1,
        2,
    )
    with pytest.raises(InputError, match="columns age appear more than once"):
        read_table(book(["age", "age"], [1, 2]).saved_at)
    with pytest.raises(InputError, match="column 2 has no name in the header"):
        read_table(book(["id", None, "age"], [1, 2, 3]).saved_at)
    with pytest.raises(InputError, match=r"row 2 \(header_row\) is blank"):
        read_table(book(["a"], [], [1]).saved_at, header_row=2)
    with pytest.raises(InputError, match="holds no cells"):
        read_table(book().saved_at)


def test_formulas_without_a_stored_value_are_refused(book):
    path = book(["id", "years"], ["a", "=10/2"], ["b", "=B2*2"]).saved_at
    with pytest.raises(InputError, match=r"2 cells hold formulas without a stored value\. Open"):
        read_table(path)


def test_merged_cells_of_the_table_are_told(book):
    workbook = book(["Follow-up"], ["id", "arm"], *([i, "a"] for i in range(6)))
    workbook.active.merge_cells("A1:B1")
    workbook.save(workbook.saved_at)
    assert read_table(workbook.saved_at, header_row=2)["arm"].notna().all()
    workbook.active.merge_cells("B4:B6")
    workbook.save(workbook.saved_at)
    with pytest.warns(ReadingWarning, match=r"merged cells \(B4:B6\) hold one value"):
        frame = read_table(workbook.saved_at, header_row=2)
    assert frame["arm"].isna().sum() == 2
