"""Probabilities of states over time, as R's survfit of a multi-state outcome."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, column
from faceage_stats._formula.frame import SurvivalFrame
from faceage_stats._formula.survival_groups import survival_groups
from faceage_stats._levels import level_text
from faceage_stats._ties import merge_near_ties
from faceage_stats._wald import check_conf_level
from faceage_stats.errors import DesignError, InputError
from faceage_stats.survival.multistate.kernel import occupation
from faceage_stats.survival.multistate.moves import Moves
from faceage_stats.survival.multistate.result import MultiState

__all__ = ["aalen_johansen"]

_START = "(s0)"  # R's name of the state before the first transition


@checked_call
def aalen_johansen(
    formula: str,
    data: Any,
    *,
    id: str | None = None,  # noqa: A002 - R's name
    istate: str | None = None,
    weights: str | None = None,
    conf_level: float = 0.95,
) -> MultiState:
    """Estimate the probability of each state over time, as R's ``survfit`` of several states.

    Competing risks, illness and death, or any path through states: Aalen and Johansen's estimate,
    with standard errors that need no Markov process.

    Parameters
    ----------
    formula : str
        ``Surv(time, state) ~ group``, or ``Surv(start, stop, state) ~ group`` with one row per
        interval and `id`; `state` is the one entered at the end: 0 for none (censored) and 1, 2,
        ..., or a categorical whose first level is censoring.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient, or per interval at risk.
    id : str, optional
        Column of the patient, needed where one has several rows. Each row after the first begins in
        the state that the row before it ended in.
    istate : str, optional
        Column of the state in which each row begins; without it patients begin in ``(s0)``.
    weights : str, optional
        Column of case weights.
    conf_level : float
        Confidence level of the intervals, symmetric for the logarithm.

    Returns
    -------
    MultiState
        ``tidy()`` one row per group, time and state; ``at(times)``; ``rmst(tau)`` the mean time in
        each state; ``transitions()`` the counts.

    Raises
    ------
    FormulaError, InputError, DesignError
        As every formula; rows of a patient that overlap, or begin in another state than the row
        before ended in; no transition.

    See Also
    --------
    cuminc : Cumulative incidence with Gray's test.
    survfit : Survival, where there are two states.
    tmerge : Rows with start and stop from dates of events.

    Notes
    -----
    The standard error is the infinitesimal jackknife over patients.

    In R: ``survival::survfit(Surv(start, stop, state) ~ group, data = df, id = id)``

    References
    ----------
    Aalen OO, Johansen S (1978). An empirical transition matrix for non-homogeneous Markov chains
    based on censored observations. Scandinavian Journal of Statistics 5:141-150.

    Examples
    --------
    >>> df = pd.DataFrame({"id": [1, 1, 2, 3, 4], "start": [0, 2, 0, 0, 0], "stop": [2, 5, 3, 4, 6],
    ...                    "state": pd.Categorical(["ill", "dead", "dead", "ill", "none"],
    ...                                            ["none", "ill", "dead"])})
    >>> fit = aalen_johansen("Surv(start, stop, state) ~ 1", df, id="id")
    >>> fit.at(4)[["state", "estimate"]].round(3).values.tolist()
    [['(s0)', 0.25], ['ill', 0.5], ['dead', 0.25]]
    """
    check_conf_level(conf_level)
    data = as_pandas(data)
    frame, groups = survival_groups(
        formula, data, weights=weights, states=True, caller="aalen_johansen()"
    )
    if not frame.surv.states:
        raise DesignError(f"aalen_johansen(): `{formula}` has no transition.")
    subject = _subjects(data, id, frame)
    states, moves = _moves(frame, subject, _given_states(data, istate, frame))
    members = [np.flatnonzero(groups.codes == k) for k in range(len(groups.labels))]
    parts = [moves.take(rows) for rows in members]
    curves = {
        label: occupation(part, len(states))
        for label, part in zip(groups.labels, parts, strict=True)
    }
    by_label = dict(zip(groups.labels, parts, strict=True))
    return MultiState(curves, by_label, moves, states, conf_level, frame.n_missing, formula)


def _subjects(data: pd.DataFrame, name: str | None, frame: SurvivalFrame) -> np.ndarray:
    if name is None:
        return np.arange(frame.n)
    ids = column(data, name, "aalen_johansen(): id").iloc[frame.rows]
    if ids.isna().any():
        raise InputError(
            f"aalen_johansen(): id '{name}' is missing in {int(ids.isna().sum())} rows."
        )
    if frame.surv.entry is None and ids.duplicated().any():
        raise InputError(
            f"aalen_johansen(): {int(ids.duplicated().sum())} rows repeat an '{name}', but the "
            "formula has no starts. Write Surv(start, stop, state)."
        )
    return np.asarray(pd.factorize(ids)[0])


def _given_states(data: pd.DataFrame, name: str | None, frame: SurvivalFrame) -> pd.Series | None:
    if name is None:
        return None
    given = column(data, name, "aalen_johansen(): istate").iloc[frame.rows]
    if given.isna().any():
        n_missing = int(given.isna().sum())
        raise InputError(f"aalen_johansen(): istate '{name}' is missing in {n_missing} rows.")
    return given.map(level_text)


def _moves(
    frame: SurvivalFrame, subject: np.ndarray, given: pd.Series | None
) -> tuple[tuple[str, ...], Moves]:
    """Number the states, those that are only begun in first, and find where each row begins."""
    surv, begun = frame.surv, [_START] if given is None else list(dict.fromkeys(given))
    states = (*(s for s in begun if s not in surv.states), *surv.states)
    offset = len(states) - len(surv.states)
    target = np.where(surv.event > 0, surv.event - 1 + offset, -1)
    time, entry = merge_near_ties(surv.time, surv.entry)
    start = np.full(frame.n, -np.inf) if entry is None else entry
    order = np.lexsort((time, subject))
    one, other = order[:-1], order[1:]
    follows = subject[one] == subject[other]
    n_overlap = int((follows & (start[other] < time[one])).sum())
    if n_overlap:
        raise InputError(f"aalen_johansen(): {n_overlap} rows overlap another of their patient.")
    if given is not None:
        number = {state: i for i, state in enumerate(states)}
        origin = given.map(number).to_numpy(np.int64)
    else:
        origin = np.zeros(frame.n, np.int64)
    for before, row, same in zip(one, other, follows, strict=True):
        after = target[before] if target[before] >= 0 else origin[before]
        if same and given is None:
            origin[row] = after
        elif same and origin[row] != after:
            raise InputError(
                "aalen_johansen(): istate begins a row in another state than the row before it of "
                "the same patient ended in. Leave istate out, or correct it."
            )
    weight = np.ones(frame.n) if frame.weights is None else frame.weights
    return states, Moves(start, time, weight, origin, target, subject)
