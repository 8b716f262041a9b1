"""The set-up: when it does something, what it refuses; no pip of ours resolves anything."""

import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "analysis"))
import install  # noqa: E402 - the scripts of analysis/ are not a package


@pytest.fixture
def ready(tmp_path, monkeypatch):
    """A set-up folder in which all is done: a bare environment and its stamp."""
    venv = tmp_path / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setattr(install, "VENV", venv)
    monkeypatch.setattr(install, "STAMP", venv / "set-up.json")
    install.STAMP.write_text(json.dumps(install._state()), encoding="utf-8")
    assert install._is_ready()
    return tmp_path


def test_a_changed_lock_needs_a_new_environment(ready):
    with open(ready / "requirements.lock", "a", encoding="utf-8") as lock:
        lock.write("# a comment\n")
    assert not install._is_ready()


def test_a_folder_that_was_moved_needs_a_new_environment(ready, tmp_path, monkeypatch):
    moved = tmp_path.rename(tmp_path.with_name("moved here"))
    monkeypatch.setattr(install, "ROOT", moved)
    monkeypatch.setattr(install, "VENV", moved / ".venv")
    monkeypatch.setattr(install, "STAMP", moved / ".venv" / "set-up.json")
    assert install.venv_python().is_file()
    assert not install._is_ready()


def test_an_environment_whose_python_is_gone_is_made_again(ready):
    install.venv_python().unlink()
    assert not install._is_ready()


def test_a_set_up_that_was_cut_off_is_made_again(ready):
    install.STAMP.unlink()
    assert not install._is_ready()


def test_of_two_set_ups_at_once_the_second_finds_all_done(ready, monkeypatch):
    install.STAMP.unlink()
    made, first = [], threading.Event()

    def make(_):
        made.append(threading.get_ident())
        first.set()
        time.sleep(0.3)
        install.STAMP.write_text(json.dumps(install._state()), encoding="utf-8")

    monkeypatch.setattr(install, "_make_environment", make)
    monkeypatch.setattr(sys, "argv", ["install.py"])
    threads = [threading.Thread(target=install.main) for _ in range(2)]
    threads[0].start()
    first.wait(10)
    threads[1].start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_a_folder_that_cannot_be_written_is_said_in_one_line(ready, monkeypatch, capsys):
    install.STAMP.unlink()
    (ready / ".venv.lock").mkdir()  # cannot be opened, by nobody
    monkeypatch.setattr(sys, "argv", ["install.py"])
    assert install.main() == 1
    assert capsys.readouterr().err.startswith("set-up: ")


@pytest.mark.parametrize("version", [(3, 10), (3, 14), (2, 7)])
def test_another_python_is_refused_in_one_line(version):
    with pytest.raises(install.SetupError, match=r"needs Python 3.11, 3.12 or 3.13; this is"):
        install._refuse_python(version)


def test_every_package_of_the_lock_is_one_block_with_its_hashes():
    text = install.LOCK.read_text(encoding="utf-8")
    blocks = install.lock_blocks(text)
    assert install.BUILD_BACKEND in blocks
    assert all("--hash=sha256:" in block for block in blocks.values())
    assert blocks["numpy"].count("numpy==") == 2  # one for Python 3.11, one for later ones
    assert len(re.findall(r"^[a-z0-9]", text, re.M)) == sum(
        len(re.findall(r"^[a-z0-9]", block, re.M)) for block in blocks.values()
    )


def test_a_wheelhouse_for_this_machine_is_taken(tmp_path):
    described = json.dumps(install.describe_machine())
    (tmp_path / "made_for.json").write_text(described, encoding="utf-8")
    assert install._wheelhouse(tmp_path) == tmp_path.resolve()


@pytest.mark.parametrize(
    ("key", "value"), [("python", "cpython 3.9"), ("platform", "win-amd64"), ("lock", "0" * 64)]
)
def test_a_wheelhouse_for_another_machine_is_refused_by_what_differs(tmp_path, key, value):
    described = json.dumps({**install.describe_machine(), key: value})
    (tmp_path / "made_for.json").write_text(described, encoding="utf-8")
    with pytest.raises(install.SetupError, match=f"another machine.*{key} {value}, here"):
        install._wheelhouse(tmp_path)


@pytest.mark.parametrize("content", [None, "", "[1]", "not json"])
def test_a_folder_that_is_no_wheelhouse_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "made_for.json").write_text(content, encoding="utf-8")
    with pytest.raises(install.SetupError, match="make wheelhouse"):
        install._wheelhouse(tmp_path)


def test_a_refusal_is_one_line_and_exit_code_1(tmp_path):
    done = subprocess.run(
        [sys.executable, ROOT / "analysis" / "install.py", "--wheelhouse", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(r"set-up: .*is no wheelhouse.*\n", done.stderr)


def test_settings_of_other_environments_do_not_reach_the_set_up(monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    seen = tmp_path / "seen.json"
    code = f"import json, os; json.dump(dict(os.environ), open({str(seen)!r}, 'w'))"
    install._run([sys.executable, "-c", code])
    environment = json.loads(seen.read_text(encoding="utf-8"))
    assert "PYTHONPATH" not in environment
    assert environment["PIP_USER"] == "0"


def test_a_step_that_fails_is_named_with_its_exit_code():
    with pytest.raises(install.SetupError, match="exit code 7"):
        install._step([sys.executable, "-c", "raise SystemExit(7)"])


def test_byte_code_of_every_package_is_written(ready, monkeypatch):
    monkeypatch.setattr(install, "_step", lambda command: None)
    python = install.venv_python()
    ask = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip())
    (site / "package" / "below").mkdir(parents=True)
    (site / "broken.py").write_text("print 'a template of another Python'", encoding="utf-8")
    (site / "package" / "below" / "module.py").write_text("X = 1", encoding="utf-8")
    install._install(python, None)
    assert len(list((site / "package" / "below" / "__pycache__").glob("module.*.pyc"))) == 1


def test_nothing_of_ours_lets_pip_resolve():
    """What is resolved today may not be tomorrow: each pip call of ours names the lock alone."""
    names = ("Makefile", "README.md", "CONTRIBUTING.md", "environment.yml")
    pages = (ROOT / "book").glob("*.md")
    for path in [*(ROOT / name for name in names), *(ROOT / ".ci").iterdir(), *pages]:
        for line in path.read_text(encoding="utf-8").splitlines():
            assert "pip install" not in line or "--no-deps" in line, f"{path.name}: {line}"
    assert {"--require-hashes", "--no-deps", "--no-build-isolation"} == set(install.LOCKED)


def test_scripts_of_ci_can_be_run():
    for path in (ROOT / ".ci").iterdir():
        assert os.name == "nt" or os.access(path, os.X_OK), path.name
        assert path.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash\n")
