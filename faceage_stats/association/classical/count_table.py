"""Tables of counts, read from a formula with data, from two vectors or from a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from faceage_stats._columns import numeric
from faceage_stats._levels import group_codes
from faceage_stats.association.classical.samples import two_columns
from faceage_stats.errors import DesignError, InputError

__all__ = ["CountTable", "check_margins", "count_table", "counts_of"]


class CountTable(NamedTuple):
    """A table of counts, the levels of its rows and columns, and pairs that were dropped."""

    counts: np.ndarray
    rows: Sequence[str]
    columns: Sequence[str]
    n_missing: int


def count_table(formula: Any, data: Any, caller: str) -> CountTable:
    """Count from a table of counts, from ``~ x + y`` with data, or from two vectors."""
    if data is None and not isinstance(formula, str):
        counts = counts_of(formula, caller)
        if counts.ndim != 2:
            raise InputError(
                f"{caller}: a table of counts needs two dimensions and whole numbers from 0."
            )
        rows, columns = ([str(1 + i) for i in range(size)] for size in counts.shape)
        return CountTable(counts, rows, columns, 0)
    first, second, n_missing = two_columns(formula, data, caller)
    row_codes, row_labels = group_codes(first)
    column_codes, column_labels = group_codes(second)
    counts = np.zeros((len(row_labels), len(column_labels)))
    np.add.at(counts, (row_codes, column_codes), 1)
    return CountTable(counts, row_labels, column_labels, n_missing)


def counts_of(values: Any, caller: str) -> np.ndarray:
    """Read whole numbers from 0, of any shape."""
    cells = np.asarray(values, dtype=object)
    counts = numeric(cells.ravel(), "counts", "the table of")
    if not ((counts >= 0) & (counts == np.round(counts))).all():
        raise InputError(f"{caller}: a table of counts holds whole numbers from 0.")
    return counts.reshape(cells.shape)


def check_margins(counts: np.ndarray, caller: str) -> None:
    """Refuse an empty or a single row or column."""
    if min(counts.shape) < 2 or (counts.sum(0) == 0).any() or (counts.sum(1) == 0).any():
        raise DesignError(
            f"{caller}: a {counts.shape[0]} x {counts.shape[1]} table with an empty row or column, "
            "or a single one; exclude levels without rows."
        )
