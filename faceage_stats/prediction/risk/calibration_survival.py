"""Calibration of survival predictions at a horizon."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._wald import two_sided
from faceage_stats._warn import warn
from faceage_stats.errors import EstimationWarning
from faceage_stats.prediction.horizon.data import (
    Cause,
    Times,
    one_time,
    require_follow_up,
    time_rows,
)
from faceage_stats.prediction.horizon.pseudo import risk_at
from faceage_stats.prediction.risk.calibration_result import (
    Calibration,
    Quantity,
    distance_rows,
    quantity_row,
)
from faceage_stats.prediction.risk.risks import one_risk, risk_groups
from faceage_stats.prediction.risk.smooth import PseudoSmooth
from faceage_stats.survival.cox.coxph import coxph

__all__ = ["survival_calibration"]


def survival_calibration(
    formula: str,
    data: Any,
    times: Times | None,
    lp: str | None,
    cause: Cause,
    *,
    groups: int,
    n_resamples: int,
    seed: int,
) -> Calibration:
    """See `calibration`."""
    horizon = one_time(times)
    with_lp = f"{formula} + `{lp}`" if lp else formula
    rows = time_rows(with_lp, data, horizon, caller="calibration()", cause=cause)
    require_follow_up(rows, horizon)
    names = [name for name in rows.predictions if name != lp]
    risk = one_risk(np.array([rows.predictions[name][:, 0] for name in names]).T, names, formula)
    time, status, t = rows.time, rows.status, float(horizon[0])
    link = np.log(-np.log1p(-risk))
    smooth = PseudoSmooth(link, time, status, t)
    draws = smooth.resampled_distances(risk, n_resamples, seed)
    table = [
        *_slope(time, status, rows.predictions[lp][:, 0] if lp else link),
        *_mean_risks(time, status, risk, t),
        *distance_rows(smooth.distances(risk), draws),
    ]
    return Calibration(
        pd.DataFrame(table), draws, smooth, _group_table(time, status, risk, t, groups), formula,
        t, len(time), int((status == 1).sum()), rows.n_missing, seed,
    )  # fmt: skip


def _slope(time: np.ndarray, status: np.ndarray, lp: np.ndarray) -> list[Quantity]:
    """Cox coefficient of the linear predictor (cause-specific when events compete)."""
    if lp.min() == lp.max():
        warn(
            f"the predictions are the same in all {len(lp)} rows: there is no calibration slope.",
            EstimationWarning,
        )
        slope = se = np.nan
    else:
        frame = pd.DataFrame({"time": time, "event": (status == 1).astype(int), "prediction": lp})
        row = coxph("Surv(time, event) ~ prediction", frame).tidy().iloc[0]
        slope, se = row["estimate"], row["std_error"]
    z = (slope - 1) / se
    test: dict[str, Any] = {"statistic": z, "p_value": float(two_sided(z))}
    return [
        quantity_row("slope", slope, se, **test),
        quantity_row("slope_minus_1", slope - 1, se, **test),
    ]


def _mean_risks(time: np.ndarray, status: np.ndarray, risk: np.ndarray, t: float) -> list[Quantity]:
    observed, se = risk_at(time, status, t)
    expected = risk.mean()
    ratio_se = se / observed if observed else np.nan
    return [
        quantity_row("observed_risk", observed, se),
        quantity_row("mean_predicted", expected, risk.std(ddof=1) / np.sqrt(len(risk))),
        quantity_row("observed_expected_ratio", observed / expected, ratio_se, log=True),
    ]


def _group_table(
    time: np.ndarray, status: np.ndarray, risk: np.ndarray, t: float, groups: int
) -> pd.DataFrame:
    """Predicted and observed risk by group of predicted risk."""
    group = risk_groups(risk, groups)
    records = []
    for label in np.unique(group):
        in_group = group == label
        observed = risk_at(time[in_group], status[in_group], t)
        records.append(
            {
                "group": int(label), "n": int(in_group.sum()),
                "n_event": int(((status == 1) & (time <= t) & in_group).sum()),
                "predicted": risk[in_group].mean(), **observed._asdict(),
            }
        )  # fmt: skip
    return pd.DataFrame(records)
