"""Rows that stand twice, and one row per patient."""

from __future__ import annotations

import numpy as np

from faceage_stats.cohorts.prepare.cells import texts
from faceage_stats.cohorts.prepare.columns import condition, said
from faceage_stats.cohorts.prepare.dates import order_by
from faceage_stats.cohorts.prepare.declared import Verbatim
from faceage_stats.cohorts.prepare.preparation import Preparation, rows_text

__all__ = ["drop_identical", "one_row_per_patient"]


def drop_identical(work: Preparation) -> None:
    """Drop rows whose every cell stands in an earlier row, or refuse them."""
    again = work.cells.duplicated(keep="first").to_numpy()
    if again.any() and work.mapping.repeats.identical == "refuse":
        work.problem(
            "duplicates",
            f"{rows_text(work.cells.index, again)} are identical to an earlier row. Ask where they "
            "come from, or write `identical: drop`.",
        )
        work.raise_if_faulty()
    if again.any():
        work.drop(again, "Identical rows", "every cell is that of an earlier row")


def one_row_per_patient(work: Preparation) -> None:
    """Keep one row of each patient by the stated rule, where there are several."""
    repeats = work.mapping.repeats
    source = repeats.patient or _patient_source(work)
    if not source:
        return
    if repeats.prefer:
        _prefer(work, source, repeats.prefer)
    patients = texts(work.cells[source])
    known = patients.notna()
    several = known & patients.duplicated(keep=False)
    if not several.any():
        return
    if repeats.keep == "refuse":
        work.problem(
            "duplicates",
            f"{patients[several].nunique()} patients have several rows: "
            f"{rows_text(patients.index, several)}. Choose the row that counts: `keep: first`, "
            "`last`, or `newest` or `oldest` with `by`; or `prefer` a condition.",
        )
        work.raise_if_faulty()
    order = np.arange(len(patients))
    if repeats.by:
        order = order_by(work.dates[repeats.by], newest=repeats.keep == "newest")
    ordered = patients.iloc[order]
    dropped = ordered.duplicated(keep="first" if repeats.keep in ("first", "oldest") else "last")
    mask = (dropped & ordered.notna()).reindex(patients.index)
    work.drop(mask, "One row per patient", _reason(repeats.keep, repeats.by))


def _prefer(work: Preparation, source: str, where: str) -> None:
    """Drop the other rows of each patient who has one that holds the condition."""
    patients = texts(work.cells[source])
    preferred = condition(work, where, "prefer").fillna(False).astype(bool)
    has_one = patients.isin(patients[preferred].dropna())
    work.drop(
        has_one & ~preferred, "Preferred row of a patient", f"a row counts where {said(where)}"
    )


def _patient_source(work: Preparation) -> str:
    """The export's column of the patient: what the schema's key is made from."""
    rule = work.mapping.columns.get(work.mapping.schema.primary_key[0])
    is_key = len(work.mapping.schema.primary_key) == 1
    return rule.source if isinstance(rule, Verbatim) and is_key else ""


def _reason(keep: str, by: str) -> str:
    if by:
        place = "last" if keep == "newest" else "first"
        return f"the {keep} row by {by} is kept; of several of one day the {place} in the export"
    return f"the {keep} row in the export is kept"
