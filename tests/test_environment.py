"""pyproject.toml, requirements.lock and environment.yml say the same."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCKED_EXTRAS = ("score", "book", "cluster", "dev")


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def locked() -> dict[str, set[str]]:
    """Package name -> versions in the lock (a universal lock may hold one per Python)."""
    found: dict[str, set[str]] = {}
    text = (ROOT / "requirements.lock").read_text()
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", text, re.M):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def requirements(extras: tuple[str, ...]) -> list[Requirement]:
    declared = project()
    texts = list(declared["dependencies"])
    for extra in extras:
        texts += declared["optional-dependencies"][extra]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize("requirement", requirements(LOCKED_EXTRAS), ids=lambda r: r.name)
def test_every_declared_package_is_locked_at_an_allowed_version(requirement):
    versions = locked().get(canonicalize_name(requirement.name))
    assert versions, f"{requirement.name} is not in requirements.lock: run `make lock`"
    assert all(requirement.specifier.contains(v, prereleases=True) for v in versions)


def test_every_locked_package_carries_a_hash():
    text = (ROOT / "requirements.lock").read_text()
    blocks = re.split(r"\n(?=\S)", text.replace("\\\n", ""))
    pinned = [block for block in blocks if re.match(r"[A-Za-z0-9]", block)]
    assert len(pinned) >= len(locked())
    assert [b.split("==")[0] for b in pinned if "--hash=sha256:" not in b] == []


def test_the_lock_names_no_index():
    text = (ROOT / "requirements.lock").read_text()
    assert "http" not in text
    assert "index-url" not in text


def test_cpu_and_gpu_runtimes_are_never_locked_together():
    names = locked()
    assert "onnxruntime" in names
    assert "onnxruntime-gpu" not in names
    gpu = {Requirement(t).name for t in project()["optional-dependencies"]["score-gpu"]}
    cpu = {Requirement(t).name for t in project()["optional-dependencies"]["score"]}
    assert gpu - cpu == {"onnxruntime-gpu"}
    assert cpu - gpu == {"onnxruntime"}


def test_conda_environment_is_the_lock_with_the_same_python():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, pip, pip_lines = environment["dependencies"]
    assert SpecifierSet(python.removeprefix("python")) == SpecifierSet(project()["requires-python"])
    assert pip == "pip"
    assert pip_lines == {"pip": ["--require-hashes", "-r requirements.lock"]}


def test_the_packages_the_project_stands_on_are_declared():
    named = {canonicalize_name(r.name) for r in requirements(("score", "score-gpu", "book"))}
    assert named >= {
        "statsmodels", "lifelines", "scikit-survival", "pandas", "seaborn", "onnxruntime-gpu",
        "jupyter-book", "pingouin",
    }  # fmt: skip
