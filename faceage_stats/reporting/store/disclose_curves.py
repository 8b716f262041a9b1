"""Survival curves of a private cohort: steps of a grid, from rounded counts alone.

Where nobody was censored before, 1 - S times n is the number of deaths, a whole number: with three
digits of S at a few steps n itself is found, and the curve of all patients less that of the women
gives the deaths of the three men. A released curve is therefore 1 less rounded deaths over rounded
patients, and its errors follow from that curve and the rounded numbers at risk.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from faceage_stats._steps import step_at
from faceage_stats.cohorts.disclosure.rounding import round_counts
from faceage_stats.cohorts.disclosure.rules import Rules
from faceage_stats.errors import DisclosureError
from faceage_stats.survival.km.curve import Curve, ReadTime
from faceage_stats.survival.km.kernel import CurveArrays
from faceage_stats.survival.km.survfit_result import SurvFit

__all__ = ["disclose_curves"]


class _ReleasedCurve(Curve):
    """A curve that ends before few are at risk: what is later nobody is told, not even 0."""

    def at(self, times: np.ndarray, conf_level: float) -> pd.DataFrame:
        """Read the curve at increasing times, as far as it goes."""
        read = super().at(times, conf_level)
        numbers = read.columns.difference(["strata", "time"])
        read.loc[times > self.arrays.time[-1] * (1 + 1e-12), numbers] = np.nan
        return read

    def median(self, conf_level: float) -> ReadTime:
        """Find the median: where the curve is flat at a half, a point of the grid."""
        grid = np.append(self.arrays.time, np.nan)
        exact = super().median(conf_level)
        later = (np.searchsorted(self.arrays.time, np.asarray(t) - 1e-9) for t in exact)
        return ReadTime(*(float(grid[at]) for at in later))


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
        stands for fewer: a percentage of rounded counts. Before the first step it has no limits,
        for some may have died. Numbers are rounded to the base; the curve
        ends before fewer than the minimum are at risk.

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
    grid = np.arange(last + 1) * rules.time_grid  # from 0 on, where all are at risk
    reached = grid * (1 + 1e-12)  # a time on the grid is reached, whatever its last digit
    at_risk = _at_risk(a, grid * (1 - 1e-12), rules)
    grid, reached, at_risk = (x[np.isfinite(at_risk)] for x in (grid, reached, at_risk))
    events, censored = (
        step_at(a.time, np.cumsum(c), reached, 0.0) for c in (a.n_event, a.n_censor)
    )
    n, lost = round_counts([a.n, 0], rules)[0], _lost(a, reached, rules)
    shown = _steps(events, np.isfinite(lost), rules)
    if np.isnan(n) or not shown.any():
        return None
    latest = np.maximum.accumulate(np.where(shown, np.arange(len(grid)), -1))
    surv = 1 - np.minimum(lost, n - rules.base) / n
    after = _at_risk(a, reached, rules)
    start = np.append(n, np.where(np.isnan(after), at_risk, after)[shown][:-1])
    se_log = np.append(np.nan, _errors(surv[shown], start, at_risk[shown]))[np.cumsum(shown)]
    surv = np.where(latest < 0, 1.0, surv[latest])
    arrays = CurveArrays(
        time=grid,
        n_risk=at_risk,
        n_event=_since(np.where(latest < 0, 0, events[latest]), rules),
        n_censor=_since(censored, rules),
        surv=surv,
        std_err=se_log * surv,
        se_log=se_log,
        cumhaz=0.0 - np.log(surv),
        cumhaz_se=se_log,
        n=int(n),
        weight=a.weight,
    )
    return _ReleasedCurve(curve.label, arrays, curve.conf_type)


def _at_risk(a: CurveArrays, times: np.ndarray, rules: Rules) -> np.ndarray:
    """Patients whose time is later, rounded; missing from where on they are few."""
    later = np.append(a.n_risk, 0.0)[np.searchsorted(a.time, times)]
    return np.asarray(np.minimum.accumulate(round_counts(later, rules)))


def _lost(a: CurveArrays, times: np.ndarray, rules: Rules) -> np.ndarray:
    """Round n (1 - S): without censoring the deaths, which are rounded so everywhere."""
    return round_counts(np.round(a.n * (1 - step_at(a.time, a.surv, times, 1.0)), 6), rules)


def _steps(events: np.ndarray, known: np.ndarray, rules: Rules) -> np.ndarray:
    """Points of the grid at which enough events have happened since the last one chosen.

    How many are enough, between the minimum and a base above it, is drawn for each step.
    """
    chosen, before = np.zeros(len(events), bool), 0.0
    for point, count in enumerate(events):
        enough = rules.minimum + int(rules.base * rules.chance("step", chosen.sum()))
        if known[point] and count - before >= enough:
            chosen[point], before = True, count
    return chosen


def _errors(surv: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Greenwood's error of log S at each step, half of those censored since the last at risk."""
    fall = np.append(1.0, surv[:-1]) / surv
    exposed = (start + end * fall) / 2
    return np.asarray(np.sqrt(np.cumsum((fall - 1) / exposed)))


def _since(so_far: np.ndarray, rules: Rules) -> np.ndarray:
    """Rounded numbers since the point before: none of them, where not 0, is a small count."""
    coarse = dataclasses.replace(rules, base=rules.curve_base)
    rounded = np.maximum.accumulate(np.nan_to_num(round_counts(so_far, coarse)))
    return np.diff(rounded, prepend=0.0)
