"""Multi-reader multi-case comparison of modalities (Obuchowski-Rockette)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._contrast import pairwise
from faceage_stats._result import Result, frozen_result
from faceage_stats.errors import DesignError
from faceage_stats.prediction.readers.covariance import Covariance, auc_covariance, reader_aucs
from faceage_stats.prediction.readers.data import (
    Columns,
    ReaderData,
    read_readers,
    refuse_few_cases,
)
from faceage_stats.prediction.readers.obuchowski_rockette import (
    Fixed,
    ObuchowskiRockette,
    check_fixed,
)
from faceage_stats.prediction.readers.tables import (
    difference_table,
    global_test,
    labelled,
    mean_table,
    reader_table,
)

__all__ = ["MRMC", "mrmc"]


@checked_call
def mrmc(
    formula: str,
    data: Any,
    *,
    reader: str,
    case: str,
    modality: str | None = None,
    covariance: Covariance = "delong",
    fixed: Fixed | None = None,
) -> MRMC:
    """Compare modalities (arms) by the AUCs of several readers who judged the same cases.

    Parameters
    ----------
    formula : str
        ``truth ~ rating``. The true state is 0/1; cases where it is missing are excluded and
        counted. A higher rating means more surely positive: numbers or an ordered category; a
        missing rating is a case that the reader skipped.
    data : pandas.DataFrame or polars.DataFrame
        Long: one row per reader, case and modality.
    reader, case : str
        Columns that identify reader and case.
    modality : str, optional
        Column of the arm. Without it the mean AUC of the readers is estimated.
    covariance : {"delong", "jackknife", "unbiased"}
        How the covariance of the AUCs is estimated from the cases.
    fixed : {"readers", "cases"}, optional
        What the conclusion is confined to. By default readers and cases are both a random sample
        of those that the conclusion is about.

    Returns
    -------
    MRMC
        ``tidy()`` the mean AUC of each modality, ``contrasts()`` their pairwise differences,
        ``glance()`` the test that all are equal, ``readers()`` and ``reader_contrasts()`` the
        same for every reader, ``components()`` mean squares and variance components.

    Raises
    ------
    InputError
        Repeated answers, a case with two truths, text as rating, an unknown option.
    DesignError
        One class only; a reader who rated fewer than two positive or two negative cases, or who
        did not read in every modality; fewer than two readers unless readers are fixed.

    See Also
    --------
    reader_auc : The readers one by one.
    reader_survival : A censored outcome.
    reader_power : The size of a new study.

    Notes
    -----
    Obuchowski-Rockette analysis with Hillis's degrees of freedom. Random readers and cases: F =
    MS(T) / [MS(TR) + r max(Cov2 - Cov3, 0)]. Fixed readers: chi-squared, Cov2 - Cov3 not cut at
    0. Fixed cases: F = MS(T) / MS(TR). A mean's interval uses that modality only and is cut to
    [0, 1]. Equals R's ``MRMCaov::mrmc`` 0.3.0, except the reader-specific differences of three
    or more modalities, whose standard errors that version assigns to the wrong rows. Cases that
    some readers skipped stay in: they add to the variance of the AUCs that they were rated for.

    In R: ``MRMCaov::mrmc(empirical_auc(truth, rating), modality, reader, case, data = df)``

    References
    ----------
    Obuchowski NA, Rockette HE (1995). Hypothesis testing of diagnostic accuracy for multiple
    readers and multiple tests: an ANOVA approach with dependent observations. Communications in
    Statistics - Simulation and Computation 24:285-308. doi:10.1080/03610919508813243

    Hillis SL (2007). A comparison of denominator degrees of freedom methods for multiple observer
    ROC analysis. Statistics in Medicine 26:596-619. doi:10.1002/sim.2532

    Examples
    --------
    >>> import pandas as pd
    >>> long = pd.DataFrame({
    ...     "reader": ["a"] * 8 + ["b"] * 8, "arm": (["chart"] * 4 + ["photo"] * 4) * 2,
    ...     "case": [1, 2, 3, 4] * 4, "dead": [0, 0, 1, 1] * 4,
    ...     "rating": [1, 2, 3, 4, 1, 3, 2, 4, 2, 1, 4, 3, 3, 1, 2, 4]})
    >>> fit = mrmc("dead ~ rating", long, reader="reader", case="case", modality="arm")
    >>> fit.tidy()[["modality", "estimate"]].round(3).values.tolist()
    [['chart', 1.0], ['photo', 0.75]]
    """
    check_fixed(fixed)
    study = read_readers(Columns.of(formula, reader, case, modality), data, "mrmc()")
    _refuse_incomplete(study, fixed)
    auc = reader_aucs(study.positive, study.negative).auc
    vcov = auc_covariance(study.positive, study.negative, covariance)
    shape = len(study.modalities), len(study.readers)
    return MRMC(study, ObuchowskiRockette(auc.reshape(shape), vcov, fixed), covariance)


def _refuse_incomplete(study: ReaderData, fixed: Fixed | None) -> None:
    counts = study.curves
    n_crossed = len(study.modalities) * len(study.readers)
    if len(counts) < n_crossed:
        rows = counts.groupby("modality", sort=False)["reader"].nunique()
        raise DesignError(
            f"not every reader read in every modality ({_listed(rows)} of {len(study.readers)} "
            "readers). Keep the readers who read in all of them."
        )
    refuse_few_cases(counts)
    if len(study.readers) < 2 and fixed != "readers":
        raise DesignError(
            'one reader is no sample of readers. Use fixed="readers", or roc_test for one reader.'
        )


def _listed(counts: pd.Series) -> str:
    return ", ".join(f"{name}: {count}" for name, count in counts.items())


@frozen_result
class MRMC(Result):
    """Mean AUCs of modalities over readers, and their differences.

    Attributes
    ----------
    study : ReaderData
        ``modalities``, ``readers``, ``curves`` (counts per modality and reader), ``n_missing``.
    analysis : ObuchowskiRockette
        ``auc`` (modalities x readers) and ``vcov`` (covariance of its entries, row by row).
    covariance : {"delong", "jackknife", "unbiased"}
    """

    study: ReaderData
    analysis: ObuchowskiRockette
    covariance: Covariance

    def vcov(self) -> pd.DataFrame:
        """Return the covariance of the AUCs, labelled by (modality, reader)."""
        return labelled(self.analysis.vcov, self.study.curves)

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the mean AUC of each modality.

        Parameters
        ----------
        conf_level : float
            Limits are cut to [0, 1].

        Returns
        -------
        pandas.DataFrame
            ``modality estimate std_error df conf_low conf_high n_reader``; `df` is infinite when
            readers are fixed.
        """
        return mean_table(self.analysis, self.study.modalities, conf_level)

    def contrasts(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the difference of each pair of modalities, the later minus the earlier.

        Returns
        -------
        pandas.DataFrame
            ``modality1 modality2 estimate1 estimate2 estimate std_error conf_low conf_high
            statistic df p_value``.
        """
        return difference_table(self.analysis, self.study.modalities, conf_level)

    def readers(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the AUC of each reader in each modality.

        Returns
        -------
        pandas.DataFrame
            ``modality reader estimate std_error conf_low conf_high n n_event n_skipped``; limits
            are cut to [0, 1].
        """
        curves = self.study.curves
        table = reader_table(
            curves[["modality", "reader"]], self.analysis.auc.ravel(), self.analysis.vcov,
            conf_level,
        )  # fmt: skip
        return table.join(curves[["n", "n_event", "n_skipped"]])

    def reader_contrasts(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the differences of the modalities for each reader, from the paired covariance.

        Returns
        -------
        pandas.DataFrame
            ``reader`` and the columns of `contrasts`, with a normal statistic.
        """
        r, modalities = len(self.study.readers), self.study.modalities
        tables = []
        for index, reader in enumerate(self.study.readers):
            rows = np.arange(len(modalities)) * r + index
            table = pairwise(
                modalities, self.analysis.auc[:, index], self.analysis.vcov[np.ix_(rows, rows)],
                conf_level, "modality",
            )  # fmt: skip
            table.insert(0, "reader", reader)
            tables.append(table)
        return pd.concat(tables, ignore_index=True)

    def components(self) -> pd.DataFrame:
        """Return mean squares, error variance and covariances, and variance components.

        Returns
        -------
        pandas.DataFrame
            ``quantity estimate``; a negative component is reported as it is.
        """
        values = vars(self.analysis.components())
        return pd.DataFrame({"quantity": list(values), "estimate": list(values.values())})

    def glance(self) -> pd.DataFrame:
        """Return one row: the test that all modalities have one mean AUC, and counts.

        Returns
        -------
        pandas.DataFrame
            ``statistic df df_residual p_value method n_reader n n_event n_skipped n_missing``; `n`
            counts cases, `n_event` positive ones, `n_missing` cases excluded because their truth
            is missing.
        """
        row = global_test(self.analysis, self._title()) | {
            "n": self.study.n_case,
            "n_event": self.study.positive.shape[1],
            "n_skipped": int(self.study.curves["n_skipped"].sum()),
            "n_missing": self.study.n_missing,
        }
        return pd.DataFrame([row])

    def _further_tables(self) -> tuple[str, ...]:
        tables = ("readers", "components")
        several = ("contrasts", "reader_contrasts") if len(self.study.modalities) > 1 else ()
        return (*tables, *several)

    def _title(self) -> str:
        sampled = {
            None: "random readers and cases",
            "readers": "fixed readers, random cases",
            "cases": "random readers, fixed cases",
        }[self.analysis.fixed]
        return f"Obuchowski-Rockette, {sampled} ({self.covariance} covariance)"
