"""Splines as formulaic calls them; the bases are those of `_expression.splines`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from formulaic.materializers.types import FactorValues
from formulaic.utils.stateful_transforms import stateful_transform

from faceage_stats._expression.splines import natural_spline_basis, rcs_basis, rcs_knots
from faceage_stats.errors import FormulaError

__all__ = ["ns", "rcs"]


@stateful_transform
def ns(
    x: Any,
    df: int | None = None,
    knots: Sequence[float] | None = None,
    boundary_knots: Sequence[float] | None = None,
    _state: dict[str, Any] = {},  # noqa: B006 - formulaic replaces it with the dict of the fit
) -> FactorValues:
    """Encode a natural cubic spline: ``ns(age, df=3)`` or ``ns(age, knots=[48, 59])``."""
    x = np.asarray(x, float)
    if "knots" not in _state:
        if df is None and knots is None:
            raise FormulaError("ns() needs df=, e.g. ns(age, df=3), or knots=.")
        if knots is None:
            knots = np.quantile(x, np.linspace(0, 1, int(df or 1) + 1)[1:-1])
        _state["knots"] = np.asarray(knots, float)
        _state["boundary"] = (
            np.array([x.min(), x.max()]) if boundary_knots is None else boundary_knots
        )
    return _columns(natural_spline_basis(x, _state["knots"], _state["boundary"]))


@stateful_transform
def rcs(
    x: Any,
    n_knots: int | None = None,
    knots: Sequence[float] | None = None,
    _state: dict[str, Any] = {},  # noqa: B006 - formulaic replaces it with the dict of the fit
) -> FactorValues:
    """Encode a restricted cubic spline as rms: ``rcs(age, 4)``, ``rcs(age, knots=[...])``."""
    x = np.asarray(x, float)
    if "knots" not in _state:
        _state["knots"] = rcs_knots(x, n_knots or 5) if knots is None else np.asarray(knots, float)
    return _columns(rcs_basis(x, _state["knots"]))


def _columns(basis: np.ndarray) -> FactorValues:
    """Label the columns 1, 2, ... for formulaic; a spline never spans the intercept."""
    columns = {str(index + 1): column for index, column in enumerate(basis.T)}
    return FactorValues(columns, kind="numerical", spans_intercept=False, format="{name}[{field}]")
