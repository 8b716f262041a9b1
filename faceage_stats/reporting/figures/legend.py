"""Legends above a plot: wrapped to the room there is; the page grows, the plot does not shrink."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as MatplotlibFigure
from matplotlib.lines import Line2D

from faceage_stats.reporting.figures import style, text

__all__: list[str] = []

_KEY = 7.5  # width of a line's sample with its gaps, mm
_GAP = 1.2  # between the entries of a column, mm
_MARGIN = 14.0  # what tick labels and the axis label take at the left of a plot, mm


def legend_above(
    target: Axes | MatplotlibFigure,
    handles: Sequence[Line2D],
    *,
    title: str | None = None,
    margin: float = _MARGIN,
) -> None:
    """Write a legend above the axes, or above all of a figure, in as many columns as fit.

    Labels are wrapped. `margin` is what stands at the left of the plot, in mm. The first line has
    its place in the height of the figure; for the others the page grows.
    """
    fig = target if isinstance(target, MatplotlibFigure) else style.page(target)
    place: dict[str, Any] = {"loc": "outside upper left"}
    if target is not fig:
        place = {"loc": "lower left", "bbox_to_anchor": (0, 1.02), "borderaxespad": 0}
    room = fig.get_figwidth() / style.MM - margin - 2
    labels = [text.wrap(str(handle.get_label()), room - _KEY) for handle in handles]
    widest = max(map(text.text_width, labels)) + _KEY
    columns = int(np.clip(room // widest, 1, len(labels)))
    target.legend(
        handles=handles, labels=labels, title=title, title_fontsize=text.SIZE, alignment="left",
        ncols=columns, borderpad=0, columnspacing=1.2, handletextpad=0.4, **place,
    )  # fmt: skip
    per_column = -(-len(labels) // columns)
    stacks = [labels[i : i + per_column] for i in range(0, len(labels), per_column)]
    lines = max(sum(map(text.n_lines, stack)) for stack in stacks) + (title is not None)
    more = (lines - 1) * text.LINE + (per_column - 1) * _GAP
    fig.set_figheight(fig.get_figheight() + more * style.MM)
