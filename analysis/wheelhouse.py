"""Write one folder that sets the project up where there is no internet: `make wheelhouse`.

It holds the wheels of requirements.lock with their hashes, the project as a wheel and as source,
the UTKFace outputs where they are at hand, and the models.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

from packaging.utils import parse_wheel_filename

import workflow
from faceage_stats.cohorts.remote import UTK_NAMES, copy_utk
from faceage_stats.errors import DataUnavailableError
from faceage_stats.reporting.provenance.fingerprints import file_sha256
from faceage_stats.scoring.model import models_folder
from install import LOCK, LOCKED, describe_machine

README = """Set up faceage_stats without internet
=====================================

On a machine with {python} on {platform}:

    tar -xf faceage_stats.tar.gz
    cd faceage_stats
    make reproduce WHEELHOUSE=/path/to/this/folder
    make test WHEELHOUSE=/path/to/this/folder

Without make (FACEAGE_DATA_DIR is the folder `data` beside this text):

    python analysis/install.py --wheelhouse /path/to/this/folder
    .venv/bin/python analysis/reproduce.py

To import the package only, without pages and scripts:

    python -m venv env
    env/bin/python -m pip install --no-index --find-links wheels --no-deps -r requirements.lock
    env/bin/python -m pip install --no-index --no-deps project/{wheel}

wheels/            every package of requirements.lock
requirements.lock  their versions and the SHA-256 of each wheel
project/           faceage_stats as a wheel
faceage_stats.tar.gz   the source: scripts, pages, schemas, tests
data/              FaceAge's outputs for UTKFace{without_utk}
models/            models that were installed: set FACEAGE_MODELS to this folder
SHA256SUMS         of all files here: sha256sum -c SHA256SUMS
"""


def main() -> int:
    """Fill the folder, then say what is in it."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0], allow_abbrev=False)
    parser.add_argument("folder", type=Path, nargs="?", default=workflow.ROOT / "wheelhouse")
    folder = parser.parse_args().folder.resolve()
    marker = folder / "made_for.json"
    if folder.exists() and any(folder.iterdir()) and not marker.is_file():
        print(f"wheelhouse: {folder} holds other files; name an empty folder.", file=sys.stderr)
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _wheels(folder)
    wheel = _project(folder)
    with_utk = _data(folder)
    _models(folder / "models")
    machine = describe_machine()
    text = README.format(**machine, wheel=wheel, without_utk="" if with_utk else " (none)")
    (folder / "README.txt").write_text(text, encoding="utf-8")
    _sums(folder)
    marker.write_text(json.dumps(machine, indent=1), encoding="utf-8")  # last: all is there
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"{folder}: {size / 1e6:.0f} MB; see README.txt in it")
    return 0


def _wheels(folder: Path) -> None:
    """Download the lock's wheels, build the few that have none, and lock what came out."""
    print(f"  wheels of {LOCK.name} (a few minutes)", flush=True)
    wheels = folder / "wheels"
    _pip("wheel", *LOCKED, "--wheel-dir", str(wheels), "-r", str(LOCK))
    lines = []
    for path in sorted(wheels.glob("*.whl")):
        name, version, _, _ = parse_wheel_filename(path.name)
        lines.append(f"{name}=={version} --hash=sha256:{file_sha256(path)}\n")
    (folder / LOCK.name).write_text("".join(lines), encoding="utf-8")


def _project(folder: Path) -> str:
    """Put the project in as a wheel and as source; return the wheel's name."""
    print("  the project", flush=True)
    project = folder / "project"
    _pip("wheel", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", str(project),
         str(workflow.ROOT))  # fmt: skip
    archive = folder / "faceage_stats.tar.gz"
    git = ["git", "-C", str(workflow.ROOT), "archive", "--prefix=faceage_stats/", "HEAD"]
    try:  # what is committed, so that no private file that lies in the folder goes along
        subprocess.run([*git, "-o", str(archive)], check=True)
    except (OSError, subprocess.CalledProcessError):
        print("  without the source: this folder is no git clone; copy the folder itself")
    return next(project.glob("*.whl")).name


def _data(folder: Path) -> bool:
    (folder / "data").mkdir()
    try:
        copy_utk(folder / "data" / UTK_NAMES[0])
    except DataUnavailableError as error:
        print(f"  without the UTKFace outputs: {error}")
        return False
    return True


def _models(folder: Path) -> None:
    """Every model that is installed here; dlib-age comes with the wheels."""
    folder.mkdir()
    for path in sorted(models_folder().glob("*")):
        if path.suffix in (".onnx", ".json"):
            shutil.copy2(path, folder)


def _sums(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{file_sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def _pip(*arguments: str) -> None:
    quiet = ("--quiet", "--disable-pip-version-check")
    subprocess.run([sys.executable, "-m", "pip", *arguments, *quiet], check=True)


if __name__ == "__main__":
    sys.exit(main())
