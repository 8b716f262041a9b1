"""Step functions of time with their confidence bands."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

__all__: list[str] = []


def draw_steps(axes: Axes, curves: pd.DataFrame, shown: dict[Any, str], by: str) -> None:
    """Draw each curve, named in column `by`, in its colour, with its band."""
    for name, colour in shown.items():
        curve = curves[curves[by] == name]
        band = (curve["conf_low"].astype(float), curve["conf_high"].astype(float))
        axes.fill_between(curve["time"], *band, step="post", color=colour, alpha=0.15, linewidth=0)
        axes.step(curve["time"], curve["estimate"], where="post", color=colour, clip_on=False)
