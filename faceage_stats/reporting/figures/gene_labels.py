"""Names beside points, where they cover neither other names nor marked points."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from faceage_stats.reporting.figures import style

__all__ = ["label_points"]

_MOST = 15
_OFFSETS = (
    *((4, 0, "left", "center"), (-4, 0, "right", "center")),
    *((3, 4, "left", "bottom"), (0, 12, "center", "bottom"), (-3, 4, "right", "bottom")),
    *((3, -4, "left", "top"), (-3, -4, "right", "top")),
    *((0, 5, "center", "bottom"), (0, -5, "center", "top")),
    *((8, 12, "left", "bottom"), (-8, 12, "right", "bottom")),
)


def label_points(axes: Axes, points: pd.DataFrame, marked: pd.Series) -> None:
    """Name the marked points (``gene`` at ``estimate, height``), the highest first, at most 15.

    A name is placed clear of all points where it can be, otherwise clear of the marked ones. One
    that finds no free place is omitted; a table names every gene.
    """
    named = points[marked].sort_values("height", ascending=False, kind="stable").head(_MOST)
    place = ["estimate", "height"]
    every = axes.transData.transform(points[place].to_numpy(float))
    chosen = axes.transData.transform(points.loc[marked, place].to_numpy(float))
    taken: list[Bbox] = []
    for row in style.records(named):
        label = axes.annotate(
            row["gene"], (row["estimate"], row["height"]), xytext=(0, 0), fontstyle="italic",
            textcoords="offset points", size=6.5,
        )  # fmt: skip
        if not (_find_place(axes, label, every, taken) or _find_place(axes, label, chosen, taken)):
            label.remove()


def _find_place(axes: Axes, label: Annotation, spots: np.ndarray, taken: list[Bbox]) -> bool:
    """Move the label to the first offset that is inside the axes and free."""
    room = axes.get_window_extent()
    for dx, dy, ha, va in _OFFSETS:
        label.set(position=(dx, dy), ha=ha, va=va)
        box = label.get_window_extent()
        inside = room.x0 <= box.x0 and box.x1 <= room.x1 and room.y0 <= box.y0 and box.y1 <= room.y1
        if inside and not box.count_contains(spots) and not any(map(box.overlaps, taken)):
            taken.append(box)
            return True
    return False
