"""Calibration of survival predictions at a horizon."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats.prediction.horizon.data import check_times, require_follow_up, time_rows
from faceage_stats.prediction.horizon.pseudo import pseudo_risk, risk_at
from faceage_stats.prediction.risk.calibration import one_risk, risk_groups
from faceage_stats.prediction.risk.calibration_result import Calibration, Smooth, quantity_row

__all__ = ["survival_calibration"]


def survival_calibration(
    formula: str,
    data: Any,
    horizon: float,
    lp: str | None,
    cause: Any,
    groups: int,
    resampling: tuple[int, int],
) -> Calibration:
    """See `calibration`."""
    wanted = check_times(horizon)
    rows = time_rows(f"{formula} + `{lp}`" if lp else formula, data, wanted, None, cause)
    require_follow_up(rows, wanted)
    names = [name for name in rows.predictions if name != lp]
    columns = [rows.predictions[name][:, 0] for name in names]
    risk = one_risk(np.array(columns).T, names, formula)
    time, status, t = rows.time, rows.status, float(wanted[0])
    link = np.log(-np.log1p(-risk))
    table = [
        *_slope(time, status, rows.predictions[lp][:, 0] if lp else link),
        *_mean_risks(time, status, risk, t),
    ]

    def resample(drawn: np.ndarray) -> np.ndarray:
        return pseudo_risk(time[drawn], status[drawn], t)

    smooth = Smooth.pseudo(pseudo_risk(time, status, t), link, _inverse_link, resample)
    table += smooth.distances(risk, *resampling)
    return Calibration(
        pd.DataFrame(table), smooth.curve(), _group_table(time, status, risk, t, groups), formula,
        len(time), int((status == 1).sum()), rows.n_missing, resampling[0],
    )  # fmt: skip


def _inverse_link(value: np.ndarray) -> np.ndarray:
    return -np.expm1(-np.exp(value))


def _slope(time: np.ndarray, status: np.ndarray, lp: np.ndarray) -> list[dict[str, Any]]:
    """Cox coefficient of the linear predictor (cause-specific when events compete)."""
    from faceage_stats.survival.cox.coxph import coxph

    frame = pd.DataFrame({"time": time, "event": (status == 1).astype(int), "lp": lp})
    row = coxph("Surv(time, event) ~ lp", frame).tidy().iloc[0]
    slope, se = row["estimate"], row["std_error"]
    z = (slope - 1) / se
    test = {"statistic": z, "p_value": 2 * stats.norm.sf(abs(z))}
    return [
        quantity_row("slope", slope, se, **test),
        quantity_row("slope_minus_1", slope - 1, se, **test),
    ]


def _mean_risks(
    time: np.ndarray, status: np.ndarray, risk: np.ndarray, t: float
) -> list[dict[str, Any]]:
    observed, se = risk_at(time, status, t)
    expected = risk.mean()
    ratio = expected / observed if observed else np.nan
    ratio_se = se / observed if observed else np.nan
    return [
        quantity_row("observed_risk", observed, se),
        quantity_row("mean_predicted", expected, risk.std(ddof=1) / np.sqrt(len(risk))),
        quantity_row("expected_observed_ratio", ratio, ratio_se, log=True),
    ]


def _group_table(
    time: np.ndarray, status: np.ndarray, risk: np.ndarray, t: float, groups: int
) -> pd.DataFrame:
    group = risk_groups(risk, groups)
    records = []
    for label in np.unique(group):
        own = group == label
        estimate, se = risk_at(time[own], status[own], t)
        low, high = estimate + np.array([-1, 1]) * stats.norm.ppf(0.975) * se
        records.append(
            {
                "group": int(label), "n": int(own.sum()),
                "n_event": int(((status == 1) & (time <= t) & own).sum()),
                "predicted": risk[own].mean(), "estimate": estimate, "std_error": se,
                "conf_low": max(low, 0.0), "conf_high": min(high, 1.0),
            }
        )  # fmt: skip
    return pd.DataFrame(records)
