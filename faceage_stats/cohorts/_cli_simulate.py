"""`faceage simulate`: write synthetic cohorts, each with its planted truth beside it."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path

import pandas as pd

from faceage_stats.cohorts.synthetic import COHORTS, Synthetic, simulate
from faceage_stats.errors import InputError

__all__ = ["add_arguments", "run", "write"]

_MOST = 10_000_000  # about 4 GB of memory


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `faceage simulate`."""
    parser.add_argument(
        "--cohort",
        required=True,
        choices=[*COHORTS, "all"],
        metavar="NAME",
        help=f"one of {', '.join(COHORTS)}, or all",
    )
    parser.add_argument("--seed", type=int, default=1, help="whole number from 0 (default 1)")
    parser.add_argument(
        "--out", type=Path, default=Path("."), metavar="DIR", help="folder (default: here)"
    )
    parser.add_argument(
        "--n", type=int, default=None, help="patients (default: the size of the paper)"
    )


def run(args: argparse.Namespace) -> int:
    """Simulate, write, and say what was written."""
    if args.cohort == "all" and args.n is not None:
        raise InputError(
            "--n needs one cohort: the cohorts differ in size. Leave it out, or name one."
        )
    if args.n is not None and args.n > _MOST:
        raise InputError(f"--n is {args.n}; at most {_MOST} patients are written at a time.")
    for cohort in COHORTS if args.cohort == "all" else [args.cohort]:
        for path in write(simulate(cohort, seed=args.seed, n=args.n), args.out):
            print(path)
    return 0


def write(synthetic: Synthetic, folder: Path) -> list[Path]:
    """Write `<table>.csv` for each table, then `<cohort>.truth.json`; the same bytes per seed.

    Parameters
    ----------
    synthetic : Synthetic
        What `simulate` returned.
    folder : pathlib.Path
        Made if it does not exist.

    Returns
    -------
    list of pathlib.Path
        The files, in the order in which they were written.

    Raises
    ------
    InputError
        The folder is a file, or cannot be written to.
    """
    files = {f"{name}.csv": _csv(table) for name, table in synthetic.tables.items()}
    truth = json.dumps(synthetic.truth, indent=2, ensure_ascii=False, allow_nan=False)
    files[f"{synthetic.cohort}.truth.json"] = truth + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in files:
            if (folder / name).is_dir():  # found before the first file is written
                raise InputError(f"cannot write to {folder}: {name} is a folder in it.")
        return [_replace(folder / name, text) for name, text in files.items()]
    except OSError as error:
        raise InputError(f"cannot write to {folder}: {error.strerror}.") from None


def _csv(table: pd.DataFrame) -> str:
    """CSV text; numbers were rounded when drawn, so the shortest form is exact."""
    return table.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d")


def _replace(path: Path, text: str) -> Path:
    """Write to a temporary name in the same folder, then rename: never half a file."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    return path
