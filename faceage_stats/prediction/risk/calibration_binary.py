"""Calibration of predicted risks of a binary outcome."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special, stats

from faceage_stats._formula.markers import marker_columns
from faceage_stats._formula.outcome import binary_frame
from faceage_stats._wald import two_sided
from faceage_stats._warn import warn
from faceage_stats.association.regression.binomial import fit_binomial
from faceage_stats.association.regression.glm_family import binomial_deviance
from faceage_stats.association.regression.glm_fit import GLMFit
from faceage_stats.errors import SingularColumnWarning
from faceage_stats.prediction.risk.calibration_result import (
    Calibration,
    Quantity,
    distance_rows,
    quantity_row,
)
from faceage_stats.prediction.risk.risks import one_risk, risk_groups
from faceage_stats.prediction.risk.smooth import LogisticSmooth
from faceage_stats.prediction.roc.delong import auc_and_placements, placement_covariance

__all__ = ["binary_calibration"]

_RMS_BINS = 5000.0  # rms counts pairs whose risks fall into one bin of this many as tied


def binary_calibration(
    formula: str, data: Any, *, groups: int, n_resamples: int, seed: int
) -> Calibration:
    """See `calibration`."""
    frame = binary_frame(
        formula, marker_columns(formula, data, "calibration()"), caller="calibration()"
    )
    risk = one_risk(frame.frame.x, frame.names, formula)
    y = frame.is_case.astype(float)
    smooth = LogisticSmooth(np.asarray(special.logit(risk)), y)
    draws = smooth.resampled_distances(risk, n_resamples, seed)
    rows = [*_means(y, risk), *_regressions(y, risk), *_discrimination(y, risk)]
    rows += distance_rows(smooth.distances(risk), draws)
    return Calibration(
        pd.DataFrame(rows), draws, smooth, _group_table(y, risk, groups), formula, None,
        len(y), int(y.sum()), frame.frame.n_missing, seed,
    )  # fmt: skip


def _means(y: np.ndarray, risk: np.ndarray) -> list[Quantity]:
    """Means, their ratio, the Brier score and its two derivatives."""
    n, observed, expected = len(y), y.mean(), risk.mean()
    se = np.sqrt(observed * (1 - observed) / n)
    loss = (y - risk) ** 2
    variance = observed * (1 - observed)
    influence = (loss - loss.mean()) / variance
    influence -= loss.mean() * (1 - 2 * observed) * (y - observed) / variance**2
    gap = np.sum((y - risk) * (1 - 2 * risk))
    spread = np.sqrt(np.sum((1 - 2 * risk) ** 2 * risk * (1 - risk)))
    z = gap / spread if spread else np.nan  # every risk is one half
    brier_se = loss.std(ddof=1) / np.sqrt(n)
    scaled_se = influence.std(ddof=1) / np.sqrt(n)
    return [
        quantity_row("mean_predicted", expected, risk.std(ddof=1) / np.sqrt(n)),
        quantity_row("mean_observed", observed, se),
        quantity_row("observed_expected_ratio", observed / expected, se / observed, log=True),
        quantity_row("brier", loss.mean(), brier_se),
        quantity_row("brier_scaled", 1 - loss.mean() / variance, scaled_se),
        quantity_row("spiegelhalter_z", z, statistic=z, p_value=two_sided(z)),
    ]


def _regressions(y: np.ndarray, risk: np.ndarray) -> list[Quantity]:
    """Calibration intercept and slope, and the tests that they are 0 and 1."""
    lp = special.logit(risk)
    ones = np.ones((len(y), 1))
    large = fit_binomial(y, ones, lp)
    line = fit_binomial(y, np.column_stack([ones, lp]))
    if not line.kept.all():
        warn("the predictions do not vary: no calibration slope.", SingularColumnWarning)
    given = binomial_deviance(y, risk)
    null = binomial_deviance(y, np.full(len(y), y.mean()))
    nagelkerke = -np.expm1((given - null) / len(y)) / -np.expm1(-null / len(y))
    return [
        _coefficient_row("intercept", large, 0, 0.0),
        _coefficient_row("intercept_with_slope", line, 0, 0.0),
        _coefficient_row("slope", line, 1, 1.0),
        _lr_row("unreliability", given - line.deviance, 2),
        _lr_row("intercept_lr_test", given - large.deviance, 1),
        _lr_row("slope_given_intercept_lr_test", large.deviance - line.deviance, 1),
        quantity_row("r_squared_nagelkerke", nagelkerke),
    ]


def _coefficient_row(name: str, fit: GLMFit, j: int, null: float) -> Quantity:
    estimate, se = fit.coefficients[j], np.sqrt(fit.variance[j, j])
    statistic = (estimate - null) / se
    return quantity_row(name, estimate, se, statistic=statistic, p_value=two_sided(statistic))


def _lr_row(name: str, statistic: float, df: int) -> Quantity:
    p_value = float(stats.chi2.sf(statistic, df))
    return quantity_row(name, statistic, statistic=statistic, df=df, p_value=p_value)


def _discrimination(y: np.ndarray, risk: np.ndarray) -> list[Quantity]:
    auc, place = auc_and_placements(risk, y == 1)
    se = float(np.sqrt(placement_covariance(place[:, None], y == 1)[0, 0]))
    bins = np.floor(_RMS_BINS / (1 + np.exp(-special.logit(risk))) + 1)
    binned = auc_and_placements(bins, y == 1).auc
    return [
        quantity_row("c_statistic", auc, se),
        quantity_row("somers_dxy", 2 * auc - 1, 2 * se),
        quantity_row("c_statistic_binned", binned, se),
        quantity_row("somers_dxy_binned", 2 * binned - 1, 2 * se),
    ]


def _group_table(y: np.ndarray, risk: np.ndarray, groups: int) -> pd.DataFrame:
    """Predicted and observed risk by group of predicted risk."""
    table = pd.DataFrame({"group": risk_groups(risk, groups), "risk": risk, "y": y})
    by_group = table.groupby("group")
    n, n_event = by_group.size(), by_group["y"].sum()
    observed = n_event / n
    return pd.DataFrame(
        {
            "n": n,
            "n_event": n_event.astype(np.int64),
            "predicted": by_group["risk"].mean(),
            "estimate": observed,
            "std_error": np.sqrt(observed * (1 - observed) / n),
        }
    ).reset_index()
