"""A table on a page: sortable, scrolled by keyboard where it must scroll, one rule for all."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import pandas as pd

from faceage_stats.reporting.tables.display import DisplayTable
from faceage_stats.reporting.tables.readable import readable_table

__all__ = ["MAX_ROWS", "html_table", "shown_table"]

MAX_ROWS = 60  # longer tables are shown in part and downloaded whole
_NUMBER = re.compile(r"[-–<>(≤≥]?[\d.,∞]|–$|(NA|Inf|Reference|withheld)\b|$")
_VERDICTS = {"matched": "verdict-matched", "not matched": "verdict-does"}
_PROSE = 45  # characters; longer cells are sentences
_WORD = 18  # characters; longer words are broken, as those of names in code
_INTERVAL = re.compile(r"\((?:[-–−<>\d.,∞]|NA| to )+\)")
_MANY = 8  # columns from which a table is set in smaller type


def html_table(
    frame: pd.DataFrame,
    *,
    title: str = "",
    anchor: str = "",
    ids: Sequence[str] = (),
    links: Mapping[str, str] | None = None,
) -> str:
    """Render a table of results as HTML.

    Parameters
    ----------
    frame : DataFrame
        Shown up to its first 60 rows.
    title : str
        Names the table to a screen reader.
    anchor : str
        Rows get the ids ``<anchor>-1``, ``<anchor>-2`` ..., so that a claim can name one.
    ids : sequence of str
        Ids of the rows, in the place of these.
    links : mapping of str to str, optional
        What names a row -> the HTML that stands in its place.

    Returns
    -------
    str
        A Markdown raw block.

    Examples
    --------
    >>> "<td>&lt;0.0001</td>" in html_table(pd.DataFrame({"term": ["age"], "p_value": [1e-5]}))
    True
    """
    if not len(frame):
        return "None.\n"
    shown = frame.head(MAX_ROWS)
    ids = ids or ([f"{anchor}-{i + 1}" for i in range(len(shown))] if anchor else ())
    return shown_table(readable_table(shown), len(frame), title, ids, links or {})


def shown_table(
    table: DisplayTable, n_row: int, title: str, ids: Sequence[str], links: Mapping[str, str]
) -> str:
    """Render a printed table as HTML.

    Parameters
    ----------
    table : DisplayTable
    n_row : int
        Rows of the whole table.
    title : str
    ids : sequence of str
    links : mapping of str to str
        As in `html_table`.

    Returns
    -------
    str
        A Markdown raw block.
    """
    columns = ["row", *table.headings]
    kinds = {column: _kind(table.body[column]) for column in columns}
    kinds["row"] = kinds["row"] or ' class="text"'
    head = _head(list({"row": table.stub, **table.headings}.values()), list(kinds.values()))
    indented = set(table.indented)
    rows = [
        _row(record, columns, kinds, ids[i] if ids else "", links, indent=i in indented)
        for i, record in enumerate(table.body.to_dict(orient="records"))
    ]
    notes = list(table.notes)
    if n_row > len(rows):
        notes.append(f"The first {len(rows)} of {n_row:,} rows; the download has all.")
    caption = f"<caption>{html.escape(' '.join(notes))}</caption>\n" if notes else ""
    label = html.escape(title or "Table", quote=True)
    body = "\n".join(rows)
    name = "item-table many" if len(columns) >= _MANY else "item-table"
    return (
        f'```{{raw}} html\n<div class="{name}" role="region" tabindex="0" aria-label="{label}">'
        f"<table>\n{caption}<thead>{head}</thead>\n<tbody>\n{body}\n</tbody></table></div>"
        "\n```\n"
    )


def _head(headings: list[str], kinds: list[str]) -> str:
    """The row of headings; what several say in common, before a colon, stands above them."""
    parts = [heading.rpartition(": ") for heading in headings]
    groups = [(name, len(list(each))) for name, each in groupby(name for name, _, _ in parts)]
    if not any(name and n > 1 for name, n in groups):
        cells = zip(headings, kinds, strict=True)
        row = "".join(f'<th scope="col"{kind}>{html.escape(name)}</th>' for name, kind in cells)
        return f"<tr>{row}</tr>"
    above: list[str] = []
    below: list[str] = []
    column = 0
    for name, n in groups:
        for heading, kind in zip(headings[column : column + n], kinds[column:], strict=False):
            shown, rows = (heading.rpartition(": ")[2], "") if name else (heading, ' rowspan="2"')
            cell = f'<th scope="col"{rows}{kind}>{html.escape(shown)}</th>'
            (below if name else above).append(cell)
        if name:
            span = f'<th scope="colgroup" class="group" colspan="{n}">{html.escape(name)}</th>'
            above.append(span)
        column += n
    return f"<tr>{''.join(above)}</tr><tr>{''.join(below)}</tr>"


def _kind(cells: pd.Series) -> str:
    """Align numbers right, text left, and give sentences more width."""
    if all(_NUMBER.match(cell) for cell in cells):
        return ""
    if cells.str.contains("\n", regex=False).any():
        return ' class="text calls"'
    words = max((len(word) for cell in cells for word in cell.split()), default=0)
    kinds = ["text", *(["prose"] if cells.str.len().max() > _PROSE else [])]
    return f' class="{" ".join([*kinds, *(["code"] if words > _WORD else [])])}"'


def _row(
    record: Mapping[Any, str],
    columns: list[str],
    kinds: dict[str, str],
    name: str,
    links: Mapping[str, str],
    *,
    indent: bool,
) -> str:
    """One row; its first cell names it, and leads to where it is computed and published."""
    kind = kinds["row"].replace("text", "text inside") if indent else kinds["row"]
    first = record["row"].strip()
    shown = {c: _name(_whole(_verdict(record[c])), kinds[c]) for c in columns[1:]}
    named = links.get(first) or _name(html.escape(first), kinds["row"])
    cells = [f'<th scope="row"{kind}>{named}</th>']
    cells += [f"<td{kinds[c]}>{cell}</td>" for c, cell in shown.items()]
    identity = f' id="{html.escape(name, quote=True)}"' if name else ""
    return f"<tr{identity}>{''.join(cells)}</tr>"


def _verdict(cell: str) -> str:
    """The text of a cell; what says that a value is the published one is shown as such."""
    text = html.escape(cell).replace("\n", "<br>")
    name = _VERDICTS.get(cell.lower())
    return f'<span class="{name}">{text}</span>' if name else text


def _name(cell: str, kind: str) -> str:
    """A long name of the code, which may be broken behind an underscore."""
    return re.sub(r"_(?=\w)", "_<wbr>", cell) if "code" in kind else cell


def _whole(cell: str) -> str:
    """An interval in brackets stays on one line."""
    return _INTERVAL.sub(lambda found: f'<span class="whole">{found.group()}</span>', cell)
