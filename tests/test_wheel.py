"""A wheel alone is enough: built, installed elsewhere, and used without the clone."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def python(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess:
    """Run Python; what it prints when it succeeds, all that it says when it does not."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module", name="wheel")
def _wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    python("-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module", name="elsewhere")
def _elsewhere(wheel, tmp_path_factory):
    """Run Python outside the clone with the wheel's package first and its dependencies."""
    place = tmp_path_factory.mktemp("elsewhere")
    target = place / "installed"
    python(
        *("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"),
        *("--no-deps", "--no-compile", "--target", str(target), str(wheel)),
        cwd=place,
    )

    def run(*arguments: str) -> str:
        # The kernels run as plain Python: the same numbers without half a minute of compiling.
        return python(*arguments, cwd=place, PYTHONPATH=str(target), NUMBA_DISABLE_JIT="1").stdout

    run.place, run.target = place, target
    return run


def test_the_package_is_the_wheels(elsewhere):
    code = "import faceage_stats as fs; print(fs.__file__, fs.__version__)"
    file, version = elsewhere("-c", code).split()
    assert Path(file) == elsewhere.target / "faceage_stats" / "__init__.py"
    metadata = next(elsewhere.target.glob("*.dist-info"))
    assert metadata.name == f"faceage_stats-{version}.dist-info"


def test_every_file_is_in_the_wheel(elsewhere):
    installed = elsewhere.target / "faceage_stats"
    made = {".pyc", ".nbi", ".nbc"}  # by Python and by Numba
    sources = [p for p in (ROOT / "faceage_stats").rglob("*.*") if p.suffix not in made]
    for path in sources:
        assert (
            installed / path.relative_to(ROOT / "faceage_stats")
        ).read_bytes() == path.read_bytes()
    for path in (ROOT / "data_schemas").iterdir():
        assert (installed / "data_schemas" / path.name).read_bytes() == path.read_bytes()


def test_the_readme_example(elsewhere):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    code, shown = re.search(r"```python\n(.*?)```\n\n```\n(.*?)```", readme, re.S).groups()
    assert elsewhere("-c", code) == shown


def test_every_file_that_is_read_at_run_time(elsewhere):
    code = (
        "import faceage_stats as fs\n"
        "from faceage_stats.cohorts.schema.data_dictionary import data_dictionary\n"
        "from faceage_stats.cohorts.schema.schema_names import schema_names\n"
        "from faceage_stats.scoring.model import shipped_card, shipped_names\n"
        "print(sum(len(data_dictionary(name)) for name in schema_names()))\n"
        "print(sorted(shipped_card(name)['name'] for name in shipped_names()))\n"
        "print(len(fs.paper_values()), len(fs.senescence_example()))\n"
    )
    import faceage_stats as fs
    from faceage_stats.cohorts.schema.data_dictionary import data_dictionary
    from faceage_stats.cohorts.schema.schema_names import schema_names

    rows, cards, values = elsewhere("-c", code).splitlines()
    assert int(rows) == sum(len(data_dictionary(name)) for name in schema_names()) > 0
    assert cards == "['FAHR-FaceAge', 'FAHR-FaceSurvival', 'FaceAge', 'demo', 'dlib-age']"
    assert values == f"{len(fs.paper_values())} {len(fs.senescence_example())}"


def test_the_command_that_is_installed(elsewhere):
    script = elsewhere.target / ("Scripts/faceage.exe" if os.name == "nt" else "bin/faceage")
    assert script.is_file()

    def faceage(line: str) -> str:
        return elsewhere("-m", "faceage_stats.cli", *shlex.split(line))

    [written] = json.loads(faceage("simulate --cohort survey --n 30 --out made --json"))
    assert written["files"] == [
        os.path.join("made", f) for f in ("survey.csv", "survey.truth.json")
    ]
    assert "as the survey schema says" in faceage("validate made/survey.csv --schema survey")
    assert {card["model"] for card in json.loads(faceage("models list --json"))} >= {
        "demo",
        "faceage",
    }
    if os.name != "nt":  # the script's first line is this Python
        shown = subprocess.run(
            [script, "--version"], cwd=elsewhere.place, capture_output=True, text=True, check=True,
            env=os.environ | {"PYTHONPATH": str(elsewhere.target)},
        )  # fmt: skip
        assert shown.stdout.startswith("faceage ")


def test_what_is_advised_for_an_extra(elsewhere, wheel):
    code = "from faceage_stats._install import how_to_install; print(how_to_install('score'))"
    command = re.search(r"python -m (pip install .*)", elsewhere("-c", code))[1]
    command = command.replace("FOLDER/faceage_stats-VERSION-py3-none-any.whl", wheel.as_posix())
    python(
        *("-m", *shlex.split(command), "--dry-run", "--no-index", "--quiet"), cwd=elsewhere.place
    )
