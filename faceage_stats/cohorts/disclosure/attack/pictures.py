"""What the shapes of a picture give away: event times in steps, single patients as marks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from faceage_stats.cohorts.disclosure.attack.build import Page
from faceage_stats.cohorts.disclosure.attack.cells import decimal
from faceage_stats.cohorts.disclosure.attack.drawing import panels_of
from faceage_stats.cohorts.disclosure.attack.findings import Finding
from faceage_stats.cohorts.disclosure.medians import SURVIVAL_TIMES

__all__ = ["drawn_patients", "event_times", "steps"]

_MONTH = 1 / 12
_STRAIGHT = 0.02  # points; paths are simplified when they are written
_HEXAGON = 6
_MARKS = 20  # a figure with so many marks in one cloud draws single patients


def event_times(page: Page) -> Iterator[Finding]:
    """Curves that step at times finer than a grid: each step is the time of an event."""
    grid = page.time_grid or _MONTH
    for file, svg in page.pictures.items():
        times = steps(svg)
        off = np.abs(times / grid - np.round(times / grid)) > 0.02
        if off.any():
            yield Finding(page.item, "times", "steps of the curves", (file,))
    for file, table in page.tables.items():
        if {"time", "n_risk"} <= set(table):
            listed = np.array([found for t in table["time"] if (found := decimal(t))])
            times, printed = listed.reshape(-1, 2).T
            off = np.abs(times - np.round(times / grid) * grid) > printed + 1e-6
            if off.any():
                yield Finding(page.item, "times", "column time", (file,))
        if any(_is_off_grid(grid, record) for record in table.to_dict(orient="records")):
            yield Finding(page.item, "times", "median survival", (file,))


def _is_off_grid(grid: float, record: dict[Any, Any]) -> bool:
    """Whether a row is a median survival between two points of the grid: the time of a death."""
    step = grid * SURVIVAL_TIMES.get(str(record.get("quantity")), 0)
    found = [decimal(record.get(column, "")) for column in ("estimate", "conf_low", "conf_high")]
    return any(abs(t[0] - round(t[0] / step) * step) > t[1] + 1e-6 for t in found if t and step)


def steps(svg: str) -> np.ndarray:
    """Times of the vertical moves of step functions, in the unit of the axis."""
    found = [
        panel.scales[0][0] * _vertical(shape.points) + panel.scales[0][1]
        for panel in panels_of(svg)
        if panel.scales[0] is not None
        for shape in panel.shapes
        if not shape.closed
    ]
    return np.unique(np.round(np.concatenate([np.array([]), *found]), 4))


def _vertical(points: np.ndarray) -> np.ndarray:
    """Positions at which a polyline of horizontal and vertical moves goes up or down."""
    if len(points) < 5:
        return np.array([])
    move = np.abs(np.diff(points, axis=0))
    if (move.min(axis=1) > _STRAIGHT).mean() > 0.1:
        return np.array([])
    return np.asarray(points[1:][(move[:, 1] > _STRAIGHT) & (move[:, 0] < _STRAIGHT), 0])


def drawn_patients(page: Page) -> Iterator[Finding]:
    """Clouds with more marks than a table has rows: every mark is a patient."""
    rows = max((len(table) for table in page.tables.values()), default=0)
    for file, svg in page.pictures.items():
        marks = Counter(
            (number, shape.group)
            for number, panel in enumerate(panels_of(svg))
            for shape in panel.shapes
            if len(shape.points) in (1, _HEXAGON)
        )
        if max(marks.values(), default=0) >= max(_MARKS, rows + 1):
            yield Finding(page.item, "patients", "a cloud of marks", (file,))
