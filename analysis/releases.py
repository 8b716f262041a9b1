"""The private tables of the last release: a new one must not differ by a few patients."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable
from pathlib import Path

import workflow
from faceage_stats.cohorts.disclosure.rules import Rules
from faceage_stats.cohorts.disclosure.successive import marks_of_patients, refuse_few_changes
from faceage_stats.cohorts.schema.load_schema import load_schema
from faceage_stats.errors import DisclosureError
from reading import read
from withheld import forget_withheld

PATIENT = "patient_id"


def released_record(name: str) -> Path:
    """Marks of the patients of a table at its last release; it stays beside the key."""
    return workflow.RELEASE_KEY.with_name(f"{name}.released.json")


def _person(table: workflow.Table) -> str | None:
    """Column of the person whose row it is; None where rows are of nobody, as in `variants`."""
    key = load_schema(table.schema).primary_key
    return PATIENT if PATIENT in key else key[0] if len(key) == 1 else None


def identifiers(tables: Iterable[workflow.Table]) -> set[str]:
    """Those of every private table; with the hospital in front where there are several."""
    private = [(t, c) for t in tables if t.source == "private" and (c := _person(t))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = {str(name) for t, column in private for name in read(t)[column].unique()}
    return found | {name.rpartition(":")[2] for name in found}


def refuse_few_new_patients(tables: Iterable[workflow.Table], rules: Rules) -> None:
    """Compare each private table with its last release; then it is the last release."""
    if not rules.active:
        return
    private = [(t, c) for t in tables if t.source == "private" and (c := _person(t))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the items that read the table repeat them
        now = {t.name: marks_of_patients(read(t), column, rules.key) for t, column in private}
    for name, marks in now.items():
        record = released_record(name)
        before = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else {}
        try:
            refuse_few_changes(marks, before or marks, rules.minimum, name)
        except DisclosureError as error:
            raise DisclosureError(
                f"{error} The results stay as they are. If nobody has seen them, delete "
                f"analysis/data/{record.name} and run again."
            ) from None
        if marks != before:
            forget_withheld()
    for name, marks in now.items():
        released_record(name).write_text(json.dumps(marks, indent=0) + "\n", encoding="utf-8")
