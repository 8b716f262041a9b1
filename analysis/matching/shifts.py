"""The least shift of many numbers under which estimates reach their goal."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["rounded", "shifted"]

Vector = NDArray[np.float64]
Realised = Callable[[Vector], tuple[Vector, Vector]]  # estimates, and their slopes by each number
# how much of a unit of each estimate may be missed, first where it costs much
SOFT = (0.1, 0.03, 0.01, 0.003, 1e-3, 3e-4, 1e-4, 1e-5, 1e-6, *[0.0] * 8)
STEPS = 60
ENOUGH = 0.02  # of what is near


def shifted(
    start: Vector, realised: Realised, *, low: Vector, high: Vector, goal: Vector, near: Vector
) -> Vector:
    """Numbers between `low` and `high` that give the `goal`, each round by the least shift."""
    x = start
    for soft in SOFT:
        values, slopes = realised(x)
        missing = goal - values
        if np.abs(missing / near).max() < ENOUGH:
            break
        size = np.sqrt((slopes**2).sum(1))
        x = _nearest(x, slopes / size[:, None], missing / size, soft, low, high)
    return x


def _nearest(
    start: Vector, slopes: Vector, total: Vector, soft: float, low: Vector, high: Vector
) -> Vector:
    """The point of slopes · (point - start) = total within the limits that is next to `start`.

    It is start + slopes' · multipliers, cut off at the limits: Newton's method for the multipliers.
    """
    multipliers = np.zeros(len(total))
    for _ in range(STEPS):
        free = start + multipliers @ slopes
        point = free.clip(low, high)
        left = total - slopes @ (point - start) - soft * multipliers
        if np.abs(left).max() < 1e-9:
            break
        inside = slopes[:, (low <= free) & (free <= high)]
        curve = inside @ inside.T + soft * np.eye(len(total))
        multipliers = multipliers + np.linalg.solve(curve, left)
    return np.asarray(point)


def rounded(x: Vector, slopes: Vector, near: Vector, decimals: int) -> Vector:
    """The numbers rounded up or down, so that what each adds to the estimates' errors cancels."""
    unit = 10.0**-decimals
    down = np.floor(x / unit)
    effects, error = (slopes / near[:, None]).T, np.zeros(len(near))
    found = np.empty_like(x)
    for i, (value, effect) in enumerate(zip(x, effects, strict=True)):
        shifts = np.array([down[i], down[i] + 1]) * unit - value
        after = error + shifts[:, None] * effect
        best = int(np.argmin((after**2).sum(1)))
        error, found[i] = after[best], np.round((down[i] + best) * unit, decimals)
    return found
