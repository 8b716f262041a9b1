"""From stored results to everything that the book includes: one folder of fragments per item."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from types import ModuleType

import pandas as pd

from faceage_stats.reporting.digits import as_released
from faceage_stats.reporting.pages.dictionary import data_dictionary_page, glossary_page
from faceage_stats.reporting.pages.downloads import write_downloads
from faceage_stats.reporting.pages.item_page import page_parts
from faceage_stats.reporting.pages.overview import overview, title_from
from faceage_stats.reporting.r_names import R_ROOMS, r_table
from faceage_stats.reporting.store.read_item import read_item

__all__ = ["write_fragments"]


def write_fragments(
    results: Path,
    folder: Path,
    *,
    items: Mapping[str, ModuleType],
    scripts: Path,
    links: Mapping[str, str] | None = None,
    shown_on: Mapping[str, str] | None = None,
    called: Mapping[str, str] | None = None,
    each: Callable[..., Iterable[None]] = map,
) -> list[str]:
    """Write the parts of every item's page, with its files, and the pages about all of them.

    Parameters
    ----------
    results : Path
        Folder with one stored item per name.
    folder : Path
        Where fragments go, inside the book; emptied first.
    items : mapping of name to module
        The items in the order of the overview.
    scripts : Path
        Folder of the item scripts; each is shown on its page.
    links : mapping of str to str, optional
        Id of a published value -> HTML that leads to where it is computed and was published.
    shown_on : mapping of name to str, optional
        The page that shows each item, for the overview.
    called : mapping of str to str, optional
        What tables of the reader's own are called there.
    each : callable
        Writes the items: `map`, or that of a pool of processes.

    Returns
    -------
    list of str
        The names written, without suffix; an item's parts are in a folder of its name.

    Raises
    ------
    InputError
        A folder of `results` holds no item.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    stored = {name: read_item(results / name) for name in items}
    compared = (
        stored["comparison"].tables.get("every_value_numbers") if "comparison" in stored else None
    )
    write = partial(_write_item, results, folder, scripts, compared, links)
    written = each(write, items, [title_from(module, name) for name, module in items.items()])
    pages: dict[str, Callable[[], str]] = {
        "overview": lambda: overview(items, stored, shown_on or {}, called or {}),
        "data_dictionary": data_dictionary_page,
        "glossary": glossary_page,
        **{f"r_{room}": partial(r_table, room) for room in R_ROOMS},
    }
    for page, text in pages.items():
        (folder / f"{page}.md").write_text(text(), encoding="utf-8")
    deque(written, maxlen=0)  # a pool has worked meanwhile
    return [*items, *pages]


def _write_item(
    results: Path,
    folder: Path,
    scripts: Path,
    compared: pd.DataFrame | None,
    links: Mapping[str, str] | None,
    name: str,
    title: str,
) -> None:
    """Write the files of an item and the parts of its page."""
    item = read_item(results / name)
    with as_released(bool(item.disclosure)):
        write_downloads(item, results / name, scripts / f"{name}.py", folder / name)
        parts = page_parts(item, title, compared, links)
    for part, text in parts.items():
        (folder / name / f"{part}.md").write_text(text, encoding="utf-8")
