"""A checkout of its own in a folder with a blank and an umlaut, and the scripts of analysis/."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "analysis"), str(ROOT)]
SMALL = ("audit", "cohort_serial")  # items of a second


@dataclass(frozen=True)
class Checkout:
    """A copy of what a run needs, and the interpreter in it."""

    root: Path
    python: Path

    def command(self, *arguments):
        return [str(self.python), "analysis/reproduce.py", *arguments]

    @contextlib.contextmanager
    def running(self, *arguments):
        """A run in a session of its own, as in a terminal; killed with all that it started."""
        with subprocess.Popen(
            self.command(*arguments), cwd=self.root, env=environment(), start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as run:  # fmt: skip
            try:
                yield run
            finally:
                if os.name == "nt":
                    run.kill()
                else:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(run.pid, signal.SIGKILL)

    def reproduce(self, *arguments):
        return subprocess.run(
            self.command(*arguments), cwd=self.root, env=environment(), capture_output=True,
            encoding="utf-8",
        )  # fmt: skip

    def results(self):
        """Bytes of every result, and of whatever else lies in results/."""
        results = self.root / "results"
        return {
            path.relative_to(results).as_posix(): path.read_bytes()
            for path in sorted(results.rglob("*"))
            if path.is_file()
        }


def environment():
    return {**os.environ, "PYTHONIOENCODING": "utf-8"}


@pytest.fixture
def checkout(tmp_path):
    root = tmp_path / "a folder with ümlaut"
    for folder in ("analysis", "data_schemas"):
        ignored = shutil.ignore_patterns("data", "__pycache__")
        shutil.copytree(ROOT / folder, root / folder, ignore=ignored)
    (root / "book").mkdir()
    shutil.copytree(ROOT / "benchmarks" / "results", root / "benchmarks" / "results")
    # an interpreter under this path, with the packages of the one that runs the tests
    venv.create(root / ".venv", with_pip=False, symlinks=os.name != "nt")
    scripts = root / ".venv" / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / ("python.exe" if os.name == "nt" else "python")
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = subprocess.run([python, "-c", ask], capture_output=True, encoding="utf-8", check=True)
    inherit = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
    Path(site.stdout.strip(), "inherit.pth").write_text(inherit, encoding="utf-8")
    (root / "analysis" / "data").mkdir()
    (root / "analysis" / "data" / "utk_faceage_ext.csv").touch()  # nothing is fetched
    return Checkout(root, python)
