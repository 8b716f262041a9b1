"""The table of one score per patient beside the table of a scoring run."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from faceage_stats import _files
from faceage_stats._existing import refuse_existing
from faceage_stats._near import check_option
from faceage_stats._per_patient import per_patient
from faceage_stats._photo_rules import Rule
from faceage_stats._spreadsheet import harmless_frame, restored_frame
from faceage_stats.errors import InputError
from faceage_stats.scoring._choices import RuleWithoutDates
from faceage_stats.scoring._report import read_report

__all__ = ["patients_path", "refuse_rule", "refuse_unfit", "write_per_patient"]


def refuse_rule(rule: str) -> None:
    """Refuse a rule that a table without a date per patient cannot follow."""
    if rule == "nearest":
        raise InputError(
            "The rule 'nearest' needs a date per patient: use fs.per_patient or fs.add_scores in "
            "Python."
        )
    check_option("per_patient", rule, RuleWithoutDates)


def refuse_unfit(rule: str, blank: Mapping[str, int]) -> None:
    """Refuse before anything is scored what `per_patient` would refuse afterwards.

    `blank` counts the rows without a cell, by column of the manifest.
    """
    for name in ("patient_id", "taken_on") if rule == "first" else ("patient_id",):
        if name not in blank:
            raise InputError(
                f"One score per patient by the rule {rule!r} needs a manifest with the column "
                f"`{name}`."
            )
        if blank[name]:
            raise InputError(f"{blank[name]} rows have no `{name}`. Add it to the manifest.")


def patients_path(table: Path) -> Path:
    """biomarkers.csv -> biomarkers.patients.csv."""
    return table.with_suffix(f".patients{table.suffix}")


def write_per_patient(table: Path, rule: Rule, *, force: bool = False) -> Path:
    """Write <table>.patients.<csv or parquet> beside a finished table.

    A file with the same bytes is left alone, so that a command may be given twice; another is
    replaced only with `force`.
    """
    is_csv, report = table.suffix.lower() == ".csv", read_report(table)
    reduced, buffer = per_patient(_read_scored(table, is_csv), rule), io.BytesIO()
    if report is not None:
        reduced["demonstration"] = report["demo"]  # True: random weights, the scores mean nothing
    if is_csv:
        harmless_frame(reduced).to_csv(buffer, index=False)
    else:
        reduced.to_parquet(buffer, index=False)
    path = patients_path(table)
    if not (path.is_file() and path.read_bytes() == buffer.getvalue()):
        refuse_existing(path, force=force)
        _files.write_bytes(path, buffer.getvalue())
    return path


def _read_scored(table: Path, is_csv: bool) -> pd.DataFrame:
    """A table that the scorer wrote, to the last digit, identifiers as they were given."""
    if not is_csv:
        return pd.read_parquet(table)
    return restored_frame(
        pd.read_csv(
            table,
            dtype={"patient_id": "str", "model_version": "str"},
            keep_default_na=False,
            na_values={name: [""] for name in ("score", "taken_on", "score_unit")},
            float_precision="round_trip",
        )
    )
