"""Set up .venv from requirements.lock: what both README commands begin with.

Only Python's standard library is used here, since nothing else is installed yet.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
VENV = ROOT / ".venv"
STAMP = VENV / "set-up.json"
PYTHONS = ((3, 11), (3, 12), (3, 13))
# It builds the two locked packages that come without a wheel, so it is installed first.
BUILD_BACKEND = "setuptools"
# A lock is complete: nothing is resolved, and nothing is built with what an index holds today.
LOCKED = ("--require-hashes", "--no-deps", "--no-build-isolation")
# Byte code of every package; pip would write it while the other processor has nothing to do.
BYTE_CODE = """import compileall, sysconfig
compileall.compile_dir(sysconfig.get_path("purelib"), quiet=2)"""

EXAMPLES = """examples:
  python analysis/install.py                          make .venv, from the package index
  python analysis/install.py --wheelhouse wheelhouse  make .venv without any network
  python analysis/install.py --here                   install into this (conda) environment

exit codes: 0 set up, 1 set-up failed, 2 wrong arguments"""


class SetupError(Exception):
    """What stops the set-up, in one line that names the cure."""


def main() -> int:
    """Install what the lock names, then the project; do nothing when that is done already."""
    arguments = _arguments()
    try:
        _refuse_python(sys.version_info[:2])
        wheelhouse = arguments.wheelhouse and _wheelhouse(arguments.wheelhouse)
        if arguments.here:
            _install(Path(sys.executable), wheelhouse)
        elif not _is_ready():
            with _alone():
                if not _is_ready():  # another set-up may have done it meanwhile
                    _make_environment(wheelhouse)
    except (SetupError, OSError) as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=str(__doc__).splitlines()[0],
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--wheelhouse", type=Path, metavar="FOLDER", help="what `make wheelhouse` wrote"
    )
    parser.add_argument(
        "--here", action="store_true", help="use the running Python instead of .venv"
    )
    return parser.parse_args()


def _refuse_python(version: tuple[int, int]) -> None:
    if version not in PYTHONS:
        raise SetupError(
            "faceage_stats needs Python 3.11, 3.12 or 3.13; this is "
            f"{version[0]}.{version[1]}. Try: make PYTHON=python3.12 ..."
        )


def venv_python() -> Path:
    """Python of .venv."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _is_ready() -> bool:
    """Whether .venv was made from this lock, by this Python, for this folder, and still runs."""
    try:
        if json.loads(STAMP.read_text(encoding="utf-8")) != _state():
            return False
        alive = subprocess.run([venv_python(), "-c", ""], capture_output=True, check=False)
    except (OSError, ValueError):
        return False
    return alive.returncode == 0


def _state() -> dict[str, str]:
    """What an environment depends on; a folder that was moved needs a new one."""
    files = {name: _sha256(ROOT / name) for name in ("requirements.lock", "pyproject.toml")}
    folder = hashlib.sha256(os.fsencode(ROOT)).hexdigest()  # the same in every locale
    return {**files, "python": sys.version, "folder": folder}


@contextmanager
def _alone() -> Iterator[None]:
    """Wait for a set-up that is at work; the system releases the lock whenever it ends."""
    with open(ROOT / ".venv.lock", "wb") as lock:
        if os.name == "nt":
            import msvcrt

            while True:
                try:
                    msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)  # gives up after ten seconds
                    break
                except OSError:
                    continue
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make_environment(wheelhouse: Path | None) -> None:
    started = time.perf_counter()
    version = "{}.{}.{}".format(*sys.version_info)
    source = "the package index" if wheelhouse is None else str(wheelhouse)
    _say(f"Setting up .venv with Python {version}, once, from {source} (a few minutes)")
    if _run([sys.executable, "-m", "venv", "--clear", VENV]):
        raise SetupError(
            "this Python cannot make a virtual environment (see above). On Debian and Ubuntu: "
            "apt install python3-venv."
        )
    _install(venv_python(), wheelhouse)
    STAMP.write_text(json.dumps(_state(), indent=1), encoding="utf-8")
    _say(f"Set up in {time.perf_counter() - started:.0f} s")


def _install(python: Path, wheelhouse: Path | None) -> None:
    """The build backend, everything locked, the project, its compiled kernels."""
    lock, source = LOCK, []
    if wheelhouse is not None:
        lock = wheelhouse / "requirements.lock"
        source = ["--no-index", "--find-links", str(wheelhouse / "wheels")]
    with tempfile.TemporaryDirectory(prefix="faceage-") as place:
        backend = Path(place) / "backend.lock"
        blocks = lock_blocks(lock.read_text(encoding="utf-8"))
        backend.write_text(blocks[BUILD_BACKEND], encoding="utf-8")
        _say("  1 of 3  build backend")
        _pip(python, *source, *LOCKED, "-r", str(backend))
    _say(f"  2 of 3  {len(blocks)} packages, each checked by its SHA-256")
    _pip(python, *source, *LOCKED, "--no-compile", "-r", str(lock))
    _pip(python, "--no-index", "--no-deps", "--no-build-isolation", "-e", str(ROOT))
    # As pip does for a package that it copies: a folder may be read-only for those who run it.
    _step([python, "-m", "compileall", "-q", ROOT / "faceage_stats"])
    _say("  3 of 3  byte code and compiled kernels")
    with subprocess.Popen([python, "-W", "ignore", "-c", BYTE_CODE], env=_environment()):
        _step([python, "-m", "faceage_stats._warm"])


def lock_blocks(text: str) -> dict[str, str]:
    """Split a lock into its packages: name -> its lines; a package may occur twice."""
    blocks: dict[str, str] = {}
    for block in re.split(r"\n(?=[A-Za-z0-9])", text):
        name = re.match(r"[A-Za-z0-9._-]+", block)
        if name:
            blocks[name[0].lower()] = blocks.get(name[0].lower(), "") + block.rstrip("\n") + "\n"
    return blocks


def _wheelhouse(folder: Path) -> Path:
    """The folder, if it was made for this Python, this machine and this version of the lock."""
    folder = folder.resolve()
    try:
        made_for = dict(json.loads((folder / "made_for.json").read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError):
        raise SetupError(f"{folder} is no wheelhouse: write one with `make wheelhouse`.") from None
    here = describe_machine()
    differing = [
        f"{key} {made_for.get(key)}, here {value}"
        for key, value in here.items()
        if made_for.get(key) != value
    ]
    if differing:
        raise SetupError(
            f"the wheelhouse was made for another machine ({'; '.join(differing)}). "
            "Write one with the same Python and the same kind of machine, from the same commit."
        )
    return folder


def describe_machine() -> dict[str, str]:
    """What the wheels of a wheelhouse depend on."""
    return {
        "python": f"{sys.implementation.name} {sys.version_info[0]}.{sys.version_info[1]}",
        "platform": sysconfig.get_platform(),
        "lock": _sha256(LOCK),
    }


def _pip(python: Path, *arguments: str) -> None:
    _step([python, "-m", "pip", "install", "--quiet", *arguments])


def _step(command: list[str | Path]) -> None:
    code = _run(command)
    if code:
        raise SetupError(
            f"`{' '.join(map(str, command[1:4]))}` failed with exit code {code} (see above). "
            'Without a connection, use a wheelhouse: README, "Without internet".'
        )


def _run(command: list[str | Path]) -> int:
    return subprocess.run(command, cwd=ROOT, env=_environment(), check=False).returncode


def _environment() -> dict[str, str]:
    """The shell's variables without its settings of Python and pip for other environments."""
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    pip = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PIP_USER": "0"}
    utf8 = {"PYTHONUTF8": "1"}  # for folders with letters that the locale does not know
    return {**clean, **pip, **utf8}


def _say(line: str) -> None:
    print(line, flush=True)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
