"""Files that are either whole or absent, and their hashes."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from faceage_stats.errors import InputError

__all__ = ["refuse_unwritable", "replacing", "sha256", "write_bytes", "write_json", "writing"]


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Write under a temporary name beside `path`; rename when all went well, else remove.

    Parameters
    ----------
    path : pathlib.Path
        The final name; an existing file is replaced in one step.

    Yields
    ------
    pathlib.Path
        The temporary file to write to.

    Raises
    ------
    OSError
        If the folder does not exist or cannot be written, or the disk is full.
    """
    draft = _draft(path)
    try:
        yield draft
        with draft.open("rb+") as handle:
            os.fsync(handle.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def writing(path: str | Path) -> Iterator[Path]:
    """Do as `replacing`, and tell a user what to do where the file cannot be written.

    Parameters
    ----------
    path : path
        The final name; an existing file is replaced in one step.

    Yields
    ------
    pathlib.Path
        The temporary file to write to.

    Raises
    ------
    InputError
        If `path` is a folder, its folder does not exist or cannot be written, or the disk is full.
    """
    path = Path(path)
    with _explained(path), replacing(path) as draft:
        yield draft


def refuse_unwritable(path: str | Path) -> None:
    """Refuse at once what `writing` would refuse after the work.

    Parameters
    ----------
    path : path
        Where a file will be written.

    Raises
    ------
    InputError
        As `writing`.
    """
    path = Path(path)
    with _explained(path):
        _draft(path).unlink()


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn an error of the system into one that names the cure."""
    if path.is_dir():
        raise InputError(f"{path.name} is a folder; name a file in it.")
    try:
        yield
    except OSError as error:
        place = isinstance(error, FileNotFoundError | NotADirectoryError | PermissionError)
        cure = " Make its folder first, or choose one that you may write to." if place else ""
        reason = error.strerror or error
        raise InputError(f"{path.name} cannot be written: {reason}.{cure}") from error


def _draft(path: Path) -> Path:
    """An empty file beside `path` under a temporary name."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    draft.touch(exist_ok=False)
    return draft


def write_bytes(path: Path, data: bytes) -> None:
    """Write bytes whole or not at all."""
    with replacing(path) as draft:
        draft.write_bytes(data)


def write_json(path: Path, value: Any) -> None:
    """Write JSON whole or not at all, readable and with a final newline."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_bytes(path, text.encode())


def sha256(path: Path) -> str:
    """Compute the SHA-256 of a file as 64 hexadecimal digits, read in blocks."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
