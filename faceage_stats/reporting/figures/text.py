"""Text in figures: measure, wrap, find a free corner, check that nothing overlaps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as MatplotlibFigure
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path as MatplotlibPath
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Bbox

from faceage_stats.reporting import formats
from faceage_stats.reporting.figures import style

__all__ = ["text_overlaps"]

SIZE = 6.5  # points, of ordinary text
LINE = 2.9  # height of a line of ordinary text, mm
_POINT = 25.4 / 72  # mm
_BREAKS = re.compile(r"(?<= )|(?<=[^\W\d]-)(?=[^\W\d])")  # never before the digits of "-0.5"
_METRICS = {
    "mae": "MAE",
    "mean_error": "Mean error",
    "rmse": "RMSE",
    "pearson_r": "r",
    "r_squared": "R²",
    "r_squared_identity": "R² of the identity",
}
_CORNERS = {
    "upper right": (0.985, 0.985, "right", "top"),
    "upper left": (0.015, 0.985, "left", "top"),
    "lower right": (0.985, 0.015, "right", "bottom"),
    "lower left": (0.015, 0.015, "left", "bottom"),
}


@lru_cache(maxsize=4096)
def text_width(text: str, size: float = SIZE, weight: str = "normal") -> float:
    """Width in mm of the widest line of `text`."""
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    widths = [
        text_to_path.get_text_width_height_descent(line, font, ismath=False)[0]
        for line in text.split("\n")
    ]
    return max(widths) * _POINT


def wrap(text: str, width: float, size: float = SIZE, weight: str = "normal") -> str:
    """Break `text` at blanks and after hyphens so that each line is at most `width` mm wide."""
    lines: list[str] = []
    for paragraph in str(text).split("\n"):
        line = ""
        for word in _BREAKS.split(paragraph):
            if line and text_width((line + word).strip(), size, weight) > width:
                lines.append(line.strip())
                line = ""
            line += word
        lines.append(line.strip())
    return "\n".join(lines)


def n_lines(text: str) -> int:
    """Number of lines of a wrapped text."""
    return text.count("\n") + 1


def pretty(label: object) -> str:
    """Printed form of a group label: proper inequality signs."""
    return str(label).replace("<=", "≤").replace(">=", "≥")


def digits_for(values: Sequence[float] | np.ndarray | pd.Series) -> int:
    """Decimals that show about three significant digits of the largest value: one to three."""
    finite = np.abs(np.asarray(values, float))
    finite = finite[np.isfinite(finite)]
    largest = finite.max() if finite.size else 1.0
    if largest == 0:
        return 1
    return int(np.clip(2 - np.floor(np.log10(largest)), 1, 3))


def value_lines(values: pd.DataFrame | None) -> list[str]:
    """One line per row of a values frame: ``MAE 7.46 (7.22–7.70) years``."""
    if values is not None and "term" not in values.columns:
        style.require(values, ("metric",), "The values frame")
        values = values.assign(term=values["metric"].replace(_METRICS))
    lines = []
    for row in [] if values is None else style.records(values):
        limits = (row.get("conf_low", np.nan), row.get("conf_high", np.nan))
        if row["term"] == "n":
            lines.append(f"n = {formats.format_count(row['estimate'])}")
            continue
        digits = digits_for([row["estimate"]])
        text = formats.format_number(row["estimate"], digits)
        if not np.isnan(limits).any():
            text = formats.format_estimate_ci(row["estimate"], *limits, digits)
        unit = row.get("unit")
        lines.append(f"{row['term']} {text}" + (f" {unit}" if isinstance(unit, str) else ""))
    return lines


def annotate_free(
    axes: Axes,
    lines: Sequence[str],
    paths: Sequence[np.ndarray] = (),
    points: np.ndarray | None = None,
    *,
    above: Axes | None = None,
) -> None:
    """Write lines in the first corner that the data leave free, or above the plot.

    `paths` are polygons or polylines, `points` an (n, 2) array, all in data coordinates.
    """
    if not lines:
        return
    style.page(axes).draw_without_rendering()
    to_axes = axes.transData - axes.transAxes
    obstacles = [to_axes.transform_path(MatplotlibPath(path)) for path in paths]
    scatter = np.empty((0, 2)) if points is None else to_axes.transform(points)
    text = axes.text(0, 0, "\n".join(lines), transform=axes.transAxes, linespacing=1.35)
    for x, y, ha, va in _CORNERS.values():
        text.set(x=x, y=y, ha=ha, va=va)
        box = text.get_window_extent().transformed(axes.transAxes.inverted()).padded(0.012)
        inside = box.x0 > -0.02 and box.y0 > -0.02 and box.x1 < 1.02 and box.y1 < 1.02
        hit = any(path.intersects_bbox(box, filled=True) for path in obstacles)
        if inside and not hit and not box.count_contains(scatter):
            return
    text.remove()
    target = above or axes
    width = target.get_window_extent().width / style.page(target).dpi * 25.4
    whole = [line.replace(" ", "\u00a0") for line in lines]  # break between lines only
    target.set_title(wrap("   ".join(whole), width), loc="left", size=SIZE, linespacing=1.35)


def text_overlaps(fig: MatplotlibFigure, *, tolerance: float = 0.5) -> list[tuple[str, str]]:
    """List the pairs of texts in a figure that overlap, and texts that leave the figure.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    tolerance : float
        Points by which two boxes may touch.

    Returns
    -------
    list of tuple of str
        Pairs of texts; a text that leaves the figure is paired with ``"figure edge"``.

    Examples
    --------
    >>> from faceage_stats.reporting.figures.style import new_figure
    >>> fig = new_figure()
    >>> _ = fig.text(0.5, 0.5, "one"), fig.text(0.5, 0.5, "two"), fig.text(0.99, 0.1, "edge")
    >>> text_overlaps(fig)
    [('one', 'two'), ('edge', 'figure edge')]
    """
    fig.draw_without_rendering()
    margin = tolerance * fig.dpi / 72
    boxes = [(text.get_text(), _box(text, margin)) for text in _visible_texts(fig)]
    pairs = [
        (first, second)
        for (first, box1), (second, box2) in combinations(boxes, 2)
        if Bbox.intersection(box1, box2) is not None
    ]
    page = fig.bbox
    pairs += [
        (text, "figure edge")
        for text, box in boxes
        if box.x0 < page.x0 or box.y0 < page.y0 or box.x1 > page.x1 or box.y1 > page.y1
    ]
    return pairs


def _box(text: Text, margin: float) -> Bbox:
    """Bounding box of a text, shrunk by `margin` pixels on each side."""
    return Text.get_window_extent(text).padded(-margin)


def _visible_texts(fig: MatplotlibFigure) -> list[Text]:
    """Texts that will be seen: not empty, not hidden, and no tick label beyond its axis."""
    hidden = {
        id(label)
        for axes in fig.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())
        if not _in_view(np.asarray(axis.get_view_interval()), tick.get_loc()) or not axes.axison
        for label in (tick.label1, tick.label2)
    }
    return [
        text
        for text in fig.findobj(Text)
        if isinstance(text, Text)
        and text.get_visible()
        and text.get_text().strip()
        and id(text) not in hidden
    ]


def _in_view(interval: np.ndarray, location: float) -> bool:
    low, high = np.sort(interval)
    margin = 1e-9 * (high - low)
    return bool(low - margin <= location <= high + margin)
