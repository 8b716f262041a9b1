"""What is wrong with a table: one record per problem, in words and as a frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

__all__ = [
    "PROBLEM_COLUMNS",
    "Order",
    "Problem",
    "describe",
    "merge",
    "problem_frame",
    "problem_rows",
]

PROBLEM_COLUMNS = ["column", "rule", "n_rows", "rows", "cure"]
ROW_COLUMNS = ["column", "rule", "row", "cure"]
_SHOWN = 5  # rows that a message names
_KEPT = 10_000  # rows of one problem that can be listed in a file
Rows: TypeAlias = "np.ndarray | pd.Index[Any]"


class Order(IntEnum):
    """The order in which the problems of a column are listed."""

    HEADER = 0
    TYPE = 1
    FAMILY = 2
    VALUE = 3
    RULE = 4
    REPEAT = 5
    KEY = 6


@dataclass(frozen=True)
class Problem:
    """One rule broken in one column: by how many rows, and which of them (none: a header).

    `order` is its place among the problems of its column, whichever was found first.
    """

    column: str
    rule: str
    cure: str
    n_rows: int = 0
    first: tuple[int, ...] = ()
    order: tuple[int, ...] = ()

    @classmethod
    def in_rows(
        cls, column: str, rule: str, cure: str, rows: Rows, *, order: tuple[int, ...]
    ) -> Problem:
        """Make the problem of `rows`, which count from 0 and ascend."""
        return cls(column, rule, cure, len(rows), tuple(map(int, rows[:_KEPT])), order)

    @property
    def rows(self) -> str:
        """Up to five row numbers as a reader counts them: the first row under the header is 1."""
        shown = ", ".join(str(position + 1) for position in self.first[:_SHOWN])
        return shown + (" ..." if self.n_rows > _SHOWN else "")


def merge(problems: Iterable[Problem]) -> list[Problem]:
    """Add up the problems that batches of rows have in common; the batches come in row order."""
    merged: dict[tuple[str, str, str], Problem] = {}
    for problem in problems:
        key = problem.column, problem.rule, problem.cure
        known = merged.get(key, replace(problem, n_rows=0, first=()))
        merged[key] = replace(
            known,
            n_rows=known.n_rows + problem.n_rows,
            first=(known.first + problem.first)[:_KEPT],
        )
    return sorted(merged.values(), key=lambda problem: problem.order)


def describe(problem: Problem) -> str:
    """One problem as a sentence for the error message."""
    rows = "row" if problem.n_rows == 1 else "rows"
    where = f": {problem.n_rows} {rows} ({rows} {problem.rows})" if problem.n_rows else ""
    noun = "columns" if ", " in problem.column else "column"
    return f"{noun} '{problem.column}', {problem.rule}{where}. {problem.cure}"


def problem_frame(problems: Sequence[Problem]) -> pd.DataFrame:
    """All problems as a table: column, rule, n_rows, rows, cure."""
    rows = [(p.column, p.rule, p.n_rows, p.rows, p.cure) for p in problems]
    return pd.DataFrame(rows, columns=PROBLEM_COLUMNS)


def problem_rows(problems: Sequence[Problem]) -> pd.DataFrame:
    """All problems as a table of one line per row: column, rule, row, cure.

    Rows count from 1 under the header; a problem of the header has none.
    """
    lines: list[tuple[Any, ...]] = []
    for p in problems:
        rows: list[int | None] = [position + 1 for position in p.first]
        lines += [(p.column, p.rule, row, p.cure) for row in rows or [None]]
    return pd.DataFrame(lines, columns=ROW_COLUMNS).astype({"row": "Int64"})
