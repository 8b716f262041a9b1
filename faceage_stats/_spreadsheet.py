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
from collections.abc import Callable
from typing import Any

import pandas as pd

__all__ = ["FORMULA_RESTORED", "harmless", "harmless_frame", "restored", "restored_frame"]

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
        A copy.
    """
    return _text_changed(frame, harmless)


def restored_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Take away what `harmless_frame` put there.

    Parameters
    ----------
    frame : pandas.DataFrame
        A table that was read from CSV.

    Returns
    -------
    pandas.DataFrame
        A copy.
    """
    return _text_changed(frame, restored)


def _text_changed(frame: pd.DataFrame, change: Callable[[str], str]) -> pd.DataFrame:
    """A copy in which names and text cells went through `change`; columns may share a name."""

    def cell(value: Any) -> Any:
        return change(value) if isinstance(value, str) else value

    changed = frame.copy()
    for place, (_, column) in enumerate(frame.items()):
        if column.dtype == object or isinstance(column.dtype, pd.CategoricalDtype | pd.StringDtype):
            changed.isetitem(place, column.astype(object).map(cell).array)
    changed.columns = pd.Index([cell(name) for name in frame.columns], name=frame.columns.name)
    return changed
