"""Move follow-up until groups have the published ratios and errors.

The crude ratios of groups depend on who is in which group, on days and on deaths, all of them
whole numbers. A standard error is nearly a function of the deaths: first some deaths are turned
into censorings, or the reverse. Then censored patients leave a few days sooner or later, as
little as possible in all; at last four of them so that what was rounded off comes back.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from matching.slopes import Cox, Outcome

__all__ = ["deaths_wanted", "grouped", "moved", "ratios_after", "turned"]

Vector = NDArray[np.float64]
Whole = NDArray[np.int64]
WIDTH = 45  # days over which an effect is averaged
LAST_WIDTHS = (40, 20, 10, 10, 5, 5)  # of the moves of four
ROUNDS, PAIRS, LOOKED_AT = 5, 150_000, 40
WITHIN = 30  # deaths of the first group
EASY = (2e-3, 4e-6)  # of a log ratio, or an error: as easily had from days


def grouped(band: Whole, days: Whole, death: Whole) -> Cox:
    """Model of the groups against the first."""
    return Cox(Outcome(days, death), np.eye(band.max() + 1)[band][:, 1:])


def _numbers(fit: Cox) -> Vector:
    return np.concatenate([fit.log_ratios, fit.errors])


def _possible(fit: Cox, deaths: Whole, goal: Vector) -> tuple[Vector, Vector, Vector]:
    """Deaths of the groups in each row that come nearest to the errors; these, and the ratios.

    The square of an error is nearly the sum of the reciprocals of both groups' deaths.
    """
    errors = goal[len(goal) // 2 :]
    rest = fit.errors**2 - 1 / deaths[0] - 1 / deaths[1:]
    first = deaths[0] + np.arange(-WITHIN, WITHIN + 1.0)[:, None]
    others = 1 / (errors**2 - rest - 1 / first)
    ratios = fit.log_ratios + np.log(others / deaths[1:]) - np.log(first / deaths[0])
    whole = np.rint(others)
    return np.hstack([first, whole]), np.sqrt(rest + 1 / first + 1 / whole), ratios


def ratios_after(fit: Cox, deaths: Whole, goal: Vector) -> Vector:
    """The log ratios nearest to their goal that right errors allow."""
    _, _, ratios = _possible(fit, deaths, goal)
    away = ((ratios - goal[: ratios.shape[1]]) ** 2).sum(1)
    return np.asarray(ratios[np.argmin(away)])


def deaths_wanted(fit: Cox, deaths: Whole, goal: Vector) -> Whole:
    """Deaths of each group under which ratios and errors come nearest to their goal."""
    counts, errors, ratios = _possible(fit, deaths, goal)
    missing = (np.hstack([ratios, errors]) - goal) / np.repeat(EASY, ratios.shape[1])
    return counts[np.argmin((missing**2).sum(1))].astype(np.int64)


def turned(
    band: Whole, days: Whole, death: Whole, *, last: int, wanted: Whole,
    rng: np.random.Generator,
) -> Whole:  # fmt: skip
    """Deaths after some became censorings, or the reverse: as many as are wanted in each group."""
    death = death.copy()
    for group, number in enumerate(wanted):
        here = (band == group) & (days <= last)
        missing = int(number) - int(death[here].sum())
        rows = np.flatnonzero(here & (death == (missing < 0)))
        chosen = rng.choice(rows, abs(missing), replace=False)
        death[chosen] = 1 - death[chosen]
    return death


def moved(
    band: Whole, days: Whole, death: Whole, *, last: int, goal: Vector, near: Vector,
    rng: np.random.Generator,
) -> Whole:  # fmt: skip
    """Days under which the groups' log ratios and errors are as `near` to their goal.

    Nobody who died is moved, nor anyone who was followed beyond the `last` day.
    """
    start, shift = days, np.zeros(len(days))
    free = np.flatnonzero((death == 0) & (days > WIDTH) & (days < last - WIDTH))
    for _ in range(ROUNDS):
        fit = grouped(band, days, death)
        gained = _gained(fit, band, days + WIDTH) - _gained(fit, band, days - WIDTH)
        slopes = gained[free] / (2 * WIDTH * near)
        missing = (goal - _numbers(fit)) / near
        shift[free] += slopes @ np.linalg.solve(slopes.T @ slopes, missing)
        days = np.rint(start + shift).clip(1, np.maximum(start, last)).astype(np.int64)
    for width in LAST_WIDTHS:
        missing = (goal - _numbers(grouped(band, days, death))) / near
        if np.abs(missing).max() < 1:
            break
        days = _four_moved(band, days, death, free, missing, near, width, rng)
    return days


def _gained(fit: Cox, band: Whole, days: Whole) -> Vector:
    """What each patient adds to ratios and errors at risk until a day, to first order."""
    added = fit.one_more(np.eye(band.max() + 1)[:, 1:]).cumsum(axis=0)
    sums = np.concatenate([np.zeros((1, *added.shape[1:])), added])
    return np.asarray(sums[np.searchsorted(fit.outcome.day, days, side="right"), band])


def _four_moved(
    band: Whole, days: Whole, death: Whole, free: Whole, missing: Vector, near: Vector,
    width: int, rng: np.random.Generator,
) -> Whole:  # fmt: skip
    """The same days, but of four patients, whose effects sum to nearly what is missing."""
    fit = grouped(band, days, death)
    other = days + rng.integers(-width, width + 1, len(days))
    effects = ((_gained(fit, band, other) - _gained(fit, band, days)) / near)[free]
    pairs = rng.integers(len(free), size=(2, PAIRS, 2))
    first, second = effects[pairs].sum(2)
    distance, partner = cKDTree(first).query(missing - second)
    sets = []
    for k in np.argsort(distance)[:LOOKED_AT]:
        four = free[[*pairs[0, partner[k]], *pairs[1, k]]]
        tried = days.copy()
        tried[four] = other[four]
        left = missing + (_numbers(fit) - _numbers(grouped(band, tried, death))) / near
        sets.append((np.abs(left).max(), k, tried))
    return min(sets, key=lambda each: each[:2])[2]
