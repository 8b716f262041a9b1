"""A table on its way from export to schema: its rows, and the record of every step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats.cohorts.curation.flow import count_step
from faceage_stats.cohorts.prepare.declared import Declared
from faceage_stats.errors import InputError

__all__ = ["Preparation", "rows_text"]

_SHOWN = 5


class Preparation:
    """The export's cells, its dates and the new columns, all with the rows that are left.

    Parameters
    ----------
    mapping : Declared
    cells : pandas.DataFrame
        From `as_cells`; its index counts the rows under the header, from 1.
    """

    def __init__(self, mapping: Declared, cells: pd.DataFrame) -> None:
        self.mapping = mapping
        self.export = self.cells = cells
        self.dates = pd.DataFrame(index=cells.index)
        self.rows = pd.DataFrame(index=cells.index)
        self.record: list[dict[str, Any]] = [
            count_step("Export as received", "rows of the export", cells)
        ]
        self.problems: list[str] = []

    def note(self, name: str, reason: str, changed: Any = 0) -> None:
        """Record a step that changes values and keeps the rows: a mask of them, or how many."""
        n_changed = int(np.sum(np.asarray(changed)))
        self.record.append(count_step(name, reason, self.rows, n_changed=n_changed))

    def drop(self, mask: Any, name: str, reason: str) -> None:
        """Exclude rows, and record it."""
        keep = ~np.asarray(mask, dtype=bool)
        n_before = len(self.rows)
        self.cells, self.dates, self.rows = (
            part[keep] for part in (self.cells, self.dates, self.rows)
        )
        self.record.append(count_step(name, reason, self.rows, n_before=n_before))

    def table(self) -> pd.DataFrame:
        """All columns that a condition may name: new ones hide those of the export."""
        known = pd.concat([self.rows, self.dates], axis=1)
        others = [name for name in self.cells if name not in known]
        return pd.concat([known, self.cells[others]], axis=1)

    def problem(self, key: str, message: str) -> None:
        """Note a fault of the data that a rule met."""
        self.problems.append(f"{self.mapping.place(key)} {message}")

    def raise_if_faulty(self) -> None:
        """Refuse with all faults that were met."""
        if self.problems:
            n = len(self.problems)
            head = f"The export is refused: {n} problem{'s' if n > 1 else ''}."
            raise InputError("\n  ".join([head, *self.problems]))


def rows_text(index: pd.Index, mask: Any) -> str:
    """Count rows and name the first: ``3 rows (rows 4, 18, 92)``.

    Examples
    --------
    >>> rows_text(pd.RangeIndex(1, 4), [True, False, True])
    '2 rows (rows 1, 3)'
    """
    found = index[np.asarray(mask, dtype=bool)]
    shown = ", ".join(str(row) for row in found[:_SHOWN])
    more = " ..." if len(found) > _SHOWN else ""
    noun = "row" if len(found) == 1 else "rows"
    return f"{len(found)} {noun} ({noun} {shown}{more})"
