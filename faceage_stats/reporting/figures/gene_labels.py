"""Names beside points, where they cover neither other names nor marked points."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

from faceage_stats.reporting.figures import style

__all__ = ["label_points"]

_MOST = 15
_OFFSETS = (
    *((4, 0, "left", "center"), (-4, 0, "right", "center")),
    *((3, 4, "left", "bottom"), (-3, 4, "right", "bottom")),
    *((3, -4, "left", "top"), (-3, -4, "right", "top")),
    *((0, 5, "center", "bottom"), (0, -5, "center", "top")),
)


def label_points(axes: Axes, points: pd.DataFrame, marked: pd.Series) -> None:
    """Name the marked points (``gene`` at ``estimate, height``), the highest first, at most 15.

    A name that finds no free place is left out; a table names every gene.
    """
    named = points[marked].sort_values("height", ascending=False, kind="stable").head(_MOST)
    spots = axes.transData.transform(points.loc[marked, ["estimate", "height"]].to_numpy(float))
    taken: list[Bbox] = []
    room = axes.get_window_extent()
    for row in style.records(named):
        label = axes.annotate(
            row["gene"], (row["estimate"], row["height"]), xytext=(0, 0), fontstyle="italic",
            textcoords="offset points", size=6,
        )  # fmt: skip
        for dx, dy, ha, va in _OFFSETS:
            label.set(position=(dx, dy), ha=ha, va=va)
            box = label.get_window_extent()
            inside = room.x0 <= box.x0 and box.x1 <= room.x1 and box.y1 <= room.y1
            clear = not box.padded(-0.5).count_contains(spots)
            if inside and clear and not any(box.overlaps(other) for other in taken):
                taken.append(box)
                break
        else:
            label.remove()
