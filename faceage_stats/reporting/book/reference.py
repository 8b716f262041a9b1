"""The reference: one page per function, figure and result class, and the page that lists them."""

from __future__ import annotations

import html
import inspect
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faceage_stats as fs
from faceage_stats.reporting.book.html import link, raw_table
from faceage_stats.reporting.r_names import r_names

__all__ = ["Entry", "entries", "reference_index", "write_reference"]

_ROOMS = {
    "survival": "Survival",
    "association": "Association",
    "prediction": "Prediction",
    "cohorts": "Cohorts",
    "scoring": "Scoring",
    "reporting": "Reporting",
    "figures": "Figures",
    "shared": "For several purposes",
    "classes": "Results",
}


@dataclass(frozen=True)
class Entry:
    """A public name: its room, its page without suffix, its summary, and its calls of R."""

    name: str
    room: str
    page: str
    summary: str
    in_r: tuple[str, ...]


def entries() -> list[Entry]:
    """List every public function, figure and class, room by room."""
    table = r_names()
    calls: dict[str, tuple[str, ...]] = dict(zip(table["name"], table["r"], strict=True))
    found = [
        Entry(name, room, f"reference/{_folder(room)}/{name}", _summary(value), calls.get(name, ()))
        for name, room, value in _public()
    ]
    order = list(_ROOMS)
    return sorted(found, key=lambda entry: (order.index(entry.room), entry.name.lower()))


def _public() -> Iterator[tuple[str, str, Callable[..., Any]]]:
    for name in fs.__all__:
        value = getattr(fs, name)
        if inspect.isclass(value):
            yield name, "classes", value
        elif inspect.isfunction(value):
            room = value.__module__.split(".")[1]
            yield name, room if room in _ROOMS else "shared", value
    for name in fs.figures.__all__:
        value = getattr(fs.figures, name)
        if inspect.isfunction(value):
            yield name, "figures", value


def _folder(room: str) -> str:
    """Classes and figures apart: `Brier` and `brier` are one file name on some systems."""
    return room if room in ("classes", "figures") else "functions"


def _summary(value: Callable[..., Any]) -> str:
    return (inspect.getdoc(value) or "").split("\n\n")[0].replace("\n", " ")


def reference_index() -> str:
    """Markdown: one table per room, each name linked to its page."""
    parts = []
    everything = entries()
    for room, title in _ROOMS.items():
        rows = [
            [link(entry.page, entry.name), _plain(entry.summary), _calls(entry.in_r)]
            for entry in everything
            if entry.room == room
        ]
        if rows:
            table = raw_table(title, ["name", "what it does", "in R"], rows)
            parts.append(f"## {title}\n\n{table}")
    return "\n".join(parts)


def _plain(text: str) -> str:
    """The first sentence of a docstring without its marks."""
    for mark in (":func:", ":class:", ":meth:", "``", "`"):
        text = text.replace(mark, "")
    return html.escape(text)


def _calls(in_r: tuple[str, ...]) -> str:
    return "<br>".join(f"<code>{html.escape(call)}</code>" for call in in_r)


def write_reference(folder: Path) -> None:
    """Write one page per name into a folder, which is emptied first.

    Parameters
    ----------
    folder : Path
        ``reference/`` beside the pages of the book.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for entry in entries():
        path = folder.parent / f"{entry.page}.rst"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_page(entry), encoding="utf-8")


def _page(entry: Entry) -> str:
    path = f"faceage_stats.{'figures.' if entry.room == 'figures' else ''}{entry.name}"
    is_class = entry.room == "classes"
    directive = "autoclass" if is_class else "autofunction"
    options = "   :members:\n   :inherited-members:\n" if is_class else ""
    in_r = f"In R: {', '.join(f'``{call}``' for call in entry.in_r)}\n\n" if entry.in_r else ""
    return (
        f":orphan:\n\n{entry.name}\n{'=' * len(entry.name)}\n\n"
        f":doc:`Reference </reference>` › {_ROOMS[entry.room]}\n\n{in_r}"
        f".. py:currentmodule:: faceage_stats\n\n.. {directive}:: {path}\n{options}"
    )
