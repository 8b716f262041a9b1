"""Truth: processes that do or do not run on this machine."""

import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import asdict

import pytest

import running
import workflow
from faceage_stats.errors import FaceageError


@pytest.fixture(autouse=True)
def results(tmp_path, monkeypatch):
    monkeypatch.setattr(workflow, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(workflow, "ROOT", tmp_path)
    running.folder().mkdir(parents=True)
    return tmp_path / "results"


def known(process):
    process.file.write_text(json.dumps(asdict(process)), encoding="utf-8")
    return process


def test_a_run_is_seen_while_it_works_and_not_afterwards():
    with running.only_run():
        (path,) = running.folder().glob("*.json")
        assert json.loads(path.read_text(encoding="utf-8"))["pid"] == os.getpid()
    assert list(running.folder().glob("*.json")) == []


def test_a_number_that_another_process_took_over_is_a_dead_run(capsys, tmp_path):
    (tmp_path / ".snakemake" / "locks").mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        old = known(running.Process(time.time() - 3600, other.pid, platform.node()))
        with running.only_run():
            out = capsys.readouterr().out
        other.communicate(b"\n")
    since = time.strftime("%H:%M", time.localtime(old.started))
    assert out == f"Cleared what an ended run left (process {other.pid}, since {since}).\n"
    assert not (tmp_path / ".snakemake" / "locks").exists()


def test_a_live_run_is_named():
    parent = known(running.Process.of(os.getppid()))  # lives, and started before us
    with pytest.raises(FaceageError, match=f"process {parent.pid}, since "), running.only_run():
        pass
    assert parent.file.exists()


def test_of_two_runs_that_start_at_once_the_younger_gives_way():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        known(running.Process.of(other.pid))
        with running.only_run():
            pass
        other.communicate(b"\n")


def test_a_run_on_another_machine_counts_as_running():
    known(running.Process(time.time() - 3600, 12, "node-7"))
    with (
        pytest.raises(
            FaceageError, match=r"process 12 on node-7, .* remove results/\.running/node"
        ),
        running.only_run(),
    ):
        pass


def test_a_file_cut_short_by_a_crash_is_passed_over():
    (running.folder() / "x.json").write_text('{"pid"', encoding="utf-8")
    with running.only_run():
        pass


def test_drafts_of_dead_runs_are_removed(results, capsys):
    (results / ".fig.7.partial").mkdir()
    (results / ".ext.7.old").mkdir()
    with running.only_run():
        pass
    assert sorted(path.name for path in results.iterdir()) == [".running", "ext"]
    assert "fig: an unfinished draft was removed" in capsys.readouterr().out
