"""Units of length, mass, time and concentration, and how one is turned into another."""

from __future__ import annotations

from typing import TypeVar

import pandas as pd

from faceage_stats._near import did_you_mean
from faceage_stats._units import DAYS_PER_YEAR

__all__ = ["UNITS", "convert", "unit_problem"]

Numbers = TypeVar("Numbers", float, pd.Series)

UNITS: dict[str, tuple[str, float]] = {
    "m": ("length", 1.0),
    "cm": ("length", 0.01),
    "mm": ("length", 0.001),
    "in": ("length", 0.0254),
    "ft": ("length", 0.3048),
    "kg": ("mass", 1.0),
    "g": ("mass", 0.001),
    "lb": ("mass", 0.45359237),
    "days": ("time", 1.0),
    "weeks": ("time", 7.0),
    "months": ("time", DAYS_PER_YEAR / 12),
    "years": ("time", DAYS_PER_YEAR),
    "g/L": ("concentration", 1.0),
    "g/dL": ("concentration", 10.0),
    "mg/L": ("concentration", 0.001),
    "mg/dL": ("concentration", 0.01),
    "proportion": ("share", 1.0),
    "%": ("share", 0.01),
}


def convert(values: Numbers, unit: str, to: str) -> Numbers:
    """Turn numbers of one unit into another of the same kind.

    Examples
    --------
    >>> convert(172.0, "cm", "m"), convert(0.5, "years", "days")
    (1.72, 182.625)
    """
    if unit == to:
        return values
    here, there = UNITS[unit][1], UNITS[to][1]
    # dividing by a whole number is exact where multiplying by 0.01 is not
    ratio = there / here
    return values / ratio if ratio > 1 else values * (here / there)


def unit_problem(unit: str, to: str) -> str:
    """Say why numbers of one unit cannot be turned into another; nothing where they can.

    Examples
    --------
    >>> unit_problem("kg", "days")
    'kg cannot be turned into days.'
    """
    for each in (unit, to):
        if unit != to and each not in UNITS:
            return f"unit '{each}' is not known.{did_you_mean(each, UNITS)} Known: " + (
                f"{', '.join(UNITS)}."
            )
    if unit != to and UNITS[unit][0] != UNITS[to][0]:
        return f"{unit} cannot be turned into {to}."
    return ""
