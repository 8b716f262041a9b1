"""Nothing leaves the machine, and nothing is written but outputs and the package's cache."""

from __future__ import annotations

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib import cbook
from PIL import Image
from skimage import data

from tests.scoring.portraits import AGES

pytestmark = pytest.mark.skipif(
    platform.system() != "Linux", reason="the kernel filter, and the usage reports, are Linux's"
)
GUARD = Path(__file__).with_name("no_network.py")
EVERYTHING_ELSE = """
from faceage_stats.scoring.demo import write_keras_file
from faceage_stats.scoring.images import crop_face, read_photograph
from faceage_stats.scoring.fetch import install
from faceage_stats.scoring.model import load_model
from faceage_stats.scoring.perturbations import SUITE
from faceage_stats.scoring.robustness import robustness
from faceage_stats.scoring.maps import occlusion_map
from pathlib import Path

write_keras_file("w.h5")
install(Path("w.h5"), Path("w.onnx"), convert_first=True)
table = robustness("photos", model="w.onnx", suite=SUITE[:1], device="cpu")
assert table["score"].notna().all()
crop = crop_face(read_photograph(Path("photos/a.png")), (179, 60, 89, 113))
assert occlusion_map(load_model("w.onnx", device="cpu"), crop, patch=80, stride=80).n_runs == 5
"""


@pytest.fixture
def place(tmp_path):
    """A folder to work in, beside an empty home."""
    for name in ("home", "work/photos"):
        (tmp_path / name).mkdir(parents=True)
    Image.fromarray(data.astronaut()).save(tmp_path / "work/photos/a.png")
    return tmp_path


def guarded(place, *words):
    """Run words of `faceage`, or a script, without a network."""
    private = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    private |= {"HOME": str(place / "home"), "PYTHONPATH": str(GUARD.parents[2])}
    command = [sys.executable, str(GUARD), *map(str, words)]
    return subprocess.run(command, cwd=place / "work", env=private, capture_output=True, text=True)


def written(place):
    """Files that a run left, but for those of the package's own cache."""
    cache = place / "home/.cache/faceage_stats"
    files = {path for path in place.rglob("*") if path.is_file() and cache not in path.parents}
    return sorted(path.relative_to(place).as_posix() for path in files)


def test_the_guard_sees_a_socket(place):
    assert guarded(place, "socket").returncode == -signal.SIGSYS


def test_scoring_opens_no_socket_and_leaves_no_identifier(place, demo_model):
    run = guarded(place, "score", "photos", "--model", demo_model, "--out", "b.parquet")
    assert run.returncode == 0, run.stderr
    assert written(place) == ["work/b.parquet", "work/b.run.json", "work/photos/a.png"]


# Truth: how old the two people were.
def test_a_folder_as_hospitals_have_it(place):
    """Every file is a row or in the list of what was passed over; nothing waits, nothing leaks."""
    photos, portrait = place / "work/photos", data.astronaut()
    shutil.copy(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False), photos / "grace.jpg")
    Image.fromarray(data.rocket()).save(photos / "landscape.jpg")
    faces = portrait[20:260, 100:380]
    Image.fromarray(np.hstack([faces, faces[:, ::-1], faces])).save(photos / "group.png")
    (photos / "truncated.jpg").write_bytes((photos / "grace.jpg").read_bytes()[:4000])
    os.mkfifo(photos / "fifo.jpg")
    for name in ("elsewhere", "work/photos/inside", "work/photos/.hidden"):
        (place / name).mkdir()
        shutil.copy(photos / "a.png", place / name / "copy.png")
    (photos / "linked").symlink_to(place / "elsewhere")
    (photos / "again").symlink_to("inside")
    (photos / "loop").symlink_to(".")
    (photos / "list.txt").touch()
    before = written(place)

    words = ["score", "photos", "--out", "b.csv", "--workers", "2"]  # the model of the set-up
    run = guarded(place, *words)
    assert run.returncode == 3, run.stderr
    table = pd.read_csv(place / "work/b.csv").set_index("photo")
    for photo, person in (("a.png", "astronaut"), ("grace.jpg", "grace_hopper")):
        youngest, oldest = AGES[person]
        assert youngest - 8 <= table.loc[photo, "score"] <= oldest + 8
    assert table["status"].to_dict() == {
        "a.png": "ok",
        "fifo.jpg": "unreadable",
        "grace.jpg": "ok",
        "group.png": "several_faces",
        "inside/copy.png": "ok",
        "landscape.jpg": "no_face",
        "linked": "outside_root",
        "truncated.jpg": "unreadable",
    }
    report = json.loads((place / "work/b.run.json").read_text(encoding="utf-8"))
    passed_over = sorted(item["name"] for item in report["ignored"])
    assert passed_over == [".hidden", "again", "list.txt", "loop"]
    assert written(place) == sorted([*before, "work/b.csv", "work/b.run.json"])

    wider = guarded(place, *words, "--root", "..", "--force", "--per-patient", "mean")
    assert wider.returncode == 1  # a folder has no patients, which is said before any work
    assert "`patient_id`" in wider.stderr
    wider = guarded(place, *words, "--root", "..", "--force")
    assert "linked/copy.png" in pd.read_csv(place / "work/b.csv")["photo"].tolist()
    assert wider.returncode == 3


def test_conversion_robustness_and_saliency_too(place):
    (place / "work/all.py").write_text(EVERYTHING_ELSE, encoding="utf-8")
    run = guarded(place, "all.py")
    assert run.returncode == 0, run.stderr
    made = {"work/w.h5", "work/w.json", "work/w.onnx"}
    assert set(written(place)) == made | {"work/all.py", "work/photos/a.png"}
