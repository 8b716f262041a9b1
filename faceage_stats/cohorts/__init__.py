"""Raw tables to analysis sets: schemas, reading, curation, synthetic cohorts, disclosure."""

from __future__ import annotations

import importlib
from typing import Any

_PUBLIC = {
    "validate": "schema",
    "load_schema": "schema",
    "schema_names": "schema",
    "data_dictionary": "schema",
    "read_table": "tables",
    "write_table": "tables",
    "curate": "curation",
    "simulate": "synthetic",
    "suppress": "disclosure",
    "fetch_utk": "remote",
}

__all__ = [*_PUBLIC]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'faceage_stats.cohorts' has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_PUBLIC[name]}"), name)
