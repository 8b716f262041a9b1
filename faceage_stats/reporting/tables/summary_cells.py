"""Text of the cells that summarise a variable: counts with percentages, means, medians."""

from __future__ import annotations

from typing import SupportsFloat

from faceage_stats.reporting.digits import is_missing
from faceage_stats.reporting.formats import (
    MISSING,
    format_count,
    format_interval,
    format_number,
    format_percent,
)

__all__ = ["format_count_percent", "format_mean_sd", "format_median_iqr"]


def format_count_percent(
    count: SupportsFloat | None, total: SupportsFloat | None, digits: int = 1
) -> str:
    """Print a count and its percentage of a total.

    Parameters
    ----------
    count, total : int or None
        With a total of 0 only the count is printed.
    digits : int
        Decimals of the percentage.

    Returns
    -------
    str

    Examples
    --------
    >>> format_count_percent(1234, 4906)
    '1,234 (25.2%)'
    """
    if is_missing(count):
        return MISSING
    if is_missing(total) or float(total) == 0:  # type: ignore[arg-type]
        return format_count(count)
    fraction = float(count) / float(total)  # type: ignore[arg-type]
    return f"{format_count(count)} ({format_percent(fraction, digits)})"


def format_mean_sd(
    mean: SupportsFloat | None, std_dev: SupportsFloat | None, digits: int = 1
) -> str:
    """Print a mean with its standard deviation.

    Parameters
    ----------
    mean, std_dev : float or None
        In the unit of the variable.
    digits : int
        Decimals after the point.

    Returns
    -------
    str

    Examples
    --------
    >>> format_mean_sd(66.24, 9.85)
    '66.2 (9.9)'
    """
    if is_missing(mean):
        return MISSING
    return f"{format_number(mean, digits)} ({format_number(std_dev, digits)})"


def format_median_iqr(
    median: SupportsFloat | None,
    q25: SupportsFloat | None,
    q75: SupportsFloat | None,
    digits: int = 1,
) -> str:
    """Print a median with its quartiles in square brackets.

    Parameters
    ----------
    median, q25, q75 : float or None
        In the unit of the variable.
    digits : int
        Decimals after the point.

    Returns
    -------
    str

    Examples
    --------
    >>> format_median_iqr(66.24, 58.1, 73.96)
    '66.2 [58.1–74.0]'
    """
    if is_missing(median):
        return MISSING
    return f"{format_number(median, digits)} [{format_interval(q25, q75, digits)}]"
