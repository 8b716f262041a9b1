"""`faceage simulate`: files, bytes, refusals."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.cli import main
from faceage_stats.cohorts import _cli_simulate
from faceage_stats.cohorts.synthetic import COHORTS


def files(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def simulate(*arguments):
    return main(["simulate", *map(str, arguments)])


def test_table_and_truth_are_written_side_by_side(tmp_path, capsys):
    assert simulate("--cohort", "maastro", "--n", 60, "--out", tmp_path / "new") == 0
    written = files(tmp_path / "new")
    assert set(written) == {"maastro.csv", "maastro.truth.json"}
    assert capsys.readouterr().out.splitlines() == [
        str(tmp_path / "new" / name) for name in ("maastro.csv", "maastro.truth.json")
    ]
    truth = json.loads(written["maastro.truth.json"])
    assert truth == fs.simulate("maastro", n=60).truth
    assert truth["synthetic"] is True


def test_same_seed_same_bytes_and_another_seed_others(tmp_path):
    for folder, seed in [("a", 5), ("b", 5), ("c", 6)]:
        assert simulate("--cohort", "all", "--seed", seed, "--out", tmp_path / folder) == 0
    first, again, other = (files(tmp_path / name) for name in "abc")
    assert first == again
    assert len(first) == len(COHORTS) + 10  # a truth each; genotyped has three tables
    assert all(first[name] != other[name] for name in first)


def test_bytes_do_not_depend_on_the_process(tmp_path):
    for hash_seed in ("1", "2"):  # the order of sets and the value of hash() differ
        options = ["--cohort", "survey", "--n", "40", "--out", str(tmp_path / hash_seed)]
        subprocess.run(
            [sys.executable, "-m", "faceage_stats.cli", "simulate", *options],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
        )
    assert files(tmp_path / "1") == files(tmp_path / "2")


@pytest.mark.parametrize("cohort", COHORTS)
def test_a_csv_reads_back_to_the_same_numbers(tmp_path, cohort):
    synthetic = fs.simulate(cohort, seed=2, n=40)
    for path in _cli_simulate.write(synthetic, tmp_path)[:-1]:
        table = synthetic.tables[path.stem]
        back = pd.read_csv(path, dtype={"chromosome": str})
        assert list(back) == list(table)
        for name in table.select_dtypes("number"):
            pd.testing.assert_series_equal(
                back[name].astype(float), table[name].astype(float), check_exact=True
            )


def test_an_existing_file_is_replaced_and_nothing_else_is_left(tmp_path):
    (tmp_path / "thoracic.csv").write_text("old")
    assert simulate("--cohort", "thoracic", "--out", tmp_path) == 0
    assert len(pd.read_csv(tmp_path / "thoracic.csv")) == 573
    assert len(list(tmp_path.iterdir())) == 2


def test_a_failed_write_leaves_the_old_file_and_no_half_file(tmp_path, monkeypatch):
    target = tmp_path / "thoracic.csv"
    target.write_text("old")

    def fail(source, destination):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_cli_simulate.os, "replace", fail)
    assert simulate("--cohort", "thoracic", "--out", tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["thoracic.csv"]
    assert target.read_text() == "old"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--cohort", "all", "--n", "50"], "--n needs one cohort"),
        (["--cohort", "maastro", "--seed", "-1"], "seed is -1; it must be 0 or more"),
        (["--cohort", "maastro", "--n", "3"], "n is 3; it must be 20 or more"),
    ],
)
def test_refusals_exit_with_1_and_write_nothing(tmp_path, capsys, arguments, message):
    assert simulate(*arguments, "--out", tmp_path) == 1
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_file_in_place_of_the_folder_is_refused(tmp_path, capsys):
    (tmp_path / "taken").write_text("")
    assert simulate("--cohort", "survey", "--out", tmp_path / "taken") == 1
    assert "cannot write to" in capsys.readouterr().err


def test_an_unknown_cohort_is_a_wrong_argument(capsys):
    with pytest.raises(SystemExit) as stop:
        simulate("--cohort", "utk")
    assert stop.value.code == 2
    assert "invalid choice" in capsys.readouterr().err
