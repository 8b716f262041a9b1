"""Net reclassification improvement and integrated discrimination improvement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._outcome import binary_frame
from faceage_stats.errors import InputError
from faceage_stats.prediction.risk.reclassification_result import (
    Reclassification,
    cross_table,
    idi_table,
    moves,
    nri_name,
    two_risks,
)
from faceage_stats.prediction.risk.reclassification_survival import (
    SurvivalPair,
    survival_idi,
    survival_nri,
)

__all__ = ["Reclassification", "idi", "nri"]


def nri(
    formula: str,
    data: Any,
    *,
    cuts: Sequence[float] | None = None,
    time: float | None = None,
    cause: Any = None,
) -> Reclassification:
    """Estimate the net reclassification improvement of a new risk over an old one.

    Parameters
    ----------
    formula : str
        ``outcome ~ old_risk + new_risk``, or ``Surv(time, event) ~ old_risk + new_risk`` with
        `time`; two columns of predicted probabilities.
    data : pandas.DataFrame or polars.DataFrame
    cuts : sequence of float, optional
        Limits of the risk categories (closed on the left); without them any rise or fall counts
        (continuous NRI).
    time : float, optional
        Horizon of the risks, for a censored outcome.
    cause : optional
        Event of interest when the event column holds several causes.

    Returns
    -------
    Reclassification
        ``tidy()``: nri_event, nri_nonevent and their sum nri; ``shares``; ``tables``.

    Raises
    ------
    InputError
        Not two columns of probabilities; cuts not increasing inside 0 to 1.
    DesignError
        One class only, nobody at risk at the horizon.

    Warnings
    --------
    The NRI, and the continuous one above all, is optimistic: it tends to be positive, with a
    small p value, for a useless or miscalibrated new marker, also in new data (Hilden and Gerds
    2014; Kerr and others 2014). Test whether a marker adds information by the likelihood-ratio
    test of the nested models (``anova``), and describe its use by net benefit
    (``decision_curve``). Report nri_event and nri_nonevent, not their sum alone.

    Notes
    -----
    Binary: standard errors of ``Hmisc::improveProb`` 4.8. Censored: Kaplan-Meier risks within
    those who move up and down (Pencina and others 2011), standard errors from their influence
    functions.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"y": [0, 0, 0, 1, 1], "old": [.2, .3, .6, .4, .7]})
    >>> df["new"] = [.1, .4, .3, .6, .9]
    >>> nri("y ~ old + new", df).tidy()[["quantity", "estimate"]].round(3).values.tolist()
    [['nri_event', 1.0], ['nri_nonevent', 0.333], ['nri', 1.333]]
    """
    limits = _check_cuts(cuts)
    if formula.strip().startswith("Surv("):
        pair = SurvivalPair.read(formula, data, time, cause)
        up, down, categories = moves(pair.old, pair.new, limits)
        return survival_nri(pair, up, down, categories, limits)
    _refuse_horizon(time, cause)
    frame = binary_frame(formula, data)
    old, new = two_risks(frame.frame.x, frame.names, formula)
    up, down, categories = moves(old, new, limits)
    case = frame.is_case
    shares = {
        f"{move}_{kind}": float(who[rows].mean())
        for move, who in (("up", up), ("down", down))
        for kind, rows in (("event", case), ("nonevent", ~case))
    }
    event = shares["up_event"] - shares["down_event"]
    nonevent = shares["down_nonevent"] - shares["up_nonevent"]
    moved = np.array(
        [
            (shares["up_event"] + shares["down_event"]) / case.sum(),
            (shares["up_nonevent"] + shares["down_nonevent"]) / (~case).sum(),
        ]
    )
    variance = moved - np.array([event**2 / case.sum(), nonevent**2 / (~case).sum()])
    table = pd.DataFrame(
        {
            "quantity": ["nri_event", "nri_nonevent", "nri"],
            "estimate": [event, nonevent, event + nonevent],
            "std_error": np.sqrt([*variance, variance.sum()]),
        }
    )
    tables = {}
    if limits is not None:
        table["null_se"] = np.sqrt([*moved, moved.sum()])
        for kind, rows in (("event", case), ("nonevent", ~case)):
            tables[kind] = cross_table(categories[0][rows], categories[1][rows], limits)
    return Reclassification(
        nri_name(limits), "binary outcome", table, shares, tables,
        len(case), int(case.sum()), frame.frame.n_missing,
    )  # fmt: skip


def idi(
    formula: str, data: Any, *, time: float | None = None, cause: Any = None
) -> Reclassification:
    """Estimate the integrated discrimination improvement of a new risk over an old one.

    Parameters
    ----------
    formula, data, time, cause
        As for `nri`.

    Returns
    -------
    Reclassification
        ``tidy()``: idi_event (mean rise of the risk among events), idi_nonevent (mean fall
        among the others), and their sum idi.

    Raises
    ------
    InputError, DesignError
        As `nri`.

    Warnings
    --------
    The IDI shares the optimism of the NRI, and its usual test is not valid for nested models
    (Kerr and others 2011). Test whether a marker adds information by the likelihood-ratio test
    (``anova``).

    Notes
    -----
    Binary: ``Hmisc::improveProb`` 4.8. Censored: means weighted by the inverse probability of
    being uncensored, with the influence of its estimation.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"y": [0, 0, 0, 1, 1], "old": [.2, .3, .6, .4, .7]})
    >>> df["new"] = [.1, .4, .3, .6, .9]
    >>> idi("y ~ old + new", df).tidy()[["quantity", "estimate"]].round(3).values.tolist()
    [['idi_event', 0.2], ['idi_nonevent', 0.1], ['idi', 0.3]]
    """
    if formula.strip().startswith("Surv("):
        return survival_idi(SurvivalPair.read(formula, data, time, cause))
    _refuse_horizon(time, cause)
    frame = binary_frame(formula, data)
    old, new = two_risks(frame.frame.x, frame.names, formula)
    case, change = frame.is_case, new - old
    event, nonevent = change[case], -change[~case]
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.array([np.var(v, ddof=1) / len(v) if len(v) > 1 else np.nan
                             for v in (event, nonevent)])  # fmt: skip
    table = idi_table(event.mean(), nonevent.mean(), np.sqrt([*variance, variance.sum()]))
    return Reclassification(
        "integrated discrimination improvement", "binary outcome", table, {}, {},
        len(case), int(case.sum()), frame.frame.n_missing,
    )  # fmt: skip


def _check_cuts(cuts: Sequence[float] | None) -> np.ndarray | None:
    if cuts is None:
        return None
    limits = np.atleast_1d(np.asarray(cuts, float))
    inside = (limits > 0) & (limits < 1)
    if not len(limits) or not inside.all() or (np.diff(limits) <= 0).any():
        raise InputError("cuts must increase inside 0 to 1, e.g. [0.1, 0.2].")
    return limits


def _refuse_horizon(time: float | None, cause: Any) -> None:
    if time is not None or cause is not None:
        raise InputError("time and cause go with Surv(time, event) only.")
