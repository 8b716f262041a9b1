"""Time-dependent AUC of markers, with censoring weights and influence-function errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats.errors import DesignError, FormulaError, InputError
from faceage_stats.prediction.horizon.data import (
    TimeRows,
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
from faceage_stats.prediction.horizon.score import TimeScore

__all__ = ["TimeScore", "Weighting", "count_table", "row_table", "time_roc", "weighted_auc"]


def time_roc(
    formula: str,
    data: Any,
    times: Any,
    *,
    risks: Mapping[str, Any] | None = None,
    weighting: str | Weighting = "marginal",
    cause: Any = None,
    controls: str = "all",
    convention: str = "riskRegression",
) -> TimeScore:
    """Estimate the cumulative/dynamic AUC(t): cases have had the event by t, controls have not.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ m1 + m2``; a higher marker means a higher risk (write ``I(-m)`` for
        the opposite). Markers that change with the horizon go into `risks`, with
        ``Surv(time, event) ~ 1``.
    data : pandas.DataFrame or polars.DataFrame
    times : array_like
        Horizons, increasing, in the unit of the time column.
    risks : mapping of label to column name(s) or array, optional
        Predictions with one column per horizon (or one for all).
    weighting : str or Weighting
        ``"marginal"``, ``"cox"`` (on the formula's columns) or ``"~ age + site"``: how the
        censoring time is modelled.
    cause : optional
        Event of interest when the event column holds several causes (0 is censored).
    controls : {"all", "event-free"}
        With competing events: whether those who had another event by t are controls.
    convention : {"riskRegression", "timeROC"}
        Who has T = t exactly is a case if he had the event (riskRegression), or neither case
        nor control (timeROC: T < t and T > t).

    Returns
    -------
    TimeScore
        ``tidy()`` one row per marker and time, ``contrasts()`` paired differences,
        ``bands()`` simultaneous bands over the times, ``vcov()``.

    Raises
    ------
    DesignError
        No case by t, or nobody at risk after t.
    FormulaError, InputError
        As every formula; options unknown.

    Notes
    -----
    A case has weight 1 / G(T-), a control 1 / G(t), G being the probability of being uncensored
    (events leave before censorings at a tie); who is censored by t has weight 0. Standard errors
    include the estimation of a marginal G. Equals ``riskRegression::Score`` 2022.11 and
    ``timeROC`` 0.4; the latter's errors depend on the order of rows with tied times, these do not.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4, 5, 6], "d": [1, 0, 1, 1, 0, 1]})
    >>> df["m"] = [6, 3, 2, 5, 4, 1]
    >>> fit = time_roc("Surv(t, d) ~ m", df, [3.5])
    >>> fit.tidy()[["time", "estimate"]].round(3).values.tolist()
    [[3.5, 0.63]]
    """
    if controls not in ("all", "event-free"):
        raise InputError(f"controls is {controls!r}; choose 'all' or 'event-free'.")
    if convention not in ("riskRegression", "timeROC"):
        raise InputError(f"convention is {convention!r}; choose 'riskRegression' or 'timeROC'.")
    wanted = check_times(times)
    option = Weighting(weighting) if isinstance(weighting, str) else weighting
    rows = time_rows(formula, data, wanted, risks, cause)
    if not rows.predictions:
        raise FormulaError(f"`{formula}` names no marker; or pass risks=.")
    require_follow_up(rows, wanted)
    censoring = rows.censoring(option)
    weights = [
        horizon_weights(
            rows.time, rows.status, censoring, t, strict=convention == "timeROC",
            other_is_control=controls == "all", min_survival=option.min_survival,
        )
        for t in wanted
    ]  # fmt: skip
    _require_cases(weights)
    shape = (len(rows.predictions), len(wanted))
    estimate, influence = np.empty(shape), np.empty((*shape, len(rows.time)))
    for i, weight in enumerate(weights):
        share = _total_weight_influence(censoring, weight) if convention == "timeROC" else None
        for j, values in enumerate(rows.predictions.values()):
            column = values[:, min(i, values.shape[1] - 1)]
            estimate[j, i], influence[j, i] = weighted_auc(column, weight)
            if not option.conservative:
                influence[j, i] += censoring.influence(influence[j, i], weight.own_time, weight.t)
            if share is not None:
                influence[j, i] += estimate[j, i] * share
    return TimeScore(
        "AUC(t)", tuple(rows.predictions), wanted, estimate, influence,
        count_table(rows, weights, censoring), row_table(rows, censoring),
        f"{option.model} censoring weights, {convention} convention", rows.n_missing,
    )  # fmt: skip


def _require_cases(weights: list[HorizonWeights]) -> None:
    for weight in weights:
        if not weight.case.any():
            raise DesignError(
                f"nobody had the event by t = {weight.t:g}: AUC(t) needs cases. Choose a later "
                "time."
            )


def _total_weight_influence(
    censoring: CensoringKM | CensoringCox, weights: HorizonWeights
) -> np.ndarray | None:
    """What timeROC's influence has more, relative to AUC(t), when controls had other events.

    It writes the sum of the controls' weights as 1 - that of the cases. To first order the two
    sums add up to 1 with an influence of order 1 / n, which is kept here for equal numbers.
    """
    if not (weights.is_other & (weights.control > 0)).any():
        return None
    total = weights.case + weights.control
    drift = total - total.mean() + censoring.influence(total, weights.own_time, weights.t)
    return drift / weights.control.mean()


def weighted_auc(marker: np.ndarray, weights: HorizonWeights) -> tuple[float, np.ndarray]:
    """AUC(t) and each row's influence with the weights taken as known; one sort.

    Each row's influence is proportional to its own weight, which is what `influence` of the
    censoring model asks for.
    """
    n = len(marker)
    distinct, group = np.unique(marker, return_inverse=True)
    case = np.bincount(group, weights.case, len(distinct))
    control = np.bincount(group, weights.control, len(distinct))
    below = np.cumsum(control) - control / 2
    above = case.sum() - np.cumsum(case) + case / 2
    total_case, total_control = case.sum(), control.sum()
    pairs = total_case * total_control
    auc = float(case @ below / pairs)
    won = weights.case * (below[group] - auc * total_control)
    won += weights.control * (above[group] - auc * total_case)
    return auc, won * (n / pairs)


def count_table(
    rows: TimeRows, weights: list[HorizonWeights], censoring: CensoringKM | CensoringCox
) -> pd.DataFrame:
    """Who counts as what at each horizon; weighted shares; smallest G used."""
    records = []
    for weight in weights:
        beyond = ~weight.own_time
        n_case = int((weight.case > 0).sum())
        n_control, n_other = int(beyond.sum()), int(weight.is_other.sum())
        records.append(
            {
                "time": weight.t,
                "n_case": n_case,
                "n_control": n_control,
                "n_other": n_other,
                "n_excluded": len(rows.time) - n_case - n_control - n_other,
                "incidence": weight.case.sum() / len(rows.time),
                "event_free": weight.control[beyond].sum() / len(rows.time),
                "censoring_survival": float(censoring.at(weight.t).mean()),
                "n_truncated": weight.n_truncated,
            }
        )
    return pd.DataFrame(records)


def row_table(rows: TimeRows, censoring: CensoringKM | CensoringCox) -> pd.DataFrame:
    """One row per row used."""
    columns = {"row": rows.rows, "time": rows.time, "status": rows.status}
    return pd.DataFrame({**columns, "censoring_survival": censoring.before()})
