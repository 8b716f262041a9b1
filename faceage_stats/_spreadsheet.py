"""Text that a spreadsheet would run as a formula, made harmless in CSV files and read back.

A cell that begins with ``= + - @``, a tab or a carriage return is a formula to Excel, LibreOffice
and Google Sheets. Whoever can write a name into a registry could so run one on the desk of whoever
opens our CSV. Such text is written with an apostrophe before it, which spreadsheets take for "this
is text"; reading takes one apostrophe away, so a table comes back as it was. Numbers are never
touched, nor is text that is no more than a number, a number with its interval, or signs alone
(``-1.5``, ``-0.53 (-1.20 to 0.10)``, ``+``, ``++``), which no spreadsheet can run.
"""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

__all__ = ["FORMULA_RESTORED", "harmless", "harmless_frame", "restored"]

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_SAFE = re.compile(
    r"[-+]+|[-+]?\d+([.,]\d+)*%?([eE][-+]?\d+)?( ?[\[(][-+\d.,%; to]*[\])])?",
)
FORMULA_RESTORED = (r"^'('*[=+\-@\t\r])", r"\1")  # a pattern and what replaces it


def harmless(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run.

    Parameters
    ----------
    text : str
        Content of a cell.

    Returns
    -------
    str

    Examples
    --------
    >>> harmless("=1+1"), harmless("-1.5"), harmless("lung")
    ("'=1+1", '-1.5', 'lung')
    """
    return f"'{text}" if _FORMULA.match(text) and not _SAFE.fullmatch(text) else text


def restored(text: str) -> str:
    """Take away the apostrophe that `harmless` put there.

    Parameters
    ----------
    text : str
        Content of a cell.

    Returns
    -------
    str

    Examples
    --------
    >>> restored("'=1+1"), restored("'tis")
    ('=1+1', "'tis")
    """
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def harmless_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Make names, text cells and levels of a table harmless; other columns are left as they are.

    Parameters
    ----------
    frame : pandas.DataFrame
        A table that is about to be written as CSV.

    Returns
    -------
    pandas.DataFrame
        The table itself where nothing had to be changed.
    """
    changed: dict[Any, pd.Series] = {}
    for position, (_, column) in enumerate(frame.items()):
        if isinstance(column.dtype, pd.CategoricalDtype):
            column = column.astype(object)
        if pd.api.types.is_object_dtype(column) or pd.api.types.is_string_dtype(column):
            texts = column.astype(object).map(_cell)
            if not texts.equals(column):
                changed[position] = texts
    names = [_cell(name) for name in frame.columns]
    if not changed and names == list(frame.columns):
        return frame
    safe = frame.astype({frame.columns[p]: object for p in changed})
    for position, texts in changed.items():
        safe.isetitem(position, texts)
    safe.columns = pd.Index(names)
    return safe


def _cell(value: Any) -> Any:
    return harmless(value) if isinstance(value, str) else value
