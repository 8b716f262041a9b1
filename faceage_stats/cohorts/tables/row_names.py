"""Row names of R and indexes of pandas: columns, unless they only count the rows."""

from __future__ import annotations

import pandas as pd

from faceage_stats.cohorts.tables.header import ROW_NAMES

__all__ = ["RowNumbers", "index_to_columns"]


class RowNumbers:
    """Whether the first column of a text file only counts its rows, from 1 (R) or 0 (pandas)."""

    def __init__(self, has_row_names: bool) -> None:
        self.possible = [0, 1] if has_row_names else []

    def look(self, texts: list[str], n_before: int) -> None:
        """Strike out a beginning that does not fit this block."""
        if self.possible:
            self.possible = [
                start
                for start in self.possible
                if texts == [str(n_before + start + i) for i in range(len(texts))]
            ]

    @property
    def are_numbers(self) -> bool:
        """Whether the column says nothing but the position of its row."""
        return bool(self.possible)


def index_to_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Bring a stored index back into the table: its named levels, and text as ``row_names``.

    Parameters
    ----------
    frame : pandas.DataFrame
        A table with any index.

    Returns
    -------
    pandas.DataFrame
        With rows numbered from 0. An index without a name that holds whole numbers, or the text 1,
        2, 3 ..., counted rows and is dropped.
    """
    index = frame.index
    if isinstance(index, pd.MultiIndex) or index.name is not None:
        return frame.reset_index(allow_duplicates=True)
    counted = RowNumbers(pd.api.types.is_string_dtype(index.dtype))
    counted.look(index.astype(str).to_list(), 0)
    if pd.api.types.is_integer_dtype(index.dtype) or (counted.are_numbers and len(index)):
        return frame.reset_index(drop=True)
    named = frame.reset_index(drop=True)
    named.insert(0, ROW_NAMES, index.to_numpy(), allow_duplicates=True)
    return named
