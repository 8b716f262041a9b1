"""Power of a reader study: how many readers and cases find a given gain in AUC."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._arguments import check_fit
from faceage_stats._call import checked_call
from faceage_stats._result import Result, frozen_result
from faceage_stats._scalar import check_number, check_numbers
from faceage_stats.errors import DesignError, InputError
from faceage_stats.prediction.readers.mrmc import MRMC
from faceage_stats.prediction.readers.obuchowski_rockette import Fixed, check_fixed

__all__ = ["ReaderPower", "ReaderVariance", "reader_power"]


@dataclass(frozen=True)
class ReaderVariance:
    """Variance of AUCs in a pilot study of `n_case` cases (Obuchowski-Rockette components).

    Attributes
    ----------
    error_variance : float
        Variance of one reader's AUC in one modality.
    cov1, cov2, cov3 : float
        Covariance of the errors: same reader and other modality; other reader and same modality;
        both differ.
    modality_reader_variance : float
        Variance of the readers' true differences; a negative one counts as 0.
    n_case : int
        Cases, of the same mix of positives and negatives as the new study.
    """

    error_variance: float
    cov1: float
    cov2: float
    cov3: float
    modality_reader_variance: float
    n_case: int

    @classmethod
    def of(cls, pilot: MRMC) -> ReaderVariance:
        """Take the components of a pilot study with two or more modalities."""
        c = pilot.analysis.components()
        values = (c.error_variance, c.cov1, c.cov2, c.cov3, c.modality_reader_variance)
        if not np.isfinite(values).all():
            raise InputError(
                "the pilot needs two or more modalities and readers; its variance components are "
                "not all defined."
            )
        return cls(*values, n_case=pilot.study.n_case)


@checked_call
def reader_power(
    pilot: MRMC | ReaderVariance,
    gain: float | Iterable[float],
    *,
    n_reader: int | Iterable[int],
    n_case: int | Iterable[int],
    fixed: Fixed | None = None,
    sig_level: float = 0.05,
) -> ReaderPower:
    """Compute the power of a new study of two modalities.

    The power is given for every combination of gain, readers and cases.

    Parameters
    ----------
    pilot : MRMC or ReaderVariance
        Where the variance components come from; covariances shrink in proportion to the cases.
    gain : float or iterable of float
        Difference of the mean AUCs.
    n_reader, n_case : int or iterable of int
        Readers, and cases with the pilot's mix of positives and negatives.
    fixed : {"readers", "cases"}, optional
        What the conclusion is confined to, as in `mrmc`.
    sig_level : float
        Two-sided significance level.

    Returns
    -------
    ReaderPower
        ``tidy()``: ``gain n_reader n_case power df_residual``.

    Raises
    ------
    InputError
        A gain outside 0 to 1, fewer than 2 readers (unless fixed) or 4 cases, unknown `fixed`.

    See Also
    --------
    mrmc : The analysis, and the source of a pilot's components.

    Notes
    -----
    Noncentral F (chi-squared when readers are fixed) with the expected mean squares of the
    Obuchowski-Rockette model and Hillis's degrees of freedom. Components of a small pilot are
    uncertain; show the power over a range of them.

    References
    ----------
    Hillis SL, Obuchowski NA, Berbaum KS (2011). Power estimation for multireader ROC methods: an
    updated and unified approach. Academic Radiology 18:129-142.

    Examples
    --------
    >>> pilot = ReaderVariance(8e-4, 3.4e-4, 3.4e-4, 2.4e-4, 2e-4, n_case=114)
    >>> reader_power(pilot, 0.05, n_reader=[5, 10], n_case=114).tidy()["power"].round(2).tolist()
    [0.62, 0.8]
    """
    check_fixed(fixed)
    if not 0 < check_number("sig_level", sig_level) < 1:
        raise InputError(f"sig_level is {sig_level}; it must lie between 0 and 1, e.g. 0.05.")
    variance = ReaderVariance.of(pilot) if isinstance(pilot, MRMC) else pilot
    check_fit(variance, ReaderVariance, "reader_power() takes a fit of mrmc() or a ReaderVariance")
    gains = check_numbers("gain", gain)
    readers, cases = check_numbers("n_reader", n_reader), check_numbers("n_case", n_case)
    if not ((gains > 0) & (gains < 1)).all():
        raise InputError("gain is a difference of AUCs, above 0 and below 1.")
    if (readers < (1 if fixed == "readers" else 2)).any() or (cases < 4).any():
        raise InputError("a reader study needs at least 2 readers (1 if fixed) and 4 cases.")
    rows = []
    for g, r, c in itertools.product(gains.tolist(), readers.tolist(), cases.tolist()):
        rows.append((g, int(r), int(c), *_power(variance, g, int(r), int(c), fixed, sig_level)))
    columns = ["gain", "n_reader", "n_case", "power", "df_residual"]
    return ReaderPower(pd.DataFrame(rows, columns=columns), variance, fixed, sig_level)


class _Power(NamedTuple):
    """Power, and the denominator degrees of freedom of its test."""

    power: float
    df_residual: float


def _power(
    variance: ReaderVariance,
    gain: float,
    r: int,
    n_case: int,
    fixed: Fixed | None,
    sig_level: float,
) -> _Power:
    """Power with r readers and n_case cases."""
    shrink = variance.n_case / n_case
    spread = max(variance.modality_reader_variance, 0.0)
    within = (variance.error_variance - variance.cov1) * shrink
    shared = (variance.cov2 - variance.cov3) * shrink
    if fixed == "readers":
        noncentrality = r * gain**2 / 2 / _positive(within + (r - 1) * shared)
        critical = stats.chi2.ppf(1 - sig_level, 1)
        return _Power(float(stats.ncx2.sf(critical, 1, noncentrality)), np.inf)
    interaction = spread + within - (max(shared, 0.0) if fixed is None else shared)
    if fixed == "cases":
        denominator, df = _positive(interaction), float(r - 1)
    else:
        denominator = _positive(interaction + r * max(shared, 0.0))
        df = denominator**2 / (_positive(interaction) ** 2 / (r - 1))
    noncentrality = r * gain**2 / 2 / denominator
    critical = stats.f.ppf(1 - sig_level, 1, df)
    return _Power(float(stats.ncf.sf(critical, 1, df, noncentrality)), df)


def _positive(variance: float) -> float:
    if not variance > 0:
        raise DesignError("reader_power(): the pilot study has no variance to plan with.")
    return variance


@frozen_result
class ReaderPower(Result):
    """Power of reader studies of several sizes.

    Attributes
    ----------
    table : pandas.DataFrame
    variance : ReaderVariance
    fixed : {"readers", "cases"} or None
    sig_level : float
    """

    table: pd.DataFrame
    variance: ReaderVariance
    fixed: Fixed | None
    sig_level: float

    def tidy(self) -> pd.DataFrame:
        """Return one row per combination: ``gain n_reader n_case power df_residual``."""
        return self.table.copy()

    def smallest(self, power: float = 0.8) -> pd.DataFrame:
        """Return the fewest readers that reach `power`, for every gain and number of cases."""
        enough = self.table[self.table["power"] >= power].sort_values("n_reader", kind="stable")
        return enough.groupby(["gain", "n_case"], as_index=False).first()

    def glance(self) -> pd.DataFrame:
        """Return one row: ``method n n_missing``; `n` counts the cases of the pilot."""
        row = {"method": self._title(), "n": self.variance.n_case, "n_missing": 0}
        return pd.DataFrame([row])

    def _title(self) -> str:
        sampled = f"fixed {self.fixed}" if self.fixed else "random readers and cases"
        return f"Power of a reader study of two modalities, {sampled}, level {self.sig_level:g}"
