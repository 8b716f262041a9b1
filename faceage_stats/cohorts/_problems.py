"""What is wrong with a table: one record per problem, in words and as a frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

__all__ = ["PROBLEM_COLUMNS", "Problem", "describe", "problem_frame"]

PROBLEM_COLUMNS = ["column", "rule", "n_rows", "rows", "cure"]
_SHOWN = 5


@dataclass(frozen=True)
class Problem:
    """One rule broken in one column; `positions` count from 0, and are empty for a header."""

    column: str
    rule: str
    cure: str
    positions: Sequence[int] | np.ndarray = ()

    @property
    def rows(self) -> str:
        """Up to five row numbers as a reader counts them: the first row under the header is 1."""
        shown = ", ".join(str(int(p) + 1) for p in self.positions[:_SHOWN])
        return shown + (" ..." if len(self.positions) > _SHOWN else "")


def describe(problem: Problem) -> str:
    """One problem as a sentence for the error message."""
    n = len(problem.positions)
    rows = "row" if n == 1 else "rows"
    where = f": {n} {rows} ({rows} {problem.rows})" if n else ""
    noun = "columns" if ", " in problem.column else "column"
    return f"{noun} '{problem.column}', {problem.rule}{where}. {problem.cure}"


def problem_frame(problems: Sequence[Problem]) -> pd.DataFrame:
    """All problems as a table: column, rule, n_rows, rows, cure."""
    rows = [(p.column, p.rule, len(p.positions), p.rows, p.cure) for p in problems]
    return pd.DataFrame(rows, columns=PROBLEM_COLUMNS)
