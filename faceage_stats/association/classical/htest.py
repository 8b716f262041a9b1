"""The result of a classical test, and the two ways in: arrays, or a formula with data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._formula.parse import split_formula
from faceage_stats._result import Result, frozen_result
from faceage_stats.association.classical.columns import (
    as_frame,
    group_codes,
    numeric_column,
    numeric_vector,
    require_columns,
)
from faceage_stats.errors import InputError

__all__ = [
    "ALTERNATIVES",
    "HTest",
    "check_alternative",
    "check_conf_level",
    "groups_of",
    "paired_values",
    "two_samples",
]

ALTERNATIVES = {"two.sided": "two-sided", "less": "less", "greater": "greater"}


@frozen_result
class HTest(Result):
    """One classical test: what R prints as an ``htest``, in one row.

    A field that the test does not define is None and is left out of ``tidy()``. ``estimate1`` and
    ``estimate2`` are the two quantities that ``estimate`` is the difference or ratio of.
    """

    method: str
    p_value: float
    n: int
    n_missing: int = 0
    estimate: float | None = None
    estimate1: float | None = None
    estimate2: float | None = None
    std_error: float | None = None
    statistic: float | None = None
    df: float | None = None
    df_residual: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    conf_level: float | None = None
    alternative: str | None = None

    def tidy(self, **kwargs: Any) -> pd.DataFrame:
        """One row with the fields that the test defines."""
        values = {name: getattr(self, name) for name in _ROW_ORDER}
        return pd.DataFrame([{name: v for name, v in values.items() if v is not None}])

    def glance(self) -> pd.DataFrame:
        """Repeat ``tidy()``: a test has one row."""
        return self.tidy()

    def _title(self) -> str:
        return self.method


# estimate first, as broom has it
_ROW_ORDER = [
    *("estimate", "estimate1", "estimate2", "std_error", "statistic", "df", "df_residual"),
    *("p_value", "conf_low", "conf_high", "conf_level", "n", "n_missing", "method"),
    "alternative",
]


def check_alternative(alternative: str) -> str:
    """Translate R's word for the alternative into scipy's."""
    if alternative not in ALTERNATIVES:
        raise InputError(
            f"alternative is {alternative!r}; choose one of {', '.join(ALTERNATIVES)}."
        )
    return ALTERNATIVES[alternative]


def check_conf_level(conf_level: float) -> None:
    """Refuse a confidence level outside 0 to 1."""
    if not 0 < conf_level < 1:
        raise InputError(f"conf_level is {conf_level}; it must lie between 0 and 1, e.g. 0.95.")


def groups_of(x: Any, data: Any, *, at_least: int = 2) -> tuple[list[np.ndarray], list[Any], int]:
    """Split 'value ~ group' into complete samples in level order: samples, labels, n_missing."""
    if not isinstance(x, str) or data is None:
        raise InputError("Give a formula 'value ~ group' and data=, a frame with these columns.")
    frame = as_frame(data)
    value, group = split_formula(x)
    require_columns(frame, [value, group])
    numbers = numeric_column(frame, value)
    complete = ~np.isnan(numbers) & frame[group].notna().to_numpy()
    codes, labels = group_codes(frame[group][complete])
    if len(labels) < at_least:
        raise InputError(f"`{group}` has {len(labels)} groups with data; {at_least} are needed.")
    samples = [numbers[complete][codes == code] for code in range(len(labels))]
    return samples, labels, int((~complete).sum())


def two_samples(x: Any, y: Any, data: Any) -> tuple[np.ndarray, np.ndarray, int]:
    """Two independent samples, from two arrays or from 'value ~ group' with two groups."""
    if isinstance(x, str):
        samples, labels, n_missing = groups_of(x, data)
        if len(samples) != 2:
            raise InputError(f"{x!r} has {len(labels)} groups; this test compares exactly 2.")
        return samples[0], samples[1], n_missing
    first, second = numeric_vector(x, "x"), numeric_vector(y, "y")
    n_missing = int(np.isnan(first).sum() + np.isnan(second).sum())
    return first[~np.isnan(first)], second[~np.isnan(second)], n_missing


def paired_values(x: Any, y: Any, data: Any) -> tuple[np.ndarray, np.ndarray, int]:
    """Return complete pairs, from two arrays or two column names of data."""
    if data is not None:
        frame = as_frame(data)
        require_columns(frame, [x, y])
        x, y = numeric_column(frame, x), numeric_column(frame, y)
    first, second = numeric_vector(x, "x"), numeric_vector(y, "y")
    if len(first) != len(second):
        raise InputError(f"x has {len(first)} values and y {len(second)}; pairs need as many.")
    complete = ~(np.isnan(first) | np.isnan(second))
    return first[complete], second[complete], int((~complete).sum())
