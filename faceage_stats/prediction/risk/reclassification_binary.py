"""NRI and IDI for a binary outcome."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._formula.markers import marker_columns
from faceage_stats._formula.outcome import BinaryFrame, binary_frame
from faceage_stats.prediction.risk.moves import IDI_NAME, Moves
from faceage_stats.prediction.risk.reclassification_result import Reclassification, measure_table
from faceage_stats.prediction.risk.risks import Pair, cross_table, two_risks

__all__ = ["binary_idi", "binary_nri"]


def _read(formula: str, data: Any, caller: str) -> tuple[BinaryFrame, Pair]:
    frame = binary_frame(formula, marker_columns(formula, data, caller), caller=caller)
    return frame, two_risks(frame.frame.x, frame.names, formula)


def binary_nri(formula: str, data: Any, cuts: np.ndarray | None) -> Reclassification:
    """Proportions that move up and down, with the standard errors of ``Hmisc::improveProb``."""
    frame, risks = _read(formula, data, "nri()")
    move, case = Moves.of(risks, cuts), frame.is_case
    n = np.array([case.sum(), (~case).sum()])
    up = np.array([move.up[case].mean(), move.up[~case].mean()])
    down = np.array([move.down[case].mean(), move.down[~case].mean()])
    net = (up - down) * [1, -1]
    moved = (up + down) / n
    variance = moved - net**2 / n
    table = measure_table("nri", net[0], net[1], np.sqrt([*variance, variance.sum()]))
    tables: dict[str, pd.DataFrame] = {}
    if cuts is not None:
        table["std_error_null"] = np.sqrt([*moved, moved.sum()])
        for kind, group in (("event", case), ("nonevent", ~case)):
            tables[kind] = cross_table(move.categories(group), cuts)
    names = ("up_event", "up_nonevent", "down_event", "down_nonevent")
    parts = dict(zip(names, [*up.tolist(), *down.tolist()], strict=True))
    return Reclassification(
        move.name, "binary outcome", table, parts, tables, len(case), int(case.sum()),
        frame.frame.n_missing,
    )  # fmt: skip


def binary_idi(formula: str, data: Any) -> Reclassification:
    """Mean change of the risk among events and among nonevents."""
    frame, risks = _read(formula, data, "idi()")
    case, change = frame.is_case, risks.new - risks.old
    event, nonevent = change[case], -change[~case]
    variance = np.array([_variance_of_mean(event), _variance_of_mean(nonevent)])
    std_error = np.sqrt([*variance, variance.sum()])
    table = measure_table("idi", event.mean(), nonevent.mean(), std_error)
    return Reclassification(
        IDI_NAME, "binary outcome", table, {}, {}, len(case), int(case.sum()),
        frame.frame.n_missing,
    )  # fmt: skip


def _variance_of_mean(values: np.ndarray) -> float:
    return float(np.var(values, ddof=1) / len(values)) if len(values) > 1 else np.nan
