"""Tables of a gene screen: one row per gene for each method and variable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from faceage_stats._near import check_option
from faceage_stats._p_adjust import p_adjust
from faceage_stats._wald import check_conf_level, limits
from faceage_stats.association.genomics.gene_models import GeneModels
from faceage_stats.association.genomics.linear_screen import (
    correlate_columns,
    t_p_value,
    t_quantile,
)
from faceage_stats.association.genomics.moderated import Moderated
from faceage_stats.association.genomics.qvalue import qvalue

__all__ = ["GeneAdjust", "GeneMethod", "adjusted", "cox_table", "gene_table"]

GeneMethod = Literal["moderated", "lm", "partial", "pearson", "spearman"]
GeneAdjust = Literal["holm", "BH", "q_value"]
_COLUMNS: dict[GeneAdjust, str] = {"holm": "p_holm", "BH": "p_bh", "q_value": "q_value"}


def gene_table(
    models: GeneModels, method: GeneMethod, variable: str, conf_level: float
) -> pd.DataFrame:
    """Tabulate one method for one variable, one row per gene, without adjusted p values."""
    check_conf_level(conf_level)
    position = models.variables.index(variable)
    if method in ("pearson", "spearman"):
        rows = _correlations(models, position, method == "spearman", conf_level)
    elif method == "partial":
        rows = _partial_correlations(models, position, conf_level)
    else:
        moderated = models.moderated if method == "moderated" else None
        rows = _coefficients(models, position, moderated, conf_level)
    counts = models.fits.n
    table = pd.DataFrame({"gene": models.genes, "variable": variable, "method": method, **rows})
    return table.assign(n=counts, n_missing=len(models.values) - counts)


def cox_table(rows: pd.DataFrame, conf_level: float) -> pd.DataFrame:
    """Tabulate one Cox model per gene."""
    low, high = limits(rows["estimate"], rows["std_error"], conf_level)
    table = rows.assign(conf_low=low, conf_high=high)
    table.insert(1, "variable", "gene")
    table.insert(2, "method", "cox")
    return table


def _coefficients(
    models: GeneModels, position: int, moderated: Moderated | None, conf_level: float
) -> dict[str, Any]:
    """Linear-model coefficients with ordinary or moderated standard errors."""
    fits, j = models.fits, position + 1  # the intercept comes first
    sigma, df = fits.sigma, np.where(fits.df > 0, fits.df, np.nan)
    extra: dict[str, Any] = {}
    if moderated is not None:
        kept = fits.df > 0
        sigma, df, log_odds = np.full((3, len(models.genes)), np.nan)
        sigma[kept] = np.sqrt(moderated.s2_post)
        df[kept] = moderated.df_total
        log_odds[kept] = moderated.log_odds[j]
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


def _partial_correlations(models: GeneModels, position: int, conf_level: float) -> dict[str, Any]:
    """Correlation of gene and variable given the other columns of the model, from t."""
    fits = models.fits
    df = np.where(fits.df > 0, fits.df, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = fits.coef[position + 1] / fits.unscaled[position + 1] / fits.sigma
        r = np.sign(t) / np.sqrt(1 + df / t**2)
    r = np.where(t == 0, 0.0, r)
    given = models.design.shape[1] - 2
    return _correlation_rows(r, t, df, fits.n - given, 1.0, conf_level)


def _correlations(
    models: GeneModels, position: int, ranks: bool, conf_level: float
) -> dict[str, Any]:
    """Correlation of gene and variable without adjustment, t approximation."""
    found = correlate_columns(models.design[:, position + 1], models.values, ranks=ranks)
    r, n = found.r, found.n
    r = np.where(np.isnan(models.fits.sigma), np.nan, r)  # the same genes are tested throughout
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
        low, high = np.tanh(limits(z, std_error, conf_level))
    return {
        "estimate": r, "std_error": std_error, "statistic": t, "df": df,
        "p_value": t_p_value(t, df), "conf_low": low, "conf_high": high,
    }  # fmt: skip


def adjusted(table: pd.DataFrame, p_adjust_by: Sequence[GeneAdjust]) -> pd.DataFrame:
    """Add adjusted p values; genes without a p value take no part."""
    columns = {}
    for name in p_adjust_by:
        check_option("p_adjust", name, get_args(GeneAdjust))
        p = table["p_value"]
        columns[_COLUMNS[name]] = qvalue(p).q if name == "q_value" else p_adjust(p, name)
    return table.assign(**columns)
