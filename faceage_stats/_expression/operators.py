"""The operators of the language, with R's meaning and R's missing values."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._expression.values import (
    Basis,
    Value,
    is_dates,
    is_factor,
    is_text,
    numbers,
    texts,
    truths,
)
from faceage_stats._levels import level_text, sort_text
from faceage_stats.errors import FormulaError

__all__ = ["binary", "unary"]

_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": np.divide,
    "^": np.power,
}
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def unary(sign: str, value: Value) -> Value:
    """Apply ``-``, ``+`` or ``!``."""
    if sign == "!":
        truth = truths(value, "!")
        return ~truth if isinstance(truth, pd.Series) else not truth
    number = numbers(value, sign)
    return -number if sign == "-" else number


def binary(sign: str, left: Value, right: Value) -> Value:
    """Apply an operator to two values.

    Examples
    --------
    >>> binary("&", pd.Series([True, None], dtype="boolean"), False).tolist()
    [False, False]
    """
    if sign in _ARITHMETIC:
        return _arithmetic(sign, left, right)
    if sign in _COMPARISONS:
        return _comparison(sign, left, right)
    if sign == "%in%":
        return _among(left, right)
    if sign in ("&", "|"):
        a, b = truths(left, sign), truths(right, sign)
        return a & b if sign == "&" else a | b
    raise FormulaError("`:` joins terms of a model, or two numbers as in 1:3; not columns here.")


def _arithmetic(sign: str, left: Value, right: Value) -> Value:
    if sign == "-" and is_dates(left) and is_dates(right):
        return _days_between(left, right)
    a, b = numbers(left, f"`{sign}`"), numbers(right, f"`{sign}`")
    with np.errstate(all="ignore"):
        if sign == "^" or not isinstance(a, float):
            return _plain(_ARITHMETIC[sign](a, b))
        return _plain(_ARITHMETIC[sign](np.float64(a), b))


def _plain(value: Any) -> Value:
    return value if isinstance(value, pd.Series) else float(value)


def _days_between(left: Any, right: Any) -> Value:
    try:
        return pd.Series(left - right)
    except TypeError:
        raise FormulaError(
            f"'{left.name}' - '{right.name}': dates of one time zone, or durations."
        ) from None


def _comparison(sign: str, left: Value, right: Value) -> Value:
    compare = _COMPARISONS[sign]
    if not isinstance(left, pd.Series) and isinstance(right, pd.Series):
        mirrored = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(sign, sign)
        return _comparison(mirrored, right, left)
    if is_dates(left) or is_dates(right):
        return _of_dates(compare, left, right)
    if is_factor(left) or is_factor(right) or is_text(left) or is_text(right):
        if sign in ("==", "!="):
            return _compared(compare, texts(left), texts(right))
        return _compared(compare, *_ranked(left, right, sign))
    return _compared(compare, numbers(left, f"`{sign}`"), numbers(right, f"`{sign}`"))


def _compared(compare: Callable[[Any, Any], Any], left: Any, right: Any) -> Value:
    """Compare; missing where either side is."""
    if not isinstance(left, pd.Series):
        return bool(compare(left, right))
    missing = left.isna()
    if isinstance(right, pd.Series):
        missing |= right.isna()
    return compare(left, right).astype("boolean").mask(missing)


def _ranked(left: Any, right: Any, sign: str) -> tuple[Any, Any]:
    """Put texts, or the levels of an ordered factor, as numbers in their order."""
    if is_factor(left) and left.cat.ordered:
        order = [level_text(level) for level in left.cat.categories]
        unknown = isinstance(right, str) and right not in order
        if unknown or not (isinstance(right, str) or _same_levels(left, right)):
            raise FormulaError(
                f"'{left.name}' {sign} ...: compare with one of its levels: {', '.join(order[:8])}."
            )
    elif is_factor(left) or is_factor(right):
        name = left.name if is_factor(left) else right.name
        raise FormulaError(
            f"'{name}' {sign} ...: its levels have no order. Use == or %in%, or an ordered "
            "categorical."
        )
    elif not (is_text(left) and is_text(right)):
        raise FormulaError(f"`{sign}` compares text with a number; convert with as.numeric(x).")
    else:
        both = [texts(side) for side in (left, right)]
        found = {t for s in both for t in (s.dropna() if isinstance(s, pd.Series) else [s])}
        order = sort_text(found)
    place = {text: float(i) for i, text in enumerate(order)}

    def rank(side: Any) -> Any:
        if not isinstance(side, pd.Series):
            return place[side]
        return texts(side).map(place).astype(float)

    return rank(left), rank(right)


def _same_levels(left: Any, right: Any) -> bool:
    return is_factor(right) and list(left.cat.categories) == list(right.cat.categories)


def _of_dates(compare: Callable[[Any, Any], Any], left: Any, right: Any) -> Value:
    """Compare dates with dates, or with a date in quotes."""
    try:
        if isinstance(right, str):
            right = pd.Series([right]).astype(left.dtype).iloc[0]
        elif not is_dates(right):
            raise TypeError
        return _compared(compare, left, right)
    except (TypeError, ValueError):
        raise FormulaError(
            f"'{getattr(left, 'name', left)}' holds dates or durations; compare it with its like, "
            'e.g. start > "2020-01-31".'
        ) from None


def _among(left: Value, right: Value) -> Value:
    """R's %in%: by value, and a missing value is in no set of constants."""
    if not isinstance(left, pd.Series):
        raise FormulaError("%in% looks for the values of a column: x %in% c(1, 2).")
    if isinstance(right, pd.Series | Basis):
        raise FormulaError("%in% looks in a set of constants, e.g. x %in% c(1, 2), not a column.")
    wanted = right if isinstance(right, list) else [right]
    if is_dates(left):
        found = [_of_dates(operator.eq, left, each).fillna(False) for each in wanted]
        hits = np.logical_or.reduce([each.to_numpy(bool) for each in found])
        return pd.Series(hits, left.index, dtype="boolean")
    known = {level_text(each) for each in wanted}
    return texts(left).isin(known).astype("boolean")
