"""The number of patients behind many tests: each pair of estimate and test gives it within a range.

Of a release the ranges of all pairs have the rounded number in common. Where they leave one other
number, or none but a few that are no multiple of the base, the pairs give the exact one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats.cohorts.disclosure.attack.build import Page
from faceage_stats.cohorts.disclosure.attack.cells import decimal
from faceage_stats.cohorts.disclosure.attack.findings import Finding

__all__ = ["numbers_behind_tests"]

_CORRELATION = r"(?i)correlation|pearson|spearman"
_GIVEN_OTHERS = r"(?i)partial"  # n less an unknown number of covariates
_POWERS = 0.001  # below it a p value is a power of ten
_TURNS = 4  # of the quantile of t, which hardly depends on n
Range = tuple[np.ndarray, np.ndarray]


def numbers_behind_tests(page: Page) -> Iterator[Finding]:
    """List tables of a release whose estimates, errors and tests together give n exactly."""
    if page.base == 1:
        return
    for file, table in page.tables.items():
        groups = table.groupby("n").indices.values() if "n" in table else [np.arange(len(table))]
        for rows in groups:
            part = table.iloc[rows]
            if any(_is_exact(page, low, high) for low, high in _ranges(part)):
                yield Finding(page.item, "solved", "number of patients behind tests", (file,))
                break


def _is_exact(page: Page, lows: np.ndarray, highs: np.ndarray) -> bool:
    """Whether the ranges leave less than the rounding does, and no multiple of the base."""
    if not len(lows):
        return False
    low, high = lows.max(), highs.min()
    with_multiple = math.floor(high / page.base) * page.base >= low
    return bool(low <= high and high - low < page.base and not with_multiple)


def _ranges(table: pd.DataFrame) -> Iterator[Range]:
    """Ranges of n of each row that has them, by what gives them."""
    if {"std_dev", "std_error"} <= set(table):
        yield _known(_squared_ratio(_printed(table, "std_dev"), _printed(table, "std_error")))
    if {"estimate", "method"} <= set(table):
        method = table["method"]
        simple = method.str.contains(_CORRELATION) & ~method.str.contains(_GIVEN_OTHERS)
        part = table[simple]
        r = _printed(part, "estimate")
        for column in [c for c in ("statistic", "p_value") if c in part]:
            yield _known(_of_correlation(r, _printed(part, column), column == "p_value"))
    for share in ("r_squared", "eta_squared"):
        if {share, "statistic", "df"} <= set(table):
            ratio = _printed(table, "statistic"), _printed(table, share)
            yield _known(_of_f(*ratio, _printed(table, "df")[0]))


def _printed(table: pd.DataFrame, column: str) -> Range:
    """Smallest and largest number that is printed so."""
    found = [decimal(text) or (np.nan, 0.0) for text in table[column]]
    number, half = np.array(found, dtype=float).reshape(-1, 2).T
    return number - half, number + half


def _known(found: Range) -> Range:
    usable = np.isfinite(found[0]) & np.isfinite(found[1])
    return found[0][usable], found[1][usable]


def _squared_ratio(spread: Range, error: Range) -> Range:
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = (spread[0] / error[1]) ** 2, (spread[1] / error[0]) ** 2
    return np.where(spread[0] > 0, low, np.nan), np.where(error[0] > 0, high, np.nan)


def _of_correlation(r: Range, test: Range, is_p: bool) -> Range:
    """By n = 2 + t^2 (1 - r^2) / r^2."""
    size, spread = np.abs(r[0] + r[1]) / 2, (r[1] - r[0]) / 2
    inner, outer = size - spread, size + spread
    inner = np.where((inner > 0) & (outer < 1), inner, np.nan)
    if is_p:
        usable = (test[0] >= _POWERS) & (test[1] < 1)
        test = tuple(np.where(usable, limit, np.nan) for limit in test[::-1])  # type: ignore[assignment]
    else:
        middle, half = np.abs(test[0] + test[1]) / 2, (test[1] - test[0]) / 2
        test = np.where(middle > half, middle - half, np.nan), middle + half
    return _n_of(outer, test[0], is_p), _n_of(inner, test[1], is_p)


def _n_of(r: np.ndarray, test: np.ndarray, is_p: bool) -> np.ndarray:
    t = stats.norm.isf(test / 2) if is_p else test
    for _ in range(_TURNS):
        df = t**2 * (1 - r**2) / r**2
        t = stats.t.isf(test / 2, df) if is_p else t
    return np.asarray(2 + df)


def _of_f(statistic: Range, share: Range, df: np.ndarray) -> Range:
    """By n = 1 + df + df F (1 - R^2) / R^2."""
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = (
            1 + df + df * f * (1 - r) / r for f, r in zip(statistic, share[::-1], strict=True)
        )
    usable = (statistic[0] > 0) & (share[0] > 0) & (share[1] < 1)
    return np.where(usable, low, np.nan), np.where(usable, high, np.nan)
