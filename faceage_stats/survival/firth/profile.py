"""Maximise a penalised likelihood, with coefficients held fixed; profile limits and tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import optimize, stats

from faceage_stats.errors import ConvergenceError, DesignError

__all__ = [
    "Evaluation",
    "Limits",
    "Maximum",
    "Objective",
    "maximise",
    "profile_limits",
    "ratio_statistics",
    "refuse_singular",
    "turn_to",
]

_MAX_STEPS = 500
_CURE = "Drop columns that are nearly collinear."


@dataclass(frozen=True)
class Evaluation:
    """Penalised log-likelihood, its gradient, and the unpenalised information."""

    value: float
    score: np.ndarray
    information: np.ndarray


Objective = Callable[[np.ndarray], Evaluation]


@dataclass(frozen=True)
class Maximum:
    """Where the climb ended."""

    beta: np.ndarray
    value: float
    information: np.ndarray
    iterations: int


def maximise(objective: Objective, start: np.ndarray, free: np.ndarray) -> Maximum:
    """Climb from `start` over the coefficients marked free until the step is negligible.

    Steps are information^-1 score, at most 2 standard errors long, halved until the value rises.
    """
    beta = np.array(start, float)
    now = objective(beta)
    if not free.any():
        return Maximum(beta, now.value, now.information, 0)
    block = np.ix_(free, free)
    for iteration in range(1, _MAX_STEPS + 1):
        try:
            step = np.linalg.solve(now.information[block], now.score[free])
        except np.linalg.LinAlgError:
            raise ConvergenceError(f"the penalised information is singular. {_CURE}") from None
        decrement = float(step @ now.score[free])
        if abs(decrement) < 1e-20 * (1 + abs(now.value)):
            return Maximum(beta, now.value, now.information, iteration)
        step *= min(1.0, 2.0 / np.sqrt(abs(decrement)))
        for _ in range(60):
            candidate = beta.copy()
            candidate[free] += step
            then = objective(candidate)
            if then.value >= now.value - 1e-13 * (1 + abs(now.value)):
                break
            step /= 2
        else:
            return Maximum(beta, now.value, now.information, iteration)
        beta, now = candidate, then
    raise ConvergenceError(
        f"the penalised likelihood did not converge in {_MAX_STEPS} steps. {_CURE}"
    )


def ratio_statistics(objective: Objective, top: Maximum, rows: np.ndarray) -> np.ndarray:
    """Twice the drop of the penalised log-likelihood when each combination `row @ beta` is 0."""
    out = np.empty(len(rows))
    for j, row in enumerate(rows):
        turned, start = _turned(objective, top, row)
        out[j] = 2 * (top.value - _restricted(turned, start, 0.0).value)
    return out


def _turned(objective: Objective, top: Maximum, row: np.ndarray) -> tuple[Objective, Maximum]:
    """Turn the coefficients so that the first lies along `row`, the others at right angles to it.

    No digits are lost by a turn, however far the intercept of `row` lies from the data.
    """
    turn = turn_to(row)

    def turned(beta: np.ndarray) -> Evaluation:
        at = objective(turn @ beta)
        return Evaluation(at.value, turn.T @ at.score, turn.T @ at.information @ turn)

    information = turn.T @ top.information @ turn
    return turned, Maximum(turn.T @ top.beta, top.value, information, top.iterations)


def turn_to(row: np.ndarray) -> np.ndarray:
    """Find an orthogonal matrix whose first column lies along `row`.

    Examples
    --------
    >>> turn_to(np.array([0.0, 3.0])).round(3).tolist()
    [[0.0, -1.0], [1.0, 0.0]]
    """
    turn = np.linalg.qr(row[:, None], mode="complete")[0]
    turn[:, 0] = row / np.linalg.norm(row)
    return np.asarray(turn)


def _restricted(objective: Objective, near: Maximum, value: float) -> Maximum:
    """Maximum with the first coefficient held at a value."""
    start, free = near.beta.copy(), np.ones(len(near.beta), bool)
    start[0], free[0] = value, False
    return maximise(objective, start, free)


class Limits(NamedTuple):
    """Profile limits of each combination, infinite where the profile never drops so far."""

    low: np.ndarray
    high: np.ndarray


def profile_limits(
    objective: Objective, top: Maximum, rows: np.ndarray, conf_level: float
) -> Limits:
    """Find the values of each `row @ beta` at which the profile has dropped by chi2 / 2."""
    target = top.value - stats.chi2.ppf(conf_level, 1) / 2
    limits = np.empty((2, len(rows)))
    for j, row in enumerate(rows):
        turned, start = _turned(objective, top, row)
        std_error = np.sqrt(np.linalg.inv(start.information)[0, 0])
        for side, direction in enumerate((-1.0, 1.0)):
            limit = _limit(turned, start, direction * std_error, target)
            limits[side, j] = limit * np.linalg.norm(row)
    return Limits(*limits)


def _limit(objective: Objective, top: Maximum, step: float, target: float) -> float:
    """Bracket the crossing of the profile with `target`, then close in on it."""
    near = top

    def excess(value: float) -> float:
        nonlocal near
        near = _restricted(objective, near, value)
        return near.value - target

    inner, factor = float(top.beta[0]), 1.0
    for _ in range(60):
        outer, at_inner = float(top.beta[0]) + factor * step, near
        if excess(outer) < 0:
            near = at_inner  # where the search looks first: both ends give what they gave
            return float(optimize.brentq(excess, inner, outer, xtol=1e-12, rtol=1e-12))
        inner, factor = outer, factor * 1.5
    return float(np.copysign(np.inf, step))


def refuse_singular(information: np.ndarray, names: list[str]) -> None:
    """Refuse a design that is not of full rank: the penalty is the determinant's logarithm."""
    size = np.sqrt(np.maximum(np.diag(information), 0.0))
    flat = size <= 1e-9 * size.max(initial=0.0)
    if not flat.any():
        correlation = information / np.outer(size, size)
        if np.linalg.eigvalsh(correlation)[0] > 1e-12:
            return
        flat = np.ones(len(names), bool)
    listed = ", ".join(name for name, is_flat in zip(names, flat, strict=True) if is_flat)
    raise DesignError(
        f"columns {listed} are constant or linearly dependent: Firth's penalty needs a design of "
        "full rank. Remove one."
    )
