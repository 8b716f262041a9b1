"""Numbers coarse enough that no count of patients can be solved from them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats.cohorts.disclosure.rules import Rules

__all__ = [
    "DIGITS",
    "MANY",
    "numbers_of",
    "round_counts",
    "round_digits",
    "round_p",
    "round_resolution",
    "round_shares",
    "round_sums",
    "round_times",
    "step_of",
]

DIGITS = 4  # no released number has more
_SMALL_P = 0.001  # from which on a p value is a power of ten
MANY = 200  # patients from which on an estimate is given with a third digit


def numbers_of(table: pd.DataFrame, column: str) -> np.ndarray:
    """A column as numbers, missing where it has none."""
    return pd.to_numeric(table[column], errors="coerce").to_numpy(float, na_value=np.nan)


def round_counts(counts: Any, rules: Rules) -> np.ndarray:
    """Round counts up or down to the base; small ones become missing, 0 stays.

    The key of the rules decides from where on counts between two multiples go up, the nearer
    multiple being the likelier, and from which count between the minimum and a base above it
    counts are shown.

    Examples
    --------
    >>> from faceage_stats.cohorts.disclosure.rules import RULE_SETS
    >>> round_counts([0, 7, 15, 420], RULE_SETS["opensafely"]).tolist()
    [0.0, nan, 15.0, 420.0]
    """
    values = np.asarray(counts, float)
    known = {float(v): _rounded(float(v), rules) for v in np.unique(values[np.isfinite(values)])}
    rounded = [known.get(float(value), np.nan) for value in values.ravel()]
    return np.asarray(rounded, float).reshape(values.shape)


def _rounded(count: float, rules: Rules) -> float:
    """A larger count is never shown as less: where one was, nested groups would tell both."""
    if count == 0:
        return 0.0
    if count < rules.minimum + int(rules.base * rules.chance("shown")):
        return np.nan
    lower = float(rules.base * np.floor(count / rules.base))
    up = rules.chance("up", lower) < (count - lower) / rules.base
    return float(max(lower + rules.base * up, rules.curve_base))


def round_digits(values: Any, digits: Any) -> np.ndarray:
    """Round to significant digits.

    Examples
    --------
    >>> round_digits([0.012345, 123.4], 2).tolist()
    [0.012, 120.0]
    """
    numbers = np.asarray(values, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.floor(np.log10(np.abs(numbers)))
    usable = np.isfinite(size)
    decimals = np.where(usable, np.asarray(digits) - 1 - np.where(usable, size, 0), 0).astype(int)
    rounded = [
        round(float(x), int(d)) if np.isfinite(x) else x
        for x, d in zip(numbers.ravel(), np.broadcast_to(decimals, numbers.shape).ravel(),
                        strict=True)
    ]  # fmt: skip
    return np.asarray(rounded, float).reshape(numbers.shape)


def step_of(width: Any) -> np.ndarray:
    """The next larger of 1, 2 and 5 times a power of ten.

    Examples
    --------
    >>> step_of([0.012, 0.3, 5.1]).tolist()
    [0.02, 0.5, 10.0]
    """
    wide = np.asarray(width, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        power = 10.0 ** np.floor(np.log10(wide))
        ratio = wide / power
    factor = np.select([ratio <= 1 + 1e-9, ratio <= 2 + 1e-9, ratio <= 5 + 1e-9], [1, 2, 5], 10)
    return np.asarray(factor * power)


def round_resolution(values: Any, resolution: Any) -> np.ndarray:
    """Round to multiples of a resolution."""
    numbers = np.asarray(values, float)
    return round_digits(np.round(numbers / resolution) * resolution, 10) + 0.0  # no -0.0


def round_times(values: Any, rules: Rules) -> np.ndarray:
    """Round times to the grid of the rules."""
    return np.round(np.asarray(values, float) / rules.time_grid) * rules.time_grid


def round_sums(values: np.ndarray, n: np.ndarray, rules: Rules) -> np.ndarray:
    """Sums over n patients as coarse as n itself."""
    known = np.isfinite(n) & (values != 0)
    share = np.where(known, rules.base / n, 1)
    return np.where(known, round_resolution(values, step_of(np.abs(values) * share)), values)


def round_p(values: np.ndarray) -> np.ndarray:
    """Two digits; below 0.001 the next power of ten, for the test behind a small p is exact."""
    small = (values > 0) & (values < _SMALL_P)
    with np.errstate(divide="ignore", invalid="ignore"):
        power = 10.0 ** np.ceil(np.round(np.log10(values), 9))
    return np.where(small, round_digits(power, 1), round_digits(values, 2))


def round_shares(values: np.ndarray, n: np.ndarray, finest: float, rules: Rules) -> np.ndarray:
    """Shares of n patients as coarse as counts."""
    return round_resolution(values, np.maximum(step_of(rules.base / n), finest))
