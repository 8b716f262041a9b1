"""The list of everything that a build contains."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import pandas as pd

from faceage_stats.reporting.pages.html_table import html_table
from faceage_stats.reporting.store.read_item import StoredItem

__all__ = ["overview", "title_from"]


def overview(items: Mapping[str, ModuleType], stored: Mapping[str, StoredItem]) -> str:
    """Every item of this build: title, tables read, kind of data.

    Parameters
    ----------
    items : mapping of name to module
    stored : mapping of name to StoredItem

    Returns
    -------
    str
        Markdown.
    """
    rows = []
    for name, module in items.items():
        record = stored[name].provenance
        sources = _read(record)
        kinds = sorted(set(sources.values()))
        tables = [table for table in module.TABLES if table in sources]
        rows.append(
            {
                "item": title_from(module, name),
                "reads": ", ".join(tables) or _other_inputs(module),
                "data": ", ".join(kinds) or "numbers",
                "available": "no" if stored[name].unavailable else "yes",
            }
        )
    table = html_table(pd.DataFrame(rows), title="Items of this build")
    return f"## What this build contains\n\n{table}"


def _read(record: Mapping[str, Any]) -> dict[str, str]:
    """Tables that an item was made from, with their kinds; where there is none, that it needs."""
    sources = record["parameters"].get("sources", {})
    read = {name.split(" (")[0] for name in record["inputs"]}  # `maastro (Nord)`, of several
    return {name: kind for name, kind in sources.items() if name in read} or dict(sources)


def title_from(module: ModuleType, name: str) -> str:
    """The first line of an item's docstring, without its full stop.

    Parameters
    ----------
    module : module
    name : str
        Taken where there is no docstring.

    Returns
    -------
    str
    """
    return (inspect.getdoc(module) or name).splitlines()[0].rstrip(".")


def _other_inputs(module: ModuleType) -> str:
    """What an item without tables reads: its READS, or what follows from its other declarations."""
    if hasattr(module, "READS"):
        return str(module.READS)
    if hasattr(module, "RESULTS"):
        return "results of other items"
    return "cases computed by R" if hasattr(module, "FILES") else "published values"
