"""Truth: the printed cells, and the numbers, as openpyxl and pandas read them back."""

import datetime

import numpy as np
import openpyxl
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import InputError
from faceage_stats.reporting.tables.display import DisplayTable
from faceage_stats.reporting.tables.xlsx import write_workbook


@pytest.fixture
def table():
    body = pd.DataFrame(
        {"row": ["Age", "=SUM(A1)", "lung"], "a": ["61", "", "3"], "b": ["62", "", "-0.5"]}
    )
    return DisplayTable(
        body, [2], {"a": "HR", "b": "p"}, {"Adjusted": ["a", "b"]}, title="Table 1", notes=["Note"]
    )


def test_every_cell_is_there_with_its_setting(table, tmp_path):
    table.to_xlsx(tmp_path / "table.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "table.xlsx")["Table"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["Table 1", None, None],
        [None, "Adjusted", None],
        ["Characteristic", "HR", "p"],
        ["Age", "61", "62"],
        ["'=SUM(A1)", None, None],
        ["lung", "3", "-0.5"],
        ["Note", None, None],
    ]
    assert [str(merged) for merged in sheet.merged_cells.ranges] == ["B2:C2"]
    assert [sheet.cell(row, 1).font.bold for row in (3, 4, 6)] == [True, True, False]
    assert [sheet.cell(row, 1).alignment.indent for row in (4, 6)] == [0, 1]
    assert sheet.freeze_panes == "B4"


def test_same_bytes_and_no_file_is_replaced_unasked(table, tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        table.to_xlsx(tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    with pytest.raises(InputError, match="exists"):
        table.to_xlsx(tmp_path / "a.xlsx")
    table.to_xlsx(tmp_path / "a.xlsx", force=True)


def test_models_side_by_side_and_their_numbers(tmp_path):
    data = fs.curate(fs.simulate("maastro", seed=2, n=300).data, "maastro").rows
    univariable = [
        fs.coxph(f"Surv(years, death) ~ {name}", data) for name in ("faceage10", "age10", "sex")
    ]
    both = fs.coxph("Surv(years, death) ~ faceage10 + age10 + sex", data)
    table = fs.tbl_regression({"Univariable": univariable, "Multivariable": both})
    table.to_xlsx(tmp_path / "table.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "table.xlsx")["Table"]
    assert {str(merged) for merged in sheet.merged_cells.ranges} == {"B1:E1", "F1:I1"}
    assert (sheet["B1"].value, sheet["F1"].value) == ("Univariable", "Multivariable")
    ratio = f"{both.tidy(exponentiate=True)['estimate'].iloc[0]:.2f}"
    assert sheet["H3"].value.startswith(f"{ratio} (")
    numbers = pd.read_excel(tmp_path / "table.xlsx", sheet_name="Numbers")
    expected = both.tidy(exponentiate=True)["estimate"]
    found = numbers.loc[numbers["model"] == "Multivariable", "estimate"]
    assert found.to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-14)


# Truth: the longest text of the column, and room for the name of a column of numbers.
def test_the_numbers_are_wide_enough_to_read(tmp_path):
    data = pd.DataFrame({"t": range(1, 41), "d": 1, "x": ["short", "a very long level"] * 20})
    fit = fs.coxph("Surv(t, d) ~ x", data)
    fs.tbl_regression(fit).to_xlsx(tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["Numbers"]
    widths = {sheet[f"{at}1"].value: each.width for at, each in sheet.column_dimensions.items()}
    assert widths["term"] == len("xa very long level") + 2
    assert widths["is_reference"] == len("is_reference") + 2
    assert sheet.freeze_panes == "A2"


# Truth: what was written. Excel knows no infinite number, and an empty cell is no empty text.
def test_a_cell_holds_a_number_text_true_or_false_a_date_or_nothing(tmp_path):
    day = pd.Timestamp("2020-02-29")
    frame = pd.DataFrame(
        {
            "n": [4906, 3],
            "estimate": [1 / 3, float("nan")],
            "limit": [float("inf"), -float("inf")],
            "level": ["=1+1", None],
            "reached": [True, False],
            "day": [day, pd.NaT],
            "mixed": ["a", (1, 2)],
        }
    )
    write_workbook(tmp_path / "t.xlsx", {"First": frame, "Second": frame.iloc[:0]})
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert book.sheetnames == ["First", "Second"]
    assert [[cell.value for cell in row] for row in book["First"].iter_rows()] == [
        [*frame],
        [4906, 1 / 3, "inf", "'=1+1", True, day, "a"],
        [3, None, "-inf", None, False, None, "(1, 2)"],
    ]
    assert [type(cell.value) for cell in book["First"][2][:2]] == [int, float]
    assert all(cell.font.bold for cell in book["First"][1])
    assert [cell.value for cell in book["Second"][1]] == [*frame]


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        (pd.array([1, None], "Int64"), [1, None]),
        (pd.array([True, None], "boolean"), [True, None]),
        (pd.array(["x", None], "string"), ["x", None]),
        (pd.Categorical(["x", None]), ["x", None]),
        (pd.period_range("2020-01", periods=2, freq="M"), ["2020-01", "2020-02"]),
        (pd.to_datetime(["2020-01-01", None], utc=True), ["2020-01-01 00:00:00+00:00", None]),
        (pd.to_timedelta(["1.5d", None]), [datetime.timedelta(days=1.5), None]),
        ([np.int64(3), np.True_], [3, True]),
        ([pd.Interval(0, 1), datetime.time(3, 4)], ["(0, 1]", datetime.time(3, 4)]),
    ],
)
def test_every_kind_of_column_is_written(column, cells, tmp_path):
    write_workbook(tmp_path / "t.xlsx", {"Table": pd.DataFrame({"row": [1, 2], "column": column})})
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["Table"]
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == cells
