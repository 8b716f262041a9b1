"""Lines of numbers written into a plot, in a corner that the data leave free."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.path import Path as MatplotlibPath

from faceage_stats.reporting import formats
from faceage_stats.reporting.figures import style
from faceage_stats.reporting.figures.text import SIZE, digits_for, wrap

__all__: list[str] = []

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


def free_corner(
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
