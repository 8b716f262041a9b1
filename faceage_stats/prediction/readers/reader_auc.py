"""AUC of every reader, arms compared over readers, and the curve of the average reader."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._columns import as_pandas, require_columns
from faceage_stats._result import Result, frozen_result, normal_interval
from faceage_stats.errors import DesignError, InputError
from faceage_stats.prediction.readers.covariance import auc_covariance, reader_aucs
from faceage_stats.prediction.readers.curve import average_curve
from faceage_stats.prediction.readers.data import Columns, ReaderData, read_readers
from faceage_stats.prediction.readers.obuchowski_rockette import ObuchowskiRockette
from faceage_stats.prediction.readers.tables import signed_rank_table

__all__ = ["ReaderAUC", "reader_auc"]


def reader_auc(
    rating: str,
    *,
    truth: str,
    reader: str,
    case: str,
    data: Any,
    modality: str | None = None,
    group: str | None = None,
) -> ReaderAUC:
    """AUC of every reader in every arm, with DeLong's standard error.

    Parameters
    ----------
    rating, truth, reader, case, data, modality
        As for `mrmc`; a reader need not have read in every arm.
    group : str, optional
        Column of a property of the reader, such as the occupation.

    Returns
    -------
    ReaderAUC
        ``tidy()`` one row per arm and reader; ``groups()`` the mean AUC of each group;
        ``signed_rank()`` arms compared over readers; ``curve()`` the average ROC curve.

    Raises
    ------
    InputError
        As `mrmc`; a reader in two groups.
    DesignError
        One class only, or a reader with fewer than two positive or negative cases in an arm.

    Notes
    -----
    A higher rating means a more certain positive; the direction is never turned. Intervals are
    DeLong's, cut to [0, 1], as R's ``pROC::ci.auc``. Cases that a reader skipped are counted in
    ``n_skipped`` and nowhere filled in.

    Examples
    --------
    >>> import pandas as pd
    >>> long = pd.DataFrame({"reader": ["a"] * 5 + ["b"] * 5, "case": [1, 2, 3, 4, 5] * 2,
    ...                      "dead": [0, 0, 1, 1, 1] * 2,
    ...                      "rating": [10, 40, 30, 60, 90, 20, 10, 50, None, 70]})
    >>> fit = reader_auc("rating", truth="dead", reader="reader", case="case", data=long)
    >>> fit.tidy()[["reader", "estimate", "n_skipped"]].round(3).values.tolist()
    [['a', 0.833, 0], ['b', 1.0, 1]]
    """
    study = read_readers(Columns(rating, truth, reader, case, modality), data)
    counts = study.curves
    few = (counts["n_event"] < 2) | (counts["n"] - counts["n_event"] < 2)
    if few.any():
        raise DesignError(
            f"{int(few.sum())} of {len(counts)} reader-by-modality curves rest on fewer than 2 "
            "positive or fewer than 2 negative cases; an AUC and its error need 2 of each. Leave "
            "out those readers."
        )
    groups = _groups(as_pandas(data), reader, group)
    auc = reader_aucs(study.positive, study.negative)[0]
    return ReaderAUC(study, auc, auc_covariance(study.positive, study.negative, "delong"), groups)


def _groups(data: pd.DataFrame, reader: str, group: str | None) -> pd.Series | None:
    """Group of each reader, levels in order; a reader belongs to one."""
    if group is None:
        return None
    require_columns([group], data, "The reader study")
    pairs = data[[reader, group]].dropna().drop_duplicates()
    n_torn = int(pairs[reader].duplicated().sum())
    if n_torn:
        raise InputError(f"'{group}' differs between the rows of {n_torn} readers.")
    values = pairs[group].astype("category")
    return pd.Series(values.to_numpy(), index=pairs[reader].astype(str), name="group").astype(
        values.dtype
    )


@frozen_result
class ReaderAUC(Result):
    """AUCs of readers and their joint covariance.

    Attributes
    ----------
    study : ReaderData
        ``modalities``, ``readers``, ``curves`` (counts), ``n_unknown``.
    auc : ndarray
        One per row of ``study.curves``.
    vcov : ndarray
        DeLong covariance of the AUCs.
    group_of : pandas.Series or None
        Group of each reader.
    """

    study: ReaderData
    auc: np.ndarray
    vcov: np.ndarray
    group_of: pd.Series | None

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per arm and reader.

        Columns ``modality group reader estimate std_error conf_low conf_high n n_event n_skipped``
        (`group` only if given).
        """
        std_error = np.sqrt(np.diag(self.vcov))
        low, high = np.clip(normal_interval(self.auc, std_error, conf_level), 0, 1)
        curves = self.study.curves
        table = curves[["modality", "reader"]].assign(
            estimate=self.auc, std_error=std_error, conf_low=low, conf_high=high
        )
        if self.group_of is not None:
            table.insert(1, "group", self.group_of.reindex(table["reader"]).array)
        return table.join(curves[["n", "n_event", "n_skipped"]])

    def groups(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Mean AUC of each group of readers in each arm, readers and cases random.

        Columns ``modality group estimate std_error df conf_low conf_high n_reader``; standard
        error and df are NaN for a group of one reader.
        """
        table = self.tidy()
        if self.group_of is None:
            table["group"] = "all readers"
        rows = []
        for (modality, group), block in table.groupby(
            ["modality", "group"], sort=False, observed=True
        ):
            mean = self._mean(block.index.to_numpy())
            low, high = np.clip(mean.limits(conf_level), 0, 1)
            rows.append(
                {"modality": modality, "group": group, "estimate": mean.estimate,
                 "std_error": mean.std_error, "df": mean.df, "conf_low": low, "conf_high": high,
                 "n_reader": len(block)}
            )  # fmt: skip
        means = pd.DataFrame(rows)
        order = pd.Categorical(means["modality"], self.study.modalities)
        means["group"] = means["group"].astype(self._group_type())
        return (
            means.assign(_order=order)
            .sort_values(["_order", "group"], ignore_index=True)
            .drop(columns="_order")
        )

    def _group_type(self) -> Any:
        return object if self.group_of is None else self.group_of.dtype

    def _mean(self, members: np.ndarray) -> Any:
        vcov = self.vcov[np.ix_(members, members)]
        return ObuchowskiRockette(self.auc[members][None, :], vcov, "").mean(0)

    def signed_rank(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Arms compared by Wilcoxon's signed-rank test over the readers of both.

        Columns ``group1 group2 n estimate statistic p_value conf_low conf_high method``; `estimate`
        is the pseudo-median of the readers' differences, first minus second arm. It takes the
        cases as fixed: it speaks of other readers, not of other patients; see `mrmc`.
        """
        return signed_rank_table(self.tidy(), self.study.modalities, conf_level)

    def curve(
        self,
        *,
        points: int = 101,
        conf_level: float = 0.95,
        n_resamples: int = 500,
        seed: int = 0,
    ) -> pd.DataFrame:
        """ROC curve of the average reader of each arm (and group): sensitivities averaged.

        Columns ``modality group one_minus_specificity estimate std_error conf_low conf_high``.
        The area under it is the mean AUC (up to the grid). Errors count readers and cases as
        random; cases are bootstrapped within each class, `n_resamples` times.
        """
        if points < 2:
            raise InputError(f"points is {points}; a curve needs at least 2.")
        table = self.tidy()
        keys = ["modality"] if self.group_of is None else ["modality", "group"]
        parts = []
        for names, block in table.groupby(keys, sort=False, observed=True):
            members = block.index.to_numpy()
            curve = average_curve(
                self.study.positive[members], self.study.negative[members], points=points,
                conf_level=conf_level, draws=n_resamples, seed=seed,
            )  # fmt: skip
            labels = pd.DataFrame([names] * len(curve), columns=keys)
            parts.append(pd.concat([labels, curve], axis=1))
        return pd.concat(parts, ignore_index=True)

    def glance(self) -> pd.DataFrame:
        """One row: ``n_reader n n_event n_skipped n_unknown``."""
        return pd.DataFrame(
            {
                "n_reader": [len(self.study.readers)],
                "n": [self.study.n_case],
                "n_event": [self.study.positive.shape[1]],
                "n_skipped": [int(self.study.curves["n_skipped"].sum())],
                "n_unknown": [self.study.n_unknown],
            }
        )

    def _title(self) -> str:
        return f"AUC of {len(self.study.readers)} readers (DeLong)"
