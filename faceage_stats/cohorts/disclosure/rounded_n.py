"""Errors, intervals, tests and sums as they would be of the rounded number of patients.

A correlation and its test give n, so do a standard deviation and the error of its mean, a share of
variance and its F, phi and chi-squared: each pair within a range, and a thousand pairs of the same
patients exactly. Rounding each number by itself only asks for more pairs. Here what grows with n is
that of the rounded n first, so that all pairs together give what the table shows anyhow.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from faceage_stats.cohorts.disclosure.circumstances import Circumstances, smaller_of_pairs
from faceage_stats.cohorts.disclosure.roles import role_of
from faceage_stats.cohorts.disclosure.rounded_statistics import moved_p, tests_of_rounded_n
from faceage_stats.cohorts.disclosure.rounding import numbers_of, round_counts
from faceage_stats.cohorts.disclosure.rules import Rules

__all__ = ["behind_rows", "growth", "numbers_behind", "of_rounded_n", "p_of_rounded_n", "stretched"]

# what decides how exact a row is: the first that the table has
_DRIVERS = (("observed",), ("n_event",), ("n_case", "n_control"), ("n",), ("n_subject",))
_OF_PATIENTS = (("n",), ("n_subject",))  # where a mean or a spread stands beside its error
_KNOWN_AGAIN = ("estimate", "p_value")
_CENTRES = {"conf_low": "estimate", "mean_low": "mean", "smd_low": "smd"}


def of_rounded_n(table: pd.DataFrame, under: Circumstances) -> pd.DataFrame:
    """Give a table as it would be of the rounded number of patients.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per estimate, exact.
    under : Circumstances
        The rules; the number of patients of the item, for tables without counts.

    Returns
    -------
    pandas.DataFrame
        Sums and squared statistics in proportion to the number, other statistics by its root,
        errors and the width of intervals against it, p values with their statistics. A statistic
        that belongs to no known distribution, such as a sum of ranks, is missing.

    See Also
    --------
    release_table : Rounds what this returns.

    Examples
    --------
    >>> from faceage_stats.cohorts.disclosure.rules import RULE_SETS
    >>> gap = pd.DataFrame({"estimate": [5.0], "std_dev": [7.0], "std_error": [0.7], "n": [100]})
    >>> of_rounded_n(gap, Circumstances(RULE_SETS["opensafely"]))["std_error"].tolist()
    [0.7]
    """
    made = table.copy()
    n = behind_rows(table, under)
    grown = growth(n, under.rules)
    for column in map(str, table):
        role = role_of(column, under.roles)
        if role == "error":
            made[column] = numbers_of(table, column) / np.sqrt(grown)
        elif role == "sum":
            made[column] = numbers_of(table, column) * grown
    if {"mean_sq", "statistic"} <= set(table):  # that of the residuals does not grow
        is_term = table["statistic"].notna()
        made["mean_sq"] = numbers_of(table, "mean_sq") * np.where(is_term, grown, 1)
    if {"r_squared", "r_squared_adjusted"} <= set(table):  # they differ by covariates over n
        share, adjusted = (numbers_of(table, c) for c in ("r_squared", "r_squared_adjusted"))
        made["r_squared_adjusted"] = share - (share - adjusted) / grown
    for low, high, centre in _intervals(table):
        limits = (numbers_of(table, low), numbers_of(table, high))
        made[low], made[high] = stretched(numbers_of(table, centre), *limits, grown)
    return made.assign(**tests_of_rounded_n(table, n, grown, under))


def growth(n: np.ndarray | float, rules: Rules) -> np.ndarray:
    """Rounded over exact numbers of patients; 1 where there is none to show."""
    rounded = round_counts(n, rules)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = rounded / n
    return np.where(np.isfinite(ratio) & (ratio > 0), ratio, 1.0)


def stretched(
    estimate: np.ndarray, low: np.ndarray, high: np.ndarray, grown: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Limits as far from the estimate as of so many more patients, on the scale of the interval."""
    root = np.sqrt(grown)
    with np.errstate(divide="ignore", invalid="ignore"):
        skew = np.abs(high + low - 2 * estimate) / np.abs(estimate)
        log_skew = np.abs(np.log(high * low / estimate**2))
        of_ratio = (low > 0) & (estimate > 0) & (log_skew < skew)
        limits = [
            np.where(
                of_ratio,
                estimate * np.abs(limit / estimate) ** (1 / root),
                estimate + (limit - estimate) / root,
            )
            for limit in (low, high)
        ]
    for end in (-1.0, 0.0):  # no further than what a share or a correlation can be
        inside = (low >= end) & (estimate >= end)
        limits = [np.where(inside, np.maximum(limit, end), limit) for limit in limits]
    inside = (high <= 1) & (estimate <= 1)
    return limits[0], np.where(inside, np.minimum(limits[1], 1.0), limits[1])


def numbers_behind(table: pd.DataFrame, under: Circumstances) -> dict[str, float]:
    """Give the number that decides how exact each estimate and p value of a table is."""
    behind = _own_number(table, under)
    found: dict[str, float] = {}
    for column in [c for c in _KNOWN_AGAIN if c in table]:
        for value, n in zip(numbers_of(table, column), behind, strict=True):
            if np.isfinite(value) and np.isfinite(n) and value not in (0, 1):
                found[_key(value)] = min(n, found.get(_key(value), n))
    return found


def p_of_rounded_n(p: float, under: Circumstances) -> float:
    """Give the p value that stands in a figure as the tables of the item have it."""
    n = np.array([under.behind.get(_key(p), float(under.n))])
    return float(moved_p(np.array([p]), n, growth(n, under.rules))[0])


def behind_rows(table: pd.DataFrame, under: Circumstances) -> np.ndarray:
    """The number that decides how exact each row is; the fewest that the item says anywhere."""
    behind = _own_number(table, under)
    for column in [c for c in _KNOWN_AGAIN if c in table]:
        keys = [_key(value) for value in numbers_of(table, column)]
        behind = np.fmin(behind, [under.behind.get(key, np.nan) for key in keys])
    return np.where(np.isnan(behind), under.n or np.nan, behind)


def _key(value: float) -> str:
    return f"{value:.10g}"


def _own_number(table: pd.DataFrame, under: Circumstances) -> np.ndarray:
    """Of its own columns; missing where it has none."""
    behind = np.full(len(table), np.nan)
    if {"group1", "group2"} <= set(table) and "term" not in table:
        behind = smaller_of_pairs(table, under.sizes)
    of_mean = bool({"std_dev", "mean"} & set(table))
    for columns in _OF_PATIENTS if of_mean else _DRIVERS:
        if set(columns) <= set(table) and role_of(columns[0], under.roles) == "count":
            fewest = np.fmin.reduce([numbers_of(table, column) for column in columns])
            behind = np.where(np.isnan(behind), fewest, behind)
    return behind


def _intervals(table: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    """Lower limit, upper limit and estimate, also those with a name before them."""
    for column in map(str, table):
        for low, centre in _CENTRES.items():
            prefix = column.removesuffix(low)
            high = prefix + low.replace("low", "high")
            if column == prefix + low and {high, prefix + centre} <= set(table):
                yield column, high, prefix + centre
