"""How many digits of a number are printed: as many as asked for, or as many as are known.

Numbers are rounded half away from zero on their shortest decimal form, so that 0.125 prints as
0.13 wherever it appears. Released numbers of private tables have few significant digits: inside of
`as_released` none is printed that they do not have.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import ROUND_HALF_UP, Decimal
from typing import SupportsFloat

__all__ = ["as_released", "digits_shown", "is_missing", "rounded"]

_RELEASED: ContextVar[bool] = ContextVar("_RELEASED", default=False)


def is_missing(value: SupportsFloat | None) -> bool:
    """Tell whether there is no number to print."""
    return value is None or math.isnan(float(value))


def rounded(value: SupportsFloat, digits: int) -> Decimal:
    """Round half away from zero, on the shortest decimal form."""
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


@contextmanager
def as_released(active: bool = True) -> Iterator[None]:
    """Print numbers that were rounded to significant digits, without zeros that nobody knows.

    Examples
    --------
    >>> from faceage_stats.reporting import formats
    >>> with as_released():
    ...     formats.format_estimate_ci(1.0, 0.78, 1.4), formats.format_percent(0.38)
    ('1.0 (0.78–1.4)', '38%')
    """
    token = _RELEASED.set(active)
    try:
        yield
    finally:
        _RELEASED.reset(token)


def digits_shown(
    value: SupportsFloat | None, digits: int, beside: tuple[SupportsFloat | None, ...] = ()
) -> int:
    """Decimals with which a number is printed: as asked, or as many as a released one has.

    Parameters
    ----------
    value : float or None
    digits : int
        Decimals that were asked for.
    beside : tuple of float or None
        Numbers that were rounded alike, such as the limits: zeros at the end of a number are known
        where one of these has as many significant digits.

    Returns
    -------
    int
    """
    known = [x for x in (value, *beside) if x is not None and math.isfinite(float(x)) and float(x)]
    if not _RELEASED.get() or not known or value is None or not math.isfinite(float(value)):
        return digits
    significant = max(len(_exact(each).as_tuple().digits) for each in known)
    size = _exact(value).adjusted() if float(value) else 0
    return max(0, min(digits, significant - 1 - size))


def _exact(value: SupportsFloat) -> Decimal:
    return Decimal(repr(float(value))).normalize()
