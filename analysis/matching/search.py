"""Find numbers of a generator under which one seed gives wanted estimates.

The random streams stay as they are, so that the estimates are nearly smooth in the numbers: a
damped Newton search with differences comes close, small random steps do the rest.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["newton", "wander"]

Vector = NDArray[np.float64]
_DAMPING = 10.0 ** np.arange(-2, 5, 0.5)
_LONGEST = 1.5  # of a step, times the reach of a number


def newton(
    realised: Callable[[Vector], Vector],
    start: Vector,
    *,
    goal: Vector,
    tolerance: Vector,
    step: Vector,
    reach: Vector,
    levels: tuple[float, ...],
) -> Vector:
    """Levenberg and Marquardt's method; `levels` are the tolerances of the rounds, coarse first.

    Derivatives are differences over a whole `step`, and the mean of the last three rounds: where
    a death falls in or out of the follow-up the estimates jump.
    """
    x, value, slopes = start, realised(start), []
    for level in levels:
        slopes = [*slopes[-2:], _slope(realised, x, step)]
        scaled = np.mean(slopes, axis=0) / (tolerance * level)[:, None] * reach
        miss = (goal - value) / (tolerance * level)
        for damping in _DAMPING:
            inverse = scaled.T @ scaled + damping * np.eye(len(x))
            move = np.linalg.solve(inverse, scaled.T @ miss)
            if np.abs(move).max() > _LONGEST:
                continue
            tried = realised(x + reach * move)
            if _cost(tried, goal, tolerance) < _cost(value, goal, tolerance):
                x, value = x + reach * move, tried
    return x


def _slope(realised: Callable[[Vector], Vector], x: Vector, step: Vector) -> NDArray[np.float64]:
    columns = []
    for i, width in enumerate(step):
        moved = np.zeros(len(x))
        moved[i] = width
        columns.append((realised(x + moved) - realised(x - moved)) / (2 * width))
    return np.column_stack(columns)


def _cost(value: Vector, goal: Vector, tolerance: Vector) -> float:
    return float((((value - goal) / tolerance) ** 2).sum())


def wander(
    margin: Callable[[Vector], float],
    start: Vector,
    *,
    step: Vector,
    enough: float,
    most: int,
    rng: np.random.Generator,
) -> Vector:
    """Random steps of mixed length, kept where the smallest margin grows."""
    x, best = start, margin(start)
    for _ in range(most):
        if best >= enough:
            break
        chosen = rng.random(len(x)) < 0.6
        tried = x + rng.normal(size=len(x)) * step * chosen * rng.choice([0.1, 0.3, 1.0])
        found = margin(tried)
        if found > best:
            x, best = tried, found
    return x
