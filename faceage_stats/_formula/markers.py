"""Columns as markers: what is judged by the order in which it puts patients is a number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._binary import is_text
from faceage_stats._columns import as_pandas, column, numeric
from faceage_stats._expression.nodes import Name
from faceage_stats._formula.sides import read_right
from faceage_stats._kinds import by_kind
from faceage_stats.errors import InputError

__all__ = ["marker_columns", "marker_numbers"]


def marker_numbers(values: pd.Series, name: str, what: str = "marker") -> np.ndarray:
    """Read a marker as numbers: an ordered factor by its order, true/false as 1 and 0.

    Parameters
    ----------
    values : pandas.Series
    name, what : str
        The column and its role, as messages name them.

    Raises
    ------
    InputError
        Text and unordered factors, which cannot be ordered, and dates.

    Examples
    --------
    >>> grade = pd.Series(pd.Categorical(["low", "high"], ["low", "high"], ordered=True))
    >>> marker_numbers(grade, "grade").tolist()
    [0.0, 1.0]
    """
    values = by_kind(values)
    if isinstance(values.dtype, pd.CategoricalDtype) and values.cat.ordered:
        codes = values.cat.codes.to_numpy(float)
        return np.where(codes < 0, np.nan, codes)
    if is_text(values):
        raise InputError(
            f"{what} '{name}' is text or a category without an order. Make it numbers, or an "
            "ordered one: pandas.Categorical(..., ordered=True)."
        )
    return numeric(values, name, what)


def marker_columns(formula: str, data: Any, where: str) -> pd.DataFrame:
    """Return the data with the columns that the right side names read as markers.

    Parameters
    ----------
    formula : str
        Its right side names markers.
    data : pandas.DataFrame or polars.DataFrame
        It is not changed.
    where : str
        The caller, as messages name it.

    Examples
    --------
    >>> data = pd.DataFrame({"died": [1, 0], "frail": [True, False]})
    >>> marker_columns("died ~ frail", data, "roc()")["frail"].tolist()
    [1.0, 0.0]
    """
    data = as_pandas(data)
    _, right = read_right(formula, data, {"strata", "cluster", "offset", "- 1"}, where)
    table: pd.DataFrame = data.copy(deep=False)
    for node in right.variables:
        if isinstance(node, Name):
            values = column(data, node.text, where)
            if values.dtype != np.dtype(float):  # plain numbers stay where they are
                table[node.text] = marker_numbers(values, node.text)
    return table
