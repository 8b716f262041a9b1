"""Synthetic cohorts on disk: the tables, and beside them the truth with the hash of each table.

The hash distinguishes simulated tables from a hospital's: only a file that is as it was written
here is ever replaced.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faceage_stats._existing import refuse_existing
from faceage_stats._files import sha256, writing
from faceage_stats.cohorts.synthetic.simulate import GENERATOR, Synthetic
from faceage_stats.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["is_simulated", "write"]

_FILES = "files"  # in the truth: name of each file beside it -> SHA-256


def is_simulated(table: Path, cohort: str) -> bool:
    """Whether a table is, byte for byte, what was written here for a cohort.

    Parameters
    ----------
    table : pathlib.Path
        An existing file.
    cohort : str
        Its cohort: ``<cohort>.truth.json`` beside the table names its hash.

    Returns
    -------
    bool
    """
    written = _read_truth(table.with_name(f"{cohort}.truth.json")).get(_FILES, {})
    return bool(sha256(table) == written.get(table.name))


def write(cohorts: Sequence[Synthetic], folder: Path, *, force: bool = False) -> list[list[Path]]:
    """Write `<table>.csv` for each table and `<cohort>.truth.json`; the same bytes per seed.

    Parameters
    ----------
    cohorts : sequence of Synthetic
        What `simulate` returned.
    folder : pathlib.Path
        Made if it does not exist.
    force : bool
        Replace files that an earlier call wrote. A table that is not as it was written here is
        kept in any case.

    Returns
    -------
    list of list of pathlib.Path
        The files of each cohort, the truth last.

    Raises
    ------
    InputError
        A file is there and may not be replaced (nothing is written then), the folder is a file,
        or cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        contents = [_contents(cohort) for cohort in cohorts]
        for cohort, files in zip(cohorts, contents, strict=True):
            _refuse_unknown([folder / name for name in files], cohort.cohort, force=force)
        return [_replace(folder, files) for files in contents]
    except OSError as error:
        raise InputError(f"cannot write to {folder}: {error.strerror}.") from error


def _contents(synthetic: Synthetic) -> dict[str, bytes]:
    """What goes into each file, by its name."""
    files = {f"{name}.csv": _csv(table).encode() for name, table in synthetic.tables.items()}
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    truth = {**synthetic.truth, _FILES: hashes}
    text = json.dumps(truth, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return {**files, f"{synthetic.cohort}.truth.json": text.encode()}


def _csv(table: pd.DataFrame) -> str:
    """CSV text; numbers were rounded when drawn, so the shortest form is exact."""
    return table.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d")


def _refuse_unknown(paths: Sequence[Path], cohort: str, *, force: bool) -> None:
    """Refuse files that exist, and without exception those that were not written here."""
    for path in paths:
        if path.is_dir():
            raise InputError(f"cannot write to {path.parent}: {path.name} is a folder in it.")
    refuse_existing(*paths, force=force)
    *tables, truth = paths
    others = [p.name for p in tables if p.exists() and not is_simulated(p, cohort)]
    if truth.exists() and not _read_truth(truth):
        others.append(truth.name)
    if others:
        raise InputError(
            f"{', '.join(others)} is not what `faceage simulate` wrote, and was not replaced, even "
            "with --force: it may be a table of real data. Move it to another folder, or delete it."
        )


def _read_truth(path: Path) -> dict[str, Any]:
    """The truth in a file; empty where there is none, or one that was not written here."""
    try:
        truth = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    ours = isinstance(truth, dict) and truth.get("generator") == GENERATOR
    return truth if ours else {}


def _replace(folder: Path, files: dict[str, bytes]) -> list[Path]:
    """Write the files of one cohort so that an end at any moment leaves only known tables.

    Everything is written under temporary names, so a full disk changes nothing. Then the old
    tables go, the truth that names the new ones takes its place, and after it the tables.
    """
    *tables, truth = paths = [folder / name for name in files]
    with ExitStack() as stack:  # left in the opposite order: the truth first
        drafts = {path: stack.enter_context(writing(path)) for path in paths}
        for path, draft in drafts.items():
            draft.write_bytes(files[path.name])
        for table in tables:
            table.unlink(missing_ok=True)
    return [*tables, truth]
