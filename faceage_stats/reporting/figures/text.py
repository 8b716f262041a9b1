"""Text in figures: measure, wrap, make axis labels fit, check that nothing overlaps."""

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
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Bbox

from faceage_stats.reporting import formats

__all__ = ["text_overlaps"]

SIZE = 6.5  # points, of ordinary text
LINE = 2.9  # height of a line of ordinary text, mm
_POINT = 25.4 / 72  # mm
_WORD = 12  # characters that a broken word leaves on a line, at least
_CUT = re.compile(r"\((-?[\d.]+), ?(-?[\d.]+)\]")  # "(65,75]"
_BREAKS = re.compile(r"(?<= )|(?<=[^\W\d]-)(?=[^\W\d])")  # never before the digits of "-0.5"


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
    """Break `text` at blanks and after hyphens so that each line is at most `width` mm wide.

    A longer word is broken inside where a line holds twelve of its characters.
    """
    lines: list[str] = []
    for paragraph in str(text).split("\n"):
        line = ""
        words = [
            piece
            for word in _BREAKS.split(paragraph)
            for piece in _pieces(word, width, size, weight)
        ]
        for word in words:
            if line and text_width((line + word).strip(), size, weight) > width:
                lines.append(line.strip())
                line = ""
            line += word
        lines.append(line.strip())
    return "\n".join(lines)


def _pieces(word: str, width: float, size: float, weight: str) -> list[str]:
    """A word, or what a line holds of it where it is too long; what blanks join stays whole."""
    if "\u00a0" in word or text_width(word.strip(), size, weight) <= width:
        return [word]
    pieces = [""]
    for letter in word:
        if pieces[-1] and text_width((pieces[-1] + letter).strip(), size, weight) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces if min(map(len, pieces[:-1]), default=0) >= _WORD else [word]


def n_lines(text: str) -> int:
    """Number of lines of a wrapped text."""
    return text.count("\n") + 1


def pretty(label: object) -> str:
    """Printed form of a group label: proper inequality signs, also for an interval of R's cut()."""
    signs = str(label).replace("<=", "≤").replace(">=", "≥")
    return _CUT.sub(r">\1 to \2", signs)


def digits_for(values: Sequence[float] | np.ndarray | pd.Series) -> int:
    """Decimals that show about three significant digits of the largest value: one to three."""
    finite = np.abs(np.asarray(values, float))
    finite = finite[np.isfinite(finite)]
    largest = finite.max() if finite.size else 1.0
    if largest == 0:
        return 1
    return int(np.clip(2 - np.floor(np.log10(largest)), 1, 3))


def place_axes(fig: MatplotlibFigure) -> None:
    """Let the layout place the axes, which a drawing would do first; ticks are made on the way."""
    engine = fig.get_layout_engine()
    if engine is not None and fig.axes:
        engine.execute(fig)


def fit_axis_labels(fig: MatplotlibFigure) -> None:
    """Wrap axis labels that are longer than their room, and the page grows by their lines.

    Ticks are made lazily, in the style that is active then: here, and not when the file is written.
    """
    if fig.get_layout_engine() is None:  # laid out by hand, with its labels
        fig.draw_without_rendering()
        return
    place_axes(fig)
    for axes in fig.axes:
        _wrap_label(axes.yaxis.label, axes.get_window_extent().height / fig.dpi)
    if any("\n" in axes.get_ylabel() for axes in fig.axes):
        place_axes(fig)  # the plots have moved
    for axes in fig.axes:
        _wrap_label(axes.xaxis.label, _room_below(axes, fig) / fig.dpi)
    more = max((n_lines(axes.get_xlabel()) for axes in fig.axes if axes.axison), default=1) - 1
    if more:
        fig.set_figheight(fig.get_figheight() + more * LINE / 25.4)
        place_axes(fig)


def _wrap_label(label: Text, inches: float) -> None:
    width, size = inches * 25.4, float(label.get_fontsize())
    if text_width(label.get_text(), size) > width:
        label.set_text(wrap(label.get_text(), width - 2, size))


def _room_below(axes: Axes, fig: MatplotlibFigure) -> float:
    """Pixels for the label of the x axis: to the edges of the page, or between neighbours."""
    box = axes.get_window_extent()
    others = [other.get_window_extent() for other in fig.axes if other is not axes]
    in_row = [other for other in others if other.y0 < box.y1 and other.y1 > box.y0]
    beside = any(other.x1 < box.x0 or other.x0 > box.x1 for other in in_row)
    centre = (box.x0 + box.x1) / 2
    return float(box.width if beside else 2 * min(centre, fig.bbox.x1 - centre))


def counted(label: str, frame: pd.DataFrame) -> str:
    """Add the number of patients to a label of an axis, where it is the same in every row."""
    n = frame["n"].unique() if "n" in frame else np.array([np.nan])
    one = len(n) == 1 and pd.notna(n[0])
    return f"{label}, n = {formats.format_count(n[0])}" if one else label


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
