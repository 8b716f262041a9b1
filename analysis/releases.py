"""The private tables of the last release: a new one must not differ by a few patients."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable
from pathlib import Path

import workflow
from faceage_stats.cohorts.disclosure.rules import Rules
from faceage_stats.cohorts.disclosure.successive import marks_of_patients, refuse_few_changes
from faceage_stats.errors import DisclosureError
from reading import read
from withheld import forget_withheld

PATIENT = "patient_id"


def released_record(name: str) -> Path:
    """Marks of the patients of a table at its last release; it stays beside the key."""
    return workflow.RELEASE_KEY.with_name(f"{name}.released.json")


def refuse_few_new_patients(tables: Iterable[workflow.Table], rules: Rules) -> None:
    """Compare each private table with its last release; then it is the last release."""
    if not rules.active:
        return
    private = [table for table in tables if table.source == "private"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the items that read the table repeat them
        now = {table.name: marks_of_patients(read(table), PATIENT, rules.key) for table in private}
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
