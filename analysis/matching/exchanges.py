"""Exchange the follow-up of pairs of patients so that estimates come near their goal.

Both are of one FaceAge group and one tumour group: the crude ratios of these stay as they are, and
so do all margins. To first order a pair that exchanges its follow-up is one that exchanges its
covariates.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

__all__ = ["chosen", "pairs_within"]

Vector = NDArray[np.float64]
Whole = NDArray[np.int64]
TRIALS = 4  # random pairs of each patient who died
MISSED = 6.0  # what one unit that is missed costs, in exchanges


def pairs_within(cell: Whole, died: NDArray[np.bool_], rng: np.random.Generator) -> Whole:
    """Random pairs of one who died and one who did not, in the same cell; below 0 none."""
    found = [np.empty((0, 2), np.int64)]
    for each in np.unique(cell[cell >= 0]):
        dead, alive = (np.flatnonzero((cell == each) & (died == state)) for state in (True, False))
        size = min(len(dead), len(alive))
        for _ in range(TRIALS):
            first, second = rng.permutation(dead)[:size], rng.permutation(alive)[:size]
            found.append(np.column_stack([first, second]))
    return np.concatenate(found)


def chosen(pairs: Whole, effects: Vector, missing: Vector) -> Whole:
    """The few pairs whose effects (a column each) sum to nearly what is missing.

    A corner of the linear programme has no more fractions than there are numbers to reach.
    """
    numbers, size = effects.shape
    cost = np.concatenate([np.ones(size), np.full(2 * numbers, MISSED)])
    both = np.hstack([effects, np.eye(numbers), -np.eye(numbers)])
    limits = [(0, 1)] * size + [(0, None)] * (2 * numbers)
    part = linprog(cost, A_eq=both, b_eq=missing, bounds=limits, method="highs").x[:size]
    taken: set[int] = set()
    kept = []
    for k in np.argsort(-part, kind="stable")[: int((part > 0.5).sum())]:
        if taken.isdisjoint(pairs[k].tolist()):
            taken.update(pairs[k].tolist())
            kept.append(pairs[k])
    return np.array(kept, np.int64).reshape(-1, 2)
