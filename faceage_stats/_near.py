"""The name that somebody probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["did_you_mean"]


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
    near = difflib.get_close_matches(str(name).lower(), [str(k) for k in known], n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
