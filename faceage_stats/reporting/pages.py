"""From stored results to the parts of a book page: figure, tables, script, provenance."""

from __future__ import annotations

import html
import inspect
import re
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._glossary import GLOSSARY
from faceage_stats.cohorts.disclosure.roles import role_of
from faceage_stats.reporting.formats import format_count, format_p
from faceage_stats.reporting.r_names import R_ROOMS, r_table
from faceage_stats.reporting.store.read_item import StoredFigure, StoredItem, read_item

__all__ = ["html_table", "item_fragment", "write_fragments"]

MAX_ROWS = 60  # longer tables are shown in part and downloaded whole
_SYNTHETIC = (
    ":::{admonition} Synthetic data\n:class: warning\n"
    "Made from synthetic rows with planted effects: it shows that the software works, and says "
    "nothing about patients.\n:::\n"
)


def write_fragments(
    results: Path, folder: Path, *, items: Mapping[str, ModuleType], scripts: Path
) -> list[str]:
    """Write one Markdown fragment per item, with its files beside it.

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

    Returns
    -------
    list of str
        The names written, without suffix.

    Raises
    ------
    InputError
        A folder of `results` holds no item.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    stored = {name: read_item(results / name) for name in items}
    for name, item in stored.items():
        files = folder / name
        files.mkdir()
        for path in sorted((results / name).iterdir()):
            if path.suffix in {".svg", ".png", ".csv"}:
                shutil.copyfile(path, files / path.name)
        shutil.copyfile(scripts / f"{name}.py", files / f"{name}.py.txt")
        (folder / f"{name}.md").write_text(item_fragment(item), encoding="utf-8")
    pages: dict[str, Callable[[], str]] = {
        "overview": lambda: _overview(items, stored),
        "data_dictionary": _data_dictionary,
        "glossary": lambda: html_table(_glossary()),
        **{f"r_{room}": partial(r_table, room) for room in R_ROOMS},
    }
    for page, write in pages.items():
        (folder / f"{page}.md").write_text(write(), encoding="utf-8")
    return [*items, *pages]


def item_fragment(item: StoredItem) -> str:
    """Markdown of one item: what it is made of, figure, tables, script, provenance."""
    files = f"_generated/{item.name}"
    parts = [_SYNTHETIC] if item.provenance["synthetic"] else []
    parts += [_released_under(item)] if item.disclosure else []
    for figure in item.figures.values():
        parts.append(_figure(figure, f"{files}/{figure.path.name}"))
    if item.unavailable:
        parts.append(f":::{{admonition}} Not in this build\n{item.unavailable}\n:::\n")
    elif not item.figures:
        parts.append(f"{item.caption}\n")
    for text in (item.methods, item.notes):
        if text:
            parts.append(f"{text}\n")
    frames = {f"table_{name}": frame for name, frame in item.tables.items()}
    if item.flow is not None:
        frames["flow"] = item.flow
    for stem, frame in frames.items():
        title = stem.removeprefix("table_").replace("_", " ").capitalize()
        parts.append(f"**{title}**\n\n{html_table(frame, item.columns)}")
        parts.append(f"{{download}}`CSV: {stem}.csv <{files}/{stem}.csv>`\n")
    if item.source_data is not None:
        parts.append(f"{{download}}`Figure's data: source_data.csv <{files}/source_data.csv>`\n")
    parts.append(_dropdown("The script that made this", _script(item.name, files)))
    parts.append(_dropdown("Provenance", _provenance(item.provenance)))
    return "\n".join(parts)


def _released_under(item: StoredItem) -> str:
    """Say by which rules the numbers of real patients were made safe to show."""
    rules = item.disclosure
    withheld = f" Withheld: {'; '.join(item.withheld)}." if item.withheld else ""
    return (
        f":::{{admonition}} Released under {rules['name']}\n"
        f"Counts from 1 to {rules['minimum'] - 1} and statistics of so few patients are withheld; "
        f"other counts are rounded to {rules['base']}.{withheld}\n:::\n"
    )


def _figure(figure: StoredFigure, path: str) -> str:
    alt = " ".join(figure.alt.split())
    width, caption = _shown_width(figure.path), figure.caption
    return f":::{{figure}} {path}\n:alt: {alt}\n:width: {width}\n\n{caption}\n:::\n"


def _shown_width(svg: Path) -> str:
    """A figure of one journal column fills two thirds of the page, a wider one all of it."""
    match = re.search(r'<svg[^>]*width="([\d.]+)pt"', svg.read_text(encoding="utf-8")[:4000])
    single_column = match is not None and float(match.group(1)) < 300
    return "66%" if single_column else "100%"


def _dropdown(title: str, body: str) -> str:
    return f"::::{{dropdown}} {title}\n{body}\n::::\n"


def _script(name: str, files: str) -> str:
    return f":::{{literalinclude}} {files}/{name}.py.txt\n:language: python\n:::"


def html_table(frame: pd.DataFrame, descriptions: Mapping[str, str] | None = None) -> str:
    """Render a table as HTML, each number formatted by its column.

    Parameters
    ----------
    frame : DataFrame
        Shown up to its first 60 rows.
    descriptions : mapping of column to text, optional
        Shown when the pointer rests on a heading.

    Returns
    -------
    str
        A Markdown raw block.

    Examples
    --------
    >>> "<td>&lt;0.0001</td>" in html_table(pd.DataFrame({"p_value": [0.00001]}))
    True
    """
    shown = frame.head(MAX_ROWS)
    described = {**GLOSSARY, **(descriptions or {})}
    kinds = {column: _css_class(shown[column]) for column in shown}
    head = "".join(
        f'<th{kinds[c]} title="{html.escape(described.get(str(c), ""), quote=True)}">'
        f"{html.escape(str(c).replace('_', ' '))}</th>"
        for c in shown
    )
    rows = []
    for record in shown.to_dict(orient="records"):
        cells = (
            f"<td{kinds[c]}>{_cell_html(str(c), v, bool(kinds[c]))}</td>" for c, v in record.items()
        )
        rows.append(f"<tr>{''.join(cells)}</tr>")
    more = len(frame) - len(shown)
    note = f"<p>{more} more rows are in the download.</p>" if more > 0 else ""
    body = "\n".join(rows)
    return (
        f'```{{raw}} html\n<div class="item-table"><table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table>{note}</div>\n```\n"
    )


def _css_class(column: pd.Series) -> str:
    """Align numbers right, text left, and give sentences more width."""
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return ""
    is_prose = column.dropna().map(str).map(len).max() > 60
    return ' class="text prose"' if is_prose else ' class="text"'


def _cell_html(column: str, value: Any, is_text: bool) -> str:
    """Escaped cell; a blank in a text column stays blank, an indented row stays indented."""
    if is_text and pd.isna(value):
        return ""
    text = _cell(column, value)
    indent = len(text) - len(text.lstrip(" "))
    return "&emsp;" * (indent // 2) + html.escape(text.lstrip(" "))


def _cell(column: str, value: Any) -> str:
    """One number or word as it is printed; missing is an en dash."""
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return "–"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else ""
    if isinstance(value, str):
        return value
    if column.startswith("p_"):
        return format_p(float(value))
    if role_of(column) == "count" or column.startswith("n_") or float(value).is_integer():
        return format_count(value) if abs(value) < 1e15 else f"{value:.3g}"
    return f"{value:.4g}"


def _provenance(record: Mapping[str, Any]) -> str:
    """What a reader needs to reproduce the numbers."""
    packages = ", ".join(f"{k} {v}" for k, v in record["environment"]["packages"].items() if v)
    commit = record["code"]["commit"]
    rows = [
        ("commit", f"{commit[:12]}{' + local changes' if record['code']['dirty'] else ''}")
        if commit
        else ("commit", "not in a git checkout"),
        ("package", f"faceage_stats {record['code']['version']}"),
        ("seed", str(record["seed"])),
        *(
            (f"input {name}", f"{given['file']}, SHA-256 {given['sha256']}")
            for name, given in record["inputs"].items()
        ),
        ("Python", f"{record['environment']['python']}, {record['environment']['platform']}"),
        ("libraries", packages),
        *(("warning", text) for text in record["warnings"]),
    ]  # fmt: skip
    return html_table(pd.DataFrame(rows, columns=["what", "value"]))


def _overview(items: Mapping[str, ModuleType], stored: Mapping[str, StoredItem]) -> str:
    """Every item of this build: title, tables read, kind of data."""
    rows = []
    for name, module in items.items():
        record = stored[name].provenance
        kinds = sorted(set(record["parameters"].get("sources", {}).values()))
        title = (inspect.getdoc(module) or name).splitlines()[0].rstrip(".")
        rows.append(
            {
                "item": title,
                "reads": ", ".join(module.TABLES) or _other_inputs(module),
                "data": ", ".join(kinds) or "numbers",
                "available": "no" if stored[name].unavailable else "yes",
            }
        )
    return "## What this build contains\n\n" + html_table(pd.DataFrame(rows))


def _other_inputs(module: ModuleType) -> str:
    """What an item without tables reads: its READS, or what follows from its other declarations."""
    if hasattr(module, "READS"):
        return str(module.READS)
    if hasattr(module, "RESULTS"):
        return "results of other items"
    return "cases computed by R" if hasattr(module, "FILES") else "published values"


def _data_dictionary() -> str:
    from faceage_stats.cohorts.schema.data_dictionary import data_dictionary
    from faceage_stats.cohorts.schema.load_schema import load_schema
    from faceage_stats.cohorts.schema.schema_names import schema_names

    parts = []
    for name in schema_names():
        schema = load_schema(name)
        parts.append(f"## {name}\n\n{schema.description}\n\n{html_table(data_dictionary(name))}")
    return "\n".join(parts)


def _glossary() -> pd.DataFrame:
    return pd.DataFrame(sorted(GLOSSARY.items()), columns=["column", "meaning"])
