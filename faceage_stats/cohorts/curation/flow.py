"""What curation did to a cohort, step by step."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from faceage_stats._result import Result, frozen_result

__all__ = ["COMPLETE_CASES", "FLOW_COLUMNS", "Curated", "Flow", "count_step", "flow_of"]

COMPLETE_CASES = "Complete cases"  # begins the name of each step that excludes missing values
FLOW_COLUMNS = ["step", "reason", "n_before", "n_excluded", "n_changed", "n_after", "n_event"]


@frozen_result
class Flow(Result):
    """Steps of a curation: how many rows were excluded and how many changed.

    ``tidy()`` has one row per step: ``step``, ``reason``, ``n_before``, ``n_excluded``,
    ``n_changed`` (rows kept with a changed value: set to missing, pooled, cut), ``n_after`` and
    ``n_event`` (deaths among the remaining rows; missing for cohorts without follow-up).
    ``glance()`` has one row: ``cohort``, ``n_before``, ``n_excluded``, ``n``, ``n_missing``
    (excluded because a value is missing) and ``n_event``.
    """

    cohort: str
    steps: pd.DataFrame

    def tidy(self) -> pd.DataFrame:
        """Return one row per step, in order."""
        return self.steps.copy()

    def glance(self) -> pd.DataFrame:
        """Return one row: the counts before and after all steps."""
        first, last = self.steps.iloc[0], self.steps.iloc[-1]
        incomplete = self.steps[self.steps["step"].str.startswith(COMPLETE_CASES)]
        return pd.DataFrame(
            {
                "cohort": [self.cohort],
                "n_before": [first["n_before"]],
                "n_excluded": [self.steps["n_excluded"].sum()],
                "n": [last["n_after"]],
                "n_missing": [incomplete["n_excluded"].sum()],
                "n_event": [last["n_event"]],
            }
        )

    def _title(self) -> str:
        return f"Curation of the {self.cohort} cohort"


@dataclasses.dataclass(frozen=True, eq=False)
class Curated:
    """An analysis set (`rows`) and how it came about (`flow`); prints the flow, never a row."""

    rows: pd.DataFrame
    flow: Flow

    def __repr__(self) -> str:
        return f"{self.flow!r}\nrows: {self.rows.shape[0]} x {self.rows.shape[1]}"

    def _repr_html_(self) -> str:
        shape = f"<p>rows: {self.rows.shape[0]} &times; {self.rows.shape[1]}</p>"
        return self.flow._repr_html_() + shape


def count_step(
    name: str, reason: str, rows: pd.DataFrame, n_before: int | None = None, n_changed: int = 0
) -> dict[str, Any]:
    """One line of a flow: the rows that a step left, and their deaths where these are known."""
    n_before = len(rows) if n_before is None else n_before
    return {
        "step": name,
        "reason": reason,
        "n_before": n_before,
        "n_excluded": n_before - len(rows),
        "n_changed": n_changed,
        "n_after": len(rows),
        "n_event": int(rows["death"].sum()) if "death" in rows else None,
    }


def flow_of(cohort: str, record: Sequence[Mapping[str, Any]]) -> Flow:
    """Make the flow of a cohort from the lines of its steps."""
    return Flow(cohort, pd.DataFrame(record, columns=FLOW_COLUMNS).astype({"n_event": "Int64"}))
