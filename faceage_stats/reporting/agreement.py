"""A published value beside that of another cohort: their difference, and both together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import optimize, stats

from faceage_stats.errors import InputError

__all__ = ["Difference", "Pooled", "difference", "pool", "standard_error"]

RATIO = "ratio"  # unit of the values that are compared as logarithms


@dataclass(frozen=True)
class Difference:
    """One value minus another; of ratios the quotient, with its interval and p value."""

    estimate: float
    conf_low: float
    conf_high: float
    p_value: float


@dataclass(frozen=True)
class Pooled:
    """Several values as one, by random effects, and how unlike they are."""

    estimate: float
    conf_low: float
    conf_high: float
    q: float
    q_p_value: float
    i_squared: float
    tau_squared: float


def standard_error(
    low: float, high: float, *, log: bool, estimate: float = np.nan, p: float = np.nan
) -> float:
    """Standard error that a 95% interval implies, or an estimate with its p value.

    Parameters
    ----------
    low, high : float
        Limits; of a ratio as printed.
    log : bool
        Whether the limits are of a ratio, so that the error is of its logarithm.
    estimate, p : float, optional
        Used where no limits are known.

    Returns
    -------
    float
        Missing where nothing implies it.

    Examples
    --------
    >>> round(standard_error(1.056, 1.254, log=True), 4)
    0.0438
    """
    z = stats.norm.ppf(0.975)
    if np.isfinite(low) and np.isfinite(high) and (low > 0 or not log):
        width = np.log(high) - np.log(low) if log else high - low
        return float(width / (2 * z))
    if np.isfinite(estimate) and 0 < p < 1:
        effect = abs(np.log(estimate)) if log else abs(estimate)
        return float(effect / stats.norm.isf(p / 2))
    return float("nan")


def difference(
    ours: float, ours_se: float, theirs: float, theirs_se: float, *, log: bool
) -> Difference:
    """Compare two independent estimates.

    Parameters
    ----------
    ours, ours_se : float
        Estimate and standard error: a ratio as printed, and the error of its logarithm.
    theirs, theirs_se : float
        The other estimate and its standard error.
    log : bool
        Whether the estimates are ratios.

    Returns
    -------
    Difference
        Ours minus theirs, or ours divided by theirs.

    Examples
    --------
    >>> difference(1.2, 0.05, 1.2, 0.05, log=True).p_value
    1.0
    """
    gap = np.log(ours / theirs) if log else ours - theirs
    se = float(np.hypot(ours_se, theirs_se))
    limits = gap + np.array([0.0, -1.0, 1.0]) * stats.norm.ppf(0.975) * se
    shown = np.exp(limits) if log else limits
    estimate, low, high = map(float, shown)
    return Difference(estimate, low, high, float(2 * stats.norm.sf(abs(gap) / se)))


def pool(
    estimates: Sequence[float], errors: Sequence[float], *, method: Literal["DL", "REML"] = "DL"
) -> Pooled:
    """Pool estimates by random effects, and test whether they differ.

    Parameters
    ----------
    estimates, errors : sequence of float
        On the scale on which they are normal: logarithms of ratios; two or more.
    method : {"DL", "REML"}
        Variance between estimates: by moments (DerSimonian and Laird), or restricted maximum
        likelihood.

    Returns
    -------
    Pooled
        On the same scale, with the 95% interval by the normal distribution.

    Notes
    -----
    In R: ``metafor::rma(y, sei = se, method = "DL")``

    References
    ----------
    DerSimonian R, Laird N (1986). Meta-analysis in clinical trials. Controlled Clinical Trials 7,
    177-188. doi:10.1016/0197-2456(86)90046-2

    Higgins JPT, Thompson SG (2002). Quantifying heterogeneity in a meta-analysis. Statistics in
    Medicine 21, 1539-1558. doi:10.1002/sim.1186

    Viechtbauer W (2005). Bias and efficiency of meta-analytic variance estimators in the
    random-effects model. Journal of Educational and Behavioral Statistics 30, 261-293.
    doi:10.3102/10769986030003261

    Examples
    --------
    >>> pooled = pool([0.1, 0.3], [0.1, 0.1])
    >>> round(pooled.estimate, 3), round(pooled.q, 3), round(pooled.i_squared, 3)
    (0.2, 2.0, 0.5)
    """
    if len(estimates) < 2:
        raise InputError("pool(): one estimate; pooling needs two or more.")
    y, v = np.asarray(estimates, float), np.asarray(errors, float) ** 2
    w, df = 1 / v, len(y) - 1
    q = float(w @ (y - w @ y / w.sum()) ** 2)
    typical = df / (w.sum() - (w @ w) / w.sum())  # variance of an estimate, as I squared has it
    between = max(0.0, (q - df) * typical / df)
    if method == "REML":
        between = _restricted_likelihood(y, v)
    weights = 1 / (v + between)
    estimate, se = weights @ y / weights.sum(), weights.sum() ** -0.5
    z = stats.norm.ppf(0.975)
    return Pooled(
        float(estimate), float(estimate - z * se), float(estimate + z * se), q,
        float(stats.chi2.sf(q, df)), float(between / (between + typical)), float(between),
    )  # fmt: skip


def _restricted_likelihood(y: np.ndarray, v: np.ndarray) -> float:
    """Variance between estimates at which the score of the restricted likelihood is 0."""

    def score(between: float) -> float:
        w = 1 / (v + between)
        residual = w * (y - w @ y / w.sum())
        return float(residual @ residual - w.sum() + (w @ w) / w.sum())

    if score(0.0) <= 0:
        return 0.0
    most = float(np.var(y, ddof=1))
    while score(most) > 0:
        most *= 2
    return float(optimize.brentq(score, 0.0, most, xtol=1e-16, rtol=1e-14))
