"""Rows of text beside a plot: the layout that forest, group and comparison figures share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator
from matplotlib.transforms import blended_transform_factory

from faceage_stats.errors import InputError
from faceage_stats.reporting.figures import style, text
from faceage_stats.reporting.figures.style import Figure

__all__: list[str] = []

GAP = 2.6  # between columns, mm
EDGE = 0.8  # margin of the page, mm
AXIS = 9.0  # tick labels and axis label under a plot, mm
_ALIGN = {"left": 0.0, "center": 0.5, "right": 1.0}


@dataclass(frozen=True)
class Column:
    """One column of text: a header and a cell per row."""

    header: str
    cells: Sequence[str]
    align: str = "left"
    minimum: float = 0.0  # width, mm

    @property
    def width(self) -> float:
        """Width in mm of the widest cell or header."""
        cells = max((text.text_width(cell) for cell in self.cells), default=0.0)
        return max(cells, text.text_width(self.header, weight="bold"), self.minimum)


@dataclass(frozen=True)
class RowLayout:
    """Where everything goes, in mm: columns left and right of the plot, rows from the top."""

    width: float
    left: Sequence[Column]
    right: Sequence[Column]
    heights: Sequence[float]  # of each row
    label: str = ""  # of the axis

    @property
    def header(self) -> float:
        """Height of the headers."""
        lines = max(text.n_lines(column.header) for column in (*self.left, *self.right))
        return lines * text.LINE + 1.7

    @property
    def plot(self) -> tuple[float, float]:
        """Left and right end of the plot."""
        used = [sum(column.width + GAP for column in side) for side in (self.left, self.right)]
        return EDGE + used[0] + 1.0, self.width - EDGE - used[1] - 1.0

    @property
    def centres(self) -> np.ndarray:
        """Distance of the middle of each row from the top of the first row."""
        return np.cumsum(self.heights) - np.asarray(self.heights) / 2

    @property
    def height(self) -> float:
        """Height of all rows."""
        return float(np.sum(self.heights))

    @property
    def axis_label(self) -> str:
        """Label of the axis, in lines that stay on the page."""
        low, high = self.plot
        overhang = min(low, self.width - high, 6.0)
        return text.wrap(self.label, high - low + 2 * overhang, 7)

    @property
    def axis(self) -> float:
        """Height of tick labels and axis label."""
        return AXIS + (text.n_lines(self.axis_label) - 1) * text.LINE


def choose_width(
    width: str | float | None, left: Sequence[Column], right: Sequence[Column], plot: float
) -> float:
    """Given width, else one column if the plot keeps `plot` mm, else two columns."""
    need = sum(column.width + GAP for column in (*left, *right)) + 2 * EDGE + 2
    if width is None:
        width = "single" if style.WIDTHS["single"] - need >= plot else "double"
    millimetres = style.width_mm(width)
    if millimetres - need < 15:
        raise InputError(
            f"The text columns need {need:.0f} mm, which leaves no room for the plot in "
            f"{millimetres:.0f} mm. Use width='double', shorter labels, or fewer columns."
        )
    return millimetres


def row_heights(labels: Sequence[str], *, minimum: float = 4.2) -> list[float]:
    """Height of each row, in mm, from the number of lines of its label."""
    return [max(minimum, text.n_lines(label) * text.LINE + 1.3) for label in labels]


def draw_rows(layout: RowLayout) -> tuple[Figure, Axes]:
    """Make the figure, write headers and cells; the axes have y in mm from the first row's top."""
    total = layout.header + layout.height + layout.axis + EDGE
    fig = style.new_figure(layout.width, total, layout=False)
    axes = add_panel(fig, layout, top=EDGE + layout.header)
    write_cells(axes, layout)
    return fig, axes


def add_panel(fig: Figure, layout: RowLayout, *, top: float) -> Axes:
    """Axes for the rows of `layout`, `top` mm under the top of the page."""
    page = fig.get_figheight() / style.MM
    low, high = layout.plot
    bottom = page - top - layout.height
    axes = fig.add_axes(
        (low / layout.width, bottom / page, (high - low) / layout.width, layout.height / page)
    )
    axes.set_ylim(layout.height, 0)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", left=False, labelleft=False)
    return axes


def write_cells(axes: Axes, layout: RowLayout, *, headers: bool = True) -> None:
    """Write the columns beside the plot, headers above the first row."""
    figure = style.page(axes)
    place = blended_transform_factory(figure.transFigure, axes.transData)
    sides = ((EDGE, layout.left), (layout.plot[1] + 1.0 + GAP, layout.right))
    for start, columns in sides:
        x = start
        for column in columns:
            at = (x + _ALIGN[column.align] * column.width) / layout.width
            if headers:
                axes.text(
                    at, -layout.header / 2, column.header, transform=place,
                    ha=column.align, va="center", weight="bold",
                )  # fmt: skip
            for y, cell in zip(layout.centres, column.cells, strict=True):
                axes.text(at, y, cell, transform=place, ha=column.align, va="center")
            x += column.width + GAP


def draw_intervals(
    axes: Axes,
    frame: pd.DataFrame,
    y: np.ndarray,
    *,
    color: str = style.PALETTE[0],
    marker: str = "s",
) -> None:
    """Points with horizontal intervals; an interval beyond the axis ends in an arrow head."""
    low, high = axes.get_xlim()
    for at, row in zip(y, style.records(frame), strict=True):
        if not np.isfinite(row["estimate"]):
            continue
        if not pd.isna([row["conf_low"], row["conf_high"]]).any():
            ends = np.clip([row["conf_low"], row["conf_high"]], low, high)
            axes.plot(ends, [at, at], color=color, lw=1.0, solid_capstyle="butt", zorder=2)
            for end, beyond, head in (
                (ends[0], row["conf_low"] < low, "<"),
                (ends[1], row["conf_high"] > high, ">"),
            ):
                if beyond:
                    axes.plot(end, at, head, color=color, ms=3, mew=0, clip_on=False, zorder=2)
        if low <= row["estimate"] <= high:
            bar = marker == "|"
            axes.plot(
                row["estimate"], at, marker, color=color, zorder=3,
                ms=6 if bar else 4, mew=1.4 if bar else 0,
            )  # fmt: skip


def set_scale(axes: Axes, limits: tuple[float, float], layout: RowLayout, *, ratio: bool) -> None:
    """Set limits, ticks that do not collide, and the label of the axis."""
    width = layout.plot[1] - layout.plot[0]
    if ratio:
        axes.set_xscale("log")
        axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(*limits)
    ticks = round_ticks(limits, ratio=ratio, width=width)
    axes.xaxis.set_major_locator(FixedLocator(list(ticks)))
    axes.set_xticks(ticks, [f"{tick:.10g}" for tick in ticks])
    axes.set_xlabel(layout.axis_label, labelpad=2)


def round_ticks(limits: tuple[float, float], *, ratio: bool, width: float) -> np.ndarray:
    """Round numbers within the limits, as many as fit a plot `width` mm wide."""
    low, high = limits
    for candidate in _tick_sets(low, high, ratio):
        ticks = candidate[(candidate >= low) & (candidate <= high)]
        place = np.log(ticks / low) / np.log(high / low) if ratio else (ticks - low) / (high - low)
        sizes = np.array([text.text_width(f"{tick:.10g}") for tick in ticks])
        room = np.diff(place) * width - (sizes[1:] + sizes[:-1]) / 2
        if len(ticks) >= 2 and (room > 2.0).all():
            return ticks
    return np.array([low, high])


def _tick_sets(low: float, high: float, ratio: bool) -> list[np.ndarray]:
    """Candidate ticks, densest first; ratios over a wide range step by decades of 1-2-5."""
    sets: list[np.ndarray] = []
    if ratio and high / low > 3:
        decades = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
        for steps in ([1, 2, 5], [1, 3], [1]):
            sets.append(np.sort(np.concatenate([step * decades for step in steps])))
        if high / low < 12:
            sets.insert(0, np.array([0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8]))
    for count in range(6, 1, -1):
        ticks = np.asarray(
            MaxNLocator(nbins=count, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
        )
        sets.append(ticks[ticks > 0] if ratio else ticks)
    return sets
