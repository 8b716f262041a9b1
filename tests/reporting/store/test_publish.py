"""Truth: what must be on disk after a run was stopped at the worst moment."""

import os
import subprocess
import sys

import pytest

from faceage_stats.reporting.provenance.drift import drift
from faceage_stats.reporting.store.heal import heal
from faceage_stats.reporting.store.publish import publish

STOPPED = """
import os, sys
from pathlib import Path
from faceage_stats.reporting.store import publish

def stop(self, target):
    if self.name.endswith({suffix!r}):
        os._exit(9)
    return rename(self, target)

rename, Path.rename = Path.rename, stop
publish.publish(Path(sys.argv[1]), lambda draft: (draft / "a.txt").write_text("new"), {{}})
"""


def write(text):
    return lambda draft: (draft / "a.txt").write_text(text, encoding="utf-8")


def stopped_before_renaming(folder, suffix):
    code = STOPPED.format(suffix=suffix)
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True)
    assert done.returncode == 9, done.stderr


@pytest.mark.parametrize("suffix", [".partial", "fig"])
def test_a_run_that_dies_between_two_renames_loses_nothing(tmp_path, suffix):
    folder = publish(tmp_path / "fig", write("old"), {})
    stopped_before_renaming(folder, suffix)
    assert folder.exists() == (suffix == "fig")
    assert heal(tmp_path) == ["fig"]
    assert (folder / "a.txt").read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["fig"]
    assert drift(folder, lambda kind, name: None) == []


def test_a_new_item_that_was_not_finished_is_removed(tmp_path):
    stopped_before_renaming(tmp_path / "fig", ".partial")
    assert heal(tmp_path) == ["fig"]
    assert list(tmp_path.iterdir()) == []


def test_other_hidden_files_are_left_alone(tmp_path):
    (tmp_path / ".keep").mkdir()
    (tmp_path / f".fig.{os.getpid()}.note").touch()
    assert heal(tmp_path) == []
    assert len(list(tmp_path.iterdir())) == 2
    assert heal(tmp_path / "absent") == []
