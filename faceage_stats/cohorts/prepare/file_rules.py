"""Read what a mapping says of its files: the export, and those that are joined to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from faceage_stats.cohorts.prepare.declared import Join, Source
from faceage_stats.cohorts.prepare.section import Section

__all__ = ["KEPT", "LEADING_ZEROS", "MARKS", "check_by", "joins", "source"]

MARKS = ("decimal", "thousands")
_READING = ("sheet", "encoding", *MARKS, "value_labels")
LEADING_ZEROS = ("keep", "ignore")
KEPT = ("refuse", "first", "last", "newest", "oldest")


def source(part: Section, folder: Path, *, of_join: bool = False) -> Source:
    """Read where a file lies and how it is read."""
    path = part.text("path", required=of_join)
    reading: dict[str, Any] = {key: part.text(key) for key in _READING if part.get(key) is not None}
    header = part.number("header_row")
    if header is not None:
        reading["header_row"] = int(header)
    part.close(others=("match", "keep", "by", "leading_zeros") if of_join else ())
    return Source(folder / path if path else None, reading)


def joins(top: Section, folder: Path) -> tuple[Join, ...]:
    """Read the files beside the export, and by what they are joined to it."""
    return tuple(_join(part, folder) for part in top.listed("join"))


def _join(part: Section, folder: Path) -> Join:
    match, keep, by = part.texts("match"), part.choice("keep", KEPT, "refuse"), part.text("by")
    if len(match) not in (1, 2):
        part.fault("match", "is the patient's column in both files, or [here, there].")
        match = ("",)
    check_by(part, keep, by)
    zeros = part.choice("leading_zeros", LEADING_ZEROS, "keep")
    place = f"{part.document.name}, {part.document.where(part.place)}"
    return Join(source(part, folder, of_join=True), place, match[0], match[-1], keep, by, zeros)


def check_by(part: Section, keep: str, by: str) -> None:
    """Refuse a date without a rule that asks for it, and such a rule without a date."""
    if (keep in ("newest", "oldest")) != bool(by):
        part.fault("by", "names the date for `keep: newest` or `oldest`, and stands with them.")
