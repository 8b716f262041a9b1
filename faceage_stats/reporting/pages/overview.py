"""The list of everything that a build contains."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import ModuleType

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
        kinds = sorted(set(record["parameters"].get("sources", {}).values()))
        rows.append(
            {
                "item": title_from(module, name),
                "reads": ", ".join(module.TABLES) or _other_inputs(module),
                "data": ", ".join(kinds) or "numbers",
                "available": "no" if stored[name].unavailable else "yes",
            }
        )
    table = html_table(pd.DataFrame(rows), title="Items of this build")
    return f"## What this build contains\n\n{table}"


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
