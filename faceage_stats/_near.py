"""Suggestions for misspelt names."""

from __future__ import annotations

import difflib
import numbers
import typing
from collections.abc import Iterable
from typing import Any

from faceage_stats.errors import InputError

__all__ = ["check_option", "did_you_mean", "nearest"]


# Values of R's functions, with ours.
_IN_R = {
    "best": "youden",
    "exp": "exponential",
    "fij": "jackknife",
    "j1s": "one_step",
    "llogis": "loglogistic",
    "lnorm": "lognormal",
    "san.se": "sandwich",
    "scaledsch": "scaled_schoenfeld",
    "topleft": "closest_topleft",
}
_LONGEST = 200  # characters; of more than that no name is a misspelling


def nearest(name: object, known: Iterable[object]) -> str | None:
    """Find the known name that is nearest in spelling, whatever its case and blanks; None without.

    Examples
    --------
    >>> nearest("conf_lvl", ["conf_level", "exponentiate"])
    'conf_level'
    """
    if len(str(name)) > _LONGEST:
        return None
    spelled = {str(each).strip().lower(): str(each) for each in known}
    near = difflib.get_close_matches(str(name).strip().lower(), spelled, n=1)
    return spelled[near[0]] if near else None


def did_you_mean(name: object, known: Iterable[object]) -> str:
    """Offer the nearest known name: a sentence with a leading blank, or nothing.

    Parameters
    ----------
    name : object
        What was written.
    known : iterable
        What could have been meant.

    Returns
    -------
    str

    Examples
    --------
    >>> "There is no schema 'mastro'." + did_you_mean("mastro", ["maastro", "survey"])
    "There is no schema 'mastro'. Did you mean 'maastro'?"
    """
    near = nearest(name, known)
    return f" Did you mean {near!r}?" if near else ""


def check_option(name: str, value: object, options: Any) -> None:
    """Refuse a value that is not one of a few, and offer the one that was probably meant.

    Parameters
    ----------
    name : str
        Name of the argument.
    value : object
        What was given.
    options : Literal type or iterable of str
        What is allowed.

    Raises
    ------
    InputError

    Examples
    --------
    >>> check_option("ties", "efon", ("efron", "breslow"))
    Traceback (most recent call last):
    faceage_stats.errors.InputError: ties is 'efon'; choose one of efron, breslow. Did you mean \
'efron'?
    """
    allowed = typing.get_args(options) or tuple(options)
    if not isinstance(value, str | numbers.Number | None):
        raise InputError(
            f"{name} is a {type(value).__name__}; choose one of {', '.join(map(str, allowed))}."
        )
    if value not in allowed:
        listed = ", ".join(str(each) for each in allowed)
        meant = _IN_R.get(str(value))
        near = f" Did you mean {meant!r}?" if meant in allowed else did_you_mean(value, allowed)
        raise InputError(f"{name} is {value!r}; choose one of {listed}.{near}")
