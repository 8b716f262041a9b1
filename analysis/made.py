"""Records of a simulated cohort and of the book: what they were made from, and their files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from faceage_stats.reporting.provenance.fingerprints import file_sha256


def write_made(record: Path, made_from: Mapping[str, Any], files: Iterable[Path]) -> None:
    """Write the record beside the files, once all of them are there."""
    outputs = {path.relative_to(record.parent).as_posix(): file_sha256(path) for path in files}
    content = {"made_from": made_from, "outputs": outputs}
    record.write_text(json.dumps(content, sort_keys=True, indent=1) + "\n", encoding="utf-8")


def is_made(record: Path, made_from: Mapping[str, Any]) -> bool:
    """Whether it was made from just this, and every file is as it was written."""
    try:
        content = json.loads(record.read_text(encoding="utf-8"))
        outputs = content["outputs"].items()
        return content["made_from"] == made_from and all(
            (path := record.parent / name).is_file() and file_sha256(path) == was
            for name, was in outputs
        )
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return False  # absent or damaged
