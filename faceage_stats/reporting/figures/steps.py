"""Step functions of time with their confidence bands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from faceage_stats.reporting.figures.lines import dashes

__all__: list[str] = []

_FAINT = 0.35  # opacity of a curve where few are at risk
_SEEN = 1200  # steps of a curve: more than a printed one can show


def draw_steps(
    axes: Axes,
    curves: pd.DataFrame,
    shown: dict[Any, str],
    by: str,
    *,
    faint_from: Mapping[Any, float] | None = None,
) -> None:
    """Draw each curve, named in column `by`, in its colour and line style, with its band.

    From the time in `faint_from` on, where few are at risk, a curve is faint.
    """
    for (name, colour), ls in zip(shown.items(), dashes(len(shown)), strict=True):
        curve = _seen(curves[curves[by] == name])
        band = (curve["conf_low"].astype(float), curve["conf_high"].astype(float))
        axes.fill_between(curve["time"], *band, step="post", color=colour, alpha=0.15, linewidth=0)
        parts = _parts(curve, (faint_from or {}).get(name, np.inf))
        for part, alpha in zip(parts, (1.0, _FAINT), strict=True):
            if part.empty:
                continue
            axes.step(
                part["time"], part["estimate"], where="post", color=colour, ls=ls, alpha=alpha,
                clip_on=False,
            )  # fmt: skip


def _seen(curve: pd.DataFrame) -> pd.DataFrame:
    """Every step, or of more than can be seen the last within each small part of the time axis."""
    if len(curve) <= _SEEN:
        return curve
    part = np.floor(curve["time"] / curve["time"].max() * _SEEN)
    kept = ~part.duplicated(keep="last")
    kept.iloc[0] = True
    seen: pd.DataFrame = curve[kept]
    return seen


def _parts(curve: pd.DataFrame, start: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The curve up to a time, and from there on; the second begins where the first ends."""
    first, second = curve[curve["time"] < start], curve[curve["time"] >= start]
    if first.empty or second.empty:
        return first, second
    join = first.tail(1).assign(time=start)
    return pd.concat([first, join]), pd.concat([join, second])
