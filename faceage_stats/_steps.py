"""Risk counts and step functions: the one risk table and the one value at a time.

Events come before censorings at the same time, and a row that enters at a time is at risk after it:
the conventions of R's survival package. Times that differ by rounding only are merged before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from faceage_stats._compiled import FloatArray, IntArray, compiled
from faceage_stats._places import count_at_or_below

__all__ = [
    "RiskCounts",
    "aalen_johansen",
    "censoring_survival",
    "just_before",
    "kaplan_meier",
    "risk_counts",
    "step_at",
]


@dataclass(frozen=True)
class RiskCounts:
    """Weighted numbers at each of the m distinct exit times.

    Attributes
    ----------
    time : ndarray, shape (m,)
        Increasing.
    position : ndarray of int, shape (n,)
        Index in `time` of each row's exit.
    n_risk : ndarray, shape (m,)
        At risk just before the time.
    n_event : ndarray, shape (m, n_cause)
        Events of each cause; one column when the event is 0/1.
    n_censor, n_enter : ndarray, shape (m,)
        Censored at the time; entered since the time before (all rows at the first time, without
        delayed entry).
    n_row : ndarray, shape (m,)
        Events of any cause, unweighted: rows with a weight above 0.
    """

    time: np.ndarray
    position: np.ndarray
    n_risk: np.ndarray
    n_event: np.ndarray
    n_censor: np.ndarray
    n_enter: np.ndarray
    n_row: np.ndarray

    @property
    def n_any(self) -> np.ndarray:
        """Events of any cause."""
        return np.asarray(self.n_event.sum(axis=1))


def risk_counts(
    time: np.ndarray,
    event: np.ndarray,
    weights: np.ndarray | None = None,
    entry: np.ndarray | None = None,
    *,
    n_cause: int | None = None,
) -> RiskCounts:
    """Count who is at risk, has an event, is censored and enters at each distinct exit time.

    Parameters
    ----------
    time : ndarray, shape (n,)
        Exit times.
    event : ndarray, shape (n,)
        0 for censored, 1 for the event, or 1, 2, ... for the causes.
    weights : ndarray, shape (n,), optional
    entry : ndarray, shape (n,), optional
        Times of entry; a row that enters at a time is at risk after it.
    n_cause : int, optional
        Number of causes, where the rows may lack some; the largest code otherwise.

    Returns
    -------
    RiskCounts

    Examples
    --------
    >>> counts = risk_counts(np.array([1, 2, 2, 3]), np.array([1, 1, 0, 0]))
    >>> counts.time.tolist(), counts.n_risk.tolist(), counts.n_event[:, 0].tolist()
    ([1.0, 2.0, 3.0], [4.0, 3.0, 1.0], [1.0, 1.0, 0.0])
    """
    weight = np.ones(len(time)) if weights is None else np.asarray(weights, float)
    cause = np.asarray(event).astype(np.int64)
    n_cause = n_cause or max(int(cause.max(initial=1)), 1)
    time = np.ascontiguousarray(time, float)
    distinct = np.unique(time)
    position = count_at_or_below(distinct, time) - 1
    tally = _tally(position, cause, weight, len(distinct), n_cause)
    size, n_event = len(distinct), tally.weight[:, 1:]
    start = np.zeros(len(time), np.int64)
    if entry is not None:
        start = np.searchsorted(distinct, entry, side="right")
    n_risk = _from_here_on(tally.weight.sum(axis=1))
    rows = _from_here_on(tally.n_row.sum(axis=1))
    if entry is not None:
        n_risk -= _from_here_on(np.bincount(start, weight, size + 1))[1:]
        rows -= _from_here_on(np.bincount(start, weight > 0, size + 1))[1:]
    # rounding of weighted sums must not leave a remainder at risk
    n_risk = np.where(rows == tally.n_row[:, 1], n_event.sum(axis=1), n_risk)
    n_enter = np.bincount(start, weights=weight, minlength=size + 1)[:size]
    return RiskCounts(
        distinct, position, n_risk, n_event, tally.weight[:, 0], n_enter, tally.n_row[:, 1]
    )


class _Tally(NamedTuple):
    """What leaves at each distinct time.

    `weight` has a column for censorings and one for each cause; `n_row` counts the rows in use,
    censorings and events.
    """

    weight: FloatArray
    n_row: FloatArray


@compiled()
def _tally(
    position: IntArray, cause: IntArray, weight: FloatArray, size: int, n_cause: int
) -> _Tally:
    """Count at each of `size` times, in the order of the rows."""
    leaving, n_row = np.zeros((size, n_cause + 1)), np.zeros((size, 2))
    for row in range(position.size):
        leaving[position[row], cause[row]] += weight[row]
        if weight[row] > 0:
            n_row[position[row], min(cause[row], 1)] += 1
    return _Tally(leaving, n_row)


def _from_here_on(leaving: np.ndarray) -> np.ndarray:
    """Sum at each time and all later ones."""
    return np.cumsum(leaving[::-1])[::-1]


def kaplan_meier(counts: RiskCounts) -> np.ndarray:
    """Estimate survival after each time: the product of 1 - events / at risk.

    Returns
    -------
    ndarray, shape (m,)

    References
    ----------
    Kaplan EL, Meier P (1958). Nonparametric estimation from incomplete observations. Journal of
    the American Statistical Association 53:457-481. doi:10.1080/01621459.1958.10501452

    Examples
    --------
    >>> kaplan_meier(risk_counts(np.array([1, 2, 4, 4]), np.array([1, 0, 1, 0]))).tolist()
    [0.75, 0.75, 0.375]
    """
    n, d = counts.n_risk, counts.n_any
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.cumprod(np.where(n > 0, (n - d) / n, 1.0))


def censoring_survival(counts: RiskCounts) -> np.ndarray:
    """Estimate the probability of being uncensored after each time; events leave before censorings.

    Returns
    -------
    ndarray, shape (m,)

    Examples
    --------
    >>> censoring_survival(risk_counts(np.array([1, 2, 2]), np.array([1, 1, 0]))).tolist()
    [1.0, 0.0]
    """
    left = counts.n_risk - counts.n_any
    hazard = np.divide(counts.n_censor, left, out=np.zeros(len(left)), where=left > 0)
    return np.cumprod(1 - hazard)


def aalen_johansen(counts: RiskCounts) -> np.ndarray:
    """Estimate the cumulative incidence of each cause after each time.

    Returns
    -------
    ndarray, shape (m, n_cause)
        Rows add to 1 - `kaplan_meier`.

    References
    ----------
    Aalen OO, Johansen S (1978). An empirical transition matrix for non-homogeneous Markov chains
    based on censored observations. Scandinavian Journal of Statistics 5:141-150.

    Examples
    --------
    >>> aalen_johansen(risk_counts(np.array([1, 2, 3, 4]), np.array([1, 2, 0, 1]))).tolist()
    [[0.25, 0.0], [0.25, 0.25], [0.25, 0.25], [0.75, 0.25]]
    """
    n = counts.n_risk[:, None]
    before = just_before(kaplan_meier(counts), 1.0)[:, None]
    steps = np.divide(before * counts.n_event, n, out=np.zeros_like(counts.n_event), where=n > 0)
    return np.cumsum(steps, axis=0)


def just_before(values: np.ndarray, start: float) -> np.ndarray:
    """Give the values of a step function just before each of its times.

    Examples
    --------
    >>> just_before(np.array([0.9, 0.5]), 1.0).tolist()
    [1.0, 0.9]
    """
    return np.concatenate([np.full((1, *values.shape[1:]), start), values[:-1]])


def step_at(
    times: np.ndarray,
    values: np.ndarray,
    at: Any,
    start: float,
    side: Literal["right", "left"] = "right",
) -> np.ndarray:
    """Read the value of a step function, or its limit from the left.

    Parameters
    ----------
    times : ndarray, shape (m,)
        Where it steps, increasing.
    values : ndarray, shape (m, ...)
        Its values from each time on.
    at : array_like
        Where to read it, in the unit of `times`.
    start : float
        Its value before the first time: 1 for survival, 0 for an incidence or a hazard.
    side : {"right", "left"}
        "right" counts a step at the time itself; "left" gives the value just before.

    Returns
    -------
    ndarray, shape of `at`, then of one value

    Examples
    --------
    >>> times, survival = np.array([1.0, 2.0]), np.array([0.75, 0.5])
    >>> step_at(times, survival, [0.5, 1, 9], 1.0).tolist()
    [1.0, 0.75, 0.5]
    >>> step_at(times, survival, 1, 1.0, side="left").tolist()
    1.0
    """
    values = np.asarray(values, float)
    whole = np.concatenate([np.full((1, *values.shape[1:]), float(start)), values])
    return np.asarray(whole[np.searchsorted(times, at, side=side)])
