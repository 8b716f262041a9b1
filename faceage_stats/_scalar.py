"""Numbers given as arguments: a single one, or several, refused by name when they are not."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np

from faceage_stats.errors import InputError

__all__ = ["check_matrix", "check_number", "check_numbers", "check_whole", "round_up"]

_LARGEST = 2**53  # whole numbers beyond it are not told apart
_ROUNDING = 1e-12  # relative error of a product of a few floats, with room


def check_number(name: str, value: Any, must: str = "be a finite number") -> float:
    """Read one finite number; refuse text, lists, true/false and missing values.

    Parameters
    ----------
    name : str
        Name of the argument.
    value : object
        What was given.
    must : str
        What it must do, as the message says it.

    Raises
    ------
    InputError

    Examples
    --------
    >>> check_number("tau", "five")
    Traceback (most recent call last):
    faceage_stats.errors.InputError: tau is 'five'; it must be a finite number.
    """
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)
    if not is_number or not math.isfinite(value):
        plain = isinstance(value, numbers.Number | str | None)  # not rows of patients
        shown = repr(value) if plain else f"a {type(value).__name__}"
        raise InputError(f"{name} is {shown}; it must {must}.")
    return float(value)


def check_whole(name: str, value: Any, least: int = 0) -> int:
    """Read one whole number that is not below the least.

    Examples
    --------
    >>> check_whole("n_resamples", 2.5, 1)
    Traceback (most recent call last):
    faceage_stats.errors.InputError: n_resamples is 2.5; it must be a whole number, 1 or more.
    """
    must = f"be a whole number, {least} or more"
    number = check_number(name, value, must)
    if number != int(number) or number < least:
        raise InputError(f"{name} is {value!r}; it must {must}.")
    if number > _LARGEST:
        raise InputError(f"{name} is {value!r}; a count is at most 2^53.")
    return int(number)


def check_numbers(name: str, values: Any, must: str = "be finite numbers") -> np.ndarray:
    """Read one number or several as floats, in the order given; refuse what is not finite.

    Examples
    --------
    >>> check_numbers("times", [0.5, 1]), check_numbers("times", 2)
    (array([0.5, 1. ]), array([2.]))
    >>> check_numbers("times", "a year")
    Traceback (most recent call last):
    faceage_stats.errors.InputError: times must be finite numbers.
    """
    try:
        array = np.atleast_1d(np.asarray(values))
    except ValueError:  # a list of lists, a result
        raise InputError(f"{name} must {must}.") from None
    if array.ndim != 1 or array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        raise InputError(f"{name} must {must}.")
    return array.astype(float)


def check_matrix(name: str, values: Any, n_columns: int, what: str) -> np.ndarray:
    """Read one row of numbers or several, each with one number for every `what`.

    Examples
    --------
    >>> check_matrix("weights", [0, 1], 2, "coefficient")
    array([[0., 1.]])
    >>> check_matrix("weights", ["a"], 2, "coefficient")
    Traceback (most recent call last):
    faceage_stats.errors.InputError: weights must be finite numbers, one for each of the \
2 coefficients.
    """
    must = f"be finite numbers, one for each of the {n_columns} {what}s"
    try:
        rows = np.atleast_2d(np.asarray(values))
    except ValueError:  # rows of different lengths
        raise InputError(f"{name} must {must}.") from None
    if rows.ndim != 2 or rows.shape[1] != n_columns:
        raise InputError(f"{name} must {must}.")
    return check_numbers(name, rows.ravel(), must).reshape(rows.shape)


def round_up(value: float) -> int:
    """Round up to a whole number of patients or events.

    What is whole but for the rounding error of floats stays: 0.07 x 100 is 7.000000000000001.

    Examples
    --------
    >>> round_up(0.07 * 100), round_up(7.001)
    (7, 8)
    """
    if not math.isfinite(value):
        raise InputError("the size is infinite: some of the numbers given are too large or small.")
    return math.ceil(value * (1 - _ROUNDING))
