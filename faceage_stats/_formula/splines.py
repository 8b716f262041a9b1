"""Spline bases for formulas: `ns` as in R's splines package, `rcs` as in rms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from formulaic.materializers.types import FactorValues
from formulaic.utils.stateful_transforms import stateful_transform

from faceage_stats.errors import FormulaError

__all__ = ["natural_spline_basis", "ns", "rcs", "rcs_basis", "rcs_knots"]

_RCS_OUTER = {3: 0.10, 4: 0.05, 5: 0.05, 6: 0.05}  # 0.025 from seven knots on


def natural_spline_basis(x: Any, knots: Any, boundary_knots: Any) -> np.ndarray:
    """Compute the natural cubic spline basis without an intercept column, as R's ``splines::ns``.

    Parameters
    ----------
    x : array_like, shape (n,)
        Where to evaluate; linear beyond the boundary knots.
    knots : array_like, shape (k,)
        Interior knots, in the unit of `x`.
    boundary_knots : array_like, shape (2,)
        Lower and upper boundary knot.

    Returns
    -------
    numpy.ndarray, shape (n, k + 1)

    Examples
    --------
    >>> import numpy as np
    >>> natural_spline_basis([0.0, 1.0, 2.0], [1.0], [0.0, 2.0]).shape
    (3, 2)
    """
    from scipy import linalg
    from scipy.interpolate import BSpline

    x = np.asarray(x, float)
    low, high = np.asarray(boundary_knots, float)
    knot_sequence = np.r_[[low] * 4, np.sort(np.asarray(knots, float)), [high] * 4]
    spline = BSpline(knot_sequence, np.eye(len(knot_sequence) - 4), 3)
    inside = np.clip(x, low, high)
    slope = spline(inside, nu=1)
    basis = spline(inside) + slope * (x - inside)[:, None]
    curvature = spline(np.array([low, high]), nu=2)[:, 1:]  # R drops the first B-spline
    null_space = linalg.qr(curvature.T)[0][:, 2:]
    return np.asarray(basis[:, 1:] @ null_space)


def rcs_knots(x: Any, n_knots: int) -> np.ndarray:
    """Choose the knots of a restricted cubic spline, as ``Hmisc::rcspline.eval``.

    Equally spaced quantiles between outer quantiles that depend on the number of knots; with
    fewer than 100 values the outer knots are the fifth smallest and fifth largest value.

    Examples
    --------
    >>> rcs_knots(range(101), 3)
    array([10., 50., 90.])
    """
    x = np.asarray(x, float)
    x = x[~np.isnan(x)]
    if n_knots < 3:
        raise FormulaError(f"rcs() needs at least 3 knots, not {n_knots}.")
    outer = _RCS_OUTER.get(n_knots, 0.025)
    knots: np.ndarray = np.quantile(x, np.linspace(outer, 1 - outer, n_knots))
    if len(x) < 100:
        ordered = np.sort(x)
        rank = min(5, len(x))
        knots[0], knots[-1] = ordered[rank - 1], ordered[-rank]
    return knots


def rcs_basis(x: Any, knots: Any, norm: int = 2) -> np.ndarray:
    """Compute the restricted cubic spline basis: `x`, then one column per knot but the last two.

    Parameters
    ----------
    x : array_like, shape (n,)
    knots : array_like, shape (k,)
    norm : {2, 1, 0}
        Cubes divided by (last - first knot)^2 as ``rms::rcs`` does; by the cube of the distance
        of the last two knots; or not divided.

    Returns
    -------
    numpy.ndarray, shape (n, k - 1)

    Examples
    --------
    >>> rcs_basis([0.5], [-1, 0, 1.5]).round(2)
    array([[0.5 , 0.51]])
    """
    x, knots = np.asarray(x, float), np.sort(np.asarray(knots, float))
    first, penultimate, last = knots[0], knots[-2], knots[-1]
    divisor = {0: 1.0, 1: last - penultimate, 2: (last - first) ** (2 / 3)}[norm]

    def cube(knot: float) -> np.ndarray:
        return np.asarray((np.maximum(x - knot, 0) / divisor) ** 3)

    gap = last - penultimate
    columns = [
        cube(knot) - (cube(penultimate) * (last - knot) - cube(last) * (penultimate - knot)) / gap
        for knot in knots[:-2]
    ]
    return np.column_stack([x, *columns])


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
