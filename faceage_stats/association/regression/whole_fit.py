"""The numbers of a whole regression: R squared, F test, comparison with a smaller model.

Fits are taken as they come, for their classes are made with these functions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats.association.regression.design_matrix import offset_of, weights_of
from faceage_stats.association.regression.term_tables import wald_f
from faceage_stats.errors import InputError

__all__ = ["glm_against", "glm_glance", "linear_glance"]


def linear_glance(fit: Any) -> pd.DataFrame:
    """Describe a linear model in one row; documented at `LinearModel.glance`."""
    n, frame, has_intercept = fit.n, fit.frame, int(fit.frame.design.intercept)
    weights, y = weights_of(frame), frame.y - offset_of(frame)
    mean = np.average(y, weights=weights) if has_intercept else 0.0
    total = weights @ (y - mean) ** 2
    r_squared = 1 - fit.rss / total if total > 0 else np.nan
    kept = np.isfinite(fit.coefficients)
    kept[0] &= not has_intercept
    statistic = wald_f(fit.coefficients[kept], fit.variance[np.ix_(kept, kept)])
    tested = fit.df - has_intercept
    row = {
        "n": n,
        "n_missing": frame.n_missing,
        "sigma": float(np.sqrt(fit.rss / (n - fit.df))),
        "r_squared": r_squared,
        "r_squared_adjusted": 1 - (1 - r_squared) * (n - has_intercept) / (n - fit.df),
        "statistic": statistic,
        "df": tested,
        "df_residual": fit.df_residual,
        "p_value": float(stats.f.sf(statistic, tested, fit.df_residual)) if tested else np.nan,
        "log_lik": fit.log_lik,
        "aic": -2 * fit.log_lik + 2 * (fit.df + 1),
        "bic": -2 * fit.log_lik + np.log(n) * (fit.df + 1),
        "method": f"least squares, {fit.robust} variance" if fit.robust else "least squares",
    }
    return pd.DataFrame([row])


def glm_glance(fit: Any) -> pd.DataFrame:
    """Describe a generalised linear model in one row; documented at `GLM.glance`."""
    of = fit.fit
    row = {
        "n": fit.n,
        "n_missing": fit.frame.n_missing,
        "log_lik": of.log_lik,
        "df": of.df,
        "df_residual": fit.df_residual,
        "deviance": of.deviance,
        "null_deviance": fit.null_deviance,
        "dispersion": of.dispersion,
        "pearson": of.pearson,
        "aic": of.aic,
        "bic": -2 * of.log_lik + np.log(fit.n) * of.n_parameter,
        "iterations": of.iterations,
        "method": f"{of.family.name}, link {of.family.link_name}"
        + (f", {fit.robust} variance" if fit.robust else ""),
    }
    return pd.DataFrame([row])


def glm_against(fit: Any, smaller: Any) -> pd.DataFrame:
    """Compare a generalised linear model with a smaller one; documented at `GLM.lr_test`."""
    same = isinstance(smaller, type(fit)) and np.array_equal(fit.frame.rows, smaller.frame.rows)
    if not same or smaller.fit.family.name != fit.fit.family.name:
        raise InputError("lr_test() takes a smaller glm() of the same family and rows.")
    df, rise = fit.fit.df - smaller.fit.df, smaller.fit.deviance - fit.fit.deviance
    if df < 1:
        raise InputError("lr_test() takes a smaller model: this one has no more coefficients.")
    if fit.fit.family.has_dispersion:
        statistic = rise / df / fit.fit.dispersion
        p_value = stats.f.sf(statistic, df, fit.df_residual)
    else:
        statistic, p_value = rise, stats.chi2.sf(rise, df)
    return pd.DataFrame([{"statistic": statistic, "df": df, "p_value": float(p_value)}])
