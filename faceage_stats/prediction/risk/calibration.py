"""Calibration of predicted risks: binary outcomes, and survival at a horizon."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special, stats

from faceage_stats._outcome import binary_frame, require_probabilities
from faceage_stats.association.regression.glm import BinomialFit, binomial_deviance, fit_binomial
from faceage_stats.errors import InputError
from faceage_stats.prediction.risk.calibration_result import Calibration, Smooth, quantity_row
from faceage_stats.prediction.roc.delong import auc_and_placements, placement_covariance

__all__ = ["Calibration", "calibration"]

_RMS_BINS = 5000.0  # rms counts pairs whose risks fall into one bin of this many as tied


def calibration(
    formula: str,
    data: Any,
    *,
    time: float | None = None,
    lp: str | None = None,
    cause: Any = None,
    groups: int = 10,
    n_resamples: int = 200,
    seed: int = 0,
) -> Calibration:
    """Assess whether predicted risks agree with what happened.

    Parameters
    ----------
    formula : str
        ``outcome ~ risk`` (0/1 outcome), or ``Surv(time, event) ~ risk`` with `time`. `risk` is a
        column of predicted probabilities, strictly between 0 and 1.
    data : pandas.DataFrame or polars.DataFrame
    time : float, optional
        Horizon that the risk belongs to.
    lp : str, optional
        Survival: column with the linear predictor of the model, for the calibration slope; by
        default log(-log(1 - risk)), the same thing for a proportional hazards model.
    cause : optional
        Event of interest when the event column holds several causes.
    groups : int
        Groups of predicted risk in ``groups``, cut at quantiles.
    n_resamples, seed : int
        Bootstrap of ICI, E50 and E90; 0 leaves their standard errors undefined.

    Returns
    -------
    Calibration
        ``tidy()`` one row per quantity; ``curve`` the smooth calibration curve with limits;
        ``groups`` observed and predicted risk by group.

    Raises
    ------
    InputError
        `risk` is not a column of probabilities, or 0 or 1 in some rows (its logit is infinite).
    DesignError
        One class only; nobody at risk after the horizon.

    Notes
    -----
    Binary: intercept (in the large), slope, Spiegelhalter's z, unreliability as ``rms::val.prob``,
    which prints `c_statistic_binned` (risks cut into 5,000 bins) in place of `c_statistic`;
    the curve is a logistic regression on a restricted cubic spline of logit(risk). Survival: the
    slope is a Cox coefficient; observed risk is 1 - Kaplan-Meier (Aalen-Johansen when events
    compete); the curve is a least-squares regression of jackknife pseudo-observations on a spline
    of log(-log(1 - risk)), with sandwich standard errors. ICI, E50 and E90 are the mean, median
    and 90th percentile of the distance between curve and prediction (Austin and Steyerberg 2019).

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"y": [0, 0, 1, 0, 1, 1, 0, 1], "x": range(1, 9)})
    >>> result = calibration("y ~ I(x / 10)", df, groups=2, n_resamples=0)
    >>> table = result.tidy().set_index("quantity")["estimate"]
    >>> float(table["slope"].round(3)), float(table["expected_observed_ratio"].round(3))
    (0.988, 0.9)
    """
    if n_resamples < 0 or n_resamples == 1:
        raise InputError(f"n_resamples is {n_resamples}; use 0, or 100 and more.")
    if groups < 2:
        raise InputError(f"groups is {groups}; use at least 2.")
    if formula.strip().startswith("Surv("):
        from faceage_stats.prediction.risk.calibration_survival import survival_calibration

        if time is None:
            raise InputError("time is missing: name the horizon that the risk belongs to.")
        return survival_calibration(formula, data, time, lp, cause, groups, (n_resamples, seed))
    if time is not None or lp is not None or cause is not None:
        raise InputError("time, lp and cause go with Surv(time, event) only.")
    frame = binary_frame(formula, data)
    risk = one_risk(frame.frame.x, frame.names, formula)
    y = frame.is_case.astype(float)
    smooth = Smooth.binary(y, special.logit(risk))
    rows = [*_shares(y, risk), *_regressions(y, risk), *_discrimination(y, risk)]
    rows += smooth.distances(risk, n_resamples, seed)
    return Calibration(
        pd.DataFrame(rows), smooth.curve(), _group_table(y, risk, groups), formula,
        len(y), int(y.sum()), frame.frame.n_missing, n_resamples,
    )  # fmt: skip


def one_risk(x: np.ndarray, names: list[str], formula: str) -> np.ndarray:
    """The one column of risks, strictly inside 0 to 1."""
    if len(names) != 1:
        raise InputError(f"`{formula}` must name one column of predicted risks.")
    require_probabilities(x, names)
    n_edge = int(((x == 0) | (x == 1)).sum())
    if n_edge:
        raise InputError(
            f"`{names[0]}` is exactly 0 or 1 in {n_edge} rows, where its logit is infinite. Bound "
            "the risk, e.g. with clip(1e-6, 1 - 1e-6)."
        )
    return x[:, 0]


def _shares(y: np.ndarray, risk: np.ndarray) -> list[dict[str, Any]]:
    """Means, their ratio, the Brier score and its two derivatives."""
    n, observed, expected = len(y), y.mean(), risk.mean()
    se = np.sqrt(observed * (1 - observed) / n)
    loss = (y - risk) ** 2
    variance = observed * (1 - observed)
    influence = (loss - loss.mean()) / variance
    influence -= loss.mean() * (1 - 2 * observed) * (y - observed) / variance**2
    gap = np.sum((y - risk) * (1 - 2 * risk))
    z = gap / np.sqrt(np.sum((1 - 2 * risk) ** 2 * risk * (1 - risk)))
    brier_se = loss.std(ddof=1) / np.sqrt(n)
    scaled_se = influence.std(ddof=1) / np.sqrt(n)
    return [
        quantity_row("mean_predicted", expected, risk.std(ddof=1) / np.sqrt(n)),
        quantity_row("mean_observed", observed, se),
        quantity_row("expected_observed_ratio", expected / observed, se / observed, log=True),
        quantity_row("brier", loss.mean(), brier_se),
        quantity_row("brier_scaled", 1 - loss.mean() / variance, scaled_se),
        quantity_row("spiegelhalter_z", z, statistic=z, p_value=2 * stats.norm.sf(abs(z))),
    ]


def _regressions(y: np.ndarray, risk: np.ndarray) -> list[dict[str, Any]]:
    """Calibration intercept and slope, and the tests that they are 0 and 1."""
    lp = special.logit(risk)
    ones = np.ones((len(y), 1))
    large = fit_binomial(y, ones, lp)
    line = fit_binomial(y, np.column_stack([ones, lp]))
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


def _coefficient_row(name: str, fit: BinomialFit, j: int, null: float) -> dict[str, Any]:
    estimate, se = fit.coefficients[j], np.sqrt(fit.variance[j, j])
    statistic = (estimate - null) / se
    p_value = 2 * stats.norm.sf(abs(statistic))
    return quantity_row(name, estimate, se, statistic=statistic, p_value=p_value)


def _lr_row(name: str, statistic: float, df: int) -> dict[str, Any]:
    p_value = float(stats.chi2.sf(statistic, df))
    return quantity_row(name, statistic, statistic=statistic, df=df, p_value=p_value)


def _discrimination(y: np.ndarray, risk: np.ndarray) -> list[dict[str, Any]]:
    auc, place = auc_and_placements(risk, y == 1)
    se = float(np.sqrt(placement_covariance(place[:, None], y == 1)[0, 0]))
    bins = np.floor(_RMS_BINS / (1 + np.exp(-special.logit(risk))) + 1)
    binned = auc_and_placements(bins, y == 1)[0]
    return [
        quantity_row("c_statistic", auc, se),
        quantity_row("somers_dxy", 2 * auc - 1, 2 * se),
        quantity_row("c_statistic_binned", binned, se),
        quantity_row("somers_dxy_binned", 2 * binned - 1, 2 * se),
    ]


def risk_groups(risk: np.ndarray, groups: int) -> np.ndarray:
    """Group of each row, from 1; a risk equal to a cut point belongs to the lower group."""
    cuts = np.quantile(risk, np.arange(1, groups) / groups)
    return np.searchsorted(cuts, risk, side="left") + 1


def _group_table(y: np.ndarray, risk: np.ndarray, groups: int) -> pd.DataFrame:
    """Predicted and observed risk by group of predicted risk, with Wilson's limits."""
    from faceage_stats.prediction.roc.points import wilson_interval

    group = risk_groups(risk, groups)
    table = pd.DataFrame({"group": group, "risk": risk, "y": y}).groupby("group")
    n, events = table["y"].size(), table["y"].sum()
    low, high = wilson_interval(events.to_numpy(), n.to_numpy(), 0.95)
    observed = (events / n).to_numpy()
    return pd.DataFrame(
        {
            "group": n.index.to_numpy(),
            "n": n.to_numpy(),
            "n_event": events.to_numpy().astype(np.int64),
            "predicted": table["risk"].mean().to_numpy(),
            "estimate": observed,
            "std_error": np.sqrt(observed * (1 - observed) / n.to_numpy()),
            "conf_low": low,
            "conf_high": high,
        }
    )
