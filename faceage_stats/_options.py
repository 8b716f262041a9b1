"""Settings of a session: whether the data are those of real patients."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from faceage_stats.errors import DisclosureWarning

__all__ = ["Options", "options", "unwarned", "warns_of_patients"]


@dataclass
class Options:
    """Settings of a session.

    Attributes
    ----------
    private : bool
        The data are those of real patients: a result prints its title and its counts, and the
        first table of exact numbers warns. ``read_table(private=True)`` sets it.
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


def warns_of_patients(method: Callable[..., Any]) -> Callable[..., Any]:
    """Let a method that returns exact numbers say so once, where the data are private."""

    @functools.wraps(method)
    def call(*args: Any, **keywords: Any) -> Any:
        if options.private and not options.has_warned:
            options.has_warned = True
            warnings.warn(
                f"{method.__name__}() returns exact numbers, among them event times and counts of "
                "few patients: show them to nobody who may not see the table. This is said once.",
                DisclosureWarning,
                stacklevel=3,
            )
        return method(*args, **keywords)

    return call
