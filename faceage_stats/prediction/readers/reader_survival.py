"""Readers' ratings against follow-up: C index, or AUC(t) weighted for censoring."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._columns import as_pandas, call_arguments, names_in, require_columns
from faceage_stats._formula.parse import split_formula
from faceage_stats._result import Result, frozen_result, normal_interval
from faceage_stats.errors import DesignError, InputError
from faceage_stats.prediction.horizon.time_roc import time_roc
from faceage_stats.prediction.readers.obuchowski_rockette import ObuchowskiRockette
from faceage_stats.prediction.readers.tables import (
    difference_table,
    mean_table,
    signed_rank_table,
)
from faceage_stats.survival.concordance.concordance import concordance

__all__ = ["ReaderSurvival", "reader_survival"]


def reader_survival(
    formula: str,
    *,
    reader: str,
    case: str,
    data: Any,
    modality: str | None = None,
    at: float | None = None,
) -> ReaderSurvival:
    """Measure how well each reader's rating predicts survival, and compare arms over readers.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ rating``; a higher rating means earlier death.
    reader, case : str
        Columns that identify reader and case.
    data : pandas.DataFrame or polars.DataFrame
        Long: one row per reader, case and modality; follow-up repeats on the rows of a case.
    modality : str, optional
        Column of the arm; every reader must have read in every arm.
    at : float, optional
        AUC of death by this time, patients censored before it being accounted for by weights
        (`time_roc`); by default the C index over the whole follow-up.

    Returns
    -------
    ReaderSurvival
        ``tidy()`` mean of each arm, ``differences()``, ``readers()``, ``signed_rank()``.

    Raises
    ------
    InputError
        Repeated answers, or follow-up that differs between the rows of a case.
    DesignError
        A reader did not read in every arm, fewer than two readers, or no case that all rated.

    Notes
    -----
    Only cases that every reader rated in every arm are used, others are counted in
    ``n_missing``: the joint covariance of the readers' estimates needs them. Means and differences
    treat readers and cases as random (Obuchowski-Rockette, as in `mrmc`).

    Examples
    --------
    >>> import faceage_stats as fs
    >>> df = fs.simulate("survey", seed=1).tables["survey"]
    >>> df = df[df["occupation"] != "lay"]
    >>> fit = reader_survival("Surv(years, death) ~ rating", reader="reader_id",
    ...                       case="patient_id", modality="arm", data=df)
    >>> fit.tidy()["modality"].tolist()
    ['photo', 'photo_chart', 'photo_chart_faceage']
    """
    data = as_pandas(data)
    left, rating = split_formula(formula)
    follow_up = [name for part in call_arguments(left)[1] for name in names_in(part)]
    keys = [reader] if modality is None else [modality, reader]
    require_columns([*keys, case, rating, *follow_up], data, "The reader study")
    table = data[[*keys, case, rating, *follow_up]].dropna(subset=[*keys, case, *follow_up])
    outcome = table[[case, *follow_up]].drop_duplicates()
    n_torn = int(outcome[case].duplicated().sum())
    if n_torn:
        raise InputError(f"{' or '.join(follow_up)} differs between the rows of {n_torn} cases.")
    twice = int(table.duplicated([*keys, case]).sum())
    if twice:
        raise InputError(f"{twice} rows repeat an answer of the same reader to the same case.")
    wide = table.pivot(index=case, columns=keys, values=rating)
    labels = _labels(wide, modality)
    complete = wide.dropna()
    if complete.empty:
        raise DesignError("no case was rated by every reader in every arm.")
    markers = [f"marker_{i}" for i in range(len(labels))]
    rows = complete.set_axis(markers, axis=1).join(outcome.set_index(case))
    estimate, vcov = _estimates(f"{left} ~ {' + '.join(markers)}", rows, at)
    modalities = tuple(dict.fromkeys(labels["modality"]))
    shape = (len(modalities), len(labels) // len(modalities))
    return ReaderSurvival(
        labels, ObuchowskiRockette(estimate.reshape(shape), vcov, ""), modalities, at,
        len(complete), len(wide) - len(complete),
    )  # fmt: skip


def _labels(wide: pd.DataFrame, modality: str | None) -> pd.DataFrame:
    """Modality and reader of each column, arms in order, fully crossed."""
    if modality is None:
        labels = pd.DataFrame({"modality": "all", "reader": wide.columns.astype(str)})
    else:
        labels = wide.columns.to_frame(index=False).astype(str)
        labels.columns = pd.Index(["modality", "reader"])
    n_readers = labels["reader"].nunique()
    if n_readers < 2:
        raise DesignError("there is only one reader; means over readers need two.")
    if len(labels) != n_readers * labels["modality"].nunique():
        per_arm = labels["modality"].value_counts(sort=False)
        listed = ", ".join(f"{name}: {count}" for name, count in per_arm.items())
        raise DesignError(
            f"not every reader read in every arm ({listed} of {n_readers} readers). Keep those "
            "who did."
        )
    return labels


def _estimates(formula: str, rows: pd.DataFrame, at: float | None) -> tuple[np.ndarray, np.ndarray]:
    if at is None:
        fit = concordance(formula, rows, reverse=True)
        return fit.concordance, fit.estimate.vcov
    score = time_roc(formula, rows, [at])
    return score.estimate[:, 0], np.asarray(score.vcov())


@frozen_result
class ReaderSurvival(Result):
    """C index, or AUC(t), of readers in one or more arms.

    Attributes
    ----------
    labels : pandas.DataFrame
        ``modality reader`` of each estimate.
    analysis : ObuchowskiRockette
        ``auc`` (arms x readers; here the C index or AUC(t)) and ``vcov``.
    modalities : tuple of str
    at : float or None
    n, n_missing : int
        Cases used, and cases left out because some reader did not rate them.
    """

    labels: pd.DataFrame
    analysis: ObuchowskiRockette
    modalities: tuple[str, ...]
    at: float | None
    n: int
    n_missing: int

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per arm: ``modality estimate std_error df conf_low conf_high n_reader``."""
        return mean_table(self.analysis, self.modalities, conf_level)

    def differences(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per pair of arms, first minus second; columns as ``MRMC.differences``."""
        return difference_table(self.analysis, self.modalities, conf_level)

    def readers(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per arm and reader: ``modality reader estimate std_error conf_low conf_high``."""
        estimate = self.analysis.auc.ravel()
        std_error = np.sqrt(np.diag(self.analysis.vcov))
        low, high = np.clip(normal_interval(estimate, std_error, conf_level), 0, 1)
        return self.labels.assign(
            estimate=estimate, std_error=std_error, conf_low=low, conf_high=high
        )

    def signed_rank(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Wilcoxon signed-rank tests of the arms over readers, as ``ReaderAUC.signed_rank``."""
        return signed_rank_table(self.readers(), self.modalities, conf_level)

    def glance(self) -> pd.DataFrame:
        """One row: the test that all arms have one mean, ``n_reader n n_missing``."""
        test = self.analysis.test()
        return pd.DataFrame(
            {
                "statistic": [test.statistic],
                "df": [test.df],
                "df_residual": [test.df_residual],
                "p_value": [test.p_value],
                "method": [self._title()],
                "n_reader": [self.analysis.shape[1]],
                "n": [self.n],
                "n_missing": [self.n_missing],
            }
        )

    def _title(self) -> str:
        metric = "C index" if self.at is None else f"AUC at {self.at:g}, weighted for censoring"
        return f"Readers: {metric}; random readers and cases"
