"""The probabilities of states from one transition to the next, and what each subject adds to them.

At each time t with a transition, p(t) = p(t-) (I + dA), dA[j, k] being the weighted proportion of
those at risk in state j that moves to k. The derivative of p(t) in the weight of a row follows the
same recursion, U(t) = U(t-) (I + dA) + p(t-)[j] (its own move - dA[j]) / n[j]; the variance is the
sum over subjects of D D', where D is the sum of weight times U of a subject.

Subjects who entered one state at one time have one U until they leave, and D D' of those who will
not be seen again follows the recursion as one matrix: each time costs what is at risk on paths of
its own, which without delayed entry is those who have moved once and stay at risk.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from faceage_stats._compiled import FloatArray, IntArray, compiled
from faceage_stats.survival.multistate.moves import Paths

__all__ = ["Walk", "walk"]

_compiled = compiled(error_model="numpy")


class Walk(NamedTuple):
    """Who enters each state, its probability, the sum of squared influences: (times, states).

    The last two have as many columns again for the areas under them where these are asked for.
    """

    n_event: IntArray
    estimate: FloatArray
    squares: FloatArray


class _Live(NamedTuple):
    """Paths: how many are on them, the squares of their shares, the influence, who is active.

    `active` lists the paths that somebody is on.
    """

    n_on: IntArray
    square: FloatArray
    influence: FloatArray
    active: IntArray


@_compiled
def walk(
    paths: Paths, start: FloatArray, influence: FloatArray, at_risk: FloatArray, width: FloatArray
) -> Walk:
    """Follow the times; `influence`, (paths, states), is that of each path when it begins.

    With twice as many columns as states in `start` and `influence`, the second half are areas:
    before each time its width times the first half is added to them.
    """
    n_times, k, q = width.size, at_risk.shape[1], start.size
    estimate, squares = np.empty((n_times, q)), np.empty((n_times, q))
    n_event, p, gone = np.zeros((n_times, k), np.int64), start.copy(), np.zeros((q, q))
    live, waiting = _who_begins(paths, influence)
    n_active, n_begun, low = 0, 0, 0
    for i in range(n_times):
        while n_begun < waiting.size and paths.begin[waiting[n_begun]] <= i:
            live.active[n_active] = waiting[n_begun]
            n_active, n_begun = n_active + 1, n_begun + 1
        high = low
        while high < paths.last.size and paths.last[high] == i:
            high += 1
        change = _change(paths, low, high, at_risk[i], n_event[i], width[i], q)
        gone = change.T @ gone @ change
        for c in live.active[:n_active]:
            pull = paths.pull[c] if paths.begin[c] <= i else 0.0
            _carry(live.influence[c], paths.state[c], pull, p, at_risk[i], change)
        n_active = _leave(paths, low, high, p, at_risk[i], live, n_active, gone)
        p, low = p @ change, high
        for j in range(q):
            estimate[i, j], squares[i, j] = p[j], max(gone[j, j], 0.0)  # but for rounding
            for c in live.active[:n_active]:
                squares[i, j] += live.square[c] * live.influence[c, j] ** 2
    return Walk(n_event, estimate, squares)


class _Beginning(NamedTuple):
    """The paths before the first time, and those of first rows by the time when they begin."""

    live: _Live
    waiting: IntArray


@_compiled
def _who_begins(paths: Paths, influence: FloatArray) -> _Beginning:
    n, n_path = paths.last.size, paths.begin.size
    n_on, square = np.zeros(n_path, np.int64), np.zeros(n_path)
    is_later = np.zeros(n + 1, np.bool_)
    for row in range(n):
        is_later[paths.following[row]] = True
    for row in range(n):
        if not is_later[row]:
            n_on[paths.path[row]] += 1
            square[paths.path[row]] += paths.share[row] ** 2
    order = np.argsort(paths.begin)
    active = np.empty(n_path, np.int64)
    return _Beginning(_Live(n_on, square, influence.copy(), active), order[n_on[order] > 0])


@_compiled
def _change(
    paths: Paths,
    low: int,
    high: int,
    at_risk: FloatArray,
    n_event: IntArray,
    width: float,
    q: int,
) -> FloatArray:
    """Make I + dA from the rows low:high, which end at this time; count who enters a state."""
    k = at_risk.size
    moved, change = np.zeros((k, k)), np.eye(q)
    for j in range(q - k):
        change[j, k + j] = width
    for row in range(low, high):
        m = paths.target[row]
        if m >= 0:
            moved[paths.state[paths.path[row]], m] += paths.weight[row]
            n_event[m] += 1
    for j in range(k):
        out = moved[j].sum() - moved[j, j]
        n = out if out > at_risk[j] * (1.0 - 1e-12) else at_risk[j]  # everybody, but for rounding
        for m in range(k):
            if out > 0.0:
                change[j, m] = moved[j, m] / n
        if out > 0.0:
            change[j, j] = 1.0 - out / n
    return change


@_compiled
def _carry(
    influence: FloatArray, j: int, pull: float, p: FloatArray, at_risk: FloatArray,
    change: FloatArray,
) -> None:  # fmt: skip
    """Take the influence of a path over a time at which those on it, in state j, stay."""
    carried = influence @ change
    for m in range(at_risk.size):
        stays = 1.0 if m == j else 0.0
        own = pull * p[j] * (stays - change[j, m]) / at_risk[j] if pull > 0.0 else 0.0
        influence[m] = carried[m] + own
    for m in range(at_risk.size, p.size):
        influence[m] = carried[m]


@_compiled
def _leave(
    paths: Paths,
    low: int,
    high: int,
    p: FloatArray,
    at_risk: FloatArray,
    live: _Live,
    n_active: int,
    gone: FloatArray,
) -> int:
    """Take the rows low:high off their paths: to a path of their own, or to those who are gone.

    Returns how many paths are active.
    """
    for row in range(low, high):
        c, m = paths.path[row], paths.target[row]
        influence = live.influence[c] * paths.share[row]
        if m >= 0:
            moved = paths.weight[row] * p[paths.state[c]] / at_risk[paths.state[c]]
            influence[m] += moved
            influence[paths.state[c]] -= moved
        live.n_on[c] -= 1
        live.square[c] -= paths.share[row] ** 2
        if paths.following[row] < 0:
            gone += np.outer(influence, influence)
        else:
            own = paths.path[paths.following[row]]
            live.n_on[own], live.square[own], live.active[n_active] = 1, 1.0, own
            live.influence[own] = influence
            n_active += 1
    kept = 0
    for a in range(n_active):
        if live.n_on[live.active[a]] > 0:
            live.active[kept] = live.active[a]
            kept += 1
    return kept
