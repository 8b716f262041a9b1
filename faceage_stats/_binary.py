"""A column of 0/1, and the refusal of one that is text."""

from __future__ import annotations

import numpy as np
import pandas as pd

from faceage_stats._columns import numeric
from faceage_stats._kinds import by_kind, level_text
from faceage_stats._levels import FEW, as_factor, list_levels
from faceage_stats.errors import InputError

__all__ = ["binary", "is_text"]


def is_text(values: pd.Series) -> bool:
    """Tell text and factors from numbers, true/false and dates.

    Examples
    --------
    >>> import pandas as pd
    >>> is_text(pd.Series(["yes", None])), is_text(pd.Series([1, 0]))
    (True, False)
    """
    is_factor = isinstance(values.dtype, pd.CategoricalDtype)
    return is_factor or values.dtype == object or pd.api.types.is_string_dtype(values)


def binary(values: pd.Series, name: str, example: str = "Surv(time, {})") -> np.ndarray:
    """Read 0/1 as floats, NaN for missing; refuse anything else by value and row count.

    Parameters
    ----------
    values : pandas.Series
    name : str
        Column or expression, named in messages.
    example : str
        How the formula would name the event of interest.

    Examples
    --------
    >>> import pandas as pd
    >>> binary(pd.Series([True, False]), "died").tolist()
    [1.0, 0.0]
    """
    values = by_kind(values)
    if is_text(values):
        counts = values.dropna().value_counts()
        levels = list(as_factor(values).cat.remove_unused_categories().cat.categories)
        event = levels[min(1, len(levels) - 1)] if 0 < len(levels) <= FEW else "yes"
        quoted = f'"{event}"' if isinstance(event, str) else level_text(event)
        raise InputError(
            f"`{name}` is text, not 0/1: {_counted(counts)}. Name the event of interest, "
            f"e.g. {example.format(f'{name} == {quoted}')}.{_several(len(levels), example)}"
        )
    array = numeric(values, name)
    other = ~np.isnan(array) & (array != 0) & (array != 1)
    if other.any():
        counts = pd.Series(array[other]).value_counts().sort_index()
        first = level_text(counts.index[0]) if len(counts) <= FEW else 1
        raise InputError(
            f"`{name}` has values other than 0/1: {_counted(counts)}. Recode it, or name the "
            f"event of interest with {example.format(f'{name} == {first}')}."
            f"{_several(len(np.unique(array[~np.isnan(array)])), example)}"
        )
    return array


def _several(n_values: int, example: str) -> str:
    """Name who reads censoring and several events; many values are no events."""
    if not 2 < n_values <= FEW or not example.startswith("Surv"):
        return ""
    return " Several events are competing risks: cuminc(), crr(), aalen_johansen()."


def _counted(counts: pd.Series) -> str:
    """List a few values with their rows; of many say only how many: they may name patients."""
    if len(counts) > FEW:
        return list_levels(counts.index)
    return ", ".join(f"{level_text(value)} ({n} rows)" for value, n in counts.items())
