"""What the shapes of a picture give away: bars of few, groups of few, extremes of patients."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from faceage_stats.cohorts.disclosure.attack.build import Page
from faceage_stats.cohorts.disclosure.attack.cells import decimal, labels_of
from faceage_stats.cohorts.disclosure.attack.drawing import Panel, Shape, Word, panels_of, words_of
from faceage_stats.cohorts.disclosure.attack.findings import Finding
from faceage_stats.cohorts.disclosure.roles import role_of

__all__ = ["shapes_of_few", "withheld_groups"]

_COUNTED = ("n", "count", "number", "frequency", "patients", "people", "deaths", "events")
_STATISTICS = ("estimate", "quantile", "proportion")  # the last is that of a level in Table 1
_GROUPS = ("group", "level", "strata", "cohort")
_NEAR = 8.0  # points between a label and what is drawn in its row
_POLYGON = 20  # points of a polygon that is a density
_RASTERED = 500  # from so many marks on they are one raster; a table may have as many rows


def shapes_of_few(page: Page, small: Collection[str]) -> Iterator[Finding]:
    """List pictures that draw a group of few, a small count, or the extremes of patients.

    Parameters
    ----------
    page : Page
    small : collection of str
        Labels of groups that are known to be small.
    """
    hidden = {_plain(label) for label in {*small, *withheld_groups(page)}}
    for file, svg in page.pictures.items():
        words = words_of(svg)
        rows = max((len(table) for table in page.tables.values()), default=0)
        if "<image" in svg and rows < _RASTERED:
            yield Finding(page.item, "patients", "a raster of marks", (file,))
        for panel in panels_of(svg):
            if _draws_a_group(panel, words, hidden):
                yield Finding(page.item, "few", "shape in the row of a small group", (file,))
            if any(0 < height < page.minimum for height in _bars(panel)):
                yield Finding(page.item, "printed", "height of a bar", (file,))
            if any(_is_violin(shape) for shape in panel.shapes):
                yield Finding(page.item, "patients", "ends of a violin", (file,))
            if any(_is_sharp(end, page) for end in _line_ends(panel)):
                yield Finding(page.item, "patients", "ends of a fitted line", (file,))


def withheld_groups(page: Page) -> set[str]:
    """Groups whose every statistic is withheld in the tables: a picture must not show them."""
    shown: set[str] = set()
    hidden: set[str] = set()
    for table in page.tables.values():
        columns = [str(c) for c in table if role_of(str(c)) in _STATISTICS]
        for record in table.to_dict(orient="records") if columns else []:
            about = {value for kind, value in labels_of(record) if kind in _GROUPS}
            seen = any(decimal(record[column]) for column in columns)
            (shown if seen else hidden).update(about)
    return hidden - shown


def _plain(label: str) -> str:
    return label.replace("_", " ").strip().lower()


def _draws_a_group(panel: Panel, words: list[Word], hidden: Collection[str]) -> bool:
    """Whether something is drawn level with the label of a hidden group, or over it."""
    low, high = panel.frame.low, panel.frame.high
    for word in words:
        if _plain(word.text) not in hidden:
            continue
        beside = low[1] <= word.y <= high[1] and not low[0] <= word.x <= high[0]
        below = low[0] <= word.x <= high[0] and not low[1] <= word.y <= high[1]
        axis, at = (1, word.y - 2.0) if beside else (0, word.x)
        if (beside or below) and any(_is_at(shape, panel, axis, at) for shape in panel.shapes):
            return True
    return False


def _is_at(shape: Shape, panel: Panel, axis: int, at: float) -> bool:
    """Whether a shape stands in one row; lines through all rows are no group's."""
    middle = (shape.low[axis] + shape.high[axis]) / 2
    through = np.ptp(shape.points[:, axis]) > 0.5 * np.ptp(panel.frame.points[:, axis])
    return bool(abs(middle - at) < _NEAR and not through)


def _bars(panel: Panel) -> Iterator[int]:
    """Heights of bars over zero on an axis that counts."""
    if not any(set(label.lower().split()) & set(_COUNTED) for label in panel.labels):
        return
    boxes = [s for s in panel.shapes if s.closed and 4 <= len(s.points) <= 5]
    for axis, scale in enumerate(panel.scales):
        if scale is None:
            continue
        for box in boxes:
            ends = scale[0] * np.array([box.low[axis], box.high[axis]]) + scale[1]
            height = float(np.abs(ends).max())
            on_zero = np.abs(ends).min() < 0.02 * max(height, 1)
            if on_zero and abs(height - round(height)) < 0.05:
                yield round(height)


def _is_violin(shape: Shape) -> bool:
    """A polygon that mirrors itself and is thin at both ends: a density of values."""
    if not shape.group.lower().startswith(("polycollection", "fillbetween")):
        return False
    if len(shape.points) < _POLYGON:
        return False
    for axis in (0, 1):
        along, across = shape.points[:, axis], shape.points[:, 1 - axis]
        places = np.round(along, 2)
        sides = [across[places == place] for place in np.unique(places)]
        middle = np.array([(side.min() + side.max()) / 2 for side in sides])
        width = np.array([np.ptp(side) for side in sides])
        mirrored = np.ptp(middle) < 0.1 and width.max() > 1
        if mirrored and max(width[0], width[-1]) < 0.5 * width.max():
            return True
    return False


def _line_ends(panel: Panel) -> Iterator[float]:
    """Where straight sloped lines, or curves of many points, begin and end on the x axis."""
    if panel.scales[0] is None:
        return
    slope, start = panel.scales[0]
    for shape in panel.shapes:
        move = np.abs(np.diff(shape.points, axis=0))
        if not shape.group.startswith("line2d") or len(move) == 0:
            continue
        sloped = bool(((move > 0.02).all(axis=1)).mean() > 0.5)
        clear = (shape.low[0] - panel.frame.low[0], panel.frame.high[0] - shape.high[0])
        if sloped and np.abs(clear).max() > 0.5:  # from side to side it is a reference
            ends = shape.points[[0, -1]]
            # at the lower or upper edge it is cut by the frame, and does not end
            cut = np.minimum(ends[:, 1] - panel.frame.low[1], panel.frame.high[1] - ends[:, 1])
            found = slope * ends[cut > 0.5, 0] + start
            # a coordinate has six digits: what is left of zero is rounding
            yield from np.where(np.abs(found) < 1e-6 * abs(slope) * panel.frame.high[0], 0, found)


def _is_sharp(value: float, page: Page) -> bool:
    """Whether an end is neither a round number nor one of the tables."""
    digits = 10.0 ** np.floor(np.log10(max(abs(value), 1e-9)))
    round_enough = abs(value / (digits / 10) - round(value / (digits / 10))) < 0.02
    return not round_enough and not any(abs(value - n) < 2e-3 * digits for n in _numbers(page))


def _numbers(page: Page) -> Iterator[float]:
    for table in page.tables.values():
        for column in table:
            if role_of(str(column)) in ("estimate", "quantile", "setting", "time", "proportion"):
                yield from (found[0] for text in table[column] if (found := decimal(text)))
