"""The cells of one column of a readable table: values with their limits, by one rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from faceage_stats.cohorts.disclosure.roles import Role
from faceage_stats.reporting.digits import digits_shown
from faceage_stats.reporting.formats import format_interval, format_p
from faceage_stats.reporting.tables.cells import (
    decimals_of,
    is_missing,
    is_p_value,
    printed_cell,
)

__all__ = ["column_cells", "decimals_beside", "is_number"]


def column_cells(
    frame: pd.DataFrame, name: str, limits: tuple[str, str] | None, roles: Mapping[str, Role]
) -> list[str]:
    """Values of a column as they are printed, each with its limits."""
    values: list[Any] = [*frame[name].astype(object)]
    if not is_number(frame[name]):
        return [printed_cell(name, value, 0, roles) for value in values]
    digits = _decimals(frame, name, limits)
    if limits is None or is_p_value(name, roles):
        cells = [
            printed_cell(name, v, d if is_missing(v) else digits_shown(v, d), roles)
            for v, d in zip(values, digits, strict=True)
        ]
        if limits is None:
            return cells
        ends = zip(*(frame[limit].astype(object) for limit in limits), strict=True)
        return [
            c if is_missing(e[0]) else _p_range(c, *e) for c, e in zip(cells, ends, strict=True)
        ]
    lows, highs = (frame[limit].astype(object) for limit in limits)
    # before its first step a curve is 1, as exactly as it is known later
    on_curve = values if {"time", "n_risk"} <= set(frame) else []
    rows = zip(values, lows, highs, digits, strict=True)
    return [_with_limits((v, low, high), d, roles, on_curve) for v, low, high, d in rows]


def _with_limits(
    interval: tuple[Any, Any, Any], digits: int, roles: Mapping[str, Role], others: Sequence[Any]
) -> str:
    """An estimate with its interval, where it has one; all with as many significant digits."""
    value, low, high = interval
    alike = tuple(None if is_missing(each) else each for each in (*interval, *others))
    cell = printed_cell("estimate", value, digits_shown(alike[0], digits, alike[1:]), roles)
    return cell if is_missing(low) else f"{cell} ({format_interval(low, high, digits, alike[0])})"


def _p_range(cell: str, low: float, high: float) -> str:
    """A p value, of which no decimals are given, and its range."""
    ends = [format_p(low), format_p(high)]
    return cell if {*ends} == {cell} else f"{cell} ({'–'.join(ends)})"


def decimals_beside(name: str) -> str:
    """Column that says how the estimates of this one were printed."""
    return f"{name.removesuffix('estimate')}decimals" if name.endswith("estimate") else ""


def _decimals(frame: pd.DataFrame, name: str, limits: tuple[str, str] | None) -> list[int]:
    """Decimals of each row: those that it was printed with, otherwise one rule for the column."""
    rule = decimals_of(frame[[name, *(limits or ())]])
    beside = decimals_beside(name)
    if beside not in frame:
        return [rule] * len(frame)
    return [rule if pd.isna(printed) else int(printed) for printed in frame[beside]]


def is_number(column: pd.Series) -> bool:
    """Whether a column holds numbers, not true or false."""
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
