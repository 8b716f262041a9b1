"""Medians and other quantiles, which are values of patients, and median survival, a time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from faceage_stats.cohorts.disclosure.rounding import (
    numbers_of,
    round_resolution,
    round_times,
    step_of,
)
from faceage_stats.cohorts.disclosure.rules import Rules

__all__ = ["SURVIVAL_TIMES", "is_survival_time", "round_quantiles", "with_medians"]

_FEWEST = {"median": 2, "q25": 4, "q75": 4, "q05": 20, "q95": 20}  # times the minimum
_LIMITS = ("estimate", "conf_low", "conf_high")
# What a row is of, where a table holds several quantities; and how many of its units a year has.
SURVIVAL_TIMES = {"median_survival": 1, "median_survival_months": 12}


def is_survival_time(table: pd.DataFrame, column: str) -> bool:
    """Whether a column holds quantiles of survival, which are event times of patients."""
    if column == "median":
        return "n_event" in table
    of_medians = "median" in table and "estimate" not in table
    return column in _LIMITS and of_medians and "n_event" in table


def with_medians(
    released: np.ndarray, table: pd.DataFrame, column: str, n: np.ndarray, rules: Rules
) -> np.ndarray:
    """Round the rows of a column that are medians as medians, whatever the others are.

    Parameters
    ----------
    released : array
        The column, each row as an estimate.
    table : pandas.DataFrame
        Its ``quantity`` says what a row is of.
    column : str
    n : array
        Patients of each row.
    rules : Rules

    Returns
    -------
    array
        Median survival to the grid of times, other medians to the step of quantiles.
    """
    if column not in _LIMITS or "quantity" not in table:
        return released
    named, values = table["quantity"].astype(str), numbers_of(table, column)
    for name, in_a_year in SURVIVAL_TIMES.items():
        on_grid = round_times(values / in_a_year, rules) * in_a_year
        released = np.where(named == name, on_grid, released)
    rounded = np.where(n >= _FEWEST["median"] * rules.minimum, _coarse(table, values), np.nan)
    return np.where(named == "median", rounded, released)


def round_quantiles(table: pd.DataFrame, column: str, n: np.ndarray, rules: Rules) -> np.ndarray:
    """Round quantiles, where enough patients lie beyond them."""
    enough = n >= _FEWEST.get(column, 1) * rules.minimum
    return np.where(enough, _coarse(table, numbers_of(table, column)), np.nan)


def _coarse(table: pd.DataFrame, values: np.ndarray) -> np.ndarray:
    return round_resolution(values, _resolution(table, values))


def _resolution(table: pd.DataFrame, values: np.ndarray) -> np.ndarray:
    """A fifteenth of the spread of a variable, so that no quantile is the value of a patient.

    A standard deviation may be that of another variable, unless the mean beside it is near.
    """
    spread = np.full(len(table), np.nan)
    if {"q25", "q75"} <= set(table):
        spread = (numbers_of(table, "q75") - numbers_of(table, "q25")) / 1.349
    elif mean := next((c for c in ("mean", "estimate") if c in table and "std_dev" in table), ""):
        spread = numbers_of(table, "std_dev")
        spread = np.where(np.abs(values - numbers_of(table, mean)) < 2 * spread, spread, np.nan)
    size = np.maximum(np.abs(values), 1e-9)
    known = np.isfinite(spread) & (spread > 0)
    return step_of(np.where(known, np.maximum(spread / 15, size / 100), size / 10))
