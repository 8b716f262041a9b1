"""Validation in batches. Truth: the same table in one piece, and hand-made groups of rows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceage_stats.cohorts.schema.batches import Validation, _differing, _fingerprints, _repeated
from faceage_stats.cohorts.schema.load_schema import load_schema
from faceage_stats.cohorts.schema.validate import validate
from faceage_stats.cohorts.synthetic.simulate import simulate
from faceage_stats.cohorts.tables.read_table import read_batches, read_table
from faceage_stats.cohorts.tables.write_table import write_table
from faceage_stats.errors import SchemaError

JUNK = ["", "NA", "x", "-5", "1e99", "2020-01-01", "1,5", "inf", "TRUE", "0012", "1.5", "nan", " 3"]


def messy(cohort: str, n_bad: int) -> pd.DataFrame:
    table = simulate(cohort, seed=1, n=60).tables[cohort].head(150)
    cells = table.astype(object).where(table.notna(), "").astype(str)
    random = np.random.default_rng(n_bad)
    for _ in range(n_bad):
        row, column = random.integers(len(cells)), random.integers(cells.shape[1])
        cells.iat[row, column] = str(random.choice(JUNK))
        other = random.integers(len(cells))
        cells.iat[row, random.integers(3)] = cells.iat[other, random.integers(3)]
    return pd.concat([cells, cells.iloc[[0, 5, 5]]]) if n_bad else cells


def report(path, schema: str) -> tuple[str, list[dict[str, object]]]:
    validation = Validation(load_schema(schema))
    n = sum(1 for rows in read_batches(path, schema) if validation.add(rows) is not None)
    assert n >= 1
    try:
        validation.raise_if_refused()
    except SchemaError as error:
        return str(error), error.problems.to_dict("records")
    return str(validation.n_missing), []


@pytest.mark.parametrize("cohort", ["maastro", "thoracic", "palliative", "survey"])
@pytest.mark.parametrize("n_bad", [0, 3, 60])
def test_problems_do_not_depend_on_the_size_of_the_batches(tmp_path, monkeypatch, cohort, n_bad):
    path = write_table(messy(cohort, n_bad), tmp_path / "t.csv")
    whole = report(path, cohort)
    assert bool(whole[1]) == bool(n_bad)
    longest = max(len(line) for line in path.read_bytes().splitlines()) + 2
    for block in (longest, 3 * longest):
        monkeypatch.setattr("faceage_stats.cohorts.tables.delimited._BLOCK", block)
        assert sum(1 for _ in read_batches(path, cohort)) > 5
        assert report(path, cohort) == whole


@pytest.mark.parametrize("cohort", ["maastro", "survey"])
def test_frames_and_files_have_the_same_problems(tmp_path, monkeypatch, cohort):
    path = write_table(messy(cohort, 40), tmp_path / "t.csv")
    monkeypatch.setattr("faceage_stats.cohorts.schema.validate._ROWS", 7)
    with pytest.raises(SchemaError) as caught:
        validate(read_table(path, cohort), cohort)
    assert str(caught.value) == report(path, cohort)[0]


def test_a_frame_validated_in_parts_is_the_frame(monkeypatch):
    frame = simulate("survey", seed=2, n=20).tables["survey"].head(90)
    whole = validate(frame.assign(note="x"), "survey")
    monkeypatch.setattr("faceage_stats.cohorts.schema.validate._ROWS", 11)
    pd.testing.assert_frame_equal(validate(frame.assign(note="x"), "survey"), whole)


@pytest.mark.filterwarnings("ignore:t.csv. column 'late' was read as text")
def test_batches_hold_the_rows_of_the_table(tmp_path, monkeypatch):
    frame = pd.DataFrame(
        {
            "whole": range(50),
            "gaps": [None, *range(49)],
            "word": [f"w{i}" for i in range(50)],
            "late": ["1.5"] * 49 + ["word"],
            "truth": [True] * 50,
            "maybe": [None] + [True] * 49,
            "empty": [None] * 50,
            "code": ["0012"] * 50,
        }
    )
    path = write_table(frame, tmp_path / "t.csv")
    table = read_table(path)
    monkeypatch.setattr("faceage_stats.cohorts.tables.delimited._BLOCK", 200)
    pd.testing.assert_frame_equal(read_table(path), table)
    parts = list(read_batches(path))
    assert len(parts) > 5
    joined = pd.concat(parts, ignore_index=True)
    pd.testing.assert_frame_equal(joined, table, check_dtype=False)
    assert table["late"].iloc[0] == "1.5"
    texts = [name for name in table if pd.api.types.is_string_dtype(table[name])]
    assert texts == ["word", "late", "code"]
    assert table.dtypes.drop(texts).astype(str).to_dict() == {
        "whole": "int64",
        "gaps": "float64",
        "truth": "bool",
        "maybe": "boolean",
        "empty": "float64",
    }


def test_ragged_rows_are_numbered_across_blocks(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,2\n" * 40 + "3\n", encoding="utf-8")
    monkeypatch.setattr("faceage_stats.cohorts.tables.delimited._BLOCK", 32)
    with pytest.raises(ValueError, match=r"line 42 \(1 cells\)"):
        read_table(path)


# ---- comparisons between rows

groups = st.lists(
    st.tuples(st.sampled_from(["a", "b", "nan", None]), st.sampled_from([0.0, -0.0, 1.0, np.nan])),
    max_size=12,
)


@given(groups)
def test_repeated_and_differing_rows_are_those_of_pandas(pairs):
    frame = pd.DataFrame(pairs, columns=["by", "value"]).astype({"by": object, "value": float})
    keys = _fingerprints(frame, complete=False)
    assert _repeated(keys).tolist() == np.flatnonzero(frame.duplicated(keep=False)).tolist()
    by = _fingerprints(frame[["by"]], complete=True)
    values = _fingerprints(frame[["value"]], complete=False)
    kinds = frame.groupby("by")["value"].transform("nunique", dropna=False)
    assert _differing(by, values).tolist() == np.flatnonzero(kinds > 1).tolist()


def test_equal_first_fingerprints_are_told_apart_by_the_second():
    prints = np.array([[5, 1], [5, 2], [5, 1], [6, 1]], dtype=np.uint64)
    assert _repeated(prints).tolist() == [0, 2]


def test_a_missing_column_of_a_rule_is_reported_not_raised():
    survey = simulate("survey", seed=1, n=20).tables["survey"].drop(columns="arm")
    with pytest.raises(SchemaError, match="column 'arm', missing from the table"):
        validate(survey, "survey")


# ---- memory


def test_memory_grows_by_less_than_one_and_a_half_files(tmp_path, measured):
    """Peaks of the command for two lengths of table: the difference beside that of the files."""
    lines = [
        f"{60 + i % 30}.{i % 997:03d},61.5,F,MAM,0,never,24.5,1,{i % 900 + 1},0" for i in range(997)
    ]
    peaks, sizes = [], []
    for n in (200_000, 1_000_000):
        path = tmp_path / f"{n}.csv"
        with path.open("w", encoding="utf-8") as file:
            file.write("patient_id,faceage,age,sex,site,exclude,smoking,bmi,ps,time_days,death\n")
            file.writelines(f"P{i:09d},{lines[i % 997]}\n" for i in range(n - 1))
            file.write(f"P{n},sixty,61.5,F,MAM,0,never,24.5,1,100,0\n")
        code = (
            "from faceage_stats.cli import main\n"
            f"assert main(['validate', {str(path)!r}, '--schema', 'maastro']) == 1\n"
            "print(peak())\n"
        )
        printed = measured(code)
        assert f"not a number: 1 row (row {n})" in printed
        peaks.append(int(printed.split()[-1]))
        sizes.append(path.stat().st_size)
    (peak,), (size,) = ([b - a for a, b in pairwise(two)] for two in (peaks, sizes))
    assert peak < 1.5 * size
