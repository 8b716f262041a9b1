"""Ratios of few events: the error of their logarithm says how many there are."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from scipy.special import ndtri

__all__ = ["events_behind", "of_yes_or_no"]

_Z = float(ndtri(0.975))
# Of numbers the error depends on their unit, and says nothing of few patients.
_NUMBER = re.compile(
    r"(?:(?:fahr_)?face)?age\d*|gap\d*|bmi|ps|far_sd|fahr_survival|step|\w*years\w*|tt\(.*\)"
)


def events_behind(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Give how many events the ratio of a level, or of yes against no, is of, by its error.

    The squared error of the logarithm of a hazard ratio is nearly the sum of the reciprocals of
    the events of both groups, that of an odds ratio just that of all four cells of its table: its
    reciprocal is at most the smallest of them.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per ``term`` with its ``estimate``, and ``std_error`` or an interval; numbers, or
        their texts as they were printed.

    Returns
    -------
    tuple of array
        The fewest and the most that the printed digits allow; infinite where a row is no such
        ratio, or where its ``n`` is that of the level, which says what it is of.

    Examples
    --------
    >>> rows = {"term": ["sitehn", "age10"], "std_error": [0.58, 0.58], "scale": "log hazard ratio"}
    >>> events_behind(pd.DataFrame(rows))[1].round(1).tolist()
    [3.0, inf]
    """
    nothing = np.full(len(table), np.inf)
    if "term" not in table or "id" in table:  # values are rows of other tables
        return nothing, nothing
    low, high = _error(table)
    with np.errstate(divide="ignore", invalid="ignore"):
        fewest, most = 1 / high**2, 1 / low**2
    known = np.isfinite(high) & (high > 0) & ~_is_number(table) & ~_has_own_count(table)
    return np.where(known, fewest, np.inf), np.where(known, most, np.inf)


def of_yes_or_no(table: pd.DataFrame) -> np.ndarray:
    """Find differences in a mean of yes against no, whose error tells how many say yes.

    Unlike that of a ratio it is in the unit of the outcome, so that nobody can say from the row
    alone of how many it is.

    Examples
    --------
    >>> rows = {"term": ["smoker", "age"], "level": ["", ""], "scale": "difference"}
    >>> of_yes_or_no(pd.DataFrame(rows)).tolist()
    [True, False]
    """
    if not {"term", "scale"} <= set(table):
        return np.zeros(len(table), bool)
    is_difference = table["scale"].eq("difference") & table["term"].ne("(Intercept)")
    return np.asarray(is_difference & ~_is_number(table) & ~_has_own_count(table), dtype=bool)


def _error(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest error of the logarithm that is printed so."""
    named = next((table[c].astype(str) for c in ("scale", "quantity") if c in table), None)
    scale = pd.Series("", table.index) if named is None else named
    is_log = scale.str.startswith("log ").to_numpy(bool)
    is_ratio = scale.str.contains("ratio").to_numpy(bool)
    error, half = _printed(table, "std_error")
    (lower, by), (upper, to) = (_printed(table, c) for c in ("conf_low", "conf_high"))
    with np.errstate(divide="ignore", invalid="ignore"):
        wide = [
            np.where(is_log, upper + s * to - lower + s * by,
                     np.log((upper + s * to) / np.maximum(lower - s * by, 1e-300)))
            for s in (-1, 1)
        ]  # fmt: skip
    by_interval = [width / (2 * _Z) for width in wide]
    by_error = (error - half, error + half)
    low, high = (
        np.where(is_ratio, np.where(np.isfinite(error), given, other), np.nan)
        for given, other in zip(by_error, by_interval, strict=True)
    )
    return low, high


def _printed(table: pd.DataFrame, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of a column; of texts, half a unit of their last digit, of which there are two."""
    if column not in table:
        return np.full(len(table), np.nan), np.zeros(len(table))
    values = pd.to_numeric(table[column], errors="coerce").to_numpy(float, na_value=np.nan)
    if pd.api.types.is_numeric_dtype(table[column]):
        return values, np.zeros(len(table))
    last = [len(str(text).partition(".")[2]) for text in table[column]]
    with np.errstate(divide="ignore", invalid="ignore"):
        second = 1 - np.floor(np.log10(np.abs(values)))
    digits = np.fmax(last, np.where(np.isfinite(second), second, 0))
    return values, 0.5 * 10.0**-digits


def _is_number(table: pd.DataFrame) -> np.ndarray:
    """Terms that are numbers, not levels and not yes or no."""
    named: np.ndarray = table["term"].astype(str).str.fullmatch(_NUMBER).to_numpy(bool)
    if "level" not in table:
        return named
    return np.asarray(named & _is_blank(table["level"]), dtype=bool)


def _is_blank(column: pd.Series) -> np.ndarray:
    return np.asarray(column.isna() | (column == ""), dtype=bool)


def _has_own_count(table: pd.DataFrame) -> np.ndarray:
    """Levels, whose numbers are their own, and rows with fewer patients than others of a model."""
    if "n" not in table:
        return np.zeros(len(table), bool)
    if "level" in table:
        return ~_is_blank(table["level"])
    n = pd.Series(_printed(table, "n")[0], table.index)
    models = [table[column].astype(str) for column in ("cohort", "model") if column in table]
    whole = n.groupby(models).transform("max") if models else n.max()
    return np.asarray(n < whole, dtype=bool)
