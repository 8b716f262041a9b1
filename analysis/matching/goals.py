"""What a matched cohort must give: each published ratio as a logarithm and its standard error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import stats

from faceage_stats.reporting.paper import paper_values

__all__ = ["Goal", "goal", "inside"]

Z = stats.norm.ppf(0.975)
Goal = tuple[float, float]  # log ratio, standard error
_NUMBERS = ("estimate", "conf_low", "conf_high")


def inside(found: Goal, printed: Mapping[str, Any]) -> float:
    """How far inside the rounding of every printed number: 1 in its middle, below 0 outside."""
    log, error = found
    half = 0.5 * 10.0 ** -printed["decimals"]
    shown = {
        "estimate": np.exp(log),
        "conf_low": np.exp(log - Z * error),
        "conf_high": np.exp(log + Z * error),
    }
    margins = [
        1 - abs(shown[name] - printed[name]) / half for name in _NUMBERS if printed[name] > 0
    ]
    text = str(printed["p_reported"])
    if text.replace(".", "").isdigit():
        unit = 10.0 ** -len(text.partition(".")[2])
        p = 2 * stats.norm.sf(abs(log) / error)
        margins.append(1 - abs(p - float(text)) / (0.5 * unit))
    return float(min(margins))


def goal(printed: str | Mapping[str, Any]) -> Goal:
    """The point that lies farthest inside the rounding of what was printed, under an id or here."""
    if isinstance(printed, str):
        printed = paper_values().set_index("id").loc[printed].to_dict()
    log = np.log(printed["estimate"])
    if printed["conf_low"] > 0:
        error = np.log(printed["conf_high"] / printed["conf_low"]) / (2 * Z)
    else:
        error = abs(log) / stats.norm.isf(float(printed["p_reported"]) / 2)
    best, reach = (log, error), 2e-3
    for _ in range(40):
        grid = np.linspace(-reach, reach, 15)
        around = [(best[0] + a, best[1] + b) for a in grid for b in grid]
        best = max([best, *around], key=lambda point: inside(point, printed))
        reach *= 0.6
    return best
