"""Brier score of predicted risks at horizons, its integral, index of prediction accuracy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np

from faceage_stats._call import checked_call
from faceage_stats._formula.outcome import require_probabilities
from faceage_stats._near import check_option
from faceage_stats._result import frozen_result
from faceage_stats._steps import aalen_johansen, risk_counts, step_at
from faceage_stats._warn import warn
from faceage_stats.errors import EstimationWarning, FormulaError, InputError
from faceage_stats.prediction.horizon.data import (
    Cause,
    Risks,
    Times,
    check_times,
    require_follow_up,
    time_rows,
)
from faceage_stats.prediction.horizon.ipcw import Weighting, horizon_weights
from faceage_stats.prediction.horizon.score import ACCURACY_INDEX, TimeScore
from faceage_stats.prediction.horizon.tables import count_table, row_table

__all__ = ["NULL_MODEL", "Brier", "brier"]

NULL_MODEL = "Null model"


@checked_call
def brier(
    formula: str,
    data: Any,
    times: Times,
    *,
    risks: Risks | None = None,
    weighting: Literal["marginal", "cox"] | Weighting = "marginal",
    cause: Cause = None,
) -> Brier:
    """Estimate the Brier score of predicted risks at one or more horizons.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ 1`` with `risks`; or, for one horizon, ``Surv(time, event) ~ risk1
        + risk2``.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient.
    times : float or array_like
        Horizons, increasing, in the unit of the time column.
    risks : mapping of label to column name(s), array or DataFrame, optional
        Probability of the event by each horizon: one column per horizon.
    weighting : {"marginal", "cox"} or Weighting
        How the censoring time is modelled; see `time_roc`.
    cause : optional
        Event of interest when the event column holds several causes; a competing event by t
        counts as no event of interest.

    Returns
    -------
    Brier
        A `TimeScore` whose first marker is the null model (the same Kaplan-Meier or
        Aalen-Johansen risk for all patients); ``ipa()`` and ``ibs()`` are such scores too, with
        standard errors and paired differences.

    Raises
    ------
    DesignError
        No patient at risk after t.
    FormulaError
        No predicted risk, delayed entry, or strata(), cluster() or offset(), which are not used
        here.
    InputError
        A prediction is not a probability.

    See Also
    --------
    time_roc : Discrimination alone.
    calibration : Agreement of predicted and observed risk at one horizon.

    Notes
    -----
    Weights as in `time_roc`. Standard errors include the estimation of a marginal G by the
    first-order form of ``riskRegression::Score``, which differs from exact differentiation of the
    weights by up to 0.4 per cent; the null model's risk counts as given.

    In R: ``riskRegression::Score(list(m = fit), Surv(time, status) ~ 1, df, times = 1)``

    References
    ----------
    Graf E, Schmoor C, Sauerbrei W, Schumacher M (1999). Assessment and comparison of prognostic
    classification schemes for survival data. Statistics in Medicine 18:2529-2545.
    doi:10.1002/(SICI)1097-0258(19990915/30)18:17/18<2529::AID-SIM274>3.0.CO;2-5

    Kattan MW, Gerds TA (2018). The index of prediction accuracy: an intuitive measure useful for
    evaluating risk prediction models. Diagnostic and Prognostic Research 2:7.
    doi:10.1186/s41512-018-0029-2

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4], "d": [1, 1, 1, 1], "risk": [0.9, 0.8, 0.3, 0.2]})
    >>> fit = brier("Surv(t, d) ~ risk", df, [2.5])
    >>> fit.tidy()[["marker", "estimate"]].round(3).values.tolist()
    [['Null model', 0.25], ['risk', 0.045]]
    """
    horizons = check_times(times)
    option = Weighting.of(weighting)
    rows = time_rows(formula, data, horizons, caller="brier()", risks=risks, cause=cause)
    if not rows.predictions:
        raise FormulaError(f"brier(): `{formula}` names no predicted risk; or pass risks=.")
    if risks is None and len(horizons) > 1:
        raise InputError("a risk belongs to one horizon: pass risks={label: one column per time}.")
    for label, values in rows.predictions.items():
        require_probabilities(values, [label] * values.shape[1])
    require_follow_up(rows, horizons)
    censoring = rows.censoring(option)
    counts = risk_counts(rows.time, rows.status, n_cause=2)
    null_risk = step_at(counts.time, aalen_johansen(counts)[:, 0], horizons, 0.0)
    weights = [
        horizon_weights(
            rows.time, rows.status, censoring, t, strict=False, other_is_control=True,
            min_survival=option.min_survival,
        )
        for t in horizons
    ]  # fmt: skip
    markers = (NULL_MODEL, *rows.predictions)
    shape = (len(markers), len(horizons))
    estimate, influence = np.empty(shape), np.empty((*shape, len(rows.time)))
    for i, weight in enumerate(weights):
        for j, risk in enumerate([null_risk[i], *rows.at(i)]):
            loss = weight.case * (1 - risk) ** 2 + weight.control * risk**2
            estimate[j, i] = loss.mean()
            influence[j, i] = loss - estimate[j, i]
            if not option.conservative:
                influence[j, i] += censoring.influence(loss, weight.left, weight.t)
    return Brier(
        "Brier score", markers, horizons, estimate, influence,
        count_table(rows, weights, censoring), row_table(rows, censoring),
        f"{option.model} censoring weights", rows.n_missing,
    )  # fmt: skip


@frozen_result
class Brier(TimeScore):
    """Brier scores of the null model and of the predictions, at each horizon.

    Attributes and tables are those of `TimeScore`; the first marker is the null model.
    """

    def ipa(self) -> TimeScore:
        """Return the index of prediction accuracy, 1 - Brier / Brier of the null model.

        The standard error is that of the ratio (delta method, both scores estimated).
        """
        null, null_influence = self.estimate[0], self.influence[0]
        if (null == 0).any():
            warn(
                "the null model is perfect at some times (no event, or one in every row): the "
                "index is undefined there.",
                EstimationWarning,
            )
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = self.estimate / null
            change = (self.influence - ratio[:, :, None] * null_influence) / null[:, None]
        return replace(
            _plain(self), metric=ACCURACY_INDEX, estimate=1 - ratio,
            influence=-change,
        )  # fmt: skip

    def ibs(self, rule: Literal["trapezoid", "step"] = "trapezoid") -> TimeScore:
        """Return the integrated Brier score up to each horizon.

        Parameters
        ----------
        rule : {"trapezoid", "step"}
            Trapezoids from the first horizon on, divided by the distance to it (undefined at the
            first); or riskRegression's left steps from time 0, the score being 0 before the first
            horizon, divided by t. Use a fine grid of horizons.
        """
        check_option("rule", rule, ("trapezoid", "step"))
        times, gaps = self.times, np.diff(self.times)
        weights = np.zeros((len(times), len(times)))
        for end in range(1, len(times)):
            if rule == "step":
                weights[:end, end] = gaps[:end] / times[end]
            else:
                weights[:end, end] += gaps[:end] / 2
                weights[1 : end + 1, end] += gaps[:end] / 2
                weights[:, end] /= times[end] - times[0]
        if rule == "step":
            return _plain(self).combine("integrated Brier score (steps)", weights, times)
        if len(times) < 2:
            raise InputError("the trapezoid rule needs two horizons or more.")
        return _plain(self).combine("integrated Brier score", weights[:, 1:], times[1:])


def _plain(score: Brier) -> TimeScore:
    """The same numbers without the methods of a Brier score."""
    fields = {name: getattr(score, name) for name in TimeScore.__dataclass_fields__}
    return TimeScore(**fields)
