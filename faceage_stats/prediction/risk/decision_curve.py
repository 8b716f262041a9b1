"""Decision curves: net benefit of treating by a predicted risk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from faceage_stats._call import checked_call
from faceage_stats._formula.markers import marker_columns
from faceage_stats._formula.outcome import binary_frame, require_probabilities
from faceage_stats._scalar import check_number, check_numbers
from faceage_stats._seed import DEFAULT_SEED
from faceage_stats._warn import warn
from faceage_stats.errors import EstimationWarning, FormulaError, InputError
from faceage_stats.prediction.bootstrap import bootstrap, check_resamples
from faceage_stats.prediction.horizon.data import (
    Cause,
    Times,
    event_by,
    one_time,
    require_follow_up,
    time_rows,
)
from faceage_stats.prediction.risk.decision_result import TREAT_ALL, TREAT_NONE, DecisionCurve
from faceage_stats.prediction.risk.net_benefit import BinaryRates, SurvivalRates, is_positive
from faceage_stats.prediction.risk.risks import is_survival

__all__ = ["DecisionCurve", "decision_curve"]


@checked_call
def decision_curve(
    formula: str,
    data: Any,
    thresholds: float | Sequence[float] | np.ndarray | None = None,
    *,
    times: Times | None = None,
    cause: Cause = None,
    prevalence: float | None = None,
    harm: Mapping[str, float] | None = None,
    n_resamples: int = 500,
    seed: int = DEFAULT_SEED,
) -> DecisionCurve:
    """Estimate the net benefit of treating those whose risk reaches a threshold.

    Parameters
    ----------
    formula : str
        ``outcome ~ risk1 + risk2`` or, with `times`, ``Surv(time, event) ~ risk1 + risk2``;
        columns of predicted probabilities (or of 0 and 1, for a test).
    data : pandas.DataFrame or polars.DataFrame
        One row per patient.
    thresholds : float or array_like, optional
        Risks at which treatment is worth its harm, from 0 to below 1; by default 0.01 to 0.99.
    times : float, optional
        Horizon, in the unit of the time column, for a censored outcome.
    cause : optional
        Event of interest when the event column holds several causes.
    prevalence : float, optional
        Case-control data: proportion with the event in the population.
    harm : mapping of risk to float, optional
        Net benefit that measuring this risk costs.
    n_resamples, seed : int
        Bootstrap (rows drawn with replacement; cases and controls apart with a stated
        prevalence); 0 leaves intervals undefined. The predictions are fixed: for a model fitted
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
        One class only; no patient at risk at the horizon.
    FormulaError
        No risk, or strata(), cluster() or offset(), which are not used here.

    See Also
    --------
    calibration : A miscalibrated risk has less net benefit.

    Notes
    -----
    Net benefit = true positives - false positives * threshold / (1 - threshold), as proportions
    of all patients, less the harm. Positive is risk >= threshold; a risk of
    exactly 0 never is and a risk of exactly 1 always is. Censored: the positives' risk is 1 -
    Kaplan-Meier (Aalen-Johansen) at the horizon; where no positive is followed to it there is no
    value. Equals ``dcurves`` 0.5.

    In R: ``dcurves::dca(died ~ risk, data = df)``

    References
    ----------
    Vickers AJ, Elkin EB (2006). Decision curve analysis: a novel method for evaluating prediction
    models. Medical Decision Making 26:565-574. doi:10.1177/0272989X06295361

    Vickers AJ, Cronin AM, Elkin EB, Gonen M (2008). Extensions to decision curve analysis, a novel
    method for evaluating diagnostic tests, prediction models and molecular markers. BMC Medical
    Informatics and Decision Making 8:53. doi:10.1186/1472-6947-8-53

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"y": [0, 0, 1, 0, 1], "risk": [0.1, 0.3, 0.4, 0.2, 0.8]})
    >>> table = decision_curve("y ~ risk", df, [0.25], n_resamples=0).tidy()
    >>> table[["marker", "estimate"]].round(3).values.tolist()
    [['treat all', 0.2], ['treat none', 0.0], ['risk', 0.333]]
    """
    at = _check_thresholds(thresholds)
    check_resamples(n_resamples, none_allowed=True)
    if is_survival(formula, times, cause):
        rows = _read_survival(formula, data, times, cause, prevalence)
    else:
        rows = _read_binary(formula, data, prevalence)
    if not rows.names:
        raise FormulaError(f"decision_curve(): `{formula}` names no predicted risk.")
    require_probabilities(rows.x, rows.names)
    all_rows = np.ones(len(rows.x))
    strategies = {TREAT_ALL: all_rows, TREAT_NONE: np.zeros(len(rows.x))}
    strategies |= dict(zip(rows.names, rows.x.T, strict=True))
    costs = _check_harm(harm, rows.names)
    cost = np.array([costs.get(name, 0.0) for name in strategies])
    positive = [is_positive(risk, at) for risk in strategies.values()]
    pairs = [rows.rates.rates(treated, all_rows) for treated in positive]
    tp, fp = np.array([pair.true for pair in pairs]), np.array([pair.false for pair in pairs])
    if np.isnan(tp).any():
        warn(
            f"net benefit is undefined at {int(np.isnan(tp).any(axis=0).sum())} thresholds: no "
            "patient above them is followed to the horizon.",
            EstimationWarning,
        )
    draws = _net_benefits(rows, positive, at, n_resamples, seed) - cost[None, :, None]
    return DecisionCurve(
        tuple(strategies), at, tp, fp, cost, draws, rows.rates.event_rate(all_rows), formula,
        len(rows.x), rows.n_event, rows.n_missing, seed,
    )  # fmt: skip


@dataclass(frozen=True)
class _Rows:
    """Risks of the rows used, and what turns positives into rates; `strata` are resampled apart."""

    names: list[str]
    x: np.ndarray
    rates: BinaryRates | SurvivalRates
    strata: np.ndarray
    n_event: int
    n_missing: int


def _read_survival(
    formula: str, data: Any, times: Times | None, cause: Cause, prevalence: float | None
) -> _Rows:
    if prevalence is not None:
        raise InputError("prevalence is for a binary outcome (case-control data).")
    horizon = one_time(times)
    rows = time_rows(formula, data, horizon, caller="decision_curve()", cause=cause)
    require_follow_up(rows, horizon)
    x = np.array([values[:, 0] for values in rows.predictions.values()]).T
    t = float(horizon[0])
    rates = SurvivalRates(rows.time, rows.status, t)
    all_rows = np.zeros(len(rows.time))
    return _Rows(list(rows.predictions), x, rates, all_rows, event_by(rows, t), rows.n_missing)


def _read_binary(formula: str, data: Any, prevalence: float | None) -> _Rows:
    frame = binary_frame(
        formula, marker_columns(formula, data, "decision_curve()"), caller="decision_curve()"
    )
    rates = BinaryRates(frame.is_case, _check_prevalence(prevalence))
    strata = np.zeros(frame.frame.n) if prevalence is None else frame.is_case
    return _Rows(
        frame.names, frame.frame.x, rates, strata, int(frame.is_case.sum()), frame.frame.n_missing
    )


def _check_thresholds(thresholds: float | Sequence[float] | np.ndarray | None) -> np.ndarray:
    if thresholds is None:
        return np.arange(1, 100) / 100
    at = check_numbers("thresholds", thresholds)
    if not len(at) or not ((at >= 0) & (at < 1)).all():
        raise InputError("thresholds must lie between 0 and 1 (1 excluded), e.g. 0.1.")
    return at


def _check_prevalence(prevalence: float | None) -> float | None:
    if prevalence is not None and not 0 < check_number("prevalence", prevalence) < 1:
        raise InputError(f"prevalence is {prevalence}; it must lie between 0 and 1.")
    return prevalence


def _check_harm(harm: Mapping[str, float] | None, names: list[str]) -> dict[str, float]:
    unknown = [name for name in harm or {} if name not in names]
    if unknown:
        raise InputError(f"harm names {', '.join(unknown)}; the risks are {', '.join(names)}.")
    return {name: check_number(f"harm of {name}", value) for name, value in (harm or {}).items()}


def _net_benefits(
    rows: _Rows, positive: list[np.ndarray], thresholds: np.ndarray, n_resamples: int, seed: int
) -> np.ndarray:
    """Net benefit (without harm) of each resample, shape (n_resamples, strategies, thresholds)."""
    shape, n = (len(positive), len(thresholds)), len(rows.x)
    if not n_resamples:
        return np.empty((0, *shape))
    odds = thresholds / (1 - thresholds)

    def net_benefit(drawn: np.ndarray) -> np.ndarray:
        counts = np.bincount(drawn, minlength=n).astype(float)
        rates = [rows.rates.rates(treated, counts) for treated in positive]
        return np.array([rate.true - rate.false * odds for rate in rates])

    return bootstrap(
        net_benefit, shape, rows.strata, n_resamples=n_resamples, seed=seed, name="decision curve"
    )
