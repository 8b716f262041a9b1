"""pyproject.toml, requirements.lock and environment.yml say the same."""

import importlib.util
import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCKED_EXTRAS = ("score", "book", "cluster", "coxnet", "dev")
PYTHONS = ("3.11.7", "3.12.1", "3.13.0")
SYSTEMS = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}


def pyproject() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def project() -> dict:
    return pyproject()["project"]


def lock_lines() -> list[Requirement]:
    """Every line of the lock; a universal lock may hold a package once per Python."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return [Requirement(line) for line in re.findall(r"^([A-Za-z0-9].*?) *\\$", text, re.M)]


def locked() -> dict[str, set[str]]:
    """Package name -> versions in the lock."""
    found: dict[str, set[str]] = {}
    for line in lock_lines():
        (pin,) = line.specifier
        found.setdefault(canonicalize_name(line.name), set()).add(pin.version)
    return found


def environment(python: str, system: str) -> dict[str, str]:
    """What markers see on another Python and another operating system."""
    return {
        **default_environment(),
        "python_version": python.rpartition(".")[0],
        "python_full_version": python,
        "sys_platform": system,
        "platform_system": SYSTEMS[system],
        "os_name": "nt" if system == "win32" else "posix",
    }


def applies(requirement: Requirement, env: dict[str, str], extras: set[str]) -> bool:
    if requirement.marker is None:
        return True
    return any(requirement.marker.evaluate({**env, "extra": extra}) for extra in {"", *extras})


def unmet(lock: list[Requirement], env: dict[str, str]) -> list[str]:
    """What the locked packages need in this environment and the lock does not give them."""
    lines = {canonicalize_name(line.name): line for line in lock if applies(line, env, set())}
    overrides = [Requirement(text) for text in pyproject()["tool"]["uv"]["override-dependencies"]]
    absent = {canonicalize_name(o.name) for o in overrides if not applies(o, env, set())}
    declared = {entry["name"]: entry for entry in pyproject()["tool"]["uv"]["dependency-metadata"]}
    problems = []
    for name, line in lines.items():
        try:
            needs = declared.get(name, {}).get("requires-dist", metadata.requires(name)) or []
        except metadata.PackageNotFoundError:  # of another system: its needs cannot be read here
            continue
        for need in map(Requirement, needs):
            target = canonicalize_name(need.name)
            if not applies(need, env, line.extras) or target in absent:
                continue
            given = lines.get(target)
            if given is None:
                problems.append(f"{name} needs {need}")
            elif not (need.extras <= given.extras and need.specifier.contains(
                next(iter(given.specifier)).version, prereleases=True
            )):  # fmt: skip
                problems.append(f"{name} needs {need}; locked is {given}")
    return problems


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


def test_models_are_locked_by_the_hash_of_their_package_and_bring_nothing_along():
    groups = pyproject()["dependency-groups"]
    assert set(groups) == {"models"}
    bare = {entry["name"] for entry in pyproject()["tool"]["uv"]["dependency-metadata"]}
    for requirement in map(Requirement, groups["models"]):
        (pin,) = requirement.specifier
        assert locked()[requirement.name] == {pin.version}
        assert requirement.name in bare
    assert "dlib-bin" not in locked()


@pytest.mark.lock
@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_is_complete(python, system):
    """A lock with a hole is resolved against the newest release, and works until there is one."""
    assert unmet(lock_lines(), environment(python, system)) == []


@pytest.mark.lock
def test_a_hole_in_the_lock_is_seen():
    whole = lock_lines()
    without = [line for line in whole if line.name != "coverage"]
    bare = [Requirement("coverage==7.10.6"), *without]  # its extra `toml` is not named
    for lines in (without, bare):
        assert any("coverage[toml]" in hole for hole in unmet(lines, default_environment()))


@pytest.mark.lock
def test_every_locked_package_is_installed_as_locked():
    env = default_environment()
    for line in (line for line in lock_lines() if applies(line, env, set())):
        assert line.specifier.contains(metadata.version(line.name), prereleases=True), line


def test_every_locked_package_carries_a_hash():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", text.replace("\\\n", ""))
    pinned = [block for block in blocks if re.match(r"[A-Za-z0-9]", block)]
    assert len(pinned) >= len(locked())
    assert [b.split("==")[0] for b in pinned if "--hash=sha256:" not in b] == []


def test_the_lock_names_no_index():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
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


def test_conda_gives_the_same_pythons_and_leaves_the_rest_to_the_lock():
    given = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python, pip = given["dependencies"]
    assert SpecifierSet(python.removeprefix("python")) == SpecifierSet(project()["requires-python"])
    assert pip == "pip"
    comment = (ROOT / "environment.yml").read_text(encoding="utf-8").split("name:")[0]
    assert all(f"{extra}" in comment for extra in LOCKED_EXTRAS)
    assert "python analysis/install.py --here" in comment


def test_set_up_takes_the_promised_pythons():
    allowed = SpecifierSet(project()["requires-python"])
    minors = {(3, minor) for minor in range(30) if allowed.contains(f"3.{minor}")}
    spec = importlib.util.spec_from_file_location("install", ROOT / "analysis" / "install.py")
    install = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(install)
    assert set(install.PYTHONS) == minors == {tuple(map(int, p.split(".")[:2])) for p in PYTHONS}


def test_the_packages_the_project_stands_on_are_declared():
    named = {
        canonicalize_name(r.name) for r in requirements(("score", "score-gpu", "book", "coxnet"))
    }
    assert named >= {
        "statsmodels", "lifelines", "scikit-survival", "pandas", "seaborn", "onnxruntime-gpu",
        "jupyter-book", "pingouin",
    }  # fmt: skip
