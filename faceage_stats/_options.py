"""Settings of a session: whether the data are those of real patients."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ParamSpec, TypeVar, cast

from faceage_stats._warn import warn
from faceage_stats.errors import DisclosureWarning

__all__ = ["Options", "options", "unwarned", "warns_of_patients"]

P = ParamSpec("P")
R = TypeVar("R")


@dataclass
class Options:
    """Settings of a session.

    Attributes
    ----------
    private : bool
        The data are those of real patients: a result prints its title and its counts, and the
        first method or figure that shows exact numbers warns. ``read_table(private=True)`` sets
        it.
    """

    private: bool = False
    has_warned: bool = False


options = Options()


@contextmanager
def unwarned() -> Iterator[None]:
    """Read tables to print a summary of them: that a table is asked for is said when it is."""
    before, options.has_warned = options.has_warned, True
    try:
        yield
    finally:
        options.has_warned = before


def warns_of_patients(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function that gives exact numbers away say so once, where the data are private.

    Another result does not warn, for it prints a summary of itself, nor does the one row of a
    whole fit.
    """

    @functools.wraps(function)
    def call(*args: P.args, **keywords: P.kwargs) -> R:
        if not options.private or options.has_warned:
            return function(*args, **keywords)
        with unwarned():
            value = function(*args, **keywords)
        is_one_row = function.__name__ == "glance" and len(cast("Sized", value)) == 1
        if not (is_one_row or hasattr(type(value), "glance")):
            options.has_warned = True
            warn(
                f"{function.__name__}() shows exact numbers, among them event times and counts of "
                "few patients: show them to nobody who may not see the table. This is said once.",
                DisclosureWarning,
            )
        return value

    return call
