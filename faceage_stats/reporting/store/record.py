"""The record of a stored item: what it was made from, and the hashes of its files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["MANIFEST", "RECORD", "is_export", "read_record"]

RECORD = "provenance.json"
MANIFEST = "manifest.json"  # of a folder of items


def read_record(folder: str | Path) -> dict[str, Any] | None:
    """Read the record of a stored item.

    Parameters
    ----------
    folder : path
        ``results/<item>``.

    Returns
    -------
    dict or None
        None where there is none, or none that can be read.
    """
    try:
        record = json.loads((Path(folder) / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) and "outputs" in record else None


def is_export(folder: str | Path) -> bool:
    """Tell what another hospital handed on from results that were made here; both have a manifest.

    Parameters
    ----------
    folder : path

    Returns
    -------
    bool
        True also where the manifest cannot be read: then it is refused.

    Examples
    --------
    >>> is_export("no/such/folder")
    False
    """
    path = Path(folder) / MANIFEST
    if not path.is_file():
        return False
    try:
        return "rules" in json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, TypeError):
        return True
