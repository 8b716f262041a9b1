"""SHA-256 of files, and of all that determines a result."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from faceage_stats import _files
from faceage_stats.cohorts.disclosure.keyed import keyed
from faceage_stats.errors import DataUnavailableError

__all__ = ["file_sha256", "ingredients", "library_sha256"]

_LIBRARY = Path(__file__).resolve().parents[2]
_SOURCES = (".py", ".csv", ".json", ".gmt")  # code, and the tables that it reads


def file_sha256(path: str | Path) -> str:
    """Compute the SHA-256 of a file, as 64 hexadecimal digits.

    Parameters
    ----------
    path : path
        File to read, in pieces.

    Returns
    -------
    str

    Raises
    ------
    DataUnavailableError
        If there is no such file.
    """
    path = Path(path)
    if not path.is_file():
        raise DataUnavailableError(f"Input {path.name} is not a file on this machine.")
    return _files.sha256(path)


@functools.cache
def library_sha256() -> str:
    """Compute the SHA-256 over the sources of faceage_stats; a change may change results.

    Returns
    -------
    str
        64 hexadecimal digits, as the sources were when this process asked first.
    """
    digest = hashlib.sha256()
    for path in sorted(p for p in _LIBRARY.rglob("*") if p.suffix in _SOURCES):
        digest.update(path.relative_to(_LIBRARY).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def ingredients(
    inputs: Mapping[str, str | Path],
    *,
    seed: int | None,
    config: Mapping[str, Any],
    schemas: Mapping[str, str | Path] | None = None,
    script: str | Path | None = None,
    files: Mapping[str, str | Path] | None = None,
    private: Collection[str | Path] = (),
    key: bytes = b"",
    sha256: Callable[[Path], str] = file_sha256,
) -> dict[str, Any]:
    """Collect all that determines a result; equal ingredients give equal results.

    Parameters
    ----------
    inputs : mapping of table name to path
        Tables read. Only their names and SHA-256 are kept, no folders.
    seed : int or None
        Seed of the item.
    config : mapping
        Parameters that the item used.
    schemas : mapping of table name to path, optional
        Table Schema files; their ``version`` and SHA-256 are kept.
    script : path, optional
        The script that makes the item.
    files : mapping of name to path, optional
        Whatever else is read: shared modules, results of other items.
    private : collection of path
        Files among them that hold real patients: their hash is keyed, their file not named.
    key : bytes
        The secret of the holder of the data.
    sha256 : callable
        Takes a path; a cache of earlier hashes may replace it.

    Returns
    -------
    dict
        ``seed, parameters, inputs, schemas, script, files, library``.

    Raises
    ------
    DataUnavailableError
        If a file is not there.
    """
    secret = {Path(path) for path in private}

    def digest(path: str | Path) -> str:
        plain = sha256(Path(path))
        return keyed(plain, key) if Path(path) in secret else plain

    def described(name: str, path: str | Path) -> dict[str, Any]:
        file = name if Path(path) in secret else Path(path).name
        return {"file": file, "sha256": digest(path)}

    def described_schema(path: str | Path) -> dict[str, Any]:
        described = {"file": Path(path).name, "sha256": digest(path)}
        version = json.loads(Path(path).read_text(encoding="utf-8")).get("version")
        return described | {"version": version}

    return {
        "seed": seed,
        "parameters": dict(config),
        "inputs": {name: described(name, path) for name, path in sorted(inputs.items())},
        "schemas": {name: described_schema(path) for name, path in sorted((schemas or {}).items())},
        "script": None if script is None else described("", script),
        "files": {name: digest(path) for name, path in sorted((files or {}).items())},
        "library": library_sha256(),
    }
