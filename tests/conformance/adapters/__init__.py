"""One adapter per kind of case: it turns a case's `args` into our public call.

An adapter returns the values under the names of the case's `expected`; what it leaves out
is counted as a value without an answer.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

__all__ = ["ADAPTERS", "Adapter", "adapter", "load_adapters"]

Adapter = Callable[[Mapping[str, Any], "pd.DataFrame | None", Mapping[str, Any]], dict[str, Any]]

ADAPTERS: dict[str, Adapter] = {}


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
