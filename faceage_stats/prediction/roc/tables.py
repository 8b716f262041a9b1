"""Tables of ROC curves, marker by marker."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from faceage_stats._wald import wald
from faceage_stats.prediction.roc.curve import Curve

__all__ = ["auc_table", "row_table", "stacked", "title"]


def auc_table(curves: Sequence[Curve], conf_level: float) -> pd.DataFrame:
    """Area under each curve: DeLong's limits, cut to [0, 1], and the test against one half."""
    auc = [curve.auc for curve in curves]
    std_error = [curve.std_error for curve in curves]
    columns = wald(auc, std_error, conf_level, null_value=0.5, within=(0, 1))
    first = curves[0]
    return pd.DataFrame(
        {
            "marker": [curve.marker for curve in curves],
            "estimate": columns["estimate"],
            "std_error": columns["std_error"],
            "conf_low": columns["conf_low"],
            "conf_high": columns["conf_high"],
            "statistic": columns["statistic"],
            "p_value": columns["p_value"],
            "n": len(first.values),
            "n_event": first.n_case,
            "n_missing": first.n_missing,
            "direction": [curve.direction for curve in curves],
            "positive": first.positive,
            "negative": first.negative,
        }
    )


def row_table(curves: Sequence[Curve], index: pd.Index) -> pd.DataFrame:
    """Outcome, marker and placement of each row used."""
    parts = [
        pd.DataFrame(
            {
                "row": curve.rows,
                "marker": curve.marker,
                "outcome": curve.is_case.astype(np.int64),
                "value": curve.values,
                "placement": curve.placements,
            },
            index=index,
        )
        for curve in curves
    ]
    return pd.concat(parts)


def stacked(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Tables of the markers below each other, labelled in the first column."""
    for marker, table in tables.items():
        table.insert(0, "marker", marker)
    return pd.concat(tables.values(), ignore_index=True)


def title(curves: Sequence[Curve]) -> str:
    """What was compared, how many rows on each side, and how the direction was chosen."""
    first = curves[0]
    n_other = len(first.values) - first.n_case
    curve = f"ROC curve of {first.marker}" if len(curves) == 1 else "ROC curves"
    chosen = " (direction chosen by the data)" if first.direction_auto else ""
    return (
        f"{curve} for {first.outcome}: {first.n_case} rows {first.positive}, {n_other} rows "
        f"{first.negative}{chosen}"
    )
