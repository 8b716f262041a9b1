"""One adapter per kind of case: it turns a case's `args` into our public call.

An adapter returns the values under the names of the case's `expected`; what it leaves out
is counted as a value without an answer.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

__all__ = [
    "ADAPTERS",
    "STRICT",
    "Adapter",
    "Arguments",
    "adapter",
    "load_adapters",
    "refuse_unread",
]

Adapter = Callable[[Mapping[str, Any], "pd.DataFrame | None", Mapping[str, Any]], dict[str, Any]]

ADAPTERS: dict[str, Adapter] = {}
STRICT: set[str] = set()
# Arguments that say how the data are read (cases_io), not what is asked of them.
OF_THE_DATA = {"analysis", "factors", "head", "index"}


class Arguments(Mapping[str, Any]):
    """The arguments of a case, which remember those that an adapter has looked at."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given, self._read = given, set(OF_THE_DATA)

    def __getitem__(self, name: str) -> Any:
        self._read.add(name)
        return self._given[name]

    def __iter__(self) -> Iterator[str]:
        self._read.update(self._given)
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)

    def unread(self) -> list[str]:
        """Arguments with a value that nobody looked at; null stands for R's default."""
        return [n for n, value in self._given.items() if n not in self._read and value is not None]


def adapter(*kinds: str, strict: bool = False) -> Callable[[Adapter], Adapter]:
    """Register a function for the cases whose `args.analysis` is one of `kinds`.

    A strict one fails a case with an argument that it did not look at; in the others arguments
    say again what a formula says.
    """

    def register(function: Adapter) -> Adapter:
        for kind in kinds:
            if ADAPTERS.get(kind, function) is not function:
                raise ValueError(f"two adapters answer {kind!r}")
            ADAPTERS[kind] = function
            if strict:
                STRICT.add(kind)
        return function

    return register


def refuse_unread(args: Mapping[str, Any], read: set[str]) -> None:
    """Fail a case with an argument that the adapter does not read, so that none is ignored."""
    unread = set(args) - read - {"analysis"}
    assert not unread, f"the adapter would ignore {sorted(unread)}"


def load_adapters() -> dict[str, Adapter]:
    """Import every module of this folder once and return the registry."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return ADAPTERS
