"""Tables of the book's own pages, whose cells link to other pages."""

from __future__ import annotations

import html
from collections.abc import Sequence

__all__ = ["breakable", "link", "raw_link", "raw_table"]


def link(page: str, text: str, anchor: str = "") -> str:
    """Link to a page of the book.

    Examples
    --------
    >>> link("fig3c", "Figure 3c")
    '<a href="fig3c.html">Figure 3c</a>'
    """
    return raw_link(page, html.escape(text), anchor)


def raw_link(page: str, inside: str, anchor: str = "") -> str:
    """Link HTML, as it stands, to a page of the book.

    Examples
    --------
    >>> raw_link("fig3c", "a_<wbr>b", "value-a")
    '<a href="fig3c.html#value-a">a_<wbr>b</a>'
    """
    target = f"{page}.html#{anchor}" if anchor else f"{page}.html"
    return f'<a href="{html.escape(target, quote=True)}">{inside}</a>'


def breakable(text: str) -> str:
    """Escape a name, and let a line break after an underscore of it.

    Examples
    --------
    >>> breakable("a_b")
    'a_<wbr>b'
    """
    return html.escape(text).replace("_", "_<wbr>")


def raw_table(
    caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], ids: Sequence[str] = ()
) -> str:
    """Write a table as a raw block of Markdown.

    Parameters
    ----------
    caption : str
        What the table shows.
    head : sequence of str
        Column headings.
    rows : sequence of sequence of str
        Cells, HTML already; the first names the row.
    ids : sequence of str, optional
        Anchors of the rows.

    Returns
    -------
    str

    Examples
    --------
    >>> '<th scope="col">a</th>' in raw_table("Letters", ["a", "b"], [["1", "2"]])
    True
    """
    headings = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in head)
    lines = []
    for number, (first, *others) in enumerate(rows):
        anchor = f' id="{html.escape(ids[number], quote=True)}"' if ids else ""
        cells = "".join(f"<td>{cell}</td>" for cell in others)
        lines.append(f'<tr{anchor}><th scope="row">{first}</th>{cells}</tr>')
    body = "\n".join(lines)
    return (
        f'```{{raw}} html\n<div class="linked-table" tabindex="0"><table>\n'
        f"<caption>{html.escape(caption)}</caption>\n<thead><tr>{headings}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody></table></div>\n```\n"
    )
