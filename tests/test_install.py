"""What we say about installing works: the version is one, the advice can be followed."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

import faceage_stats as fs
from faceage_stats import _install

ROOT = Path(__file__).parents[1]
SOURCES = [*ROOT.glob("faceage_stats/**/*.py"), *ROOT.glob("analysis/**/*.py")]


def test_there_is_one_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "version" not in project["project"]  # the build reads the package's
    assert project["tool"]["hatch"]["version"]["path"] == "faceage_stats/__init__.py"
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["version"] == fs.__version__
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert newest[1] == fs.__version__


def test_nobody_is_sent_to_an_index_for_this_package():
    """The name is not ours on any index: whoever tried it would get a stranger's package."""
    pages = [*ROOT.glob("*.md"), *ROOT.glob("book/*.md"), *ROOT.glob("*/README.md")]
    bare = re.compile(r"install [^\n]*(?<![/\\])\bfaceage[_-]stats(?:\[| |$|\"|`)", re.I | re.M)
    for path in [*SOURCES, *pages]:
        assert not bare.search(path.read_text("utf-8")), path.name


def test_every_extra_that_is_advised_exists():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    texts = "".join(path.read_text("utf-8") for path in SOURCES)
    advised = set(re.findall(r"(?:how_to_install\(|extra=)['\"]([\w-]+)['\"]", texts))
    assert {"score", "score-gpu"} <= advised <= set(extras["optional-dependencies"])


def test_the_advice_in_a_clone_can_be_followed():
    """pip itself resolves it, with what is installed here and no index."""
    text = _install.how_to_install("score")
    folder, command = re.fullmatch(r"In the folder (.*) run: python -m (.*)", text).groups()
    assert Path(folder) == ROOT
    dry = [*shlex.split(command), "--dry-run", "--no-index", "--no-build-isolation", "--quiet"]
    done = subprocess.run([sys.executable, "-m", *dry], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_advice_beside_a_wheel(monkeypatch, tmp_path):
    monkeypatch.setattr(_install, "_CLONE", tmp_path)
    text = _install.how_to_install("score")
    assert re.search(r'python -m pip install "FOLDER/faceage_stats-.*\.whl\[score\]"$', text)
