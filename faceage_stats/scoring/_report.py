"""The run report beside a biomarker table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from faceage_stats import _files
from faceage_stats._existing import refuse_existing
from faceage_stats._photo_rules import SCORED
from faceage_stats.errors import InputError

__all__ = [
    "completed",
    "differences",
    "failed_rows",
    "parts_folder",
    "read_report",
    "refuse_shared",
    "report_path",
]

# entries of a run's key in words
_WORDS = {
    "list_sha256": "list",
    "root": "photograph folder",
    "model_sha256": "model",
    "options": "set of options",
    "hash_photos": "way to tell changed photographs (--hash-photos)",
    "shard": "shard",
    "device": "device",
    "faceage_stats": "version of faceage_stats",
}


def report_path(table: Path) -> Path:
    """biomarkers.parquet -> biomarkers.run.json."""
    return table.with_suffix(".run.json")


def parts_folder(table: Path) -> Path:
    """Where the rows of an unfinished run are kept: biomarkers.parquet.parts."""
    return table.with_name(f"{table.name}.parts")


def differences(theirs: Any, ours: dict[str, Any]) -> str:
    """In what two runs' keys differ, in words."""
    theirs = theirs if isinstance(theirs, dict) else {}
    return ", ".join(word for k, word in _WORDS.items() if theirs.get(k) != ours[k])


def read_report(table: Path) -> dict[str, Any] | None:
    """The report of a table, None when there is none."""
    path = report_path(table)
    if not path.is_file():
        return None
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        report = None
    if not isinstance(report, dict) or not {"key", "table_sha256", "counts"} <= set(report):
        raise InputError(
            f"{path.name} is not the report of a scoring run. Move it and its table elsewhere, or "
            "score again with --force."
        )
    return report


def refuse_shared(table: Path, *, force: bool) -> None:
    """Refuse biomarkers.csv beside biomarkers.parquet, whose report it would replace."""
    others = [table.with_suffix(suffix) for suffix in {".csv", ".parquet"} - {table.suffix}]
    for other in others if not force else ():
        if parts_folder(other).is_dir():
            raise InputError(
                f"{parts_folder(other).name} holds an unfinished run, whose report will be "
                f"{report_path(table).name} too. Finish it first, or choose another name."
            )
        if other.exists() and not table.exists():
            refuse_existing(report_path(table), force=force)


def completed(table: Path, key: dict[str, Any]) -> dict[str, Any] | None:
    """The report of an earlier run with the same key; a table of another run is protected."""
    if not table.exists():
        return None
    report = read_report(table)
    if report is None or report["key"] != key:
        what = differences(report["key"], key) if report else "run"
        raise InputError(
            f"{table.name} exists and was made from another {what}. Choose another "
            "--out, or replace it with --force."
        )
    if _files.sha256(table) != report["table_sha256"]:
        raise InputError(
            f"{table.name} was changed after it was written. Choose another --out, or replace it "
            "with --force."
        )
    return report


def failed_rows(report: dict[str, Any]) -> int:
    """Photographs without a score."""
    counts, options = report["counts"], report["key"]["options"]
    scored = SCORED[:1] if options["on_several"] == "error" else SCORED
    return int(report["n_rows"] - sum(counts.get(status, 0) for status in scored))
