"""NRI and IDI for a censored outcome at a horizon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats.errors import DesignError, InputError
from faceage_stats.prediction.horizon.data import (
    TimeRows,
    check_times,
    require_follow_up,
    time_rows,
)
from faceage_stats.prediction.horizon.incidence import incidence_influence
from faceage_stats.prediction.horizon.ipcw import Weighting, horizon_weights
from faceage_stats.prediction.risk.reclassification_result import (
    Reclassification,
    cross_table,
    idi_table,
    nri_name,
    two_risks,
)

__all__ = ["SurvivalPair", "survival_idi", "survival_nri"]


@dataclass(frozen=True)
class SurvivalPair:
    """Follow-up with an old and a new risk for one horizon."""

    rows: TimeRows
    t: float
    old: np.ndarray
    new: np.ndarray

    @classmethod
    def read(cls, formula: str, data: Any, time: float | None, cause: Any) -> SurvivalPair:
        """Read outcome and both risks at one time."""
        if time is None:
            raise InputError("time is missing: name the horizon that the risks belong to.")
        wanted = check_times(time)
        rows = time_rows(formula, data, wanted, None, cause)
        require_follow_up(rows, wanted)
        x = np.array([values[:, 0] for values in rows.predictions.values()]).T
        old, new = two_risks(x, list(rows.predictions), formula)
        if not ((rows.status == 1) & (rows.time <= wanted[0])).any():
            raise DesignError(f"nobody had the event by t = {wanted[0]:g}. Choose a later time.")
        return cls(rows, float(wanted[0]), old, new)

    @property
    def n_event(self) -> int:
        """Events of interest by the horizon."""
        return int(((self.rows.status == 1) & (self.rows.time <= self.t)).sum())


def survival_nri(
    pair: SurvivalPair,
    up: np.ndarray,
    down: np.ndarray,
    categories: tuple[np.ndarray, np.ndarray],
    limits: np.ndarray | None,
) -> Reclassification:
    """NRI from the risks of those who move, and its influence function."""
    time, status, n = pair.rows.time, pair.rows.status, len(pair.rows.time)
    p, p_influence = incidence_influence(time, status, pair.t, np.ones(n, bool))
    joint = {}  # probability of moving and having the event, with influence
    shares = {"risk_all": p, "n_up": float(up.sum()), "n_down": float(down.sum())}
    for name, who in (("up", up), ("down", down)):
        risk, influence = incidence_influence(time, status, pair.t, who)
        shares[f"risk_{name}"] = risk
        value = risk * who.mean()
        joint[name] = (value, np.where(who, risk + influence, 0.0) - value)
    moving = {name: (who.mean(), who - who.mean()) for name, who in (("up", up), ("down", down))}
    event = (joint["up"][0] - joint["down"][0]) / p
    event_influence = (joint["up"][1] - joint["down"][1] - event * p_influence) / p
    stay = moving["down"][0] - joint["down"][0] - moving["up"][0] + joint["up"][0]
    stay_influence = moving["down"][1] - joint["down"][1] - moving["up"][1] + joint["up"][1]
    nonevent = stay / (1 - p)
    nonevent_influence = (stay_influence + nonevent * p_influence) / (1 - p)
    influence = np.array(
        [event_influence, nonevent_influence, event_influence + nonevent_influence]
    )
    table = pd.DataFrame(
        {
            "quantity": ["nri_event", "nri_nonevent", "nri"],
            "estimate": [event, nonevent, event + nonevent],
            "std_error": influence.std(axis=1, ddof=1) / np.sqrt(n),
        }
    )
    tables = {}
    if limits is not None:
        tables["all"] = cross_table(*categories, limits)
        tables["expected_event"] = _expected_events(pair, categories, limits)
    return Reclassification(
        nri_name(limits), f"Kaplan-Meier at {pair.t:g}", table, shares, tables, n, pair.n_event,
        pair.rows.n_missing,
    )  # fmt: skip


def _expected_events(
    pair: SurvivalPair, categories: tuple[np.ndarray, np.ndarray], limits: np.ndarray
) -> pd.DataFrame:
    """Kaplan-Meier number of events by the horizon in each cell."""
    old, new = categories
    table = cross_table(old, new, limits).astype(float)
    for i in range(len(table)):
        for j in range(len(table)):
            who = (old == i) & (new == j)
            risk, _ = incidence_influence(pair.rows.time, pair.rows.status, pair.t, who)
            table.iloc[i, j] = risk * who.sum()
    return table


def survival_idi(pair: SurvivalPair) -> Reclassification:
    """Weighted mean changes among events and among those beyond the horizon."""
    option = Weighting()
    rows, change = pair.rows, pair.new - pair.old
    censoring = rows.censoring(option)
    weights = horizon_weights(
        rows.time, rows.status, censoring, pair.t, strict=False, other_is_control=True,
        min_survival=option.min_survival,
    )  # fmt: skip
    n = len(change)
    estimates, influences = [], []
    for weight, sign in ((weights.case, 1.0), (weights.control, -1.0)):
        mean = weight @ change / weight.sum()
        share = sign * weight * (change - mean) * n / weight.sum()
        influences.append(share + censoring.influence(share, weights.own_time, pair.t))
        estimates.append(sign * mean)
    influences.append(influences[0] + influences[1])
    std_error = np.std(influences, axis=1, ddof=1) / np.sqrt(n)
    return Reclassification(
        "integrated discrimination improvement", f"censoring weights at {pair.t:g}",
        idi_table(estimates[0], estimates[1], std_error), {}, {}, n, pair.n_event, rows.n_missing,
    )  # fmt: skip
