"""Nothing leaves the machine, and nothing is written but outputs and the package's cache."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from skimage import data

pytestmark = pytest.mark.skipif(
    platform.system() != "Linux", reason="the kernel filter, and the usage reports, are Linux's"
)
GUARD = Path(__file__).with_name("no_network.py")
EVERYTHING_ELSE = """
from faceage_stats.scoring.demo import write_keras_file
from faceage_stats.scoring.images import crop_face, read_photograph
from faceage_stats.scoring.model import install, load_model
from faceage_stats.scoring.perturbations import SUITE
from faceage_stats.scoring.robustness import robustness
from faceage_stats.scoring.saliency import occlusion_map
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


def test_conversion_robustness_and_saliency_too(place):
    (place / "work/all.py").write_text(EVERYTHING_ELSE, encoding="utf-8")
    run = guarded(place, "all.py")
    assert run.returncode == 0, run.stderr
    made = {"work/w.h5", "work/w.json", "work/w.onnx"}
    assert set(written(place)) == made | {"work/all.py", "work/photos/a.png"}
