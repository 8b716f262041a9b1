"""Numbers as text for people, and tables as plain values for JSON."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["estimate_text", "p_text", "plain", "records"]


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

    Without an interval the estimate itself has two digits.

    Examples
    --------
    >>> estimate_text(1.3249, 1.1012, 1.5831)
    '1.32 (1.10 to 1.58)'
    >>> estimate_text(0.0031, 0.0011, 0.0051)
    '0.0031 (0.0011 to 0.0051)'
    >>> estimate_text(0.00042, float("nan"), float("nan"))
    '0.00042'
    """
    if not math.isfinite(estimate):
        return "" if math.isnan(estimate) else str(estimate)
    half = (high - low) / 2
    digits = 2 if estimate == 0 else max(1 - math.floor(math.log10(abs(estimate))), 2)
    if math.isfinite(half) and half > 0:
        digits = max(1 - math.floor(math.log10(half)), 2)
    digits = min(digits, 6)
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
