"""The list of everything that a build contains."""

from __future__ import annotations

import html
import inspect
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from faceage_stats.reporting.book.html import link, raw_table
from faceage_stats.reporting.store.read_item import StoredItem
from faceage_stats.reporting.vocabulary import COHORTS

__all__ = ["overview", "title_from"]


def overview(
    items: Mapping[str, ModuleType],
    stored: Mapping[str, StoredItem],
    pages: Mapping[str, str],
    called: Mapping[str, str],
) -> str:
    """Every item of this build: title, linked to its page, tables read, kind of data.

    Parameters
    ----------
    items : mapping of name to module
    stored : mapping of name to StoredItem
    pages : mapping of name to str
        The page that shows each item.
    called : mapping of str to str
        What tables of the reader's own are called.

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
        title = title_from(module, name)
        names = [called.get(table) or COHORTS.get(table, table) for table in tables]
        cells = [
            ", ".join(names) or _other_inputs(module),
            ", ".join(kinds) or "numbers",
            "no" if stored[name].unavailable else "yes",
        ]
        shown = link(pages[name], title) if name in pages else html.escape(title)
        rows.append([shown, *map(html.escape, cells)])
    head = ["item", "reads", "data", "available"]
    table = raw_table(f"The {len(rows)} items of this build", head, rows)
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
