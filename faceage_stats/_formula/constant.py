"""Formulas of a part of the data, where a factor may have a single level left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import pandas as pd

from faceage_stats._formula.parse import formula_text
from faceage_stats._formula.sides import SPECIALS, read_right
from faceage_stats.errors import ConstantFactorError

__all__ = ["without_constant_factors"]


T = TypeVar("T")


def without_constant_factors(
    formula: str, data: pd.DataFrame, read: Callable[[str], T]
) -> tuple[str, T]:
    """Read a formula without the terms of factors that have one level in the rows used.

    For a model that was asked of all patients and is fitted to some: sex adjusts nothing among
    men. Of the data that a reader gives, such a factor is refused.

    Parameters
    ----------
    formula : str
    data : pandas.DataFrame
    read : callable
        Evaluates a formula on the data, as `survival_frame` does.

    Returns
    -------
    formula : str
    frame : what `read` makes of it

    Examples
    --------
    >>> from faceage_stats._formula.frame import model_frame
    >>> men = pd.DataFrame({"y": [1, 2], "age": [61, 70], "sex": "male"})
    >>> formula, frame = without_constant_factors(
    ...     "y ~ age*sex", men, lambda formula: model_frame(formula, men)
    ... )
    >>> formula, frame.design.names
    ('y ~ age', ['age'])
    """
    while True:
        try:
            return formula, read(formula)
        except ConstantFactorError as error:
            left, right = read_right(formula, data, SPECIALS, f"`{formula}`")
            kept = tuple(product for product in right.ordered if error.variable not in product)
            formula = formula_text(left, replace(right, ordered=kept))
