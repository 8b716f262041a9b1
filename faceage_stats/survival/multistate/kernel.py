"""Aalen-Johansen estimates with jackknife errors: arrays in, arrays out.

The recursion over the times, with its errors, is in `walk.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faceage_stats.survival.multistate.moves import Moves, Paths
from faceage_stats.survival.multistate.walk import walk

__all__ = ["Occupation", "mean_times", "occupation"]


@dataclass(frozen=True)
class Occupation:
    """Probability of each state after each time with a transition.

    Attributes
    ----------
    time : ndarray, shape (t,)
    n_risk, n_event, estimate, std_error : ndarray, shape (t, states)
        Rows, not weights: who is at risk in a state, and who enters it.
    start, start_error : ndarray, shape (states,)
        Before the first time.
    """

    time: np.ndarray
    n_risk: np.ndarray
    n_event: np.ndarray
    estimate: np.ndarray
    std_error: np.ndarray
    start: np.ndarray
    start_error: np.ndarray


def occupation(moves: Moves, n_states: int) -> Occupation:
    """Estimate the probabilities of all states over time, of one group."""
    times = np.unique(moves.time[moves.target >= 0])
    start, away, start_error = _start(moves, n_states, times)
    path = Paths.of(moves, times)
    at_risk = moves.at_risk(times, n_states, moves.weight)
    walked = walk(path, start, path.beginning(away), at_risk, np.zeros(len(times)))
    return Occupation(
        times, moves.n_risk(times, n_states), walked.n_event, walked.estimate,
        np.sqrt(walked.squares), start, start_error,
    )  # fmt: skip


def mean_times(moves: Moves, n_states: int, tau: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean time in each state from 0 to `tau`, of one group, and its standard errors.

    The area under the probabilities; so is its influence the area under theirs.
    """
    times = np.unique(moves.time[moves.target >= 0])
    start, away, start_error = _start(moves, n_states, times)
    if not len(times) or tau <= times[0]:
        return tau * start, tau * start_error
    grid = np.append(times[times < tau], tau)
    path, nothing = Paths.of(moves, grid), np.zeros_like(away)
    walked = walk(
        path, np.append(start, nothing[0]), path.beginning(np.hstack([away, nothing])),
        moves.at_risk(grid, n_states, moves.weight), np.diff(grid, prepend=0.0),
    )  # fmt: skip
    return walked.estimate[-1, n_states:], np.sqrt(walked.squares[-1, n_states:])


def _start(
    moves: Moves, n_states: int, times: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """States of those at risk at the first of the times; a row's influence by its state; errors."""
    first = times[0] if len(times) else np.inf
    weight = moves.weight * ((moves.entry < first) & (moves.time >= min(first, moves.time.max())))
    p = weight @ np.eye(n_states)[moves.origin] / weight.sum()
    away = (np.eye(n_states) - p) / weight.sum()
    return p, away, np.sqrt(weight**2 @ away[moves.origin] ** 2)
