"""Machine code is compiled once, found again, never stale, and never trusted blindly."""

import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import llvmlite.binding
import numpy as np
import pytest

from faceage_stats import _compiled
from faceage_stats._compiled import compiled, kernel_folders

ROOT = Path(__file__).parents[1]
SOURCE = """
def inner(x):
    return FACTOR * x + 1

inner = compiled()(inner)

def outer(x):
    total = 0.0
    for value in x:
        total += inner(value)
    return total

outer = compiled()(outer)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty cache, as after installation."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(_compiled, "KERNELS", [])
    kernel_folders.cache_clear()
    _compiled._say_once.cache_clear()
    yield tmp_path / "faceage_stats"
    kernel_folders.cache_clear()
    _compiled._say_once.cache_clear()


def outer(source=SOURCE, factor=2.0):
    """The kernel as a new process would have it."""
    names = {"compiled": compiled, "FACTOR": factor, "__name__": "example"}
    exec(source, names)
    return names["outer"]


def was_loaded(kernel):
    return sum(kernel.stats.cache_hits.values()) == 1


X = np.array([1.0, 2.0])


def test_what_was_compiled_is_found_again(folder):
    first, second = outer(), outer()
    assert first(X) == 8
    assert second(X) == 8
    assert not was_loaded(first)
    assert was_loaded(second)


def test_the_users_own_folder_comes_first(folder):
    outer()(X)
    assert kernel_folders() == (folder,)
    assert list(folder.glob("example.outer-*"))


@pytest.mark.parametrize(
    ("source", "factor", "value"),
    [
        (SOURCE, 3.0, 11),
        (SOURCE.replace("* x + 1", "* x + 2"), 2.0, 10),
        (SOURCE.replace("* x", "- x"), 2.0, 3),
    ],
    ids=["constant of the module", "constant of a called kernel", "code of a called kernel"],
)
def test_an_edit_is_compiled_even_of_a_kernel_that_is_only_called(folder, source, factor, value):
    outer()(X)
    edited = outer(source, factor)
    assert edited(X) == value
    assert not was_loaded(edited)


def test_an_edited_option_is_compiled(folder):
    outer()(X)
    edited = outer(SOURCE.replace("compiled()(outer)", "compiled(error_model='numpy')(outer)"))
    edited(X)
    assert not was_loaded(edited)


def test_fields_in_another_order_are_compiled(folder):
    def kernel():
        @compiled()
        def first(pair):
            return pair.a

        return first

    assert kernel()(NamedTuple("Pair", [("a", float), ("b", float)])(1.0, 2.0)) == 1
    assert kernel()(NamedTuple("Pair", [("b", float), ("a", float)])(1.0, 2.0)) == 2


@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
@pytest.mark.parametrize("content", [b"", b"garbage", None], ids=["empty", "garbage", "cut short"])
def test_a_damaged_file_is_compiled_again_and_replaced(folder, suffix, content):
    outer()(X)
    for path in folder.glob(f"*.{suffix}"):
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2] if content is None else content)
    healing, healed = outer(), outer()
    assert healing(X) == healed(X) == 8
    assert not was_loaded(healing)
    assert was_loaded(healed)


def test_one_line_when_something_is_compiled_and_none_when_it_is_loaded(folder, caplog):
    outer()(X)
    outer(factor=3.0)(X)
    assert len(caplog.records) == 1
    assert "compiling kernels, once" in caplog.text
    assert str(folder) in caplog.text
    caplog.clear()
    _compiled._say_once.cache_clear()
    outer()(X)
    assert not caplog.records


def test_the_line_can_be_silenced(folder, caplog):
    logger = logging.getLogger("faceage_stats")
    level = logger.level
    logger.setLevel("ERROR")
    outer()(X)
    logger.setLevel(level)
    assert not caplog.records


def test_a_folder_that_others_can_write_is_not_read(folder, monkeypatch):
    if os.name == "nt":
        pytest.skip("Windows has no mode bits")
    outer()(X)
    folder.chmod(0o777)
    kernel_folders.cache_clear()
    monkeypatch.setattr(_compiled, "_BESIDE", folder / "none")
    monkeypatch.setattr(_compiled, "user_folders", lambda name: [])
    again = outer()
    assert again(X) == 8
    assert not was_loaded(again)


def test_without_any_folder_kernels_run_and_the_line_says_so(folder, monkeypatch, caplog, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    monkeypatch.setattr(_compiled, "_BESIDE", tmp_path / "file" / "kernels")
    monkeypatch.setattr(_compiled, "user_folders", lambda name: [tmp_path / "file" / name])
    assert outer()(X) == 8
    assert kernel_folders() == ()
    assert "NUMBA_CACHE_DIR" in caplog.text
    assert len(caplog.records) == 1


def test_a_full_disk_costs_only_compiling_again(folder, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_compiled.IndexDataCacheFile, "save", full)
    assert outer()(X) == 8


def test_kernels_of_a_folder_that_cannot_be_written_are_read(folder, monkeypatch, tmp_path):
    outer()(X)
    mine = tmp_path / "mine"
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setattr(_compiled, "_BESIDE", folder)
    monkeypatch.setattr(_compiled, "user_folders", lambda name: [mine])
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != folder and allowed(path, mode))
    kernel_folders.cache_clear()
    kernel = outer()
    assert kernel(X) == 8
    assert was_loaded(kernel)
    assert kernel_folders() == (folder, mine)


def run(code, **environment):
    """Run Python code in a new process."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {name: str(value) for name, value in environment.items()},
    )


HOST = llvmlite.binding.get_host_cpu_name()

AREA = """
import numpy as np
from faceage_stats.prediction.roc.delong import auc_and_placements
print(auc_and_placements(np.arange(4.0), np.array([False, True, False, True]))[0])
"""


def test_two_first_runs_at_once_do_not_disturb_each_other(tmp_path):
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", AREA]
    both = [
        subprocess.Popen(command, env=environment, cwd=ROOT, stdout=-1, stderr=-1, text=True)
        for _ in range(2)
    ]
    for process in both:
        assert process.communicate()[0] == "0.75\n"
    third = run(AREA, NUMBA_CACHE_DIR=tmp_path)
    assert (third.stdout, third.stderr) == ("0.75\n", "")


def test_code_of_another_processor_is_not_used(tmp_path):
    this, another = ({"NUMBA_CACHE_DIR": tmp_path, "NUMBA_CPU_NAME": n} for n in (HOST, "generic"))
    assert "compiling" in run(AREA, **this).stderr
    other = run(AREA, **another)
    assert other.stdout == "0.75\n"
    assert "compiling" in other.stderr


FIRST_FITS = """
import faceage_stats as fs
from faceage_stats._warm import made_table
table = made_table()
fit = fs.coxph("Surv(start, time, event) ~ x + z", table)
print(fit.tidy()["estimate"].round(9).tolist())
print(fs.concordance("Surv(time, event) ~ x", table).tidy()["estimate"].round(9).tolist())
print(fs.survfit("Surv(time, event) ~ 1", table).tidy()["estimate"].round(9).tolist())
"""


def test_first_fits_do_not_need_the_compiler():
    plain, usual = run(FIRST_FITS, NUMBA_DISABLE_JIT=1), run(FIRST_FITS)
    assert plain.stdout == usual.stdout != ""
    assert "compiling" not in plain.stderr


NOBODY = 65534


def others_can_run_this():
    if not hasattr(os, "getuid") or os.getuid() != 0:
        return False
    command = [sys.executable, "-c", "import faceage_stats, numba"]
    try:
        return subprocess.run(command, capture_output=True, cwd=ROOT, user=NOBODY).returncode == 0
    except PermissionError:
        return False


def test_somebody_else_runs_what_root_installed():
    if not others_can_run_this():
        pytest.skip("only root can run as somebody else; the tests above close folders one by one")
    usual = run(FIRST_FITS)  # as an image is built
    nowhere = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "TMPDIR"), "/proc/none")
    command = [sys.executable, "-c", FIRST_FITS]
    other = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | nowhere,
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
    )
    assert other.returncode == 0, other.stderr
    assert (other.stdout, other.stderr) == (usual.stdout, "")
