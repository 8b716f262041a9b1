"""What a prepared table was made from, so that one that is older than its export is noticed.

The record lies in the Parquet file itself; CSV cannot hold it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from faceage_stats._files import sha256
from faceage_stats.cohorts.prepare.mapping import load_mapping

__all__ = ["changed_since", "fingerprints", "how_to_remake"]

MAPPING, FILES = "mapping", "sha256"


def fingerprints(mapping: Path, table: Path) -> dict[str, Any]:
    """Hash the mapping and every file that it reads; their places are relative to the table."""
    files = [mapping, *load_mapping(mapping).files]
    return {
        MAPPING: _relative(mapping, table),
        FILES: {_relative(path, table): sha256(path) for path in files},
    }


def changed_since(table: Path) -> list[str]:
    """List the files that a prepared table was made from and that are not as they were then.

    Parameters
    ----------
    table : pathlib.Path
        A table of any origin.

    Returns
    -------
    list of str
        Names; none for a table without a record. Files that are gone cannot be compared.
    """
    known = _record(table)
    return [
        path.name
        for name, digest in known.get(FILES, {}).items()
        if (path := table.parent / name).is_file() and sha256(path) != digest
    ]


def how_to_remake(table: Path) -> str:
    """Say which command makes a prepared table again."""
    mapping = table.parent / str(_record(table)[MAPPING])
    return (
        f"{table.name} was prepared from {', '.join(changed_since(table))}, changed since. Run "
        f"`faceage prepare {mapping.name} --out {table.name} --force`."
    )


def _record(table: Path) -> dict[str, Any]:
    if table.suffix.lower() != ".parquet":
        return {}
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_schema(table).metadata or {}
    except (OSError, pa.ArrowInvalid):
        return {}  # what reads the table says what is wrong with it
    attributes = json.loads(metadata.get(b"pandas", b"{}")).get("attributes", {})
    made_from: dict[str, Any] = attributes.get("made_from", {})
    return made_from


def _relative(path: Path, table: Path) -> str:
    return Path(os.path.relpath(path, table.parent)).as_posix()
