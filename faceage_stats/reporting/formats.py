"""How numbers are printed: one rounding rule and one p-value rule for tables, figures and text.

Rounding is that of `digits`, and a negative zero never shows.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import SupportsFloat

from faceage_stats.errors import InputError
from faceage_stats.reporting.digits import digits_shown, is_missing, rounded

__all__ = [
    "MISSING",
    "REFERENCE",
    "format_count",
    "format_estimate_ci",
    "format_interval",
    "format_number",
    "format_p",
    "format_percent",
]

MISSING = "NA"
REFERENCE = "Reference"

_SMALLEST_P, _LARGEST_P = Decimal("0.0001"), Decimal("0.99")


def format_number(
    value: SupportsFloat | None, digits: int = 2, beside: tuple[SupportsFloat | None, ...] = ()
) -> str:
    """Print a number with a fixed number of decimals.

    Parameters
    ----------
    value : float or None
        Missing prints as ``NA``, infinite as ``Inf`` or ``-Inf``, 10**12 and more in powers of 10.
    digits : int
        Decimals after the point.
    beside : tuple of float or None
        As in `digits_shown`.

    Returns
    -------
    str

    Examples
    --------
    >>> format_number(0.125), format_number(-0.001), format_number(4e18)
    ('0.13', '0.00', '4.00e+18')
    """
    if is_missing(value):
        return MISSING
    number = float(value)  # type: ignore[arg-type]
    if math.isinf(number):
        return "Inf" if number > 0 else "-Inf"
    if abs(number) >= 1e12:  # a fixed number of decimals says nothing there
        return f"{number:.{digits}e}"
    shown = rounded(number, digits_shown(number, digits, beside))
    return f"{abs(shown) if shown == 0 else shown:f}"


def format_p(p_value: SupportsFloat | None, *, name: bool = False) -> str:
    """Print a p value: two significant digits, at most four decimals.

    Parameters
    ----------
    p_value : float or None
        Between 0 and 1. Below 0.0001 prints as ``<0.0001``, above 0.99 as ``>0.99``.
    name : bool
        Write ``p = 0.013`` instead of ``0.013``, for captions and running text.

    Returns
    -------
    str

    Raises
    ------
    InputError
        If `p_value` lies outside 0 to 1.

    Examples
    --------
    >>> format_p(0.0013), format_p(0.0499), format_p(3e-9), format_p(0.16, name=True)
    ('0.0013', '0.050', '<0.0001', 'p = 0.16')
    """
    if is_missing(p_value):
        return f"p = {MISSING}" if name else MISSING
    value = float(p_value)  # type: ignore[arg-type]
    if not 0 <= value <= 1:
        raise InputError(f"A p value lies between 0 and 1; this one is {value:g}.")
    sign, digits = _p_digits(Decimal(repr(value)))
    return f"p {sign or '='} {digits}" if name else f"{sign}{digits}"


def _p_digits(value: Decimal) -> tuple[str, str]:
    """Relation sign ('' means equal) and digits of a p value."""
    if value < _SMALLEST_P:
        return "<", str(_SMALLEST_P)
    if value > _LARGEST_P:
        return ">", str(_LARGEST_P)
    decimals = min(4, 1 - value.adjusted())  # two significant digits
    return "", f"{value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):f}"


def format_interval(
    conf_low: SupportsFloat | None,
    conf_high: SupportsFloat | None,
    digits: int = 2,
    estimate: SupportsFloat | None = None,
) -> str:
    """Print an interval with an en dash, or with "to" when a limit is negative.

    Parameters
    ----------
    conf_low, conf_high : float or None
        The limits.
    digits : int
        Decimals after the point.
    estimate : float or None
        What they are the limits of.

    Returns
    -------
    str

    Examples
    --------
    >>> format_interval(1.056, 1.254), format_interval(-0.31, 0.42, 1)
    ('1.06–1.25', '-0.3 to 0.4')
    """
    alike = (estimate, conf_low, conf_high)
    low, high = (format_number(limit, digits, alike) for limit in (conf_low, conf_high))
    return f"{low}{' to ' if '-' in low + high else '–'}{high}"


def format_estimate_ci(
    estimate: SupportsFloat | None,
    conf_low: SupportsFloat | None,
    conf_high: SupportsFloat | None,
    digits: int = 2,
) -> str:
    """Print an estimate with its interval.

    Parameters
    ----------
    estimate, conf_low, conf_high : float or None
        A missing estimate prints as ``NA`` alone.
    digits : int
        Decimals after the point, the same for all three.

    Returns
    -------
    str

    Examples
    --------
    >>> format_estimate_ci(1.151, 1.056, 1.254)
    '1.15 (1.06–1.25)'
    """
    if is_missing(estimate):
        return MISSING
    shown = format_number(estimate, digits, (conf_low, conf_high))
    return f"{shown} ({format_interval(conf_low, conf_high, digits, estimate)})"


def format_count(count: SupportsFloat | None) -> str:
    """Print a count with thousands separators.

    Parameters
    ----------
    count : int or None
        Weighted counts may be fractional and then keep one decimal.

    Returns
    -------
    str

    Examples
    --------
    >>> format_count(4906), format_count(12.5)
    ('4,906', '12.5')
    """
    if is_missing(count):
        return MISSING
    number = float(count)  # type: ignore[arg-type]
    return f"{rounded(number, 0 if number.is_integer() else 1):,f}"


def format_percent(fraction: SupportsFloat | None, digits: int = 1) -> str:
    """Print a fraction as a percentage.

    Parameters
    ----------
    fraction : float or None
        0.343 for 34.3 %.
    digits : int
        Decimals after the point.

    Returns
    -------
    str

    Examples
    --------
    >>> format_percent(0.343)
    '34.3%'
    """
    if is_missing(fraction):
        return MISSING
    # Decimal arithmetic: 100 * 0.285 in binary would already have lost the half
    hundredfold = Decimal(repr(float(fraction))) * 100  # type: ignore[arg-type]
    digits = digits_shown(float(hundredfold), digits)
    return f"{hundredfold.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}%"
