"""What a page offers to take away: figures, tables, script and record, in the usual formats."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

from faceage_stats.reporting.pages.figures import heading_of
from faceage_stats.reporting.store.read_item import StoredItem
from faceage_stats.reporting.store.record import RECORD
from faceage_stats.reporting.tables.readable import readable_table
from faceage_stats.reporting.tables.xlsx import write_workbook
from faceage_stats.reporting.words import title_of

__all__ = ["csv_tables", "downloads", "write_downloads"]

_COPIED = (".svg", ".png", ".pdf", ".csv")
_SHEET = 31  # characters that Excel allows in the name of a sheet
_IN_WORD = 200  # rows; a longer table is no table of a manuscript
_IN_EXCEL = 5_000  # rows; a longer table is read by a program, from its CSV


def csv_tables(item: StoredItem) -> dict[str, pd.DataFrame]:
    """Every table of an item by the name of its CSV, without suffix.

    Parameters
    ----------
    item : StoredItem

    Returns
    -------
    dict of str to DataFrame
    """
    frames = {f"table_{name}": frame for name, frame in item.tables.items()}
    if item.flow is not None:
        frames["flow"] = item.flow
    if item.source_data is not None:
        frames["source_data"] = item.source_data
    return frames


def write_downloads(item: StoredItem, results: Path, script: Path, folder: Path) -> None:
    """Put the files of an item where its page links to them.

    Parameters
    ----------
    item : StoredItem
    results : Path
        Folder of the stored item.
    script : Path
        The script that made it.
    folder : Path
        Made.
    """
    folder.mkdir()
    for path in sorted(results.iterdir()):
        if path.suffix in _COPIED:
            shutil.copyfile(path, folder / path.name)
    shutil.copyfile(script, folder / f"{script.name}.txt")
    shutil.copyfile(results / RECORD, folder / RECORD)
    sheets = _sheets(item)
    if sheets:
        write_workbook(folder / "tables.xlsx", sheets)
    for name, frame in item.tables.items():
        if 0 < len(frame) <= _IN_WORD:
            printed = readable_table(frame, title=title_of(name))
            printed.to_docx(folder / f"table_{name}.docx", force=True)


def _sheets(item: StoredItem) -> dict[str, pd.DataFrame]:
    """The tables of an item that are looked at in Excel, by the name of their sheet."""
    tables = item.tables.items()
    return {name[:_SHEET]: frame for name, frame in tables if len(frame) <= _IN_EXCEL}


def downloads(item: StoredItem, files: str) -> str:
    """Markdown of the list of files.

    Parameters
    ----------
    item : StoredItem
    files : str
        Folder of its files inside the book.

    Returns
    -------
    str
    """
    lines = []
    for stem, figure in item.figures.items():
        there = [k for k in ("svg", "pdf", "png") if figure.path.with_suffix(f".{k}").is_file()]
        kinds = ", ".join(_link(f"{files}/{stem}.{k}", k.upper()) for k in there)
        lines.append(f"- {heading_of(stem, figure)}: {kinds}")
    for name, frame in item.tables.items():
        links = [_link(f"{files}/table_{name}.csv", "CSV")]
        if 0 < len(frame) <= _IN_WORD:
            links.append(_link(f"{files}/table_{name}.docx", "Word"))
        lines.append(f"- {title_of(name)}: {', '.join(links)}")
    sheets = _sheets(item)
    if sheets:
        which = "all tables" if len(sheets) == len(item.tables) else "all other tables"
        lines.append(f"- {which}: {_link(f'{files}/tables.xlsx', 'Excel')}")
    for stem, what in {"flow": "flow of patients", "source_data": "what the figures draw"}.items():
        if stem in csv_tables(item):
            lines.append(f"- {what}: {_link(f'{files}/{stem}.csv', 'CSV')}")
    lines.append(f"- the script: {_link(f'{files}/{item.name}.py.txt', f'{item.name}.py')}")
    lines.append(f"- what it was made from: {_link(f'{files}/{RECORD}', 'JSON')}")
    return "\n".join(lines) + "\n"


def _link(path: str, text: str) -> str:
    return f"{{download}}`{text} <{path}>`"
