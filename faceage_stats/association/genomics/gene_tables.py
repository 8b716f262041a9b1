"""Tables of a gene screen: one row per gene for each method and variable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._p_adjust import p_adjust
from faceage_stats._result import normal_interval
from faceage_stats.association.genomics.linear_screen import (
    correlate_columns,
    t_p_value,
    t_quantile,
)
from faceage_stats.association.genomics.qvalue import qvalue
from faceage_stats.errors import InputError

if TYPE_CHECKING:
    from faceage_stats.association.genomics.gene_result import GeneScreen

__all__ = ["ADJUSTMENTS", "METHODS", "adjusted", "gene_table"]

METHODS = {
    "moderated": "Moderated t",
    "lm": "Linear model",
    "partial": "Partial correlation",
    "pearson": "Pearson's correlation",
    "spearman": "Spearman's correlation",
}
ADJUSTMENTS = {"holm": "p_holm", "BH": "p_bh", "q_value": "q_value"}


def gene_table(screen: GeneScreen, method: str, variable: str, conf_level: float) -> pd.DataFrame:
    """Estimates of one method for one variable, without adjusted p values."""
    if not 0 < conf_level < 1:
        raise InputError(f"conf_level is {conf_level}; it must lie between 0 and 1, e.g. 0.95.")
    if screen.cox is not None:
        return _cox_rows(screen, conf_level)
    position = screen.variables.index(variable)
    if method in ("pearson", "spearman"):
        rows = _correlations(screen, position, method == "spearman", conf_level)
    elif method == "partial":
        rows = _partial_correlations(screen, position, conf_level)
    else:
        rows = _coefficients(screen, position, method == "moderated", conf_level)
    assert screen.fits is not None
    counts = screen.fits.n
    frame = pd.DataFrame({"gene": screen.genes, "variable": variable, "method": method, **rows})
    return frame.assign(n=counts, n_missing=len(screen.values) - counts)


def _coefficients(
    screen: GeneScreen, position: int, moderated: bool, conf_level: float
) -> dict[str, Any]:
    """Linear-model coefficients with ordinary or moderated standard errors."""
    fits, j = screen.fits, position + 1  # the intercept comes first
    assert fits is not None
    m = len(screen.genes)
    sigma, df = fits.sigma, np.where(fits.df > 0, fits.df, np.nan)
    extra: dict[str, Any] = {}
    if moderated:
        assert screen.moderated is not None
        kept = fits.df > 0
        sigma, df, log_odds = np.full((3, m), np.nan)
        sigma[kept] = np.sqrt(screen.moderated.s2_post)
        df[kept] = screen.moderated.df_total
        log_odds[kept] = screen.moderated.log_odds[j]
        extra = {"mean": fits.mean, "sigma_post": sigma, "log_odds": log_odds}
    estimate, std_error = fits.coef[j], fits.unscaled[j] * sigma
    with np.errstate(divide="ignore", invalid="ignore"):
        t = estimate / std_error
    half = t_quantile(0.5 + conf_level / 2, df) * std_error
    return {
        "estimate": estimate, "std_error": std_error, "statistic": t, "df": df,
        "p_value": t_p_value(t, df), "conf_low": estimate - half, "conf_high": estimate + half,
        **extra,
    }  # fmt: skip


def _partial_correlations(screen: GeneScreen, position: int, conf_level: float) -> dict[str, Any]:
    """Correlation of gene and variable given the rest of the model, from t."""
    fits = screen.fits
    assert fits is not None
    assert screen.design is not None
    df = np.where(fits.df > 0, fits.df, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = fits.coef[position + 1] / fits.unscaled[position + 1] / fits.sigma
        r = np.sign(t) / np.sqrt(1 + df / t**2)
    r = np.where(t == 0, 0.0, r)
    given = screen.design.shape[1] - 2
    return _correlation_rows(r, t, df, fits.n - given, 1.0, conf_level)


def _correlations(
    screen: GeneScreen, position: int, ranks: bool, conf_level: float
) -> dict[str, Any]:
    """Correlation of gene and variable without adjustment, t approximation."""
    assert screen.fits is not None
    assert screen.design is not None
    r, n = correlate_columns(screen.design[:, position + 1], screen.values, ranks=ranks)
    r = np.where(np.isnan(screen.fits.sigma), np.nan, r)  # the same genes are tested throughout
    df = np.where(n > 2, n - 2.0, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = r * np.sqrt(df / ((1 - r) * (1 + r)))
    # Bonett and Wright's variance of Fisher's z for ranks
    return _correlation_rows(r, t, df, n, 1 + r**2 / 2 if ranks else 1.0, conf_level)


def _correlation_rows(
    r: np.ndarray, t: np.ndarray, df: np.ndarray, n: np.ndarray, spread: Any, conf_level: float
) -> dict[str, Any]:
    """Fisher's z interval round r; the standard error is on its scale."""
    with np.errstate(divide="ignore", invalid="ignore"):
        std_error = np.sqrt(spread / np.where(n > 3, n - 3.0, np.nan)) + 0 * r
        z = np.arctanh(r)
        half = stats.norm.ppf(0.5 + conf_level / 2) * std_error
    return {
        "estimate": r, "std_error": std_error, "statistic": t, "df": df,
        "p_value": t_p_value(t, df), "conf_low": np.tanh(z - half), "conf_high": np.tanh(z + half),
    }  # fmt: skip


def _cox_rows(screen: GeneScreen, conf_level: float) -> pd.DataFrame:
    assert screen.cox is not None
    table = screen.cox.copy()
    table["conf_low"], table["conf_high"] = normal_interval(
        table["estimate"], table["std_error"], conf_level
    )
    table.insert(1, "variable", "gene")
    table.insert(2, "method", "cox")
    return table


def adjusted(table: pd.DataFrame, adjustments: Sequence[str]) -> pd.DataFrame:
    """Add adjusted p values; genes without a p value take no part."""
    unknown = [repr(name) for name in adjustments if name not in ADJUSTMENTS]
    if unknown:
        raise InputError(
            f"adjustments has {', '.join(unknown)}; choose from {', '.join(ADJUSTMENTS)}."
        )
    for name in adjustments:
        p = table["p_value"]
        table[ADJUSTMENTS[name]] = qvalue(p).q if name == "q_value" else p_adjust(p, name)
    return table
