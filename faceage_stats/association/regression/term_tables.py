"""Tests of the terms of a model: all, one at a time, and one after the other."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._formula.frame import ModelFrame
from faceage_stats.association.regression.centred import column_means, moved
from faceage_stats.association.regression.design_matrix import (
    independent_columns,
    offset_of,
    weights_of,
    with_intercept,
)
from faceage_stats.association.regression.glm_fit import GLMFit, fit_glm

__all__ = ["drop_each", "drop_each_linear", "one_by_one", "one_by_one_linear", "wald_f"]


def _refit(frame: ModelFrame, fit: GLMFit, kept: np.ndarray) -> GLMFit:
    """Fit the same rows with some columns of the design; the intercept stays."""
    x = with_intercept(frame)
    if frame.design.intercept:
        kept = np.append(True, kept)
    return fit_glm(fit.y, x[:, kept], fit.family, offset_of(frame), weights_of(frame), quiet=True)


def drop_each(frame: ModelFrame, fit: GLMFit) -> pd.DataFrame:
    """Leave each term out by itself; documented at `GLM.drop1`."""
    full = {"term": "<none>", "df": np.nan, "deviance": fit.deviance, "aic": fit.aic}
    rows = [full | {"statistic": np.nan, "p_value": np.nan}]
    df_residual = len(fit.y) - fit.df
    for term in frame.design.outermost:
        kept = np.ones(len(frame.design.columns), bool)
        kept[term.columns] = False
        smaller = _refit(frame, fit, kept)
        df, rise = fit.df - smaller.df, max(smaller.deviance - fit.deviance, 0.0)
        if fit.family.has_dispersion:
            with np.errstate(divide="ignore", invalid="ignore"):  # an exact fit has no error
                statistic = np.divide(rise / df, fit.deviance / df_residual) if df else np.nan
            p_value = float(stats.f.sf(statistic, df, df_residual))
        else:
            statistic, p_value = rise, float(stats.chi2.sf(rise, df))
        aic = fit.aic + _less_likely(fit, smaller, rise) - 2 * df
        row = {"term": term.label, "df": df, "deviance": smaller.deviance, "aic": aic}
        rows.append(row | {"statistic": statistic, "p_value": p_value})
    return pd.DataFrame(rows)


def _less_likely(fit: GLMFit, smaller: GLMFit, rise: float) -> float:
    """What -2 log-likelihood rises by, as in R's drop1; the normal one estimates its variance."""
    with np.errstate(divide="ignore", invalid="ignore"):  # an exact fit has no likelihood
        if fit.family.name != "gaussian":
            return float(np.divide(rise, fit.dispersion))
        return float(len(fit.y) * np.log(np.divide(smaller.deviance, fit.deviance)))


def drop_each_linear(frame: ModelFrame, rss: float, n_coefficients: int) -> pd.DataFrame:
    """Leave each term of a linear model out by itself; documented at `LinearModel.drop1`."""
    root, n = np.sqrt(weights_of(frame)), frame.n
    y, x = root * (frame.y - offset_of(frame)), with_intercept(frame)
    first = int(frame.design.intercept)
    full = {"term": "<none>", "df": np.nan, "sum_sq": np.nan, "rss": rss}
    aic = _aic(rss, n, n_coefficients)
    rows = [full | {"aic": aic, "statistic": np.nan, "p_value": np.nan}]
    for term in frame.design.outermost:
        kept = np.ones(x.shape[1], bool)
        kept[first + np.arange(len(frame.design.columns))[term.columns]] = False
        left = moved(x[:, kept], column_means(x[:, kept]))
        left = root[:, None] * left[:, independent_columns(left, x[:, kept])]
        residual = y - left @ np.linalg.lstsq(left, y, rcond=None)[0]
        of_smaller, df = float(residual @ residual), n_coefficients - left.shape[1]
        error, rise = rss / (n - n_coefficients), of_smaller - rss
        statistic = rise / df / error if df and error > 0 else np.nan
        row = {"term": term.label, "df": df, "sum_sq": of_smaller - rss, "rss": of_smaller}
        aic = _aic(of_smaller, n, left.shape[1])
        p_value = float(stats.f.sf(statistic, df, n - n_coefficients))
        rows.append(row | {"aic": aic, "statistic": statistic, "p_value": p_value})
    return pd.DataFrame(rows)


def _aic(rss: float, n: int, n_coefficients: int) -> float:
    """R's ``extractAIC`` of a linear model, without constants; an exact fit has none."""
    return float(n * np.log(rss / n) + 2 * n_coefficients) if rss > 0 else float("nan")


def wald_f(values: np.ndarray, variance: np.ndarray) -> float:
    """Compute the F statistic of some coefficients; NaN of none, or of an exact fit."""
    if not len(values):
        return float("nan")
    try:
        return float(values @ np.linalg.solve(variance, values)) / len(values)
    except np.linalg.LinAlgError:  # an exact fit has no error to compare with
        return float("nan")


def one_by_one(frame: ModelFrame, fit: GLMFit) -> pd.DataFrame:
    """Add the terms one after the other; documented at `GLM.anova`."""
    kept = np.zeros(len(frame.design.columns), bool)
    before = _refit(frame, fit, kept)
    n, df_residual = len(fit.y), len(fit.y) - fit.df
    start = {"term": "NULL", "df": np.nan, "statistic": np.nan, "df_residual": n - before.df}
    rows = [start | {"deviance": before.deviance, "p_value": np.nan}]
    for term in frame.design.terms:
        kept[term.columns] = True
        after = _refit(frame, fit, kept)
        df, fall = after.df - before.df, max(before.deviance - after.deviance, 0.0)
        if fit.family.has_dispersion:
            statistic = fall / df / fit.dispersion if df else np.nan
            p_value = float(stats.f.sf(statistic, df, df_residual))
        else:
            statistic, p_value = fall, float(stats.chi2.sf(fall, df)) if df else np.nan
        row = {"term": term.label, "df": df, "statistic": statistic, "df_residual": n - after.df}
        rows.append(row | {"deviance": after.deviance, "p_value": p_value})
        before = after
    return pd.DataFrame(rows)


def one_by_one_linear(frame: ModelFrame) -> pd.DataFrame:
    """Add the terms of a linear model one after the other; documented at `LinearModel.anova`."""
    root, design = np.sqrt(weights_of(frame)), frame.design
    y, x = root * (frame.y - offset_of(frame)), with_intercept(frame)
    centred = moved(x, column_means(x))
    kept = independent_columns(centred, x)
    # along the columns made orthogonal in their order, each explains its own part of y
    orthogonal = np.linalg.qr(root[:, None] * centred[:, kept])[0]
    explained = np.zeros(len(kept))
    explained[kept] = (orthogonal.T @ y) ** 2
    residual = y - orthogonal @ (orthogonal.T @ y)
    df_residual, first = frame.n - int(kept.sum()), int(design.intercept)
    error = float(residual @ residual) / df_residual
    rows = []
    for term in design.terms:
        columns = first + np.arange(len(design.columns))[term.columns]
        df, sum_sq = int(kept[columns].sum()), float(explained[columns].sum())
        if not df:  # it depends on the terms before
            continue
        statistic = sum_sq / df / error if error > 0 else np.nan
        p_value = float(stats.f.sf(statistic, df, df_residual))
        row = {"term": term.label, "df": df, "sum_sq": sum_sq, "mean_sq": sum_sq / df}
        rows.append(row | {"statistic": statistic, "p_value": p_value})
    last = {"term": "Residuals", "df": df_residual, "sum_sq": error * df_residual, "mean_sq": error}
    return pd.DataFrame([*rows, last | {"statistic": np.nan, "p_value": np.nan}])
