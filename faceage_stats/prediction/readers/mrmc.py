"""Multi-reader multi-case comparison of modalities (Obuchowski-Rockette)."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._result import Result, frozen_result, normal_interval
from faceage_stats.errors import DesignError, InputError
from faceage_stats.prediction.readers.covariance import auc_covariance, reader_aucs
from faceage_stats.prediction.readers.data import Columns, ReaderData, read_readers
from faceage_stats.prediction.readers.obuchowski_rockette import Estimate, ObuchowskiRockette
from faceage_stats.prediction.readers.tables import difference_table, mean_table

__all__ = ["MRMC", "mrmc"]

_FIXED = {None: "", "readers": "readers", "cases": "cases"}


def mrmc(
    rating: str,
    *,
    truth: str,
    reader: str,
    case: str,
    data: Any,
    modality: str | None = None,
    covariance: str = "delong",
    fixed: str | None = None,
) -> MRMC:
    """Compare modalities (arms) by the AUCs of several readers who judged the same cases.

    Parameters
    ----------
    rating : str
        Column of ratings, higher meaning more surely positive: numbers or an ordered category. A
        missing rating is a case that the reader skipped.
    truth : str
        Column of the true state, 0/1; cases where it is missing are left out and counted.
    reader, case : str
        Columns that identify reader and case.
    data : pandas.DataFrame or polars.DataFrame
        Long: one row per reader, case and modality.
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
        ``tidy()`` the mean AUC of each modality, ``differences()`` their pairwise differences,
        ``glance()`` the test that all are equal, ``readers()`` and ``reader_differences()`` the
        same for every reader, ``components()`` mean squares and variance components.

    Raises
    ------
    InputError
        Repeated answers, a case with two truths, text as rating, an unknown option.
    DesignError
        One class only; a reader who rated fewer than two positive or two negative cases, or who
        did not read in every modality; fewer than two readers unless readers are fixed.

    Notes
    -----
    Obuchowski-Rockette analysis with Hillis's degrees of freedom. Random readers and cases: F =
    MS(T) / [MS(TR) + r max(Cov2 - Cov3, 0)]. Fixed readers: chi-squared, Cov2 - Cov3 not cut at
    0. Fixed cases: F = MS(T) / MS(TR). A mean's interval uses its own modality only and is cut to
    [0, 1]. Equals R's ``MRMCaov::mrmc`` 0.3.0, except the reader-specific differences of three
    or more modalities, whose standard errors that version assigns to the wrong rows. Cases that
    some readers skipped stay in: they add to the variance of the AUCs that they were rated for.

    References
    ----------
    Hillis SL (2007). A comparison of denominator degrees of freedom methods for multiple observer
    ROC analysis. Statistics in Medicine 26, 596-619.

    Examples
    --------
    >>> import pandas as pd
    >>> long = pd.DataFrame({
    ...     "reader": ["a"] * 8 + ["b"] * 8, "arm": (["chart"] * 4 + ["photo"] * 4) * 2,
    ...     "case": [1, 2, 3, 4] * 4, "dead": [0, 0, 1, 1] * 4,
    ...     "rating": [1, 2, 3, 4, 1, 3, 2, 4, 2, 1, 4, 3, 3, 1, 2, 4]})
    >>> fit = mrmc("rating", truth="dead", reader="reader", case="case", modality="arm", data=long)
    >>> fit.tidy()[["modality", "estimate"]].round(3).values.tolist()
    [['chart', 1.0], ['photo', 0.75]]
    """
    if fixed not in _FIXED:
        raise InputError(f"fixed is {fixed!r}; choose 'readers', 'cases' or None.")
    study = read_readers(Columns(rating, truth, reader, case, modality), data)
    _refuse_incomplete(study, fixed)
    auc = reader_aucs(study.positive, study.negative)[0]
    vcov = auc_covariance(study.positive, study.negative, covariance)
    shape = len(study.modalities), len(study.readers)
    return MRMC(study, ObuchowskiRockette(auc.reshape(shape), vcov, _FIXED[fixed]), covariance)


def _refuse_incomplete(study: ReaderData, fixed: str | None) -> None:
    counts = study.curves
    n_crossed = len(study.modalities) * len(study.readers)
    if len(counts) < n_crossed:
        rows = counts.groupby("modality", sort=False)["reader"].nunique()
        raise DesignError(
            f"not every reader read in every modality ({_listed(rows)} of {len(study.readers)} "
            "readers). Keep the readers who read in all of them."
        )
    few = (counts["n_event"] < 2) | (counts["n"] - counts["n_event"] < 2)
    if few.any():
        raise DesignError(
            f"{int(few.sum())} of {len(counts)} reader-by-modality curves rest on fewer than 2 "
            "positive or fewer than 2 negative cases; their variance cannot be estimated. Leave "
            "out those readers."
        )
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
        ``modalities``, ``readers``, ``curves`` (counts per modality and reader), ``n_unknown``.
    analysis : ObuchowskiRockette
        ``auc`` (modalities x readers) and ``vcov`` (covariance of its entries, row by row).
    covariance : str
    """

    study: ReaderData
    analysis: ObuchowskiRockette
    covariance: str

    @property
    def vcov(self) -> pd.DataFrame:
        """Covariance of the AUCs, labelled by (modality, reader)."""
        labels = pd.MultiIndex.from_frame(self.study.curves[["modality", "reader"]])
        return pd.DataFrame(self.analysis.vcov, index=labels, columns=labels)

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per modality: ``modality estimate std_error df conf_low conf_high n_reader``.

        `df` is infinite when readers are fixed.
        """
        return mean_table(self.analysis, self.study.modalities, conf_level)

    def differences(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per pair of modalities, first minus second.

        Columns ``group1 group2 estimate1 estimate2 estimate std_error df statistic p_value
        conf_low conf_high``.
        """
        return difference_table(self.analysis, self.study.modalities, conf_level)

    def readers(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per modality and reader: AUC, standard error, interval cut to [0, 1], counts."""
        estimate = self.analysis.auc.ravel()
        std_error = np.sqrt(np.diag(self.analysis.vcov))
        low, high = np.clip(normal_interval(estimate, std_error, conf_level), 0, 1)
        table = self.study.curves[["modality", "reader"]].assign(
            estimate=estimate, std_error=std_error, conf_low=low, conf_high=high
        )
        return table.join(self.study.curves[["n", "n_event", "n_skipped"]])

    def reader_differences(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per reader and pair of modalities, from the covariance of that pair."""
        r = len(self.study.readers)
        rows = []
        for index, reader in enumerate(self.study.readers):
            for i, j in itertools.combinations(range(len(self.study.modalities)), 2):
                a, b = i * r + index, j * r + index
                v = self.analysis.vcov
                variance = v[a, a] + v[b, b] - 2 * v[a, b]
                gap = Estimate(
                    float(self.analysis.auc[i, index] - self.analysis.auc[j, index]),
                    float(np.sqrt(max(variance, 0.0))),
                    np.inf,
                )
                low, high = gap.limits(conf_level)
                rows.append(
                    {"reader": reader, "group1": self.study.modalities[i],
                     "group2": self.study.modalities[j], "estimate": gap.estimate,
                     "std_error": gap.std_error, "statistic": gap.statistic,
                     "p_value": gap.p_value, "conf_low": low, "conf_high": high}
                )  # fmt: skip
        return pd.DataFrame(rows)

    def components(self) -> pd.DataFrame:
        """Mean squares, error variance and covariances, variance components.

        Columns ``quantity estimate``; a negative component is reported as it is.
        """
        values = vars(self.analysis.components())
        return pd.DataFrame({"quantity": list(values), "estimate": list(values.values())})

    def glance(self) -> pd.DataFrame:
        """One row: the test that all modalities have one mean AUC, and counts.

        Columns ``statistic df df_residual p_value method n_reader n n_event n_skipped
        n_unknown``; `n` counts cases, `n_event` positive ones, `n_unknown` cases left out for want
        of a truth.
        """
        test = self.analysis.test()
        return pd.DataFrame(
            {
                "statistic": [test.statistic],
                "df": [test.df],
                "df_residual": [test.df_residual],
                "p_value": [test.p_value],
                "method": [self._title()],
                "n_reader": [len(self.study.readers)],
                "n": [self.study.n_case],
                "n_event": [self.study.positive.shape[1]],
                "n_skipped": [int(self.study.curves["n_skipped"].sum())],
                "n_unknown": [self.study.n_unknown],
            }
        )

    def _title(self) -> str:
        sampled = {
            "": "random readers and cases",
            "readers": "fixed readers, random cases",
            "cases": "random readers, fixed cases",
        }[self.analysis.fixed]
        return f"Obuchowski-Rockette, {sampled} ({self.covariance} covariance)"
