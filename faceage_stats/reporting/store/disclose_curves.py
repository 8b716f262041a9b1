"""Survival curves of a private cohort: steps of a grid, each of them the fall by many events."""

from __future__ import annotations

import dataclasses

import numpy as np

from faceage_stats._steps import step_at
from faceage_stats.cohorts.disclosure.rounding import MANY, round_counts, round_digits
from faceage_stats.cohorts.disclosure.rules import Rules
from faceage_stats.errors import DisclosureError
from faceage_stats.survival.km.curve import Curve
from faceage_stats.survival.km.kernel import CurveArrays
from faceage_stats.survival.km.survfit_result import SurvFit

__all__ = ["disclose_curves"]


def disclose_curves(fit: SurvFit, rules: Rules) -> SurvFit:
    """Let curves step on a grid of times, and only when enough events have happened.

    Parameters
    ----------
    fit : SurvFit
        Curves of right-censored times without weights, in the unit of the grid.
    rules : Rules
        A group without so many events while so many are at risk has no curve.

    Returns
    -------
    SurvFit
        One row per point of the grid. The curve stays where it was until `minimum` events have
        happened since its last step, and then takes its value at that point, so that no step
        stands for fewer. Numbers are rounded to the base; the curve ends before fewer than the
        minimum are at risk.

    Raises
    ------
    DisclosureError
        If no group has enough events, or rows have weights or enter late.
    """
    coarse = {i: _coarse(curve, rules) for i, curve in enumerate(fit.curves)}
    kept = {i: curve for i, curve in coarse.items() if curve is not None}
    if not kept:
        raise DisclosureError(f"no group has {rules.minimum} events: their curves are withheld")
    levels = fit.levels.iloc[list(kept)].reset_index(drop=True) if len(fit.levels) else fit.levels
    return dataclasses.replace(fit, curves=tuple(kept.values()), levels=levels, n_missing=0)


def _coarse(curve: Curve, rules: Rules) -> Curve | None:
    """The curve on the grid; None where it never steps."""
    a = curve.arrays
    if a.n_risk[0] != a.n:
        raise DisclosureError("curves of weighted rows or of late entries are not released")
    last = int(np.ceil(a.time[-1] / rules.time_grid - 1e-9))
    grid = np.arange(1, last + 1) * rules.time_grid
    reached = grid * (1 + 1e-12)  # a time on the grid is reached, whatever its last digit
    at_risk = np.append(a.n_risk, 0.0)[np.searchsorted(a.time, grid * (1 - 1e-12))]
    at_risk = round_counts(at_risk, rules)
    long = int(np.isfinite(np.minimum.accumulate(at_risk)).sum())
    grid, reached, at_risk = grid[:long], reached[:long], at_risk[:long]
    events, censored = (
        step_at(a.time, np.cumsum(c), reached, 0.0) for c in (a.n_event, a.n_censor)
    )
    shown = _steps(events, rules)
    if not shown.any():
        return None
    latest = np.maximum.accumulate(np.where(shown, np.arange(len(grid)), -1))
    arrays = CurveArrays(
        time=grid,
        n_risk=np.minimum.accumulate(at_risk),
        n_event=_since(np.where(latest < 0, 0, events[latest]), rules),
        n_censor=_since(censored, rules),
        n=int(np.nan_to_num(round_counts(a.n, rules))),
        weight=a.weight,
        **{
            name: _held(step_at(a.time, getattr(a, name), reached, start), latest, start, digits)
            for name, start, digits in _curve_columns(a.n)
        },
    )
    return dataclasses.replace(curve, arrays=arrays)


def _curve_columns(n: int) -> list[tuple[str, float, int]]:
    """What is read off a curve: its value before the first event, and its digits."""
    digits = 3 if n >= MANY else 2
    errors = [(name, 0.0, 2) for name in ("std_err", "se_log", "cumhaz_se")]
    return [("surv", 1.0, digits), ("cumhaz", 0.0, digits), *errors]


def _steps(events: np.ndarray, rules: Rules) -> np.ndarray:
    """Points of the grid at which enough events have happened since the last one chosen.

    How many are enough, between the minimum and a base above it, is drawn for each step.
    """
    chosen, before = np.zeros(len(events), bool), 0.0
    for point, count in enumerate(events):
        enough = rules.minimum + int(rules.base * rules.chance("step", chosen.sum()))
        if count - before >= enough:
            chosen[point], before = True, count
    return chosen


def _held(values: np.ndarray, latest: np.ndarray, start: float, digits: int) -> np.ndarray:
    """The value at the latest step, as long as it holds."""
    return round_digits(np.where(latest < 0, start, values[latest]), digits)


def _since(so_far: np.ndarray, rules: Rules) -> np.ndarray:
    """Rounded numbers since the point before: none of them, where not 0, is a small count."""
    coarse = dataclasses.replace(rules, base=rules.curve_base)
    rounded = np.maximum.accumulate(np.nan_to_num(round_counts(so_far, coarse)))
    return np.diff(rounded, prepend=0.0)
