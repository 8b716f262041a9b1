"""Obuchowski-Rockette analysis of variance of reader-by-modality AUCs, Hillis's degrees of freedom.

The two-way model AUC = modality + reader + interaction + error, whose errors are correlated because
readers judge the same cases.

Obuchowski NA, Rockette HE (1995). Hypothesis testing of diagnostic accuracy for multiple readers
and multiple tests: an ANOVA approach with dependent observations. Communications in Statistics -
Simulation and Computation 24:285-308. doi:10.1080/03610919508813243

Hillis SL (2007). A comparison of denominator degrees of freedom methods for multiple observer ROC
analysis. Statistics in Medicine 26:596-619. doi:10.1002/sim.2532
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from scipy import stats

from faceage_stats._near import check_option
from faceage_stats._wald import limits

__all__ = ["Components", "Estimate", "Fixed", "GlobalTest", "ObuchowskiRockette", "check_fixed"]

Fixed = Literal["readers", "cases"]


def check_fixed(fixed: Fixed | None) -> None:
    """Refuse an unknown value of `fixed`."""
    if fixed is not None:
        check_option("fixed", fixed, Fixed)


@dataclass(frozen=True)
class Components:
    """Mean squares and the averages of the error covariance; NaN where there is nothing to average.

    cov1: same reader, other modality; cov2: other reader, same modality; cov3: both differ.
    """

    ms_modality: float
    ms_reader: float
    ms_modality_reader: float
    error_variance: float
    cov1: float
    cov2: float
    cov3: float
    reader_variance: float
    modality_reader_variance: float


@dataclass(frozen=True)
class Estimate:
    """An AUC or a difference of AUCs, its standard error and degrees of freedom (inf: normal)."""

    estimate: float
    std_error: float
    df: float

    def limits(self, conf_level: float) -> tuple[float, float]:
        """Symmetric confidence limits of a mean, cut to 0 and 1."""
        low, high = limits(self.estimate, self.std_error, conf_level, df=self.df, within=(0, 1))
        return float(low), float(high)


class _Spread(NamedTuple):
    """A variance and its degrees of freedom."""

    variance: float
    df: float


@dataclass(frozen=True)
class GlobalTest:
    """Do the modalities differ? F, or chi-squared when df_residual is infinite."""

    statistic: float
    df: int
    df_residual: float
    p_value: float
    denominator: float


@dataclass(frozen=True)
class ObuchowskiRockette:
    """The analysis of `auc` (modalities x readers) with covariance `vcov` of its rows in order.

    `fixed` is None when readers and cases are random.
    """

    auc: np.ndarray
    vcov: np.ndarray
    fixed: Fixed | None

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of modalities and readers."""
        return self.auc.shape[0], self.auc.shape[1]

    def components(self) -> Components:
        """Mean squares, error covariances and variance components (reported even if negative)."""
        t, r = self.shape
        grand = self.auc.mean()
        by_modality, by_reader = self.auc.mean(axis=1), self.auc.mean(axis=0)
        remaining = self.auc - by_modality[:, None] - by_reader + grand
        ms_modality = _ratio(r * _sum_sq(by_modality - grand), t - 1)
        ms_reader = _ratio(t * _sum_sq(by_reader - grand), r - 1)
        ms_both = _ratio(_sum_sq(remaining), (t - 1) * (r - 1))
        modality, reader = np.divmod(np.arange(t * r), r)
        same_modality = modality[:, None] == modality
        same_reader = reader[:, None] == reader
        error = self.vcov.diagonal().mean()
        cov1 = _mean(self.vcov[same_reader & ~same_modality])
        cov2 = _mean(self.vcov[~same_reader & same_modality])
        cov3 = _mean(self.vcov[~same_reader & ~same_modality])
        return Components(
            ms_modality, ms_reader, ms_both, float(error), cov1, cov2, cov3,
            reader_variance=(ms_reader - ms_both) / t - cov1 + cov3,
            modality_reader_variance=ms_both - error + cov1 + cov2 - cov3,
        )  # fmt: skip

    def _denominator(self) -> _Spread:
        """Error term of the test of MS(modality), and its degrees of freedom."""
        t, r = self.shape
        c = self.components()
        if self.fixed == "readers":
            others = (r - 1) * (c.cov2 - c.cov3) if r > 1 else 0.0
            return _Spread(c.error_variance - c.cov1 + others, np.inf)
        df = (t - 1) * (r - 1)
        if self.fixed == "cases":
            return _Spread(c.ms_modality_reader, df)
        denominator = c.ms_modality_reader + r * max(c.cov2 - c.cov3, 0.0)
        by_readers = c.ms_modality_reader**2 / df if df else 0.0
        return _Spread(denominator, _ratio(denominator**2, by_readers))

    def test(self) -> GlobalTest:
        """Test that all modalities have the same mean AUC."""
        df = self.shape[0] - 1
        if df == 0:
            return GlobalTest(np.nan, 0, np.nan, np.nan, np.nan)
        denominator, df_residual = self._denominator()
        statistic = _ratio(self.components().ms_modality, denominator)
        if np.isinf(df_residual):
            statistic *= df
            p_value = stats.chi2.sf(statistic, df)
        else:
            p_value = stats.f.sf(statistic, df, df_residual)
        return GlobalTest(statistic, df, df_residual, float(p_value), denominator)

    def difference(self) -> _Spread:
        """Variance of the difference of two means, for all pairs; NaN without variation."""
        denominator, df = self._denominator()
        return _Spread(2 / self.shape[1] * denominator if denominator > 0 else np.nan, df)

    def mean(self, modality: int) -> Estimate:
        """Mean AUC of one modality, from the readers of that modality only."""
        r = self.shape[1]
        auc = self.auc[modality]
        block = slice(modality * r, (modality + 1) * r)
        vcov = self.vcov[block, block]
        if self.fixed == "readers":
            return Estimate(float(auc.mean()), float(np.sqrt(vcov.mean())), np.inf)
        ms_reader = _ratio(_sum_sq(auc - auc.mean()), r - 1)
        variance = ms_reader
        if self.fixed != "cases":
            cov2 = _mean(vcov[~np.eye(r, dtype=bool)])
            variance += r * max(cov2, 0.0)
        df = _ratio(variance**2, ms_reader**2 / (r - 1)) if r > 1 else np.nan
        return Estimate(float(auc.mean()), float(np.sqrt(variance / r)), df)


def _sum_sq(values: np.ndarray) -> float:
    """Sum of squares; differences of AUCs that are rounding error are none."""
    return float((np.where(np.abs(values) < 1e-13, 0.0, values) ** 2).sum())


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else np.nan


def _ratio(numerator: float, denominator: float) -> float:
    return float(numerator / denominator) if denominator > 0 else np.nan
