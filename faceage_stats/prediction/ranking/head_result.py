"""The result of a survival head: its measures, its scores, and predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._columns import as_pandas, column, columns_of
from faceage_stats._contrast import pairwise
from faceage_stats._result import Result, frozen_result
from faceage_stats.errors import InputError
from faceage_stats.prediction.ranking.survival_ranking_loss import RankingLoss
from faceage_stats.survival.concordance.concordance import Concordance

__all__ = ["COX", "RANKING", "SurvivalHead", "feature_names"]

RANKING, COX = "ranking head", "Cox elastic net"


def feature_names(
    data: pd.DataFrame, features: str | Sequence[str], outcome: tuple[str, ...]
) -> list[str]:
    """Columns that are named, or whose names begin so; each numeric and none an outcome."""
    if isinstance(features, str):
        names = [str(name) for name in data if str(name).startswith(features)]
        if not names:
            raise InputError(f"features: no column begins with {features!r}.")
    else:
        names = list(features)
        absent = [name for name in names if name not in data]
        if absent or not names:
            raise InputError(f"features: no column {', '.join(absent) or 'was named'}.")
    for name in names:
        if name in outcome:
            raise InputError(f"features: '{name}' is an outcome column, not a feature. "
                             "Give the features by name.")  # fmt: skip
        if not pd.api.types.is_numeric_dtype(column(data, name, "features")):
            raise InputError(f"features: column '{name}' is not numeric.")
    return names


@frozen_result
class SurvivalHead(Result):
    """A linear head on embeddings with its cross-fitted measures.

    Attributes
    ----------
    features : tuple of str
    coefficients : ndarray
        Of the ranking head fitted to all rows, per unit of each feature.
    centre : float
        Subtracted from the linear score, so that the mean patient has 0.
    penalty : float
        Chosen on all rows.
    scores : pandas.DataFrame
        Out-of-fold scores, with the labels of the rows used: ``row time event fold score_ranking
        score_cox``.
    fitted : pandas.Series
        Scores of the same rows by the head fitted to all of them.
    concordance : Concordance
        Of both scores, within folds.
    loss : RankingLoss
        Of both scores, within folds.
    n_missing, n_folds : int
    """

    features: tuple[str, ...]
    coefficients: np.ndarray
    centre: float
    penalty: float
    scores: pd.DataFrame
    fitted: pd.Series
    concordance: Concordance
    loss: RankingLoss
    n_missing: int
    n_folds: int

    def predict(self, newdata: Any = None) -> pd.DataFrame:
        """Score rows with the head fitted to all rows; a higher score means an earlier event.

        Parameters
        ----------
        newdata : pandas.DataFrame or polars.DataFrame, optional
            With the columns of `features`; by default the rows that the head was fitted to, whose
            scores are then optimistic (`augment` has out-of-fold ones).

        Returns
        -------
        pandas.DataFrame
            Indexed like the rows: ``estimate``; NaN where a feature is missing.
        """
        if newdata is None:
            return self.fitted.to_frame("estimate")
        data = as_pandas(newdata)
        names = feature_names(data, self.features, ())
        score = (
            columns_of(data, names, "features").to_numpy(float) @ self.coefficients - self.centre
        )
        return pd.DataFrame({"estimate": score}, index=data.index)

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return each measure of the out-of-fold scores of each head.

        Parameters
        ----------
        conf_level : float

        Returns
        -------
        pandas.DataFrame
            ``metric marker estimate std_error conf_low conf_high``.
        """
        columns = ["marker", "estimate", "std_error", "conf_low", "conf_high"]
        tables = []
        for metric, measure in (("concordance", self.concordance), ("ranking loss", self.loss)):
            table = measure.tidy(conf_level=conf_level)[columns]
            table.insert(0, "metric", metric)
            tables.append(table.assign(marker=[RANKING, COX]))
        return pd.concat(tables, ignore_index=True)

    def contrasts(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the paired difference of each measure, ranking head minus Cox elastic net.

        Returns
        -------
        pandas.DataFrame
            ``metric marker1 marker2 estimate1 estimate2 estimate std_error conf_low conf_high
            statistic p_value``.
        """
        names, pairs = (RANKING, COX), [(RANKING, COX)]
        c = self.concordance
        tables = [
            pairwise(names, c.concordance, c.vcov(), conf_level, pairs=pairs),
            pairwise(names, self.loss.loss, self.loss.vcov(), conf_level, pairs=pairs),
        ]
        table = pd.concat(tables, ignore_index=True)
        table.insert(0, "metric", ["concordance", "ranking loss"])
        return table

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_event n_missing n_fold n_feature penalty``."""
        return pd.DataFrame(
            {
                "n": [len(self.scores)],
                "n_event": [int(self.scores["event"].sum())],
                "n_missing": [self.n_missing],
                "n_fold": [self.n_folds],
                "n_feature": [len(self.features)],
                "penalty": [self.penalty],
            }
        )

    def augment(self) -> pd.DataFrame:
        """Return the out-of-fold scores of each row used: ``row fold score_ranking score_cox``."""
        return self.scores[["row", "fold", "score_ranking", "score_cox"]].copy()

    def _further_tables(self) -> tuple[str, ...]:
        return ("contrasts",)

    def _title(self) -> str:
        return f"Survival head on {len(self.features)} features, {self.n_folds}-fold cross-fitting"
