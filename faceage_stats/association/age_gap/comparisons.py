"""Groups of age gaps compared: Welch's tests, a trend, and least squares at equal covariates."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

from faceage_stats._contrast import contrast_table
from faceage_stats._wald import limits
from faceage_stats.association.classical.means import t_test
from faceage_stats.association.regression.linear_model import LinearModel
from faceage_stats.association.regression.lm import lm
from faceage_stats.errors import DesignError, SingularColumnWarning

__all__ = ["adjusted_table", "mean_row", "trend_row", "welch_contrasts"]


def mean_row(values: np.ndarray, conf_level: float) -> dict[str, float]:
    """Describe one group: its mean with t limits, which a single value does not have."""
    n, mean = len(values), float(values.mean())
    std_dev = float(values.std(ddof=1)) if n > 1 else np.nan
    low, high = limits(mean, std_dev / np.sqrt(n), conf_level, df=max(n - 1, 1))
    return {
        "estimate": mean,
        "std_dev": std_dev,
        "std_error": std_dev / np.sqrt(n),
        "conf_low": float(low),
        "conf_high": float(high),
        "conf_level": conf_level,
        "median": float(np.median(values)),
        "n": n,
    }


def welch_contrasts(
    samples: dict[str, np.ndarray], pairs: Sequence[tuple[str, str]], conf_level: float
) -> pd.DataFrame:
    """Compare means of independent samples in pairs, first minus second, by Welch's t test.

    Returns
    -------
    pandas.DataFrame
        The columns of `contrast_table` with ``df``, and ``n`` of both groups.
    """
    tests = [t_test(samples[first], samples[second]) for first, second in pairs]
    table = contrast_table(
        list(samples),
        [float(values.mean()) for values in samples.values()],
        [test.std_error for test in tests],
        conf_level,
        "group",
        pairs=pairs,
        df=[test.df for test in tests],
    )
    return table.assign(n=[test.n for test in tests])


def trend_row(gap: np.ndarray, score: np.ndarray, conf_level: float) -> pd.DataFrame:
    """Estimate the change of the gap per step of a score, with HC3 standard errors."""
    fit = lm("gap ~ score", pd.DataFrame({"gap": gap, "score": score}), robust="HC3")
    return fit.combination(np.array([[0.0, 1.0]]), conf_level=conf_level)


def adjusted_table(
    gap: np.ndarray,
    group: pd.Categorical,
    covariates: pd.DataFrame,
    conf_level: float,
) -> pd.DataFrame:
    """Compare groups at equal covariates by least squares with HC3 standard errors.

    The first category is the reference. Rows are complete.

    Returns
    -------
    pandas.DataFrame
        ``quantity`` ("marginal mean" of each group, at the mean of the covariates' columns, and
        "difference" from the reference) ``group estimate std_error statistic df p_value conf_low
        conf_high``.
    """
    terms = ["group_", *(f"`{name}`" for name in covariates)]
    data = covariates.assign(gap_=gap, group_=group)
    fit = _fit(f"gap_ ~ {' + '.join(terms)}", data)
    groups = [str(each) for each in group.categories]
    k, centre = len(groups), fit.frame.x.mean(axis=0)
    means = np.zeros((k, len(fit.coefficients)))
    means[:, 0] = 1.0
    means[:, k:] = centre[k - 1 :]
    differences = np.zeros((k - 1, means.shape[1]))
    differences[:, 1:k] = np.eye(k - 1)
    means[1:, 1:k] = np.eye(k - 1)
    parts = []
    for quantity, labels, weights in (
        ("marginal mean", groups, means),
        ("difference", groups[1:], differences),
    ):
        part = fit.combination(weights, conf_level=conf_level)
        part.insert(0, "group", labels)
        part.insert(0, "quantity", quantity)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _fit(formula: str, data: pd.DataFrame) -> LinearModel:
    """Fit, and refuse covariates that leave a coefficient without an estimate."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularColumnWarning)
        fit = lm(formula, data, robust="HC3")
    n_absent = int(fit.coef.isna().sum())
    if n_absent:
        raise DesignError(
            f"age_gap: {fit.n} rows cannot estimate {len(fit.coef)} coefficients; a covariate is "
            "constant, repeats another, or has too many levels."
        )
    return fit
