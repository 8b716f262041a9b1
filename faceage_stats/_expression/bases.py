"""Functions of one number that remember the fit: ns, bs, rcs, poly, scale."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._expression.splines import (
    b_spline_basis,
    natural_spline_basis,
    polynomial_basis,
    polynomial_coefficients,
    rcs_basis,
    rcs_knots,
)
from faceage_stats._expression.values import Basis, Value, numbers
from faceage_stats.errors import FormulaError

__all__ = ["bs", "ns", "poly", "rcs", "scale"]


def ns(
    x: Value,
    df: Any = None,
    knots: Any = None,
    boundary_knots: Any = None,
    *,
    state: dict[str, Any],
) -> Basis:
    """Encode a natural cubic spline: ``ns(age, df = 3)``, ``ns(age, knots = c(48, 59))``."""
    values, known = _column(x, "ns()")
    if not state:
        if df is None and knots is None:
            raise FormulaError("ns() needs df=, e.g. ns(age, df = 3), or knots=.")
        n_inside = 0 if df is None else _whole(df, "df", 1) - 1
        _remember_knots(state, known, knots, n_inside, boundary_knots)
    inside, boundary = state["knots"], state["boundary"]
    return _basis(values, lambda x: natural_spline_basis(x, inside, boundary))


def bs(
    x: Value,
    df: Any = None,
    knots: Any = None,
    degree: Any = 3,
    boundary_knots: Any = None,
    *,
    state: dict[str, Any],
) -> Basis:
    """Encode a B-spline: ``bs(age, df = 5)``, ``bs(age, knots = 60, degree = 2)``."""
    values, known = _column(x, "bs()")
    power = _whole(degree, "degree", 1)
    if not state:
        n_inside = 0 if df is None else _whole(df, "df", power) - power
        _remember_knots(state, known, knots, n_inside, boundary_knots)
    inside, boundary = state["knots"], state["boundary"]
    return _basis(values, lambda x: b_spline_basis(x, inside, boundary, power))


def rcs(x: Value, n_knots: Any = None, knots: Any = None, *, state: dict[str, Any]) -> Basis:
    """Encode a restricted cubic spline as rms: ``rcs(age, 4)``, ``rcs(age, c(50, 60, 70))``."""
    values, known = _column(x, "rcs()")
    if not state:
        if isinstance(n_knots, list):
            n_knots, knots = None, n_knots
        if knots is None:
            knots = rcs_knots(known, 5 if n_knots is None else _whole(n_knots, "n_knots", 3))
        knots = _constants(knots, "knots")
        if len(np.unique(knots)) < len(knots) or len(knots) < 3:
            raise FormulaError("rcs() needs at least 3 knots, all different. Use fewer knots.")
        state["knots"] = knots
    return _basis(values, lambda x: rcs_basis(x, state["knots"]))


def poly(x: Value, degree: Any = 1, raw: Any = False, *, state: dict[str, Any]) -> Basis:
    """Encode a polynomial, orthogonal on the rows of the fit: ``poly(age, 2)``."""
    values, known = _column(x, "poly()")
    power = _whole(degree, "degree", 1)
    if raw:
        return _basis(values, lambda x: x[:, None] ** np.arange(1, power + 1))
    if not state:
        n_distinct = len(np.unique(known))
        if n_distinct <= power:
            raise FormulaError(
                f"poly() of degree {power} needs more than {power} different values, not "
                f"{n_distinct}."
            )
        state["centres"], state["norms"] = polynomial_coefficients(known, power)
    return _basis(values, lambda x: polynomial_basis(x, state["centres"], state["norms"]))


def scale(x: Value, center: Any = True, scale: Any = True, *, state: dict[str, Any]) -> Value:
    """Subtract the mean and divide by the standard deviation, or by the numbers given."""
    values, known = _column(x, "scale()")
    if not state:
        centre = _number_or(center, "center", float(known.mean()), 0.0)
        spread = float(np.sqrt(np.sum((known - centre) ** 2) / max(len(known) - 1, 1)))
        state["center"], state["scale"] = centre, _number_or(scale, "scale", spread, 1.0)
        if not state["scale"] > 0:
            raise FormulaError("scale() needs a column of more than one value.")
    return (values - state["center"]) / state["scale"]


def _number_or(given: Any, name: str, if_true: float, if_false: float) -> float:
    """Read an argument that is true, false or a number."""
    if isinstance(given, bool):
        return if_true if given else if_false
    if not isinstance(given, int | float):
        raise FormulaError(f"scale(): {name} must be TRUE, FALSE or a number.")
    return float(given)


def _column(x: Value, function: str) -> tuple[pd.Series, np.ndarray]:
    """Give a column of numbers and, for knots and moments, its known values."""
    values = numbers(x, function)
    if not isinstance(values, pd.Series):
        raise FormulaError(f"{function} needs a column.")
    n_infinite = int(np.isinf(values).sum())
    if n_infinite:
        raise FormulaError(
            f"{function}: '{values.name}' is not finite in {n_infinite} rows (a logarithm of zero "
            "or of a negative number?). Correct the column."
        )
    known = values.to_numpy()[values.notna().to_numpy()]
    if not len(known):
        raise FormulaError(f"{function}: '{values.name}' is missing in all {len(values)} rows.")
    return values, known


def _remember_knots(
    state: dict[str, Any], known: np.ndarray, knots: Any, n_inside: int, boundary: Any
) -> None:
    """Keep the knots of the fit: as given, or quantiles of the known values."""
    ends = [known.min(), known.max()] if boundary is None else boundary
    ends = _constants(ends, "Boundary.knots")
    if len(ends) != 2 or not ends[0] < ends[1]:
        raise FormulaError(
            "a spline needs a column of more than one value, and two boundary knots."
        )
    if knots is None:
        inside = known[(known >= ends[0]) & (known <= ends[1])]
        knots = np.quantile(inside, np.linspace(0, 1, n_inside + 2)[1:-1])
    state["knots"], state["boundary"] = _constants(knots, "knots"), ends


def _basis(values: pd.Series, compute: Any) -> Basis:
    """Compute the columns of the rows that are not missing; the others stay NaN."""
    x = values.to_numpy()
    known = ~np.isnan(x)
    computed = compute(x[known] if known.any() else np.zeros(1))
    matrix = np.full((len(x), computed.shape[1]), np.nan)
    if known.any():
        matrix[known] = computed
    suffixes = tuple(str(k + 1) for k in range(matrix.shape[1]))
    return Basis(matrix, values.index, suffixes)


def _constants(values: Any, name: str) -> np.ndarray:
    try:
        array = np.sort(np.atleast_1d(np.asarray(values, dtype=float)))
    except (TypeError, ValueError):
        raise FormulaError(f"{name} must be numbers, e.g. c(48, 59).") from None
    if array.ndim != 1 or not np.isfinite(array).all():
        raise FormulaError(f"{name} must be finite numbers, e.g. c(48, 59).")
    return array


def _whole(value: Any, name: str, least: int) -> int:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or value != int(value) or not least <= value <= 100:
        raise FormulaError(f"{name} must be a whole number from {least} to 100.")
    return int(value)
