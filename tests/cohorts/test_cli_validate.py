"""`faceage validate` from the command line. Truth: the messages of `validate` itself."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from faceage_stats.cli import main
from faceage_stats.cohorts.synthetic.simulate import simulate


@pytest.fixture(name="table")
def _table(tmp_path):
    path = tmp_path / "maastro.csv"
    simulate("maastro", seed=1, n=60).tables["maastro"].head(60).to_csv(path, index=False)
    return path


def test_a_valid_table(table, tmp_path, capsys):
    out = tmp_path / "problems.csv"
    assert main(["validate", str(table), "--schema", "maastro", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(
        "maastro.csv: 60 rows, 11 columns, as the maastro schema says. Missing"
    )
    assert printed.splitlines()[1].split()[:3] == ["variable", "n", "n_missing"]
    assert out.read_text(encoding="utf-8") == "column,rule,row,cure\n"


def test_missing_values_are_counted_by_column(table, capsys):
    frame = pd.read_csv(table, dtype=str)
    frame["bmi"] = "24"
    frame["ps"] = "1"
    frame["smoking"] = "never"
    frame.loc[[1, 5], "bmi"] = None
    frame.to_csv(table, index=False)
    assert main(["validate", str(table), "--schema", "maastro"]) == 0
    assert "Missing values: bmi 2." in capsys.readouterr().out
    frame.fillna({"bmi": "25"}).to_csv(table, index=False)
    assert main(["validate", str(table), "--schema", "maastro"]) == 0
    assert "Missing values: none." in capsys.readouterr().out


def test_a_broken_table(table, tmp_path, capsys):
    frame = pd.read_csv(table)
    frame.loc[3:11, "time_days"] = -1
    frame.rename(columns={"site": "Site"}).to_csv(table, index=False)
    out = tmp_path / "problems.csv"
    assert main(["validate", str(table), "--schema", "maastro", "--out", str(out)]) == 1
    printed = capsys.readouterr().out
    assert "maastro table of 60 rows: 2 problems." in printed
    assert "column 'time_days', greater than 0: 9 rows (rows 4, 5, 6, 7, 8 ...)." in printed
    assert "Did you mean 'Site'?" in printed
    assert "Rows are counted from 1, without the header." in printed
    problems = pd.read_csv(out)
    assert main(["validate", str(table), "--schema", "maastro", "--json"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert (record["valid"], record["n_rows"]) == (False, 60)
    assert [p["column"] for p in record["problems"]] == ["site", "time_days"]
    assert main(["validate", str(table), "--schema", "maastro", "--quiet"]) == 1
    assert capsys.readouterr() == ("", "faceage validate: maastro.csv is refused: 2 problems were "
                                   "found.\n")  # fmt: skip
    assert problems["column"].tolist() == ["site", *["time_days"] * 9]
    assert problems["row"].dropna().tolist() == list(range(4, 13))  # all of them


def test_unknown_codes_are_listed_with_their_rows_and_rare_ones_are_not(table, capsys):
    frame = pd.read_csv(table)
    frame["sex"] = ["w"] * 8 + ["K. Meier"] * 3 + list(frame["sex"][11:])
    frame.to_csv(table, index=False)
    assert main(["validate", str(table), "--schema", "maastro"]) == 1
    printed = capsys.readouterr().out
    line = "not known: sex: 'w' (8 rows), 1 code of fewer than 5 rows each (3 rows)"
    assert line in printed
    assert "Meier" not in printed


def test_refusals_exit_1_on_standard_error(table, tmp_path, capsys):
    assert main(["validate", str(tmp_path), "--schema", "maastro"]) == 1
    assert "is a folder" in capsys.readouterr().err


def test_a_sheet_of_a_workbook(table, tmp_path, capsys):
    frame = pd.read_csv(table)
    book = tmp_path / "book.xlsx"
    with pd.ExcelWriter(book) as writer:
        frame.to_excel(writer, sheet_name="patients", index=False)
        frame.to_excel(writer, sheet_name="old", index=False)
    assert main(["validate", str(book), "--schema", "maastro", "--sheet", "patients"]) == 0
    assert main(["validate", str(book), "--schema", "maastro"]) == 1
    assert "2 sheets" in capsys.readouterr().err


def test_schema_is_required():
    with pytest.raises(SystemExit) as caught:
        main(["validate", "t.csv"])
    assert caught.value.code == 2
