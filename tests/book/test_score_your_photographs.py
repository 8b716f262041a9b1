"""The page on scoring, done as it says: each command and its script, on three photographs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from faceage_stats._exits import Exit
from tests.scoring.portraits import write_portraits

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "book" / "score_your_photographs.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", PAGE, re.DOTALL)
SHARDS = 2


def block(start):
    """The one block that begins like this, for two shards and the model of the set-up."""
    (found,) = (text for _, text in BLOCKS if text.startswith(start))
    return found.replace("--model faceage ", "").replace("64", str(SHARDS))


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """Run a block as bash in a folder with photographs, a manifest and a clinical table."""
    write_portraits(tmp_path / "photos")
    (tmp_path / "photos/broken.jpg").write_bytes(b"no picture")
    rows = [("astronaut.png", "p1"), ("grace_hopper.png", "p2"), ("broken.jpg", "p2")]
    lines = "".join(f"photos/{photo},{patient},2024-05-31\n" for photo, patient in rows)
    (tmp_path / "manifest.csv").write_text(f"photo,patient_id,taken_on\n{lines}", encoding="utf-8")
    clinical = pd.DataFrame({"patient_id": ["p1", "p2", "p3"], "age": [40, 77, 50]})
    clinical.to_parquet(tmp_path / "clinical.parquet")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)

    def run(text, **more):
        return subprocess.run(["bash", "-c", text], env={**os.environ, **more}).returncode

    return run


@pytest.mark.skipif(sys.platform == "win32", reason="a SLURM script is bash")
def test_alone_and_in_shards(shell):
    assert shell(block("faceage score manifest.csv")) == Exit.SOME_FAILED
    alone = pd.read_parquet("biomarkers.parquet")
    assert shell(block("faceage score manifest.csv").strip() + " --retry-failed") == 3
    for path in Path().glob("biomarkers.*"):
        path.unlink()
    for shard in range(1, SHARDS + 1):
        assert shell(block("#!/bin/bash"), SLURM_ARRAY_TASK_ID=str(shard)) == 0
    assert shell(block("faceage merge")) == Exit.SOME_FAILED
    merged = pd.read_parquet("biomarkers.parquet")
    pd.testing.assert_frame_equal(merged.drop(columns="seconds"), alone.drop(columns="seconds"))

    names = {}
    exec(block("import pandas as pd\n\n"), names)
    cohort = names["cohort"].set_index("patient_id")
    assert cohort["faceage"].notna().to_dict() == {"p1": True, "p2": True, "p3": False}
    assert cohort["gap"].dropna().abs().max() < 8


def test_every_status_and_exit_code_is_explained():
    schema = json.loads((ROOT / "data_schemas/biomarkers.json").read_text(encoding="utf-8"))
    (status,) = (field for field in schema["fields"] if field["name"] == "status")
    rows = set(re.findall(r"^\| `?(\w+)`? \|", PAGE, re.MULTILINE))
    assert set(status["constraints"]["enum"]) <= rows
    assert {str(int(code)) for code in Exit} <= rows
