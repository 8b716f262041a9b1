"""How a number of a result is printed in a table: by what it is, not by how it is stored."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats.cohorts.disclosure.roles import Role, role_of
from faceage_stats.reporting.digits import digits_shown
from faceage_stats.reporting.formats import format_count, format_number, format_p
from faceage_stats.reporting.words import in_words

__all__ = ["decimals_of", "is_missing", "is_p_value", "printed_cell"]

EMPTY = "–"
_AS_WRITTEN = frozenset(
    {"unit", "method", "family", "note", "versions", "flags", "id", "column", "type", "allowed",
     "reference", "description", "meaning", "value", "what", "reads", "file", "case", "status",
     "photograph", "r_call"}
)  # fmt: skip # no level, variable or model
_CODE = re.compile(r"\b[a-z]+10\b|\b[a-z]+_\w+")  # a name of the code, inside a sentence
_P = re.compile(r"^p_(?!adjust$)|(?:^|_)p(?:_value|_adjusted|_holm|_bh)?$|: p$")
_SHORT = frozenset({"marker", "marker1", "marker2", "model", "group1", "group2", "adjusted_for"})
_LIKELIHOODS = frozenset({"log_lik", "log_lik_null", "aic", "bic", "deviance", "null_deviance"})
# of the page of validation: one column holds numbers of every size
_MEASURED = frozenset({"r_value", "ours"})
_RELATIVE = frozenset({"relative_difference", "relative_to_tolerance", "largest_ratio"})
_TIMED = ("_ms", "_s", "_mb", "seconds")  # endings of timings, from microseconds to minutes
_SHARES = frozenset({"survival", "surv", "cumhaz"})


def is_missing(value: Any) -> bool:
    """Whether a cell has no value.

    Parameters
    ----------
    value : number, text or missing value

    Returns
    -------
    bool
    """
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def is_p_value(column: str, roles: Mapping[str, Role] | None = None) -> bool:
    """Whether a column has p values.

    Parameters
    ----------
    column : str
    roles : mapping of column to role, optional
        Of columns that the glossary does not have.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_p_value("p_maxt"), is_p_value("lr_p_value"), is_p_value("age_p_holm"), is_p_value("n")
    (True, True, True, False)
    """
    return _P.search(column) is not None or role_of(column, roles) == "p_value"


def printed_cell(
    column: str, value: Any, decimals: int, roles: Mapping[str, Role] | None = None
) -> str:
    """Print one value of a column.

    Parameters
    ----------
    column : str
        Its name says what the value is.
    value : number, text, true/false or missing value
    decimals : int
        Of estimates in this column; see :func:`decimals_of`.
    roles : mapping of column to role, optional
        Of columns that the glossary does not have.

    Returns
    -------
    str
        A missing value is an en dash.

    Examples
    --------
    >>> printed_cell("p_value", 3e-9, 2), printed_cell("n", 4906.0, 2)
    ('<0.0001', '4,906')
    >>> printed_cell("aic", 18510.2928, 2), printed_cell("fraction", 1.8e-08, 3)
    ('18,510.29', '<0.001')
    >>> printed_cell("df", 121512.3, 2), printed_cell("df", 57.83, 2)
    ('121,512', '57.83')
    >>> printed_cell("df", 8051.3, 2)
    '8,051'
    >>> printed_cell("r_value", 0.100479664235035, 1), printed_cell("relative_difference", 4e-7, 1)
    ('0.10047966', '4.0 × 10⁻⁷')
    >>> printed_cell("ours_s", 0.004873, 2), printed_cell("ours_s", 12.786789, 2)
    ('0.004873', '12.79')
    >>> printed_cell("reached", False, 2), printed_cell("level", "hn", 2)
    ('no', 'Head and neck')
    """
    if is_missing(value):
        return EMPTY
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value if is_p_value(column, roles) else _text(column, value)
    number = float(value)
    role = role_of(column, roles)
    if is_p_value(column, roles):
        return format_p(number)
    if role == "count" or column.startswith("n_"):
        return format_count(number)
    if column in _LIKELIHOODS:
        return f"{number:,.{digits_shown(number, 2)}f}"
    if role == "proportion" or column in _SHARES:
        return _share(number)
    if not math.isfinite(number):
        return "∞" if number > 0 else "-∞"
    if column in _MEASURED:
        return f"{number:,.8g}"
    is_plain = column in _RELATIVE or column.endswith(_TIMED) or role in ("df", "setting", "time")
    return _plain(number) if is_plain else _estimate(number, decimals)


def _text(column: str, text: str) -> str:
    if column == "family":
        return _CODE.sub(lambda name: in_words(name.group(), short=True), text)
    if column in _AS_WRITTEN:
        return text
    variable, mark, _ = text.partition(" is not known")
    if mark and variable.islower():
        return f"{in_words(variable, short=True)} is not known"
    return in_words(text, short=column in _SHORT)


def _share(number: float) -> str:
    """A proportion, never in powers of ten."""
    if 0 < number < 0.0005:
        return "<0.001"
    return format_number(number, 3)


def _plain(number: float) -> str:
    """A setting as it was chosen: 0.25, 12, 1,000."""
    if number.is_integer() and abs(number) < 1e15:
        return f"{number:,.0f}"
    if abs(number) >= 1e4:
        return f"{number:,.0f}"
    return _powers(number) if abs(number) < 1e-3 else f"{number:,.4g}"


def _estimate(number: float, decimals: int) -> str:
    smallest = 0.5 * 10.0**-decimals
    if decimals > 3 and abs(number) < 1e-4:
        return _powers(number) if number else "0"
    return f"{abs(number):.{decimals}f}" if abs(number) < smallest else _rounded(number, decimals)


def _rounded(number: float, decimals: int) -> str:
    return f"{Decimal(repr(number)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,f}"


def _powers(number: float) -> str:
    """Two significant digits and a power of ten."""
    digits, _, power = f"{number:.1e}".partition("e")
    return f"{digits} × 10{str(int(power)).translate(_RAISED)}"


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def decimals_of(values: pd.Series | pd.DataFrame) -> int:
    """Decimals that tell the values of a column apart: one rule for all tables.

    Parameters
    ----------
    values : Series of numbers, or DataFrame
        An estimate, or an estimate with its limits.

    Returns
    -------
    int
        Whole numbers 0; from 100 on 1; from 1 on 2; proportions and smaller 3, and 6 (powers of
        ten) where all are below 0.001.

    Examples
    --------
    >>> [decimals_of(pd.Series([x])) for x in (7.0, 120.5, 1.151, 0.61, 0.00002)]
    [0, 1, 2, 3, 6]
    """
    known = np.abs(values.to_numpy(dtype=float, na_value=np.nan).ravel())
    known = known[np.isfinite(known)]
    if not len(known) or not (known % 1).any():
        return 0
    largest = known.max()
    if largest < 1e-3:
        return 6
    return 1 if largest >= 100 else 2 if largest >= 1.005 else 3
