"""Moderated t statistics: variances of many genes shrunk towards a common prior (limma's eBayes).

Smyth GK (2004). Linear models and empirical Bayes methods for assessing differential expression in
microarray experiments. Stat Appl Genet Mol Biol 3, article 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from faceage_stats._warn import warn
from faceage_stats.association.genomics.linear_screen import LinearFits, t_p_value
from faceage_stats.errors import EstimationWarning

__all__ = ["Moderated", "VariancePrior", "moderate", "variance_prior"]

_PROPORTION = 0.01  # of genes assumed to differ, for the log odds
_SD_LIMITS = (0.1, 4.0)  # of a true effect, in residual standard deviations
_INFINITE = 1e6  # prior degrees of freedom beyond which the variance counts as known


@dataclass(frozen=True)
class VariancePrior:
    """Scaled inverse chi-squared prior of the residual variances."""

    df: float
    variance: float

    def posterior(self, variance: np.ndarray, df: np.ndarray | float) -> np.ndarray:
        """Shrink the variances; a gene without residual degrees of freedom gets the prior's."""
        if np.isinf(self.df):
            return np.full(variance.shape, self.variance)
        known = np.where(np.asarray(df) > 0, variance, 0.0)
        return np.asarray((df * known + self.df * self.variance) / (df + self.df))


def variance_prior(variance: np.ndarray, df: np.ndarray) -> VariancePrior:
    """Fit a scaled F distribution to the variances by the moments of their logarithms."""
    usable = (df > 0) & np.isfinite(variance)
    s2, d = np.maximum(variance[usable], 0.0), df[usable]
    if len(s2) < 2:
        return VariancePrior(0.0, float(s2[0]) if len(s2) else np.nan)
    middle = float(np.median(s2))
    n_zero = int((s2 == 0).sum())
    if n_zero:
        warn(
            f"{n_zero} of {len(s2)} genes have no residual variance; they are moved off zero.",
            EstimationWarning,
        )
    s2 = np.maximum(s2, 1e-5 * (middle or 1.0))
    e = np.log(s2) - special.digamma(d / 2) + np.log(d / 2)
    spread = e.var(ddof=1) - special.polygamma(1, d / 2).mean()
    if spread <= 0:  # the variances differ no more than by chance
        return VariancePrior(np.inf, float(s2.mean()))
    df_prior = 2 * _trigamma_inverse(float(spread))
    log_scale = e.mean() + special.digamma(df_prior / 2) - np.log(df_prior / 2)
    return VariancePrior(float(df_prior), float(np.exp(log_scale)))


def _trigamma_inverse(x: float) -> float:
    """Solve trigamma(y) = x, on log scales; x**-0.5 / 2 and 1 / x + 1 bound the root."""
    log_y = optimize.brentq(
        lambda u: np.log(special.polygamma(1, np.exp(u))) - np.log(x),
        np.log(0.5 / np.sqrt(x)),
        np.log(1 / x + 1 / np.sqrt(x) + 1),
        xtol=1e-14,
        rtol=1e-14,
    )
    return float(np.exp(log_y))


@dataclass(frozen=True)
class Moderated:
    """Moderated statistics of p coefficients and m genes.

    Attributes
    ----------
    t, p_value, log_odds : ndarray, shape (p, m)
        Moderated t, its p value, log odds that the coefficient is not zero (limma's B).
    s2_post, df_total : ndarray, shape (m,)
        Posterior variance and degrees of freedom of t.
    prior : VariancePrior
    """

    t: np.ndarray
    p_value: np.ndarray
    log_odds: np.ndarray
    s2_post: np.ndarray
    df_total: np.ndarray
    prior: VariancePrior


def moderate(fits: LinearFits) -> Moderated:
    """Moderate the t statistics of all coefficients; columns without a fit are excluded before."""
    variance = fits.sigma**2
    prior = variance_prior(variance, fits.df)
    s2_post = prior.posterior(variance, fits.df)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = fits.coef / fits.unscaled / np.sqrt(s2_post)
    df_total = np.minimum(fits.df + prior.df, fits.df.sum())
    log_odds = np.vstack(
        [_log_odds(t[j], fits.unscaled[j], df_total, prior) for j in range(len(t))]
    )
    return Moderated(t, t_p_value(t, df_total), log_odds, s2_post, df_total, prior)


def _log_odds(
    t: np.ndarray, unscaled: np.ndarray, df: np.ndarray, prior: VariancePrior
) -> np.ndarray:
    """Log posterior odds of a non-zero coefficient, `_PROPORTION` being the prior one."""
    known = np.isfinite(t)
    if not known.any():
        return np.full(len(t), np.nan)
    limits = np.square(_SD_LIMITS) / prior.variance
    effect = _effect_variance(np.abs(t[known]), unscaled[known], df[known], limits)
    ratio = (unscaled**2 + effect) / unscaled**2
    if prior.df > _INFINITE:
        kernel = t**2 * (1 - 1 / ratio) / 2
    else:
        kernel = (1 + df) / 2 * np.log((t**2 + df) / (t**2 / ratio + df))
    return np.asarray(special.logit(_PROPORTION) - np.log(ratio) / 2 + kernel)


def _effect_variance(
    t: np.ndarray, unscaled: np.ndarray, df: np.ndarray, limits: np.ndarray
) -> float:
    """Unscaled variance of the true effects, from the quantiles of the largest |t|."""
    m = len(t)
    n_top = int(np.ceil(_PROPORTION / 2 * m))
    differing = max(n_top / m, _PROPORTION)
    df_top = df.max()
    fewer = df < df_top
    if fewer.any():  # compare at one number of degrees of freedom
        same_tail = -special.stdtrit(df_top, special.stdtr(df[fewer], -t[fewer]))
        t = t.copy()
        t[fewer] = np.where(np.isfinite(same_tail), same_tail, t[fewer])
    top = np.argsort(-t, kind="stable")[:n_top]
    tail = 2 * special.stdtr(df_top, -t[top])
    target = ((np.arange(1, n_top + 1) - 0.5) / m - (1 - differing) * tail) / differing
    beyond = target > tail
    effect = np.zeros(n_top)
    quantile = -special.stdtrit(df_top, target[beyond] / 2)
    chosen = top[beyond]
    effect[beyond] = unscaled[chosen] ** 2 * ((t[chosen] / quantile) ** 2 - 1)
    return float(np.clip(effect, *limits).mean())
