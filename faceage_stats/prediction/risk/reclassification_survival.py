"""NRI and IDI for a censored outcome at a horizon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats.errors import DesignError
from faceage_stats.prediction.horizon.data import (
    Cause,
    TimeRows,
    Times,
    event_by,
    one_time,
    require_follow_up,
    time_rows,
)
from faceage_stats.prediction.horizon.incidence import incidence_influence
from faceage_stats.prediction.horizon.ipcw import Weighting, horizon_weights
from faceage_stats.prediction.risk.moves import IDI_NAME, Moves
from faceage_stats.prediction.risk.reclassification_result import Reclassification, measure_table
from faceage_stats.prediction.risk.risks import Pair, cross_table, two_risks

__all__ = ["survival_idi", "survival_nri"]


@dataclass(frozen=True)
class _Rows:
    """Follow-up with an old and a new risk for one horizon."""

    rows: TimeRows
    t: float
    risks: Pair

    @classmethod
    def read(cls, formula: str, data: Any, times: Times | None, cause: Cause, caller: str) -> _Rows:
        """Read outcome and both risks at one time."""
        horizon = one_time(times)
        rows = time_rows(formula, data, horizon, caller=caller, cause=cause)
        require_follow_up(rows, horizon)
        x = np.array([values[:, 0] for values in rows.predictions.values()]).T
        risks = two_risks(x, list(rows.predictions), formula)
        t = float(horizon[0])
        if not event_by(rows, t):
            raise DesignError(f"no patient had the event by t = {t:g}. Choose a later time.")
        return cls(rows, t, risks)

    def risk(self, group: np.ndarray) -> tuple[float, np.ndarray]:
        """Risk by the horizon in a group, and its influences."""
        return incidence_influence(self.rows.time, self.rows.status, self.t, group)


def survival_nri(
    formula: str, data: Any, times: Times | None, cause: Cause, cuts: np.ndarray | None
) -> Reclassification:
    """NRI from the risks of patients who move, and its influence function."""
    pair = _Rows.read(formula, data, times, cause, "nri()")
    move, n = Moves.of(pair.risks, cuts), len(pair.rows.time)
    p, p_influence = pair.risk(np.ones(n, bool))
    joint = {}  # probability of moving and having the event, with influence
    parts = {"risk_all": p, "n_up": float(move.up.sum()), "n_down": float(move.down.sum())}
    for name, group in (("up", move.up), ("down", move.down)):
        risk, influence = pair.risk(group)
        parts[f"risk_{name}"] = risk
        value = risk * group.mean()
        joint[name] = (value, np.where(group, risk + influence, 0.0) - value)
    moving = {
        name: (group.mean(), group - group.mean())
        for name, group in (("up", move.up), ("down", move.down))
    }
    event = (joint["up"][0] - joint["down"][0]) / p
    event_influence = (joint["up"][1] - joint["down"][1] - event * p_influence) / p
    stay = moving["down"][0] - joint["down"][0] - moving["up"][0] + joint["up"][0]
    stay_influence = moving["down"][1] - joint["down"][1] - moving["up"][1] + joint["up"][1]
    nonevent = stay / (1 - p)
    nonevent_influence = (stay_influence + nonevent * p_influence) / (1 - p)
    influences = np.array(
        [event_influence, nonevent_influence, event_influence + nonevent_influence]
    )
    table = measure_table("nri", event, nonevent, influences.std(axis=1, ddof=1) / np.sqrt(n))
    tables: dict[str, pd.DataFrame] = {}
    if cuts is not None:
        tables["all"] = cross_table(move.categories(), cuts)
        tables["expected_event"] = _expected_events(pair, move.categories(), cuts)
    return Reclassification(
        move.name, f"Kaplan-Meier at {pair.t:g}", table, parts, tables, n,
        event_by(pair.rows, pair.t), pair.rows.n_missing,
    )  # fmt: skip


def _expected_events(pair: _Rows, categories: Pair, cuts: np.ndarray) -> pd.DataFrame:
    """Kaplan-Meier number of events by the horizon in each cell."""
    table = cross_table(categories, cuts).astype(float)
    for i in range(len(table)):
        for j in range(len(table)):
            group = (categories.old == i) & (categories.new == j)
            table.iloc[i, j] = pair.risk(group)[0] * group.sum()
    return table


def survival_idi(formula: str, data: Any, times: Times | None, cause: Cause) -> Reclassification:
    """Weighted mean changes among events and among those beyond the horizon."""
    pair = _Rows.read(formula, data, times, cause, "idi()")
    option, rows = Weighting(), pair.rows
    change = pair.risks.new - pair.risks.old
    censoring = rows.censoring(option)
    weights = horizon_weights(
        rows.time, rows.status, censoring, pair.t, strict=False, other_is_control=True,
        min_survival=option.min_survival,
    )  # fmt: skip
    n = len(change)
    estimates, influences = [], []
    for weight, sign in ((weights.case, 1.0), (weights.control, -1.0)):
        mean = weight @ change / weight.sum()
        part = sign * weight * (change - mean) * n / weight.sum()
        influences.append(part + censoring.influence(part, weights.left, pair.t))
        estimates.append(sign * mean)
    influences.append(influences[0] + influences[1])
    std_error = np.std(influences, axis=1, ddof=1) / np.sqrt(n)
    return Reclassification(
        IDI_NAME, f"censoring weights at {pair.t:g}",
        measure_table("idi", estimates[0], estimates[1], std_error), {}, {}, n,
        event_by(rows, pair.t), rows.n_missing,
    )  # fmt: skip
