"""The name that somebody probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["did_you_mean", "nearest"]


def nearest(name: object, known: Iterable[object]) -> str | None:
    """Find the known name that is nearest in spelling, whatever its case; None without one.

    Examples
    --------
    >>> nearest("conf_lvl", ["conf_level", "exponentiate"])
    'conf_level'
    """
    spelled = {str(each).lower(): str(each) for each in known}
    near = difflib.get_close_matches(str(name).lower(), spelled, n=1)
    return spelled[near[0]] if near else None


def did_you_mean(name: object, known: Iterable[object]) -> str:
    """A sentence with a leading blank, or nothing when no known name is near.

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
