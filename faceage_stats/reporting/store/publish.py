"""Put a finished item in its place: all of it or nothing, even if the run is stopped."""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._files import sha256
from faceage_stats.errors import InputError
from faceage_stats.reporting.store.record import RECORD

__all__ = ["publish", "write_json"]


def publish(folder: Path, write: Callable[[Path], None], provenance: Mapping[str, Any]) -> Path:
    """Write into a draft beside the folder, then put it in the folder's place.

    Parameters
    ----------
    folder : Path
        ``results/<item>``; its parent is made when absent.
    write : callable
        Writes every file but the record into the folder that it is given.
    provenance : mapping
        Becomes ``provenance.json``, with the SHA-256 of the other files as ``outputs``.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If `folder` is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder.name} is a file; an item is written to a folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    try:
        write(draft)
        outputs = {path.name: sha256(path) for path in sorted(draft.iterdir())}
        write_json(draft / RECORD, {**provenance, "outputs": outputs})
        _replace(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def _replace(draft: Path, folder: Path) -> None:
    retired = draft.with_suffix(".old")
    if folder.exists():
        folder.rename(retired)
    try:
        draft.rename(folder)
    except OSError:
        if retired.exists():
            retired.rename(folder)
        raise
    shutil.rmtree(retired, ignore_errors=True)


def write_json(path: Path, content: Any) -> None:
    """Write JSON that is the same, byte for byte, for the same content.

    Parameters
    ----------
    path : Path
        File to write.
    content : mapping, list or value
        Missing values become null, infinities text.
    """
    text = json.dumps(
        _strict(content), allow_nan=False, sort_keys=True, indent=1, ensure_ascii=False
    )
    path.write_text(text + "\n", encoding="utf-8", newline="")


def _strict(value: Any) -> Any:
    """Plain JSON values: missing becomes null, infinities become text."""
    if isinstance(value, Mapping):
        return {str(key): _strict(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_strict(entry) for entry in value]
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return value if math.isfinite(value) else str(value)  # "inf", "-inf"
    if isinstance(value, bool | int | str):
        return value
    return str(value)
