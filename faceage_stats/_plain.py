"""Tables as text for people, and as plain values for JSON."""

from __future__ import annotations

import html
import math
import re
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["estimate_text", "p_text", "plain", "records", "short_html", "short_text"]

_ROWS, _COLUMNS, _WIDTH = 20, 12, 40  # what a printed result shows


def plain(value: Any) -> Any:
    """Convert one value to what JSON holds: missing is None, infinities are words.

    Examples
    --------
    >>> [plain(each) for each in (np.float64(1.5), np.nan, np.inf, np.bool_(True))]
    [1.5, None, 'Infinity', True]
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    return value if isinstance(value, bool | int | float | str) else str(value)


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Convert a table to one dictionary of plain values per row.

    Examples
    --------
    >>> records(pd.DataFrame({"term": ["age"], "p_value": [np.nan]}))
    [{'term': 'age', 'p_value': None}]
    """
    return [
        {str(name): plain(value) for name, value in row.items()}
        for row in table.to_dict(orient="records")
    ]


def estimate_text(estimate: float, low: float, high: float) -> str:
    """Write an estimate with its interval; the half-width has two digits, or two decimals.

    Examples
    --------
    >>> estimate_text(1.3249, 1.1012, 1.5831)
    '1.32 (1.10 to 1.58)'
    >>> estimate_text(0.0031, 0.0011, 0.0051)
    '0.0031 (0.0011 to 0.0051)'
    """
    if not math.isfinite(estimate):
        return "" if math.isnan(estimate) else str(estimate)
    half = (high - low) / 2
    digits = 2
    if math.isfinite(half) and half > 0:
        digits = min(max(1 - math.floor(math.log10(half)), 2), 6)
    if math.isnan(low) and math.isnan(high):
        return f"{estimate:.{digits}f}"
    return f"{estimate:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def p_text(p_value: float) -> str:
    """Write a p value with three decimals.

    Examples
    --------
    >>> p_text(0.0031), p_text(1e-9), p_text(float("nan"))
    ('0.003', '<0.001', '')
    """
    if math.isnan(p_value):
        return ""
    return "<0.001" if p_value < 0.001 else f"{p_value:.3f}"


def short_text(title: str, table: pd.DataFrame) -> str:
    """Write a title and the first rows of a table, for a terminal.

    Examples
    --------
    >>> text = short_text("Curve", pd.DataFrame({"time": range(500)}))
    >>> text.splitlines()[-1]
    '... and 480 more rows: tidy()'
    """
    with pd.option_context("display.max_colwidth", None, "display.max_columns", None):
        body = _first_rows(table).to_string(
            index=False, float_format=lambda v: f"{v:.6g}", line_width=120
        )
    return "\n".join([title, body, *_more(len(table), _ROWS, "rows")])


def short_html(title: str, table: pd.DataFrame) -> str:
    """Write a title, the first rows and the first columns of a table, for a notebook.

    Examples
    --------
    >>> short_html("Curve", pd.DataFrame({"time": [1]}))[:40]
    '<p><strong>Curve</strong></p><table clas'
    """
    with pd.option_context("display.max_colwidth", None):
        body = _first_rows(table.iloc[:, :_COLUMNS]).to_html(
            index=False, float_format=lambda v: f"{v:.4g}", border=0
        )
    left_out = [*_more(len(table), _ROWS, "rows"), *_more(table.shape[1], _COLUMNS, "columns")]
    notes = "".join(f"<p>{note}</p>" for note in left_out)
    compact = re.sub(r"\n\s*", "", body)
    return f"<p><strong>{html.escape(title)}</strong></p>{compact}{notes}"


def _first_rows(table: pd.DataFrame) -> pd.DataFrame:
    """The first rows, their long texts cut."""

    def cut(value: Any) -> Any:
        long = isinstance(value, str) and len(value) > _WIDTH
        return f"{value[: _WIDTH - 1]}…" if long else value

    return table.head(_ROWS).map(cut)


def _more(n: int, shown: int, what: str) -> list[str]:
    return [f"... and {n - shown} more {what}: tidy()"] if n > shown else []
