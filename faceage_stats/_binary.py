"""A column of 0/1, and the refusal of one that is text."""

from __future__ import annotations

import numpy as np
import pandas as pd

from faceage_stats._columns import numeric
from faceage_stats.errors import InputError

__all__ = ["binary", "is_text"]

_FEW_KINDS = 5  # levels of a text outcome that a message lists


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
    if is_text(values):
        kinds = values.dropna().astype(str).value_counts()
        listed = f"{len(kinds)} different values"  # many may identify a patient
        if len(kinds) <= _FEW_KINDS:
            listed = ", ".join(f"{level} ({count} rows)" for level, count in kinds.items())
        event = f'{name} == "{kinds.index[0] if 0 < len(kinds) <= _FEW_KINDS else "yes"}"'
        raise InputError(
            f"`{name}` is text, not 0/1: {listed}. Name the event of interest, "
            f"e.g. {example.format(event)}."
        )
    array = numeric(values, name)
    other = ~np.isnan(array) & (array != 0) & (array != 1)
    if other.any():
        found, counts = np.unique(array[other], return_counts=True)
        pairs = zip(found[:5], counts[:5], strict=True)
        listed = ", ".join(f"{value:g} ({count} rows)" for value, count in pairs)
        event = example.format(f"{name} == {found[0]:g}")
        raise InputError(
            f"`{name}` has values other than 0/1: {listed}. Recode it, or name the event of "
            f"interest with {event}."
        )
    return array
