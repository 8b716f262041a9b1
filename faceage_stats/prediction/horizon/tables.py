"""Cases, controls and excluded rows at each horizon, and the follow-up of each row."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from faceage_stats.prediction.horizon.data import TimeRows
from faceage_stats.prediction.horizon.ipcw import CensoringCox, CensoringKM, HorizonWeights

__all__ = ["count_table", "row_table"]


def count_table(
    rows: TimeRows, weights: Sequence[HorizonWeights], censoring: CensoringKM | CensoringCox
) -> pd.DataFrame:
    """Counts, weighted proportions and the mean probability of being uncensored at each horizon."""
    records = []
    for weight in weights:
        beyond = ~weight.left
        n_case = int((weight.case > 0).sum())
        n_control, n_other = int(beyond.sum()), int(weight.is_other.sum())
        records.append(
            {
                "time": weight.t,
                "n_case": n_case,
                "n_control": n_control,
                "n_other": n_other,
                "n_excluded": len(rows.time) - n_case - n_control - n_other,
                "incidence": weight.case.sum() / len(rows.time),
                "event_free": weight.control[beyond].sum() / len(rows.time),
                "censoring_survival": float(censoring.at(weight.t).mean()),
                "n_truncated": weight.n_truncated,
            }
        )
    return pd.DataFrame(records)


def row_table(rows: TimeRows, censoring: CensoringKM | CensoringCox) -> pd.DataFrame:
    """One row per row used, with the labels of the data given."""
    columns = {"row": rows.rows, "time": rows.time, "status": rows.status}
    return pd.DataFrame({**columns, "censoring_survival": censoring.before()}, index=rows.index)
