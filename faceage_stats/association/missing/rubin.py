"""Rubin's rules and tests based on them, on arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from faceage_stats.errors import DesignError

__all__ = ["Pool", "PooledTest", "d1", "d2", "d3", "pool"]

LEAST_LAMBDA = 1e-4  # as mice: keeps the degrees of freedom finite without missing information


@dataclass(frozen=True)
class Pool:
    """Pooled estimates; every field has one value per quantity."""

    estimate: np.ndarray
    within: np.ndarray
    between: np.ndarray
    total: np.ndarray
    df: np.ndarray
    riv: np.ndarray
    lambda_: np.ndarray  # proportion of the variance due to missing values
    fmi: np.ndarray


def pool(estimates: np.ndarray, variances: np.ndarray, df_complete: float) -> Pool:
    """Pool (m, k) estimates with their variances by Rubin's rules."""
    m = len(estimates)
    estimate, within = estimates.mean(axis=0), variances.mean(axis=0)
    # measured from the first, so that equal estimates have no variance at all
    between = (estimates - estimates[0]).var(axis=0, ddof=1)
    extra = (1 + 1 / m) * between
    total = within + extra
    with np.errstate(divide="ignore", invalid="ignore"):
        riv, lambda_ = extra / within, extra / total
    df = barnard_rubin(m, lambda_, df_complete)
    fmi = (riv + 2 / (df + 3)) / (riv + 1)
    return Pool(estimate, within, between, total, df, riv, lambda_, fmi)


def barnard_rubin(m: int, lambda_: np.ndarray, df_complete: float) -> np.ndarray:
    """Compute the degrees of freedom of Barnard and Rubin; Rubin's with infinite `df_complete`."""
    lambda_ = np.maximum(lambda_, LEAST_LAMBDA)
    old = (m - 1) / lambda_**2
    if not np.isfinite(df_complete):
        return np.asarray(old)
    observed = (df_complete + 1) / (df_complete + 3) * df_complete * (1 - lambda_)
    return np.asarray(old * observed / (old + observed))


@dataclass(frozen=True)
class PooledTest:
    """F statistic of a pooled test with its degrees of freedom and increase in variance."""

    statistic: float
    df: int
    df_residual: float
    riv: float

    @property
    def p_value(self) -> float:
        """Upper tail of F."""
        return float(stats.f.sf(self.statistic, self.df, self.df_residual))


def d1(estimates: np.ndarray, variances: np.ndarray, df_complete: float) -> PooledTest:
    """Test (m, k) estimates with (m, k, k) variances by Wald: Li, Raghunathan and Rubin."""
    m, k = estimates.shape
    mean, within = estimates.mean(axis=0), variances.mean(axis=0)
    between = np.atleast_2d(np.cov(estimates, rowvar=False))
    try:
        riv = (1 + 1 / m) * float(np.trace(np.linalg.solve(within, between))) / k
        statistic = float(mean @ np.linalg.solve(within, mean)) / (k * (1 + riv))
    except np.linalg.LinAlgError:
        raise DesignError(
            "pool_test: the coefficients depend on each other; leave out what repeats others."
        ) from None
    if k == 1:  # the square of Rubin's t
        lambda_ = np.array([riv / (1 + riv)])
        return PooledTest(statistic, 1, float(barnard_rubin(m, lambda_, df_complete)[0]), riv)
    return PooledTest(statistic, k, _reiter(k * (m - 1), k, riv, df_complete), riv)


def _reiter(t: int, k: int, riv: float, df_complete: float) -> float:
    """Denominator degrees of freedom of D1 with few complete-data degrees of freedom (2007)."""
    if not np.isfinite(df_complete) or t <= 4:
        return _li(t, k, riv)
    a = riv * t / (t - 2)
    v = (df_complete + 1) / (df_complete + 3) * df_complete
    one, two = v - 2 * (1 + a), v - 4 * (1 + a)
    if two <= 0:
        return min(_li(t, k, riv), v)
    inner = (
        a**2 * one / ((1 + a) ** 2 * two)
        + 8 * a**2 * one / ((1 + a) * two**2)
        + 4 * a**2 / ((1 + a) * two)
        + 4 * a**2 / (two * one)
        + 16 * a**2 * one / two**3
        + 8 * a**2 / two**2
    )
    return 4 + 1 / (1 / two + inner / (t - 4))


def _li(t: int, k: int, riv: float) -> float:
    """Denominator degrees of freedom of Li, Raghunathan and Rubin (1991)."""
    if riv <= 0:
        return float("inf")
    if t > 4:
        return 4 + (t - 4) * (1 + (1 - 2 / t) / riv) ** 2
    return t * (1 + 1 / k) * (1 + 1 / riv) ** 2 / 2


def d2(statistics: np.ndarray, k: int) -> PooledTest:
    """Pool chi-squared statistics on k degrees of freedom: Li, Meng, Raghunathan and Rubin."""
    m = len(statistics)
    riv = (1 + 1 / m) * float(np.var(np.sqrt(statistics), ddof=1))
    statistic = (float(statistics.mean()) / k - (m + 1) / (m - 1) * riv) / (1 + riv)
    df_residual = k ** (-3 / m) * (m - 1) * (1 + 1 / riv) ** 2 if riv > 0 else float("inf")
    return PooledTest(max(statistic, 0.0), k, df_residual, riv)


def d3(at_estimates: np.ndarray, at_mean: np.ndarray, k: int) -> PooledTest:
    """Pool likelihood ratios at the estimates of each fit and at the pooled ones (Meng, Rubin)."""
    m = len(at_estimates)
    riv = max((m + 1) / (k * (m - 1)) * float(at_estimates.mean() - at_mean.mean()), 0.0)
    statistic = float(at_mean.mean()) / (k * (1 + riv))
    return PooledTest(max(statistic, 0.0), k, _li(k * (m - 1), k, riv), riv)
