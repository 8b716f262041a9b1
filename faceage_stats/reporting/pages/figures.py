"""The figures of a page: each under its own heading, with its own caption."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from faceage_stats.reporting.anchors import anchor_of
from faceage_stats.reporting.store.read_item import StoredFigure, StoredItem
from faceage_stats.reporting.words import title_of

__all__ = ["figure_blocks", "heading_of"]


def figure_blocks(item: StoredItem, files: str) -> Iterator[str]:
    """Markdown of every figure, in order.

    Parameters
    ----------
    item : StoredItem
    files : str
        Folder of its files inside the book.

    Yields
    ------
    str
    """
    for stem, figure in item.figures.items():
        heading = f"({anchor_of(item.name, stem)})=\n## {heading_of(stem, figure)}\n"
        yield f"{heading}\n{_figure(figure, f'{files}/{figure.path.name}')}"


def heading_of(stem: str, figure: StoredFigure) -> str:
    """Heading of a figure: its label, otherwise its name.

    Parameters
    ----------
    stem : str
        As ``figure_net_benefit``.
    figure : StoredFigure

    Returns
    -------
    str
    """
    return figure.label or title_of(stem.removeprefix("figure_"))


def _figure(figure: StoredFigure, path: str) -> str:
    alt = " ".join(figure.alt.split())
    width, caption = _shown_width(figure.path), figure.caption
    return f":::{{figure}} {path}\n:alt: {alt}\n:width: {width}\n\n{caption}\n:::\n"


def _shown_width(svg: Path) -> str:
    """A figure of one journal column fills two thirds of the page, a wider one all of it."""
    match = re.search(r'<svg[^>]*width="([\d.]+)pt"', svg.read_text(encoding="utf-8")[:4000])
    single_column = match is not None and float(match.group(1)) < 300
    return "66%" if single_column else "100%"
