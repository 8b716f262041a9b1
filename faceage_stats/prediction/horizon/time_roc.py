"""Time-dependent AUC of markers, with censoring weights and influence-function errors."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np

from faceage_stats._call import checked_call
from faceage_stats._near import check_option
from faceage_stats.errors import DesignError, FormulaError
from faceage_stats.prediction.horizon.data import (
    Cause,
    Risks,
    Times,
    check_times,
    require_follow_up,
    time_rows,
)
from faceage_stats.prediction.horizon.ipcw import (
    CensoringCox,
    CensoringKM,
    HorizonWeights,
    Weighting,
    horizon_weights,
)
from faceage_stats.prediction.horizon.kernel import weighted_area
from faceage_stats.prediction.horizon.score import TimeScore
from faceage_stats.prediction.horizon.tables import count_table, row_table

__all__ = ["TimeScore", "Weighting", "time_roc"]

Controls = Literal["all", "event-free"]
Convention = Literal["riskRegression", "timeROC"]


@checked_call
def time_roc(
    formula: str,
    data: Any,
    times: Times,
    *,
    risks: Risks | None = None,
    weighting: Literal["marginal", "cox"] | Weighting = "marginal",
    cause: Cause = None,
    controls: Controls = "all",
    convention: Convention = "riskRegression",
) -> TimeScore:
    """Estimate the cumulative/dynamic AUC(t): cases have had the event by t, controls have not.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ m1 + m2``; a higher marker means a higher risk (write ``I(-m)`` for
        the opposite). Markers that change with the horizon go into `risks`, with
        ``Surv(time, event) ~ 1``.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient.
    times : float or array_like
        Horizons, increasing, in the unit of the time column.
    risks : mapping of label to column name(s), array or DataFrame, optional
        Predictions with one column per horizon (or one for all).
    weighting : {"marginal", "cox"} or Weighting
        How the censoring time is modelled: Kaplan-Meier, or a Cox model on the formula's columns.
        ``Weighting("~ age + site")`` names other columns, and has further options.
    cause : optional
        Event of interest when the event column holds several causes (0 is censored).
    controls : {"all", "event-free"}
        With competing events: whether those who had another event by t are controls.
    convention : {"riskRegression", "timeROC"}
        A patient with T = t exactly is a case if the event occurred (riskRegression), or neither
        case nor control (timeROC: T < t and T > t).

    Returns
    -------
    TimeScore
        ``tidy()`` one row per marker and time, ``contrasts()`` paired differences,
        ``bands()`` simultaneous bands over the times, ``vcov()``.

    Raises
    ------
    DesignError
        No case by t, or no patient at risk after t.
    FormulaError
        No marker, delayed entry, or strata(), cluster() or offset(), which are not used here.
    InputError
        Options unknown; times not positive and increasing.

    See Also
    --------
    brier : Accuracy of predicted risks, calibration included.
    concordance : One number over the whole follow-up.
    roc : A binary outcome.

    Notes
    -----
    A case has weight 1 / G(T-), a control 1 / G(t), G being the probability of being uncensored
    (events leave before censorings at a tie); a patient censored by t has weight 0. Standard
    errors include the estimation of a marginal G. Equals ``riskRegression::Score`` 2022.11 and
    ``timeROC`` 0.4; the latter's errors depend on the order of rows with tied times, these do not.

    In R: ``riskRegression::Score(list(m = fit), Surv(time, status) ~ 1, df, times = 1)``

    In R: ``timeROC::timeROC(df$time, df$status, df$m, cause = 1, times = 1, iid = TRUE)``

    References
    ----------
    Blanche P, Dartigues JF, Jacqmin-Gadda H (2013). Estimating and comparing time-dependent areas
    under receiver operating characteristic curves for censored event times with competing risks.
    Statistics in Medicine 32:5381-5397. doi:10.1002/sim.5958

    Hung H, Chiang CT (2010). Estimation methods for time-dependent AUC models with survival data.
    Canadian Journal of Statistics 38:8-26.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4, 5, 6], "d": [1, 0, 1, 1, 0, 1]})
    >>> df["m"] = [6, 3, 2, 5, 4, 1]
    >>> fit = time_roc("Surv(t, d) ~ m", df, [3.5])
    >>> fit.tidy()[["time", "estimate"]].round(3).values.tolist()
    [[3.5, 0.63]]
    """
    check_option("controls", controls, Controls)
    check_option("convention", convention, Convention)
    horizons = check_times(times)
    option = Weighting.of(weighting)
    rows = time_rows(formula, data, horizons, caller="time_roc()", risks=risks, cause=cause)
    if not rows.predictions:
        raise FormulaError(f"time_roc(): `{formula}` names no marker; or pass risks=.")
    require_follow_up(rows, horizons)
    censoring = rows.censoring(option)
    weights = [
        horizon_weights(
            rows.time, rows.status, censoring, t, strict=convention == "timeROC",
            other_is_control=controls == "all", min_survival=option.min_survival,
        )
        for t in horizons
    ]  # fmt: skip
    _require_cases(weights)
    shape = (len(rows.predictions), len(horizons))
    estimate, influence = np.empty(shape), np.empty((*shape, len(rows.time)))
    ordered = [[_Ordered.of(column) for column in v.T] for v in rows.predictions.values()]
    for i, weight in enumerate(weights):
        drift = _total_weight_influence(censoring, weight) if convention == "timeROC" else None
        for j, columns in enumerate(ordered):
            marker = columns[min(i, len(columns) - 1)]
            estimate[j, i], influence[j, i] = weighted_area(
                marker.value, marker.order, weight.case, weight.control
            )
            if not option.conservative:
                influence[j, i] += censoring.influence(influence[j, i], weight.left, weight.t)
            if drift is not None:
                influence[j, i] += estimate[j, i] * drift
    return TimeScore(
        "AUC(t)", tuple(rows.predictions), horizons, estimate, influence,
        count_table(rows, weights, censoring), row_table(rows, censoring),
        f"{option.model} censoring weights, {convention} convention", rows.n_missing,
    )  # fmt: skip


class _Ordered(NamedTuple):
    """A marker's values from the lowest, and their rows: sorted once for all horizons."""

    value: np.ndarray
    order: np.ndarray

    @classmethod
    def of(cls, column: np.ndarray) -> _Ordered:
        order = np.argsort(column)
        return cls(column[order], order)


def _require_cases(weights: list[HorizonWeights]) -> None:
    for weight in weights:
        if not weight.case.any():
            raise DesignError(
                f"no patient had the event by t = {weight.t:g}: AUC(t) needs cases. Choose a later "
                "time."
            )


def _total_weight_influence(
    censoring: CensoringKM | CensoringCox, weights: HorizonWeights
) -> np.ndarray | None:
    """Extra term of timeROC's influence, relative to AUC(t), when controls had other events.

    It writes the sum of the controls' weights as 1 - that of the cases. To first order the two
    sums add up to 1 with an influence of order 1 / n, which is kept here for equal numbers.
    """
    if not (weights.is_other & (weights.control > 0)).any():
        return None
    total = weights.case + weights.control
    drift = total - total.mean() + censoring.influence(total, weights.left, weights.t)
    return np.asarray(drift / weights.control.mean())
