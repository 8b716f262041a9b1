"""What an item was made from, and how it is cited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from faceage_stats.reporting.pages.html_table import html_table
from faceage_stats.reporting.store.read_item import StoredItem

__all__ = ["cite", "made_from"]


def made_from(record: Mapping[str, Any]) -> str:
    """Table of what a reader needs to reproduce the numbers.

    Parameters
    ----------
    record : mapping
        The provenance of an item.

    Returns
    -------
    str
        A Markdown raw block.
    """
    packages = ", ".join(f"{k} {v}" for k, v in record["environment"]["packages"].items() if v)
    rows = [
        ("commit", _commit(record) or "not in a git checkout"),
        ("package", f"faceage_stats {record['code']['version']}"),
        ("seed", str(record["seed"])),
        *((f"input {name}", _input(given)) for name, given in record["inputs"].items()),
        ("Python", f"{record['environment']['python']}, {record['environment']['platform']}"),
        ("libraries", packages),
        *(("warning", text) for text in record["warnings"]),
    ]
    return html_table(pd.DataFrame(rows, columns=["what", "value"]), title="Made from")


def cite(item: StoredItem, title: str) -> str:
    """One reference, as a reader would print it.

    Parameters
    ----------
    item : StoredItem
    title : str
        What the item is called.

    Returns
    -------
    str
    """
    record = item.provenance
    commit = _commit(record)
    version = f"faceage_stats {record['code']['version']}{f', commit {commit}' if commit else ''}"
    data = "synthetic rows" if record["synthetic"] else "the data named below"
    return f"The faceage_stats developers. {title}. In: *FaceAge, reproduced*; {version}; {data}.\n"


def _commit(record: Mapping[str, Any]) -> str:
    commit = record["code"]["commit"] or ""
    return f"{commit[:12]}{' + local changes' if commit and record['code']['dirty'] else ''}"


def _input(given: Mapping[str, Any]) -> str:
    return f"{given['file']}, SHA-256 {given['sha256']}"
