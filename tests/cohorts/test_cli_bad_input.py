"""`faceage validate` and `faceage simulate` in hostile hands.

Truth: the contract of the command. Exit code 1 when the data are refused and 2 when the arguments
are wrong, a message on standard error that names what is wrong, no traceback, no half-written file.
"""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest

from faceage_stats.cli import main
from faceage_stats.cohorts.synthetic.simulate import simulate

HEADER = "patient_id,faceage,age,sex,site,exclude,smoking,bmi,ps,time_days,death\n"


@pytest.fixture(scope="module", name="rows")
def _rows() -> list[list[str]]:
    frame = simulate("maastro", seed=1, n=40).tables["maastro"]
    cells = frame.astype(object).where(frame.notna(), "").astype(str)
    return [list(frame.columns), *cells.to_numpy().tolist()]


@pytest.fixture(name="table")
def _table(tmp_path, rows):
    return write(tmp_path / "maastro.csv", rows)


def write(path: Path, rows: list[list[str]], delimiter: str = ",") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def refused(capsys, *arguments: object, code: int = 1) -> tuple[str, str]:
    """Run the command; its standard output and standard error once it has refused."""
    try:
        returned = main([str(argument) for argument in arguments])
    except SystemExit as stop:
        returned = stop.code
    out, err = capsys.readouterr()
    assert returned == code
    assert err.strip()
    assert "Traceback" not in out + err
    return out, err


def validate(capsys, path, *more: object, code: int = 1) -> tuple[str, str]:
    return refused(capsys, "validate", path, "--schema", "maastro", *more, code=code)


# ---- cells


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("sex", "female", "column 'sex', allowed codes: 1 row (row 3)"),
        ("time_days", "2020-01-01", "dates where numbers are expected: 1 row (row 3)"),
        ("time_days", "-3", "column 'time_days', greater than 0: 1 row (row 3)"),
        ("faceage", "61,5", "column 'faceage', decimal commas: 1 row (row 3)"),
        ("patient_id", None, "column 'patient_id', duplicates: 2 rows (rows 1, 3)"),
    ],
)
def test_one_bad_cell(tmp_path, capsys, rows, column, value, message):
    changed = [list(row) for row in rows]
    place = changed[0].index(column)
    changed[3][place] = changed[1][place] if value is None else value
    out, err = validate(capsys, write(tmp_path / "t.csv", changed))
    assert message in out
    assert err == "faceage validate: t.csv is refused: 1 problem was found and listed.\n"


def test_wrong_column_name(tmp_path, capsys, rows):
    header = ["Time Days" if name == "time_days" else name for name in rows[0]]
    out, err = validate(capsys, write(tmp_path / "t.csv", [header, *rows[1:]]))
    assert "Did you mean 'Time Days'? Rename it to 'time_days'." in out
    assert "is refused" in err


def test_two_problems_are_counted(tmp_path, capsys, rows):
    changed = [list(row) for row in rows]
    changed[1][1] = changed[2][3] = "x"
    assert "2 problems were found" in validate(capsys, write(tmp_path / "t.csv", changed))[1]


def test_decimal_commas_beside_semicolons_are_read(tmp_path, capsys, rows):
    commas = [[cell.replace(".", ",") for cell in row] for row in rows]
    path = write(tmp_path / "t.csv", commas, ";")
    assert main(["validate", str(path), "--schema", "maastro"]) == 0


# ---- files

FILES = [
    ("empty.csv", b"", "is empty (0 bytes)"),
    ("blank.csv", b"\n \n", "holds only blank lines"),
    ("binary.csv", b"\0\1\2\xff" * 99, "holds binary data, not text"),
    ("bytes.csv", HEADER.encode() + b"\x81\n", "line 2 is neither UTF-8 nor Windows-1252"),
    ("utf16.csv", HEADER.encode("utf-16-le"), "holds binary data, not text"),
    ("text.xlsx", HEADER.encode(), "is not a readable Excel file"),
    ("t.parquet", HEADER.encode(), "is not a readable Parquet file"),
    ("t.doc", HEADER.encode(), "the extension '.doc' cannot be read"),
    ("twice.csv", b"age,age,b\n1,2,3\n", "columns age appear more than once"),
    ("nameless.csv", b"age,,\n1,2,3\n", "columns 2, 3 have no name in the header"),
    ("ragged.csv", HEADER.encode() + b"P1,60\n", "1 row has another number: line 2 (2 cells)"),
    ("open.csv", b'a,b\n1,"2\n3,4\n', "never closed"),
    ("cell.csv", b"a,b\n1,2\n3," + b"x" * 10_000_000, "a row may not be longer"),
    ("name.csv", b"x" * 200_000 + b",b\n1,2\n", "the header cannot be parsed into rows"),
]


@pytest.mark.parametrize(("name", "content", "message"), FILES, ids=[name for name, *_ in FILES])
def test_broken_files(tmp_path, capsys, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    out, err = validate(capsys, path, "--out", tmp_path / "problems.csv")
    assert message in err
    assert name in err
    assert out == ""
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("content", [HEADER, HEADER.strip(), HEADER.replace("\n", "\r\n")])
def test_header_only(tmp_path, capsys, content):
    (tmp_path / "t.csv").write_bytes(content.encode())
    out, _ = validate(capsys, tmp_path / "t.csv")
    assert "maastro table of 0 rows: 1 problem." in out
    assert "no rows. It holds no data rows" in out


def test_old_line_ends_are_read(table, capsys):
    table.write_bytes(table.read_bytes().replace(b"\r\n", b"\r"))
    assert main(["validate", str(table), "--schema", "maastro"]) == 0
    assert "maastro.csv: " in capsys.readouterr().out


def test_paths_that_are_no_files(tmp_path, table, capsys):
    assert "is a folder" in validate(capsys, tmp_path)[1]
    assert "none.csv does not exist" in validate(capsys, tmp_path / "none.csv")[1]
    assert "does not exist" in validate(capsys, table / "below.csv")[1]


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither this limit nor named pipes")
def test_paths_that_only_unix_has(tmp_path, capsys):
    assert "File name too long" in validate(capsys, tmp_path / ("a" * 300 + ".csv"))[1]
    os.mkfifo(tmp_path / "pipe.csv")
    assert "is a pipe or a device" in validate(capsys, tmp_path / "pipe.csv")[1]


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx", "t.sav", "t.rds"])
def test_files_that_may_not_be_read(tmp_path, capsys, monkeypatch, name):
    path = tmp_path / name
    path.write_text(HEADER, encoding="utf-8")

    opened = Path.open

    def refuse(self, *args, **kwargs):  # a superuser may read whatever its mode says
        if self.name == name:
            raise PermissionError(13, "Permission denied")
        return opened(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refuse)
    assert f"{name} cannot be read: Permission denied" in validate(capsys, path)[1]


# ---- where the problems are written


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("none/p.csv", "Make its folder first"),
        ("maastro.csv/p.csv", "Not a directory"),
        ("folder.csv", "folder.csv is a folder"),
        ("old.csv", "old.csv exists already and was left as it is"),
    ],
)
def test_out_that_cannot_be_written_is_refused_before_the_table_is_read(
    tmp_path, table, capsys, out, message
):
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "old.csv").write_text("old", encoding="utf-8")
    force = [] if out == "old.csv" else ["--force"]
    printed, err = validate(capsys, table, "--out", tmp_path / out, *force)
    assert message in err
    assert printed == ""
    assert (tmp_path / "old.csv").read_text(encoding="utf-8") == "old"
    assert len(list(tmp_path.iterdir())) == 3


def test_the_table_itself_is_never_the_output(table, capsys):
    before = table.read_bytes()
    _, err = validate(capsys, table, "--out", table, "--force", code=2)
    assert "--out names maastro.csv itself" in err
    assert table.read_bytes() == before


def test_a_full_disk_leaves_the_old_problems(tmp_path, table, capsys, monkeypatch):
    old = tmp_path / "p.csv"
    old.write_text("old", encoding="utf-8")

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pandas.DataFrame.to_csv", full)
    assert "No space left on device" in validate(capsys, table, "--out", old, "--force")[1]
    assert old.read_text(encoding="utf-8") == "old"
    assert len(list(tmp_path.iterdir())) == 2


# ---- schemas of one's own


def own_schema(**changes) -> str:
    shipped = Path(__file__).parents[2] / "data_schemas" / "utk.json"
    return json.dumps(json.loads(shipped.read_text(encoding="utf-8")) | changes)


FIELD = {"name": "a", "type": "number", "description": "A.", "constraints": {}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not a table schema"),
        ("[1]", "is not a table schema"),
        ('{"name": "x"}', "it has no 'primaryKey'"),
        (own_schema(fields=[FIELD | {"type": "geopoint"}]), "geopoint unknown. Types: date"),
        (own_schema(fields=[FIELD | {"constraints": {"maxLength": 3}}]), "maxLength unknown"),
        (own_schema(fields=[FIELD | {"constraints": {"pattern": "("}}]), "is not a table schema"),
    ],
)
def test_broken_schemas(tmp_path, table, capsys, content, message):
    path = tmp_path / "own.json"
    path.write_text(content, encoding="utf-8")
    _, err = refused(capsys, "validate", table, "--schema", path)
    assert "own.json" in err
    assert message in err


def test_schemas_that_do_not_exist(table, capsys):
    for name, code in [("mastro", 2), ("../etc/passwd", 2), ("none.json", 1)]:
        _, err = refused(capsys, "validate", table, "--schema", name, code=code)
        assert "unknown schema" in err
        assert ("Did you mean 'maastro'?" in err) == (name == "mastro")


# ---- arguments


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("validate",),
        ("validate", "t.csv"),
        ("validate", "t.csv", "--schema", "maastro", "--out", "p.txt"),
        ("simulate",),
        ("simulate", "--cohort", "nobody"),
        ("simulate", "--cohort", "all", "--n", "50"),
        ("simulate", "--cohort", "maastro", "--n", "1.5"),
        ("simulate", "--cohort", "maastro", "--n", "0"),
        ("simulate", "--cohort", "maastro", "--n", "-5"),
        ("simulate", "--cohort", "maastro", "--n", str(10**14)),
        ("simulate", "--cohort", "maastro", "--seed", "x"),
        ("simulate", "--cohort", "maastro", "--seed", "-1"),
    ],
)
def test_wrong_arguments(capsys, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    assert "usage: faceage" in refused(capsys, *arguments, code=2)[1]


def test_simulate_refuses_folders_that_are_none(tmp_path, capsys):
    command = ("simulate", "--cohort", "maastro", "--n", 20, "--out")
    (tmp_path / "file").write_text("", encoding="utf-8")
    for out in ("file", "file/below"):
        assert "cannot write to" in refused(capsys, *command, tmp_path / out)[1]
    (tmp_path / "maastro.truth.json").mkdir()  # found before the table is written
    _, err = refused(capsys, *command, tmp_path)
    assert "maastro.truth.json is a folder in it" in err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "maastro.truth.json"]


def test_the_longest_cell_does_not_depend_on_what_was_imported(tmp_path, capsys):
    before = csv.field_size_limit(10**9)  # as scipy.io.arff sets it
    try:
        test_broken_files(tmp_path, capsys, *FILES[-1])
    finally:
        csv.field_size_limit(before)
