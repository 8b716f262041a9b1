"""`faceage simulate`: files, bytes, refusals."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.cli import main
from faceage_stats.cohorts.synthetic.files import is_simulated, write
from faceage_stats.cohorts.synthetic.simulate import COHORTS


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
    digest = hashlib.sha256(written["maastro.csv"]).hexdigest()
    assert truth.pop("files") == {"maastro.csv": digest}
    assert truth == fs.simulate("maastro", n=60).truth
    assert truth["synthetic"] is True


def test_same_seed_same_bytes_and_another_seed_others(tmp_path):
    for folder, seed in [("a", 5), ("b", 5), ("c", 6)]:
        assert simulate("--cohort", "all", "--seed", seed, "--out", tmp_path / folder) == 0
    first, again, other = (files(tmp_path / name) for name in "abc")
    assert first == again
    assert len(first) == 2 * len(COHORTS) + 2  # a truth each; genotyped has three tables
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
    for path in write([synthetic], tmp_path)[0][:-1]:
        table = synthetic.tables[path.stem]
        back = pd.read_csv(path, dtype={"chromosome": str})
        assert list(back) == list(table)
        for name in table.select_dtypes("number"):
            pd.testing.assert_series_equal(
                back[name].astype(float), table[name].astype(float), check_exact=True
            )


def test_nothing_is_replaced_without_force(tmp_path, capsys):
    assert simulate("--cohort", "survey", "--n", 20, "--out", tmp_path) == 0
    before = files(tmp_path)
    assert simulate("--cohort", "survey", "--n", 30, "--out", tmp_path) == 1
    assert "survey.csv, survey.truth.json exist already" in capsys.readouterr().err
    assert files(tmp_path) == before
    assert simulate("--cohort", "survey", "--n", 30, "--out", tmp_path, "--force") == 0
    assert files(tmp_path) != before
    assert len(before) == len(files(tmp_path)) == 2


OWN = {
    "no truth": lambda table, truth: truth.unlink(),
    "edited": lambda table, truth: table.write_bytes(table.read_bytes() + b"\n"),
    "of another truth": lambda table, truth: truth.write_text("{}", encoding="utf-8"),
    "a truth that is none": lambda table, truth: truth.write_text("[1]", encoding="utf-8"),
    "their own": lambda table, truth: table.write_text(
        "patient_id,faceage\nP1,60\n", encoding="utf-8"
    ),
}


@pytest.mark.parametrize("change", OWN.values(), ids=OWN)
@pytest.mark.parametrize("cohort", ["maastro", "all"])
def test_a_table_of_others_is_kept_even_with_force(tmp_path, capsys, monkeypatch, change, cohort):
    monkeypatch.setattr("faceage_stats.cohorts._cli_simulate.COHORTS", ("thoracic", "maastro"))
    assert simulate("--cohort", "maastro", "--n", 20, "--out", tmp_path) == 0
    change(tmp_path / "maastro.csv", tmp_path / "maastro.truth.json")
    before = files(tmp_path)
    assert simulate("--cohort", cohort, "--out", tmp_path, "--force") == 1
    err = capsys.readouterr().err
    assert "is not what `faceage simulate` wrote" in err
    assert "maastro.csv" in err
    assert files(tmp_path) == before  # and nothing of the cohorts before it


def test_a_truth_of_others_is_kept_too(tmp_path, capsys):
    (tmp_path / "survey.truth.json").write_text("notes", encoding="utf-8")
    assert simulate("--cohort", "survey", "--n", 20, "--out", tmp_path, "--force") == 1
    assert "survey.truth.json is not what" in capsys.readouterr().err
    assert files(tmp_path) == {"survey.truth.json": b"notes"}


def test_any_end_leaves_only_tables_that_are_known(tmp_path, monkeypatch):
    """Stopped before each rename in turn, the next run finds nothing that it may not replace."""
    old, new = fs.simulate("genotyped", n=20, seed=1), fs.simulate("genotyped", n=20, seed=2)
    write([new], tmp_path / "clean")
    real = Path.replace
    for last in range(len(old.tables) + 1):
        folder, done = tmp_path / str(last), []
        write([old], folder)

        def stop(draft, path, last=last, done=done):
            if len(done) == last:
                raise KeyboardInterrupt
            done.append(path)
            return real(draft, path)

        monkeypatch.setattr(Path, "replace", stop)
        with pytest.raises(KeyboardInterrupt):
            write([new], folder, force=True)
        monkeypatch.undo()
        assert len(list(folder.glob("*.csv"))) == max(last - 1, 0)
        assert all(is_simulated(path, "genotyped") for path in folder.glob("*.csv"))
        write([new], folder, force=True)
        assert files(folder) == files(tmp_path / "clean")


def test_a_full_disk_is_one_line_and_changes_nothing(tmp_path, capsys, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    assert simulate("--cohort", "survey", "--n", 20, "--out", tmp_path) == 0
    before = files(tmp_path)
    capsys.readouterr()
    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    assert simulate("--cohort", "survey", "--n", 30, "--out", tmp_path, "--force") == 1
    err = capsys.readouterr().err
    assert err.startswith("faceage simulate: survey.truth.json cannot be written: No space left")
    assert err.count("\n") == 1
    assert files(tmp_path) == before


def test_json_and_quiet(tmp_path, capsys):
    arguments = ["--cohort", "survey", "--n", 20, "--out", tmp_path / "a"]
    assert simulate(*arguments, "--json") == 0
    [record] = json.loads(capsys.readouterr().out)
    assert [os.path.basename(f) for f in record["files"]] == ["survey.csv", "survey.truth.json"]
    assert (record["cohort"], record["seed"]) == ("survey", 0)
    assert simulate(*arguments, "--force", "--quiet") == 0
    assert capsys.readouterr().out == ""


def test_a_file_in_place_of_the_folder_is_refused(tmp_path, capsys):
    (tmp_path / "taken").write_text("", encoding="utf-8")
    assert simulate("--cohort", "survey", "--out", tmp_path / "taken") == 1
    assert "cannot write to" in capsys.readouterr().err


def test_an_unknown_cohort_is_a_wrong_argument(capsys):
    with pytest.raises(SystemExit) as stop:
        simulate("--cohort", "utk")
    assert stop.value.code == 2
    assert "'utk' is not known." in capsys.readouterr().err
