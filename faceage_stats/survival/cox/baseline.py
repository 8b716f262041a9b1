"""Baseline hazards of a Cox model, one per stratum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from faceage_stats._compiled import FloatArray
from faceage_stats._formula.frame import Frame
from faceage_stats._levels import list_levels, sort_text
from faceage_stats._scalar import check_numbers
from faceage_stats._steps import RiskCounts, risk_counts, step_at
from faceage_stats._ties import merge_near_ties
from faceage_stats.errors import InputError
from faceage_stats.survival.cox.fit import CoxFit

__all__ = ["Baseline", "BaselineAt", "basehaz", "baselines", "stratum_codes"]


class BaselineAt(NamedTuple):
    """A baseline at some times."""

    cumhaz: FloatArray
    variance: FloatArray
    mean_integral: FloatArray


@dataclass(frozen=True)
class Baseline:
    """Step functions of one stratum at its event times, at the centre of the covariates.

    `mean_integral` is the integral of (risk-set mean - column mean) over the hazard, `variance`
    the part of the variance of the cumulative hazard that does not come from the coefficients;
    `counts` holds who is at risk at every distinct follow-up time.
    """

    label: str
    time: FloatArray
    cumhaz: FloatArray
    variance: FloatArray
    mean_integral: FloatArray
    counts: RiskCounts

    @property
    def grid(self) -> FloatArray:
        """Every distinct follow-up time."""
        return self.counts.time

    def numbers(self, times: FloatArray) -> dict[str, FloatArray]:
        """Count who is at risk just before increasing times, and what happened since the last."""
        c = self.counts
        since = {
            name: np.diff(step_at(c.time, np.cumsum(count), times, 0.0), prepend=0.0)
            for name, count in (("n_event", c.n_any), ("n_censor", c.n_censor))
        }
        place = np.searchsorted(c.time, times, side="left")
        return {"n_risk": np.append(c.n_risk, 0.0)[place], **since}

    def at(self, times: FloatArray) -> BaselineAt:
        """Read the three at times; 0 before the first event."""
        values = (self.cumhaz, self.variance, self.mean_integral)
        return BaselineAt(*(step_at(self.time, value, times, 0.0) for value in values))


def baselines(fit: CoxFit) -> list[Baseline]:
    """One baseline per stratum, in the order of the stratum labels."""
    if fit.design.right.tt:
        raise InputError(
            f"`{fit.formula}` has tt(): its covariates change with time, so that it has no curve. "
            "Split the follow-up with surv_split() instead."
        )
    table, sorting = fit.risk_sets, fit.sorting
    cumulative = table.cumulate(table.hazard)
    variance = table.cumulate(table.variance)
    mean_integral = table.cumulate(table.product) / sorting.scale
    row_time, entry = merge_near_ties(fit.surv.time, fit.surv.entry)
    labels = fit.frame.strata_labels or ("",)
    out = []
    for k, label in enumerate(labels):
        low, high = sorting.layout.stratum_first[k], sorting.layout.stratum_first[k + 1] - 1
        intervals = np.arange(low, high)[::-1]
        rows = slice(None) if fit.frame.strata is None else fit.frame.strata == k
        counts = risk_counts(
            row_time[rows],
            fit.surv.event[rows],
            fit.weights[rows],
            None if entry is None else entry[rows],
        )
        out.append(
            Baseline(
                label,
                sorting.interval_time[intervals],
                cumulative[intervals],
                variance[intervals],
                mean_integral[intervals],
                counts,
            )
        )
    return out


def basehaz(fit: CoxFit, *, times: Any = None, centered: bool = True) -> pd.DataFrame:
    """Estimate the cumulative baseline hazard; documented at `CoxPH.basehaz`."""
    factor = 1.0 if centered else float(np.exp(-(fit.means @ fit.estimate.filled)))
    frames = []
    for base in baselines(fit):
        grid = base.grid if times is None else check_numbers("times", times)
        table = pd.DataFrame({"time": grid, "cumhaz": base.at(grid).cumhaz * factor})
        if fit.frame.strata is not None:
            table["strata"] = base.label
        frames.append(table)
    return pd.concat(frames, ignore_index=True)


def stratum_codes(frame: Frame, newdata: pd.DataFrame, *, required: bool) -> list[int | None]:
    """Find the stratum of each row of new data; None where they lack the strata columns.

    -1 is a row whose stratum is missing: it keeps its place, and its prediction is missing.
    """
    try:
        labels = frame.design.strata_labels(newdata)
    except InputError:
        if required:
            raise
        return [None] * len(newdata)
    if labels is None:  # a fit without strata
        return [0] * len(newdata)
    known = {label: code for code, label in enumerate(frame.strata_labels)}
    unknown = {label for label in labels if label is not None and label not in known}
    if unknown:
        raise InputError(
            f"new data hold strata that the model never saw: {list_levels(sort_text(unknown))}. "
            f"Known strata: {list_levels(known)}."
        )
    return [-1 if label is None else known[label] for label in labels]
