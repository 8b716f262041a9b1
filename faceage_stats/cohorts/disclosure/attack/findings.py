"""What an attacker finds: where, of what kind, and from which files; never the value itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

__all__ = ["KINDS", "Finding", "findings_table"]

KINDS = {
    "printed": "a small count is printed in a figure, a text or a heading",
    "times": "event times of single patients are read from a curve",
    "solved": "a withheld count follows from the numbers beside it",
    "difference": "two counts, or two builds, differ by few patients",
    "few": "a statistic of few patients is shown",
    "unchecked": "a small count stands in a table",
    "patients": "a figure has one mark per patient, or ends at the values of patients",
    "confirms": "a hash of a private table confirms a guess of its last unknown value",
    "digits": "a number has more digits than a release gives",
    "unread": "a file of which nobody can say what is in it",
}


@dataclass(frozen=True, order=True)
class Finding:
    """One recovered count, time or value, and the files that gave it."""

    item: str
    kind: str  # a key of KINDS
    what: str  # row and column, or figure; no value
    files: tuple[str, ...]
    column: str = ""  # of the counts; withheld, it gives nothing away


def findings_table(findings: Iterable[Finding]) -> pd.DataFrame:
    """List findings, one per row: ``item kind what files column``."""
    rows = [(f.item, f.kind, f.what, ", ".join(f.files), f.column) for f in sorted(set(findings))]
    return pd.DataFrame(rows, columns=["item", "kind", "what", "files", "column"])
