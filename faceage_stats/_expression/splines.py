"""Bases of a number: `ns` and `bs` of R's splines, `rcs` of rms, orthogonal polynomials."""

from __future__ import annotations

from typing import Any

import numpy as np

from faceage_stats.errors import FormulaError

__all__ = [
    "b_spline_basis",
    "natural_spline_basis",
    "polynomial_basis",
    "polynomial_coefficients",
    "rcs_basis",
    "rcs_knots",
]

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


def b_spline_basis(x: Any, knots: Any, boundary_knots: Any, degree: int = 3) -> np.ndarray:
    """Compute the B-spline basis without an intercept column, as R's ``splines::bs``.

    Parameters
    ----------
    x : array_like, shape (n,)
        Where to evaluate; the outer pieces go on beyond the boundary knots.
    knots : array_like, shape (k,)
        Interior knots, in the unit of `x`.
    boundary_knots : array_like, shape (2,)
        Lower and upper boundary knot.
    degree : int

    Returns
    -------
    numpy.ndarray, shape (n, k + degree)

    Examples
    --------
    >>> b_spline_basis([0.0, 1.0, 2.0], [], [0.0, 2.0], degree=2).tolist()
    [[0.0, 0.0], [0.5, 0.25], [0.0, 1.0]]
    """
    from scipy.interpolate import BSpline

    low, high = np.asarray(boundary_knots, float)
    ends = degree + 1
    knot_sequence = np.r_[[low] * ends, np.sort(np.asarray(knots, float)), [high] * ends]
    spline = BSpline(knot_sequence, np.eye(len(knot_sequence) - ends), degree)
    return np.asarray(spline(np.asarray(x, float))[:, 1:])


def polynomial_coefficients(x: Any, degree: int) -> tuple[np.ndarray, np.ndarray]:
    """Find the recurrence of the polynomials that are orthogonal on `x`, as R's ``poly``.

    Returns
    -------
    centres : numpy.ndarray, shape (degree,)
    norms : numpy.ndarray, shape (degree + 1,)
        Sums of squares of the polynomials 0 to `degree`, each with leading coefficient 1.

    Examples
    --------
    >>> [each.tolist() for each in polynomial_coefficients([0, 1, 2], 1)]
    [[1.0], [3.0, 2.0]]
    """
    x = np.asarray(x, float)
    before, current = np.zeros(len(x)), np.ones(len(x))
    centres, norms = np.empty(degree), np.empty(degree + 1)
    norms[0] = len(x)
    ratio = 0.0
    for k in range(degree):
        centres[k] = np.sum(x * current**2) / norms[k]
        before, current = current, (x - centres[k]) * current - ratio * before
        with np.errstate(over="ignore", under="ignore"):
            norms[k + 1] = np.sum(current**2)
        if not 0 < norms[k + 1] < np.inf:
            raise FormulaError("poly(): the values are too small or large; use another unit.")
        ratio = norms[k + 1] / norms[k]
    return centres, norms


def polynomial_basis(x: Any, centres: np.ndarray, norms: np.ndarray) -> np.ndarray:
    """Compute orthonormal polynomials of degree 1 and above from their recurrence.

    Returns
    -------
    numpy.ndarray, shape (n, degree)

    Examples
    --------
    >>> centres, norms = polynomial_coefficients([0, 1, 2], 1)
    >>> polynomial_basis([0, 1, 2], centres, norms).round(3).ravel().tolist()
    [-0.707, 0.0, 0.707]
    """
    x = np.asarray(x, float)
    before, current = np.zeros(len(x)), np.ones(len(x))
    columns = []
    for k, centre in enumerate(centres):
        ratio = norms[k] / norms[k - 1] if k else 0.0
        before, current = current, (x - centre) * current - ratio * before
        columns.append(current / np.sqrt(norms[k + 1]))
    return np.column_stack(columns)
