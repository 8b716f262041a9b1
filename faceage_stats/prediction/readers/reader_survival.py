"""Readers' ratings against follow-up: C index, or AUC(t) weighted for censoring."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, columns_of
from faceage_stats._expression.nodes import names_of
from faceage_stats._formula.markers import marker_numbers
from faceage_stats._formula.parse import is_surv, split_formula
from faceage_stats._levels import as_factor, level_text
from faceage_stats._result import Result, frozen_result
from faceage_stats._surv import surv_arguments
from faceage_stats.errors import DesignError, FormulaError, InputError
from faceage_stats.prediction.horizon.data import Times, one_time
from faceage_stats.prediction.horizon.time_roc import time_roc
from faceage_stats.prediction.readers.data import SINGLE
from faceage_stats.prediction.readers.obuchowski_rockette import ObuchowskiRockette
from faceage_stats.prediction.readers.tables import (
    difference_table,
    global_test,
    labelled,
    mean_table,
    reader_table,
    signed_rank_table,
)
from faceage_stats.survival.concordance.concordance import concordance

__all__ = ["ReaderSurvival", "reader_survival"]


@checked_call
def reader_survival(
    formula: str,
    data: Any,
    *,
    reader: str,
    case: str,
    modality: str | None = None,
    times: Times | None = None,
) -> ReaderSurvival:
    """Measure how well each reader's rating predicts survival, and compare modalities.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ rating``; a higher rating means earlier death.
    data : pandas.DataFrame or polars.DataFrame
        Long: one row per reader, case and modality; follow-up repeats on the rows of a case.
    reader, case : str
        Columns that identify reader and case.
    modality : str, optional
        Column of the modality (arm); every reader must have read in every one.
    times : float, optional
        AUC of death by this time, in the unit of the time column, with weights for patients
        censored before it (`time_roc`); by default the C index over the whole follow-up.

    Returns
    -------
    ReaderSurvival
        ``tidy()`` mean of each modality, ``contrasts()``, ``readers()``, ``signed_rank()``.

    Raises
    ------
    InputError
        Repeated answers, or follow-up that differs between the rows of a case.
    DesignError
        A reader did not read in every modality, fewer than two readers, or no case that all rated.

    See Also
    --------
    mrmc : A binary truth.
    concordance : The C index of a marker.
    time_roc : AUC(t) of a marker.

    Notes
    -----
    Only cases that every reader rated in every modality are used; the others are counted in
    ``n_missing``: the joint covariance of the readers' estimates needs them. Means and differences
    treat readers and cases as random (Obuchowski-Rockette, as in `mrmc`).

    References
    ----------
    Hillis SL (2007). A comparison of denominator degrees of freedom methods for multiple observer
    ROC analysis. Statistics in Medicine 26:596-619. doi:10.1002/sim.2532

    Examples
    --------
    >>> import faceage_stats as fs
    >>> df = fs.simulate("survey", seed=1).tables["survey"]
    >>> df = df[df["occupation"] != "lay"]
    >>> fit = reader_survival("Surv(years, death) ~ rating", df, reader="reader_id",
    ...                       case="patient_id", modality="arm")
    >>> fit.tidy()["modality"].tolist()
    ['photo', 'photo_chart', 'photo_chart_faceage']
    """
    data = as_pandas(data)
    study = _read(formula, data, reader, case, modality)
    t = None if times is None else float(one_time(times)[0])
    markers = [f"marker_{i}" for i in range(study.ratings.shape[1])]
    rows = study.ratings.set_axis(markers, axis=1).join(study.outcome)
    estimate, vcov = _estimates(f"{study.left} ~ {' + '.join(markers)}", rows, t)
    labels = _labels(study.ratings, modality)
    modalities = tuple(dict.fromkeys(labels["modality"]))
    shape = (len(modalities), len(labels) // len(modalities))
    return ReaderSurvival(
        labels, ObuchowskiRockette(estimate.reshape(shape), vcov, None), modalities, t,
        len(study.ratings), study.n_missing,
    )  # fmt: skip


class _Study(NamedTuple):
    """Ratings of the cases that every reader rated (cases x curves), and their follow-up."""

    left: str
    ratings: pd.DataFrame
    outcome: pd.DataFrame
    n_missing: int


def _read(formula: str, data: pd.DataFrame, reader: str, case: str, modality: str | None) -> _Study:
    left, right = split_formula(formula)
    rating = right.strip().strip("`")
    if not is_surv(left):
        raise FormulaError(f"reader_survival(): `{formula}`: the left side must be Surv().")
    follow_up = [name for part in surv_arguments(left) for name in names_of(part)]
    keys = [reader] if modality is None else [modality, reader]
    table = columns_of(data, [*keys, case, rating, *follow_up], "reader_survival()")
    table = table.dropna(subset=[*keys, case, *follow_up])
    table[rating] = marker_numbers(table[rating], rating, "rating")
    table[keys] = table[keys].apply(as_factor)  # arms and readers come in the order of levels
    outcome = table[[case, *follow_up]].drop_duplicates()
    n_inconsistent = int(outcome[case].duplicated().sum())
    if n_inconsistent:
        raise InputError(
            f"{' or '.join(follow_up)} differs between the rows of {n_inconsistent} cases."
        )
    twice = int(table.duplicated([*keys, case]).sum())
    if twice:
        raise InputError(f"{twice} rows repeat an answer of the same reader to the same case.")
    wide = table.pivot(index=case, columns=keys, values=rating)
    _labels(wide, modality)  # refuses a design that is not crossed
    complete = wide.dropna()
    if complete.empty:
        raise DesignError("no case was rated by every reader in every modality.")
    return _Study(left, complete, outcome.set_index(case), len(wide) - len(complete))


def _labels(wide: pd.DataFrame, modality: str | None) -> pd.DataFrame:
    """Modality and reader of each column, modalities in order, fully crossed."""
    if modality is None:
        labels = pd.DataFrame({"modality": SINGLE, "reader": wide.columns.map(level_text)})
    else:
        labels = wide.columns.to_frame(index=False).map(level_text)
        labels.columns = pd.Index(["modality", "reader"])
    n_readers = labels["reader"].nunique()
    if not n_readers:
        raise DesignError("reader_survival(): no row is complete in every column used.")
    if n_readers < 2:
        raise DesignError("there is only one reader; means over readers need two.")
    if len(labels) != n_readers * labels["modality"].nunique():
        per_arm = labels["modality"].value_counts(sort=False)
        listed = ", ".join(f"{name}: {count}" for name, count in per_arm.items())
        raise DesignError(
            f"not every reader read in every modality ({listed} of {n_readers} readers). Keep "
            "those who did."
        )
    return labels


def _estimates(formula: str, rows: pd.DataFrame, t: float | None) -> tuple[np.ndarray, np.ndarray]:
    if t is None:
        fit = concordance(formula, rows, reverse=True)
        return fit.concordance, fit.vcov().to_numpy()
    score = time_roc(formula, rows, t)
    return score.estimate[:, 0], score.vcov().to_numpy()


@frozen_result
class ReaderSurvival(Result):
    """C index, or AUC(t), of readers in one or more modalities.

    Attributes
    ----------
    labels : pandas.DataFrame
        ``modality reader`` of each estimate.
    analysis : ObuchowskiRockette
        ``auc`` (modalities x readers; here the C index or AUC(t)) and ``vcov``.
    modalities : tuple of str
    t : float or None
        Horizon of AUC(t); None for the C index.
    n, n_missing : int
        Cases used, and cases excluded because some reader did not rate them.
    """

    labels: pd.DataFrame
    analysis: ObuchowskiRockette
    modalities: tuple[str, ...]
    t: float | None
    n: int
    n_missing: int

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the mean of each modality over the readers.

        Parameters
        ----------
        conf_level : float
            Limits are cut to [0, 1].

        Returns
        -------
        pandas.DataFrame
            ``modality estimate std_error df conf_low conf_high n_reader``.
        """
        return mean_table(self.analysis, self.modalities, conf_level)

    def vcov(self) -> pd.DataFrame:
        """Return the covariance of the estimates, labelled by (modality, reader)."""
        return labelled(self.analysis.vcov, self.labels)

    def contrasts(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the difference of each pair of modalities, as ``MRMC.contrasts``."""
        return difference_table(self.analysis, self.modalities, conf_level)

    def readers(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return one row per modality and reader.

        Returns
        -------
        pandas.DataFrame
            ``modality reader estimate std_error conf_low conf_high``; limits are cut to [0, 1].
        """
        return reader_table(self.labels, self.analysis.auc.ravel(), self.analysis.vcov, conf_level)

    def signed_rank(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Compare the modalities over readers, as ``ReaderAUC.signed_rank``."""
        return signed_rank_table(self.readers(), self.modalities, conf_level)

    def glance(self) -> pd.DataFrame:
        """Return one row: the test that all modalities have one mean, and counts.

        Returns
        -------
        pandas.DataFrame
            ``statistic df df_residual p_value method n_reader n n_missing``; `n` counts cases.
        """
        row = global_test(self.analysis, self._title())
        return pd.DataFrame([row | {"n": self.n, "n_missing": self.n_missing}])

    def _further_tables(self) -> tuple[str, ...]:
        tables = ("readers", "signed_rank")
        return (*tables, "contrasts") if len(self.modalities) > 1 else tables

    def _title(self) -> str:
        metric = "C index" if self.t is None else f"AUC at {self.t:g}, weighted for censoring"
        return f"Readers: {metric}; random readers and cases"
