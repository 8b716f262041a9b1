"""Tables common to every comparison of modalities over readers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from faceage_stats._contrast import contrast_table, gains
from faceage_stats._wald import limits, std_errors
from faceage_stats.association.classical.ranks import wilcox_test
from faceage_stats.errors import DesignError
from faceage_stats.prediction.readers.obuchowski_rockette import Estimate, ObuchowskiRockette

__all__ = [
    "difference_table",
    "global_test",
    "labelled",
    "mean_table",
    "reader_table",
    "signed_rank_table",
]


def mean_table(
    analysis: ObuchowskiRockette, modalities: Sequence[str], conf_level: float
) -> pd.DataFrame:
    """One row per modality: mean over readers, its limits cut to [0, 1]."""
    rows = []
    for index, name in enumerate(modalities):
        mean = analysis.mean(index)
        low, high = mean.limits(conf_level)
        rows.append({"modality": name, **_fields(mean), "conf_low": low, "conf_high": high})
    return pd.DataFrame(rows).assign(n_reader=analysis.shape[1])


def difference_table(
    analysis: ObuchowskiRockette, modalities: Sequence[str], conf_level: float
) -> pd.DataFrame:
    """One row per pair of modalities, later minus earlier, with one standard error for all."""
    spread, means = analysis.difference(), analysis.auc.mean(axis=1)
    if len(modalities) < 2:
        raise DesignError("there is only one modality; a difference needs two.")
    pairs = gains(modalities)
    std_error = np.full(len(pairs), np.sqrt(spread.variance))
    return contrast_table(
        modalities,
        means,
        std_error,
        conf_level,
        "modality",
        pairs=pairs,
        df=spread.df,
        within=(-1, 1),
    )


def reader_table(
    labels: pd.DataFrame, estimate: np.ndarray, covariance: np.ndarray, conf_level: float
) -> pd.DataFrame:
    """One row per modality and reader: estimate, standard error, limits cut to [0, 1]."""
    std_error = std_errors(covariance)
    low, high = limits(estimate, std_error, conf_level, within=(0, 1))
    return labels.assign(estimate=estimate, std_error=std_error, conf_low=low, conf_high=high)


def global_test(analysis: ObuchowskiRockette, method: str) -> dict[str, float | str]:
    """Columns of the test that all modalities have one mean."""
    test = analysis.test()
    return {
        "statistic": test.statistic,
        "df": test.df,
        "df_residual": test.df_residual,
        "p_value": test.p_value,
        "method": method,
        "n_reader": analysis.shape[1],
    }


def labelled(covariance: np.ndarray, labels: pd.DataFrame) -> pd.DataFrame:
    """A covariance labelled by (modality, reader)."""
    index = pd.MultiIndex.from_frame(labels[["modality", "reader"]])
    return pd.DataFrame(covariance, index=index, columns=index)


def signed_rank_table(
    table: pd.DataFrame, modalities: Sequence[str], conf_level: float
) -> pd.DataFrame:
    """Wilcoxon's signed-rank test of every pair of modalities over the readers of both.

    `table` has one row per reader and modality, with the reader's `estimate`.
    """
    wide = table.pivot(index="reader", columns="modality", values="estimate")
    rows = []
    for first, second in gains(modalities):
        both = wide[[first, second]].dropna()
        pair = {"modality1": first, "modality2": second, "n": len(both)}
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
    columns = ["modality1", "modality2", "n", "estimate", "statistic", "p_value", "conf_low",
               "conf_high", "method"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _fields(value: Estimate) -> dict[str, float]:
    return {"estimate": value.estimate, "std_error": value.std_error, "df": value.df}
