"""AUC of every reader, arms compared over readers, and the curve of the average reader."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, columns_of
from faceage_stats._levels import group_codes, level_text
from faceage_stats._result import Result, frozen_result
from faceage_stats._seed import DEFAULT_SEED
from faceage_stats.errors import InputError
from faceage_stats.prediction.readers.covariance import auc_covariance, reader_aucs
from faceage_stats.prediction.readers.curve import average_curve
from faceage_stats.prediction.readers.data import (
    Columns,
    ReaderData,
    read_readers,
    refuse_few_cases,
)
from faceage_stats.prediction.readers.obuchowski_rockette import Estimate, ObuchowskiRockette
from faceage_stats.prediction.readers.tables import labelled, reader_table, signed_rank_table

__all__ = ["ReaderAUC", "reader_auc"]


@checked_call
def reader_auc(
    formula: str,
    data: Any,
    *,
    reader: str,
    case: str,
    modality: str | None = None,
    group: str | None = None,
) -> ReaderAUC:
    """Estimate the AUC of every reader in every modality, with DeLong's standard error.

    Parameters
    ----------
    formula, data, reader, case, modality
        As for `mrmc`; a reader need not have read in every modality.
    group : str, optional
        Column of a property of the reader, such as the occupation.

    Returns
    -------
    ReaderAUC
        ``tidy()`` one row per modality and reader; ``groups()`` the mean AUC of each group;
        ``signed_rank()`` modalities compared over readers; ``curve()`` the average ROC curve.

    Raises
    ------
    InputError
        As `mrmc`; a reader in two groups.
    DesignError
        One class only, or a reader with fewer than two positive or negative cases in a modality.

    See Also
    --------
    mrmc : Modalities compared over readers and cases.
    roc : A marker in place of readers.
    reader_agreement : How far readers agree.

    Notes
    -----
    A higher rating means a more certain positive; the direction is never reversed. Intervals are
    DeLong's, cut to [0, 1], as R's ``pROC::ci.auc``. Cases that a reader skipped are counted in
    ``n_skipped`` and not imputed.

    In R: ``pROC::ci.auc(pROC::roc(truth, rating, direction = "<"))``

    References
    ----------
    DeLong ER, DeLong DM, Clarke-Pearson DL (1988). Comparing the areas under two or more
    correlated receiver operating characteristic curves: a nonparametric approach. Biometrics
    44:837-845. doi:10.2307/2531595

    Examples
    --------
    >>> import pandas as pd
    >>> long = pd.DataFrame({"reader": ["a"] * 5 + ["b"] * 5, "case": [1, 2, 3, 4, 5] * 2,
    ...                      "dead": [0, 0, 1, 1, 1] * 2,
    ...                      "rating": [10, 40, 30, 60, 90, 20, 10, 50, None, 70]})
    >>> fit = reader_auc("dead ~ rating", long, reader="reader", case="case")
    >>> fit.tidy()[["reader", "estimate", "n_skipped"]].round(3).values.tolist()
    [['a', 0.833, 0], ['b', 1.0, 1]]
    """
    study = read_readers(Columns.of(formula, reader, case, modality), data, "reader_auc()")
    refuse_few_cases(study.curves)
    groups = _groups(as_pandas(data), reader, group)
    auc = reader_aucs(study.positive, study.negative).auc
    return ReaderAUC(study, auc, auc_covariance(study.positive, study.negative, "delong"), groups)


def _groups(data: pd.DataFrame, reader: str, group: str | None) -> pd.Series | None:
    """Group of each reader, levels in order; a reader belongs to one."""
    if group is None:
        return None
    pairs = columns_of(data, [reader, group], "reader_auc()").dropna().drop_duplicates()
    n_inconsistent = int(pairs[reader].duplicated().sum())
    if n_inconsistent:
        raise InputError(f"'{group}' differs between the rows of {n_inconsistent} readers.")
    codes, labels = group_codes(pairs[group])
    groups = pd.Categorical.from_codes(codes.tolist(), pd.Index(labels))
    return pd.Series(groups, index=pairs[reader].map(level_text), name="group")


@frozen_result
class ReaderAUC(Result):
    """AUCs of readers and their joint covariance.

    Attributes
    ----------
    study : ReaderData
        ``modalities``, ``readers``, ``curves`` (counts), ``n_missing``.
    auc : ndarray
        One per row of ``study.curves``.
    covariance : ndarray
        DeLong's covariance of the AUCs.
    group_of : pandas.Series or None
        Group of each reader.
    """

    study: ReaderData
    auc: np.ndarray
    covariance: np.ndarray
    group_of: pd.Series | None

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the AUC of each reader in each modality.

        Parameters
        ----------
        conf_level : float
            Limits are cut to [0, 1].

        Returns
        -------
        pandas.DataFrame
            ``modality group reader estimate std_error conf_low conf_high n n_event n_skipped``
            (`group` only if given).
        """
        curves = self.study.curves
        labels = curves[["modality", "reader"]]
        table = reader_table(labels, self.auc, self.covariance, conf_level)
        if self.group_of is not None:
            table.insert(1, "group", self.group_of.reindex(table["reader"]).array)
        return table.join(curves[["n", "n_event", "n_skipped"]])

    def vcov(self) -> pd.DataFrame:
        """Return DeLong's covariance of the AUCs, labelled by (modality, reader)."""
        return labelled(self.covariance, self.study.curves)

    def groups(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the mean AUC of each group of readers, readers and cases random.

        Returns
        -------
        pandas.DataFrame
            ``modality group estimate std_error df conf_low conf_high n_reader``; standard error
            and df are NaN for a group of one reader.
        """
        table = self.tidy()
        if self.group_of is None:
            table["group"] = "all readers"
        rows = []
        for (modality, group), block in table.groupby(
            ["modality", "group"], sort=False, observed=True
        ):
            mean = self._mean(block.index.to_numpy())
            low, high = mean.limits(conf_level)
            rows.append(
                {"modality": modality, "group": group, "estimate": mean.estimate,
                 "std_error": mean.std_error, "df": mean.df, "conf_low": low, "conf_high": high,
                 "n_reader": len(block)}
            )  # fmt: skip
        means = pd.DataFrame(rows)
        order = pd.Categorical(means["modality"], self.study.modalities)
        means["group"] = means["group"].astype(
            object if self.group_of is None else self.group_of.dtype
        )
        return (
            means.assign(_order=order)
            .sort_values(["_order", "group"], ignore_index=True)
            .drop(columns="_order")
        )

    def _mean(self, members: np.ndarray) -> Estimate:
        vcov = self.covariance[np.ix_(members, members)]
        return ObuchowskiRockette(self.auc[members][None, :], vcov, None).mean(0)

    def signed_rank(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Compare modalities by Wilcoxon's signed-rank test over the readers of both.

        Returns
        -------
        pandas.DataFrame
            ``modality1 modality2 n estimate statistic p_value conf_low conf_high method``;
            `estimate` is the pseudo-median of the readers' differences, `modality1` minus the
            earlier `modality2`. The
            test takes the cases as fixed: it generalises to other readers, not to other patients;
            see `mrmc`.
        """
        return signed_rank_table(self.tidy(), self.study.modalities, conf_level)

    def curve(
        self,
        *,
        n_points: int = 101,
        conf_level: float = 0.95,
        n_resamples: int = 500,
        seed: int = DEFAULT_SEED,
    ) -> pd.DataFrame:
        """Return the ROC curve of the average reader: sensitivities averaged.

        Parameters
        ----------
        n_points : int
            Points of the grid of 1 - specificity.
        conf_level : float
        n_resamples, seed : int
            Bootstrap of the cases within each class; errors count readers and cases as random.

        Returns
        -------
        pandas.DataFrame
            ``modality group one_minus_specificity estimate std_error conf_low conf_high``, for
            each modality (and group, if given). The area under a curve is the mean AUC (up to the
            grid).
        """
        if n_points < 2:
            raise InputError(f"n_points is {n_points}; a curve needs at least 2.")
        table = self.tidy()
        keys = ["modality"] if self.group_of is None else ["modality", "group"]
        parts = []
        for names, block in table.groupby(keys, sort=False, observed=True):
            members = block.index.to_numpy()
            curve = average_curve(
                self.study.positive[members], self.study.negative[members], points=n_points,
                conf_level=conf_level, n_resamples=n_resamples, seed=seed,
            )  # fmt: skip
            labels = pd.DataFrame([names] * len(curve), columns=keys)
            parts.append(pd.concat([labels, curve], axis=1))
        return pd.concat(parts, ignore_index=True)

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n_reader n n_event n_skipped n_missing``; `n` counts cases."""
        row = {
            "n_reader": len(self.study.readers),
            "n": self.study.n_case,
            "n_event": self.study.positive.shape[1],
            "n_skipped": int(self.study.curves["n_skipped"].sum()),
            "n_missing": self.study.n_missing,
        }
        return pd.DataFrame([row])

    def _further_tables(self) -> tuple[str, ...]:
        return ("groups", "signed_rank")

    def _title(self) -> str:
        return f"AUC of {len(self.study.readers)} readers (DeLong)"
