"""Decision curves: net benefit of treating by a predicted risk."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from faceage_stats._outcome import binary_frame, require_probabilities
from faceage_stats.errors import EstimationWarning, FormulaError, InputError
from faceage_stats.prediction.horizon.data import check_times, require_follow_up, time_rows
from faceage_stats.prediction.risk.decision_result import TREAT_ALL, TREAT_NONE, DecisionCurve
from faceage_stats.prediction.risk.net_benefit import BinaryRates, SurvivalRates, is_positive

__all__ = ["DecisionCurve", "decision_curve"]


def decision_curve(
    formula: str,
    data: Any,
    thresholds: Any = None,
    *,
    time: float | None = None,
    cause: Any = None,
    prevalence: float | None = None,
    harm: Mapping[str, float] | None = None,
    n_resamples: int = 500,
    seed: int = 0,
) -> DecisionCurve:
    """Estimate the net benefit of treating those whose risk reaches a threshold.

    Parameters
    ----------
    formula : str
        ``outcome ~ risk1 + risk2`` or, with `time`, ``Surv(time, event) ~ risk1 + risk2``;
        columns of predicted probabilities (or of 0 and 1, for a test).
    data : pandas.DataFrame or polars.DataFrame
    thresholds : array_like, optional
        Risks at which treatment is worth its harm, from 0 to below 1; by default 0.01 to 0.99.
    time : float, optional
        Horizon, for a censored outcome.
    cause : optional
        Event of interest when the event column holds several causes.
    prevalence : float, optional
        Case-control data: share with the event in the population.
    harm : mapping of risk to float, optional
        Net benefit that measuring this risk costs.
    n_resamples, seed : int
        Bootstrap (rows drawn with replacement; cases and controls apart with a stated
        prevalence); 0 leaves intervals undefined. The predictions are held: for a model fitted
        on the same rows the curve is optimistic.

    Returns
    -------
    DecisionCurve
        ``tidy()`` one row per strategy (treat all, treat none, each risk) and threshold;
        ``contrasts()`` paired differences of net benefit.

    Raises
    ------
    InputError
        Risks outside 0 to 1, thresholds outside [0, 1), `prevalence` with a censored outcome.
    DesignError
        One class only; nobody at risk at the horizon.

    Notes
    -----
    Net benefit = true positives - false positives * threshold / (1 - threshold), as shares of all
    patients, less the harm (Vickers and Elkin 2006). Positive is risk >= threshold; a risk of
    exactly 0 never is and a risk of exactly 1 always is. Censored: the positives' risk is 1 -
    Kaplan-Meier (Aalen-Johansen) at the horizon; where no positive is followed to it there is no
    value. Equals ``dcurves`` 0.5.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"y": [0, 0, 1, 0, 1], "risk": [0.1, 0.3, 0.4, 0.2, 0.8]})
    >>> table = decision_curve("y ~ risk", df, [0.25], n_resamples=0).tidy()
    >>> table[["marker", "estimate"]].round(3).values.tolist()
    [['treat all', 0.2], ['treat none', 0.0], ['risk', 0.333]]
    """
    wanted = _check_thresholds(thresholds)
    if formula.strip().startswith("Surv("):
        rows = _read_survival(formula, data, time, cause, prevalence)
    else:
        rows = _read_binary(formula, data, time, cause, prevalence)
    if not rows.names:
        raise FormulaError(f"`{formula}` names no predicted risk.")
    require_probabilities(rows.x, rows.names)
    everybody = np.ones(len(rows.x))
    strategies = {TREAT_ALL: everybody, TREAT_NONE: np.zeros(len(rows.x))}
    strategies |= dict(zip(rows.names, rows.x.T, strict=True))
    costs = _check_harm(harm, rows.names)
    cost = np.array([costs.get(name, 0.0) for name in strategies])
    positive = [is_positive(risk, wanted) for risk in strategies.values()]
    pairs = [rows.rates.rates(who, everybody) for who in positive]
    tp, fp = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
    if np.isnan(tp).any():
        warnings.warn(
            f"net benefit is undefined at {int(np.isnan(tp).any(axis=0).sum())} thresholds: no "
            "patient above them is followed to the horizon.",
            EstimationWarning,
            stacklevel=2,
        )
    draws = _resample(rows, positive, wanted, (n_resamples, seed)) - cost[None, :, None]
    return DecisionCurve(
        tuple(strategies), wanted, tp, fp, cost, draws, rows.rates.event_rate(everybody), formula,
        len(rows.x), rows.n_event, rows.n_missing,
    )  # fmt: skip


@dataclass(frozen=True)
class _Rows:
    """Risks of the rows used, and what turns positives into rates; `strata` are resampled apart."""

    names: list[str]
    x: np.ndarray
    rates: BinaryRates | SurvivalRates
    strata: np.ndarray | None
    n_event: int
    n_missing: int


def _read_survival(
    formula: str, data: Any, time: float | None, cause: Any, prevalence: float | None
) -> _Rows:
    if time is None:
        raise InputError("time is missing: name the horizon that the risks belong to.")
    if prevalence is not None:
        raise InputError("prevalence is for a binary outcome (case-control data).")
    horizon = check_times(time)
    rows = time_rows(formula, data, horizon, None, cause)
    require_follow_up(rows, horizon)
    x = np.array([values[:, 0] for values in rows.predictions.values()]).T
    n_event = int(((rows.status == 1) & (rows.time <= horizon[0])).sum())
    rates = SurvivalRates(rows.time, rows.status, float(horizon[0]))
    return _Rows(list(rows.predictions), x, rates, None, n_event, rows.n_missing)


def _read_binary(
    formula: str, data: Any, time: float | None, cause: Any, prevalence: float | None
) -> _Rows:
    if time is not None or cause is not None:
        raise InputError("time and cause go with Surv(time, event) only.")
    frame = binary_frame(formula, data)
    rates = BinaryRates(frame.is_case, _check_prevalence(prevalence))
    strata = None if prevalence is None else frame.is_case
    return _Rows(
        frame.names, frame.frame.x, rates, strata, int(frame.is_case.sum()), frame.frame.n_missing
    )


def _check_thresholds(thresholds: Any) -> np.ndarray:
    if thresholds is None:
        return np.arange(1, 100) / 100
    wanted = np.atleast_1d(np.asarray(thresholds, float))
    if not len(wanted) or not ((wanted >= 0) & (wanted < 1)).all():
        raise InputError("thresholds must lie between 0 and 1 (1 left out), e.g. 0.1.")
    return wanted


def _check_prevalence(prevalence: float | None) -> float | None:
    if prevalence is not None and not 0 < prevalence < 1:
        raise InputError(f"prevalence is {prevalence}; it must lie between 0 and 1.")
    return prevalence


def _check_harm(harm: Mapping[str, float] | None, names: list[str]) -> dict[str, float]:
    unknown = [name for name in harm or {} if name not in names]
    if unknown:
        raise InputError(f"harm names {', '.join(unknown)}; the risks are {', '.join(names)}.")
    return {name: float(value) for name, value in (harm or {}).items()}


def _resample(
    rows: _Rows, positive: list[np.ndarray], thresholds: np.ndarray, resampling: tuple[int, int]
) -> np.ndarray:
    """Net benefit (without harm) of each resample, shape (n_resamples, strategies, thresholds)."""
    n_resamples, seed = resampling
    if n_resamples and n_resamples < 100:
        raise InputError(f"n_resamples is {n_resamples}; use 0, or 100 and more.")
    n = len(rows.x)
    groups = [np.arange(n)]
    if rows.strata is not None:
        groups = [np.flatnonzero(rows.strata), np.flatnonzero(~rows.strata)]
    odds = thresholds / (1 - thresholds)
    draws = np.empty((n_resamples, len(positive), len(thresholds)))
    for b in range(n_resamples):
        rng = np.random.default_rng([seed, b])
        counts = np.zeros(n)
        for own in groups:
            counts[own] = np.bincount(rng.integers(0, len(own), len(own)), minlength=len(own))
        for k, who in enumerate(positive):
            true, false = rows.rates.rates(who, counts)
            draws[b, k] = true - false * odds
    return draws
