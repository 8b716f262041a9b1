"""Read every file of a build as an attacker does: tables, texts and pictures."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from faceage_stats.cohorts.disclosure.attack.documents import words_of_document

__all__ = ["Page", "read_build"]


@dataclass(frozen=True, eq=False)
class Page:
    """What one item tells the world.

    Attributes
    ----------
    item : str
    synthetic : bool
        Whether its record says that no row is of a private table.
    base : int
        To which its counts are rounded; 1 when they are exact.
    minimum : int
        Smallest count that its rules show.
    time_grid : float
        Step of its curves, 0 when they are exact.
    tables : dict of str to DataFrame of str
        By file name, cells as they are written.
    texts : dict of str to str
        By where they stand: captions, alternative texts, headings, pages.
    pictures : dict of str to str
        SVG by file name.
    unread : list of str
        Files of which nobody can say what is in them.
    record : dict
        Its provenance.
    """

    item: str
    synthetic: bool
    base: int
    minimum: int
    time_grid: float
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    record: dict[str, Any] = field(default_factory=dict)


def read_build(results: Path, minimum: int) -> list[Page]:
    """Read the folder of every item; `minimum` where an item does not say by which rules."""
    folders = [results] if (results / "item.json").is_file() else sorted(results.glob("[!.]*"))
    return [_page(folder, minimum) for folder in folders if (folder / "item.json").is_file()]


def _page(folder: Path, minimum: int) -> Page:
    texts = _json(folder / "item.json")
    record = _json(folder / "provenance.json")
    rules = texts.get("disclosure") or {}
    page = Page(
        item=folder.name,
        synthetic=_is_harmless(record) and not rules,
        base=int(rules.get("base", 1)),
        minimum=int(rules.get("minimum", minimum)),
        time_grid=float(rules.get("time_grid", 0)),
        record=record,
    )
    for path in sorted(folder.iterdir()):
        _read_file(page, path)
    values = json.loads((folder / "values.json").read_text(encoding="utf-8"))
    if values:
        page.tables["values.json"] = pd.DataFrame(values).map(_as_written)
    for name in ("caption", "answer", "checks", "methods", "notes"):
        page.texts[f"item.json, {name}"] = str(texts.get(name, ""))
    for figure in texts.get("figures", []):
        words = " ".join(str(figure[name]) for name in ("caption", "label", "alt"))
        page.texts[f"item.json, text of {figure['stem']}"] = words
    page.texts["item.json, withheld"] = "; ".join(texts.get("withheld", []))
    page.texts["provenance.json, warnings"] = "; ".join(record.get("warnings", []))
    names = sorted(path.name for path in folder.iterdir())
    page.texts["names of files"] = "; ".join(names).replace("_", " ")
    for file, table in page.tables.items():
        page.texts[f"{file}, headings"] = "; ".join(map(str, table.columns))
    return page


def _is_harmless(record: dict[str, Any]) -> bool:
    """Whether it was made of no private table, nor of results, which may be of one."""
    sources = record.get("parameters", {}).get("sources", {"unknown": "private"})
    of_results = any(name.startswith("results/") for name in record.get("files", {}))
    return bool(record.get("synthetic")) or not ("private" in sources.values() or of_results)


def _read_file(page: Page, path: Path) -> None:
    if path.suffix == ".csv":
        page.tables[path.name] = pd.read_csv(path, dtype=str, keep_default_na=False)
    elif path.suffix == ".svg":
        page.pictures[path.name] = path.read_text(encoding="utf-8")
    elif path.name not in ("item.json", "values.json", "provenance.json"):
        words = words_of_document(path)
        drawn_too = path.suffix != ".png" or path.with_suffix(".svg").is_file()
        if words is None or not drawn_too:
            page.unread.append(path.name)
        page.texts[path.name] = words or ""


def _as_written(value: Any) -> str:
    return "" if value is None or value != value else str(value)


def _json(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return content if isinstance(content, dict) else {}
