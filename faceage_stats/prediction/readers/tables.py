"""Tables that every comparison of arms over readers shares."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd

from faceage_stats.association.classical.ranks import wilcox_test
from faceage_stats.prediction.readers.obuchowski_rockette import Estimate, ObuchowskiRockette

__all__ = ["difference_table", "mean_table", "signed_rank_table"]


def mean_table(
    analysis: ObuchowskiRockette, modalities: Sequence[str], conf_level: float
) -> pd.DataFrame:
    """One row per modality: mean over readers, its limits cut to [0, 1]."""
    rows = []
    for index, name in enumerate(modalities):
        mean = analysis.mean(index)
        low, high = np.clip(mean.limits(conf_level), 0, 1)
        rows.append({"modality": name, **_fields(mean), "conf_low": low, "conf_high": high})
    return pd.DataFrame(rows).assign(n_reader=analysis.shape[1])


def difference_table(
    analysis: ObuchowskiRockette, modalities: Sequence[str], conf_level: float
) -> pd.DataFrame:
    """One row per pair of modalities, first minus second."""
    means = analysis.auc.mean(axis=1)
    rows = []
    for i, j in itertools.combinations(range(len(means)), 2):
        gap = analysis.difference(i, j)
        low, high = gap.limits(conf_level)
        rows.append(
            {"group1": modalities[i], "group2": modalities[j], "estimate1": means[i],
             "estimate2": means[j], **_fields(gap), "statistic": gap.statistic,
             "p_value": gap.p_value, "conf_low": low, "conf_high": high}
        )  # fmt: skip
    columns = [
        *("group1", "group2", "estimate1", "estimate2", "estimate", "std_error", "df"),
        *("statistic", "p_value", "conf_low", "conf_high"),
    ]
    return pd.DataFrame(rows, columns=columns)


def signed_rank_table(
    table: pd.DataFrame, modalities: Sequence[str], conf_level: float
) -> pd.DataFrame:
    """Wilcoxon's signed-rank test of every pair of modalities over the readers of both.

    `table` has one row per reader and modality, with the reader's `estimate`.
    """
    wide = table.pivot(index="reader", columns="modality", values="estimate")
    rows = []
    for first, second in itertools.combinations(modalities, 2):
        both = wide[[first, second]].dropna()
        pair = {"group1": first, "group2": second, "n": len(both)}
        if not (both[first] != both[second]).any():
            rows.append({**pair, "method": "no reader differs"})
            continue
        test = wilcox_test(
            both[first].to_numpy(), both[second].to_numpy(), paired=True, conf_level=conf_level
        )
        rows.append(
            {**pair, "estimate": test.estimate, "statistic": test.statistic,
             "p_value": test.p_value, "conf_low": test.conf_low, "conf_high": test.conf_high,
             "method": test.method}
        )  # fmt: skip
    columns = ["group1", "group2", "n", "estimate", "statistic", "p_value", "conf_low",
               "conf_high", "method"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _fields(value: Estimate) -> dict[str, float]:
    return {"estimate": value.estimate, "std_error": value.std_error, "df": value.df}
