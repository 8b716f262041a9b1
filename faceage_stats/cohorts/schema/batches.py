"""Validation of a table that arrives in batches of rows: memory does not grow with its text.

Each batch is typed and checked, then let go. What must be compared between rows (keys, values that
repeat within a patient) is kept as two 64-bit fingerprints per row: among 40 million rows the
chance that any two different keys are taken for one is below 1e-20.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from faceage_stats.cohorts.schema.cells import coerce_columns
from faceage_stats.cohorts.schema.constraints import (
    column_problems,
    constant_columns,
    unique_columns,
)
from faceage_stats.cohorts.schema.header import header_problems
from faceage_stats.cohorts.schema.problems import Problem, describe, merge, problem_frame
from faceage_stats.cohorts.schema.rules import row_problems
from faceage_stats.cohorts.schema.schema import Schema
from faceage_stats.errors import SchemaError

__all__ = ["Validation"]

_HASH_KEYS = ("faceage rows one", "faceage rows two")  # 16 bytes each, as pandas asks
_ODD = np.uint64(0x9E3779B97F4A7C15)  # a multiplier that loses nothing


class Validation:
    """Problems, and counts of missing values, of the batches seen so far."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.names: list[str] = []
        self.n_rows = 0
        self.n_missing: dict[str, int] = {}  # by column, the schema's columns first
        self._problems: list[Problem] = []
        self._unique = unique_columns(schema)
        self._constant = constant_columns(schema)
        self._prints: dict[_Compared, list[np.ndarray]] = {}

    def add(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Check the next rows, and return them typed."""
        self.names = [str(column) for column in frame.columns]
        start, self.n_rows = self.n_rows, self.n_rows + len(frame)
        frame = frame.loc[:, ~frame.columns.duplicated()]
        frame = frame.set_axis(pd.RangeIndex(start, self.n_rows), axis=0)
        typed, found = coerce_columns(frame, self.schema)
        found += column_problems(typed, self.schema)
        found += row_problems(typed, self.schema)
        self._problems = merge([*self._problems, *found])
        for column, n in typed.isna().sum().items():
            self.n_missing[str(column)] = self.n_missing.get(str(column), 0) + int(n)
        self._keep(typed)
        return typed

    def problems(self) -> list[Problem]:
        """All problems, each once, in the order in which they are listed for a column."""
        across = [*self._duplicates(), *self._differing()]
        header = header_problems(self.names, self.n_rows, self.schema)
        return merge([*header, *self._problems, *across])

    def raise_if_refused(self) -> None:
        """One error that lists every problem, if there is any."""
        order = {entry.name: i for i, entry in enumerate(self.schema.fields)}
        problems = sorted(self.problems(), key=lambda p: order.get(p.column, len(order)))
        if not problems:
            return
        count = f"{len(problems)} problem" + ("s" if len(problems) > 1 else "")
        rows = "1 row" if self.n_rows == 1 else f"{self.n_rows} rows"
        lines = [f"{self.schema.name} table of {rows}: {count}."]
        lines += [f"  {i}. {describe(problem)}" for i, problem in enumerate(problems, start=1)]
        raise SchemaError("\n".join(lines), problem_frame(problems))

    def _keep(self, typed: pd.DataFrame) -> None:
        """Fingerprints of the columns that rows are compared by."""
        compared = [_Compared(columns, len(columns) == 1) for _, columns in self._unique]
        for _, by, column in self._constant:
            compared += [_Compared(by, True), _Compared((column,), False)]
        for one in dict.fromkeys(compared):
            if set(one.columns) <= set(typed.columns):
                prints = _fingerprints(typed[list(one.columns)], complete=one.complete)
                self._prints.setdefault(one, []).append(prints)

    def _rows_of(self, columns: tuple[str, ...], *, complete: bool) -> np.ndarray | None:
        """Fingerprints of all rows; None if a column is not there, which has been reported."""
        parts = self._prints.get(_Compared(columns, complete))
        if parts is None:
            return None
        parts[:] = [np.concatenate(parts)]
        return parts[0]

    def _duplicates(self) -> list[Problem]:
        found = []
        for problem, columns in self._unique:
            prints = self._rows_of(columns, complete=len(columns) == 1)
            if prints is not None:
                found += _in_rows(problem, _repeated(prints))
        return found

    def _differing(self) -> list[Problem]:
        found = []
        for problem, by, column in self._constant:
            groups = self._rows_of(by, complete=True)
            values = self._rows_of((column,), complete=False)
            if groups is not None and values is not None:
                found += _in_rows(problem, _differing(groups, values))
        return found


class _Compared(NamedTuple):
    """Columns that rows are compared by; `complete`: rows with a missing cell are excluded."""

    columns: tuple[str, ...]
    complete: bool


def _in_rows(problem: Problem, rows: np.ndarray) -> list[Problem]:
    found = Problem.in_rows(problem.column, problem.rule, problem.cure, rows, order=problem.order)
    return [found] if rows.size else []


def _fingerprints(frame: pd.DataFrame, *, complete: bool) -> np.ndarray:
    """Two numbers per row, equal where all cells are equal; 0 for an excluded row."""
    prints = np.zeros((len(frame), len(_HASH_KEYS)), dtype=np.uint64)
    for _, series in frame.items():
        values = series.to_numpy()
        if values.dtype.kind == "f":
            values = values + 0.0  # -0 is 0
        known = series.notna().to_numpy()
        for i, key in enumerate(_HASH_KEYS):
            hashed = pd.util.hash_array(values, hash_key=key, categorize=False)
            prints[:, i] = prints[:, i] * _ODD + np.where(known, hashed, _ODD)
    if complete:
        prints[frame.isna().any(axis=1).to_numpy()] = 0
    return prints


def _groups(prints: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Order that brings equal rows together, where each group starts in it, group of each place."""
    order = np.lexsort(prints.T)
    ordered = prints[order]
    starts = np.append(True, (ordered[1:] != ordered[:-1]).any(axis=1))[: len(order)]
    return order, np.flatnonzero(starts), np.cumsum(starts) - 1


def _repeated(prints: np.ndarray) -> np.ndarray:
    """Positions of the rows that another row is equal to."""
    first = np.sort(prints[:, 0])  # nearly always enough, and half the memory
    shared = np.isin(prints[:, 0], first[1:][first[1:] == first[:-1]]) & prints.any(axis=1)
    rows = np.flatnonzero(shared)
    order, _, group = _groups(prints[rows])
    return np.sort(rows[order[(np.bincount(group) > 1)[group]]])


def _differing(by: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Positions of the rows of groups in which the values are not all the same."""
    order, starts, group = _groups(by)
    ordered = values[order]
    unlike_first = (ordered != ordered[starts][group]).any(axis=1)
    differs = np.empty(len(order), dtype=bool)
    differs[order] = (np.bincount(group, weights=unlike_first) > 0)[group]
    return np.flatnonzero(differs & by.any(axis=1))
