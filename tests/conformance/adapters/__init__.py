"""One adapter per kind of case: it turns a case's `args` into our public call.

An adapter returns the values under the names of the case's `expected`; what it leaves out
is counted as a value without an answer.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

__all__ = [
    "ADAPTERS",
    "Adapter",
    "Arguments",
    "adapter",
    "load_adapters",
    "only",
]

Adapter = Callable[[Mapping[str, Any], "pd.DataFrame | None", Mapping[str, Any]], dict[str, Any]]

ADAPTERS: dict[str, Adapter] = {}
# Arguments that say how the data are read (cases_io) or what is odd in them, not what is asked.
OF_THE_DATA = {"analysis", "factors", "head", "index", "data2", "nasty", "note"}


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
        """Arguments with a value that nobody looked at; null stands for R's default.

        Where the adapter read a formula, an argument whose columns all stand in it says the same
        again.
        """
        formulas = [str(self._given[n]) for n in self._read & set(self._given) if "formula" in n]
        words = set(re.findall(r"[\w.]+", " ".join(formulas)))
        return [
            name
            for name, value in self._given.items()
            if name not in self._read and value is not None and not _is_said(value, words)
        ]


def _is_said(value: Any, words: set[str]) -> bool:
    """Whether every column that an argument names is one of the words of a formula."""
    if isinstance(value, str):
        return set(re.findall(r"[\w.]+", value)) <= words
    if isinstance(value, Mapping):  # a term, by its column or columns
        return _is_said(value.get("column", value.get("of")), words)
    return isinstance(value, list) and all(_is_said(each, words) for each in value)


def only(args: Mapping[str, Any], **values: Any) -> None:
    """Fail a case that asks for something else than the one thing that an adapter does."""
    for name, value in values.items():
        asked = args.get(name)
        assert asked is None or asked == value, f"{name} is {asked!r}; only {value!r} is here"


def adapter(*kinds: str) -> Callable[[Adapter], Adapter]:
    """Register a function for the cases whose `args.analysis` is one of `kinds`."""

    def register(function: Adapter) -> Adapter:
        for kind in kinds:
            if ADAPTERS.get(kind, function) is not function:
                raise ValueError(f"two adapters answer {kind!r}")
            ADAPTERS[kind] = function
        return function

    return register


def load_adapters() -> dict[str, Adapter]:
    """Import every module of this folder once and return the registry."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return ADAPTERS
