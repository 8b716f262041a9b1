"""Rows without a missing value, and what each column costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from faceage_stats._arguments import check_names
from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, columns_of
from faceage_stats._result import Result, frozen_result
from faceage_stats.errors import DesignError

__all__ = ["CompleteCases", "complete_case"]


@frozen_result
class CompleteCases(Result):
    """Rows without a missing value, and what was lost, made by :func:`complete_case`.

    Attributes
    ----------
    rows : pandas.DataFrame
        The rows kept, with the index of the data given.
    table : pandas.DataFrame
        Behind ``tidy()``.
    n_before : int
        Rows of the data given.
    """

    rows: pd.DataFrame
    table: pd.DataFrame
    n_before: int

    def tidy(self) -> pd.DataFrame:
        """Return one row per column: ``variable n n_missing n_excluded``."""
        return self.table.copy()

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n_before n n_missing``."""
        n = len(self.rows)
        return pd.DataFrame([{"n_before": self.n_before, "n": n, "n_missing": self.n_before - n}])


@checked_call
def complete_case(data: Any, columns: Sequence[str]) -> CompleteCases:
    """Keep the rows in which no listed column is missing, and say what each column costs.

    Parameters
    ----------
    data : pandas.DataFrame or polars.DataFrame
        One row per subject.
    columns : sequence of str
        Columns that the analysis uses.

    Returns
    -------
    CompleteCases
        ``rows``: the rows kept. ``tidy()``: ``variable n`` (known) ``n_missing n_excluded`` (rows
        that only this column excludes).

    Raises
    ------
    FormulaError
        Absent columns.
    DesignError
        No complete row.

    See Also
    --------
    impute : keep the rows, and impute what is missing.

    Notes
    -----
    In R: ``df[complete.cases(df[c("bmi", "ecog")]), ]``

    Examples
    --------
    >>> data = pd.DataFrame({"bmi": [22.0, None, 31], "ecog": [0, 1, None]})
    >>> complete_case(data, ["bmi", "ecog"]).tidy()["n_excluded"].tolist()
    [1, 1]
    """
    frame = as_pandas(data)
    names = list(dict.fromkeys(check_names("columns", columns)))
    missing = columns_of(frame, names, "complete_case()").isna()
    lost = missing.any(axis=1)
    if lost.all():
        raise DesignError(f"complete_case: none of the {len(frame)} rows is complete.")
    alone = missing[missing.sum(axis=1) == 1]
    table = pd.DataFrame(
        {
            "variable": names,
            "n": [int((~missing[name]).sum()) for name in names],
            "n_missing": [int(missing[name].sum()) for name in names],
            "n_excluded": [int(alone[name].sum()) for name in names],
        }
    )
    return CompleteCases(frame[~lost], table, len(frame))
