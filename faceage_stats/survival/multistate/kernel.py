"""Aalen-Johansen estimates with jackknife errors: arrays in, arrays out.

At each time t with a transition, p(t) = p(t-) (I + dA), dA[j, k] being the weighted proportion of
those at risk in state j that moves to k. The derivative of p(t) in the weight of a row follows the
same recursion, U(t) = U(t-) (I + dA) + p(t-)[j] (its own move - dA[j]) / n[j]; the variance is the
sum over subjects of (sum of weight times U) squared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Moves", "Occupation", "occupation"]


@dataclass(frozen=True)
class Moves:
    """Rows at risk in (entry, time] in a state, and the state that they move to at its end.

    Attributes
    ----------
    entry, time, weight : ndarray, shape (n,)
    origin, target : ndarray of int, shape (n,)
        Numbers of states; `target` is -1 where the row is censored.
    subject : ndarray of int, shape (n,)
    """

    entry: np.ndarray
    time: np.ndarray
    weight: np.ndarray
    origin: np.ndarray
    target: np.ndarray
    subject: np.ndarray

    def take(self, rows: np.ndarray) -> Moves:
        """Keep the rows at these positions; subjects are numbered anew."""
        subject = np.unique(self.subject[rows], return_inverse=True)[1]
        return Moves(
            self.entry[rows], self.time[rows], self.weight[rows], self.origin[rows],
            self.target[rows], subject,
        )  # fmt: skip

    def n_risk(self, at: np.ndarray, n_states: int) -> np.ndarray:
        """Count who is in each state just before given times, shape (times, states)."""
        counts = np.zeros((len(at), n_states), np.int64)
        for state in range(n_states):
            rows = self.origin == state
            counts[:, state] += np.searchsorted(np.sort(self.entry[rows]), at, side="left")
            counts[:, state] -= np.searchsorted(np.sort(self.time[rows]), at, side="left")
        return counts


@dataclass(frozen=True)
class Occupation:
    """Probability of each state after each time with a transition.

    Attributes
    ----------
    time : ndarray, shape (t,)
    n_risk, n_event, estimate, std_error : ndarray, shape (t, states)
        Rows, not weights: who is at risk in a state, and who enters it.
    start, start_error : ndarray, shape (states,)
        Before the first time.
    """

    time: np.ndarray
    n_risk: np.ndarray
    n_event: np.ndarray
    estimate: np.ndarray
    std_error: np.ndarray
    start: np.ndarray
    start_error: np.ndarray


def occupation(moves: Moves, n_states: int) -> Occupation:
    """Estimate the probabilities of all states over time, of one group."""
    moved = moves.target >= 0
    times = np.unique(moves.time[moved])
    p, influence = _start(moves, n_states, times[0] if len(times) else np.inf)
    n_subject = int(moves.subject.max()) + 1
    n_event = np.zeros((len(times), n_states), np.int64)
    estimate = np.zeros((len(times), n_states))
    error, start_error = np.zeros_like(estimate), _error(moves, influence, n_subject)
    start = p
    for i, t in enumerate(times):
        at_risk = np.flatnonzero((moves.entry < t) & (moves.time >= t))
        origin, weight = moves.origin[at_risk], moves.weight[at_risk]
        goes = (moves.time[at_risk] == t) & moved[at_risk]
        n = np.bincount(origin, weight, n_states)
        step = np.zeros((n_states, n_states))
        np.add.at(step, (origin[goes], moves.target[at_risk[goes]]), weight[goes])
        n_event[i] = np.bincount(moves.target[at_risk[goes]], minlength=n_states)
        step = np.divide(step, n[:, None], out=np.zeros_like(step), where=n[:, None] > 0)
        own = -step[origin]
        own[goes, moves.target[at_risk[goes]]] += 1.0
        own[np.arange(len(at_risk)), origin] -= own.sum(axis=1)  # what arrives has left
        change = np.eye(n_states) + step - np.diag(step.sum(axis=1))
        influence = influence @ change
        share = np.divide(p[origin], n[origin], out=np.zeros(len(origin)), where=n[origin] > 0)
        influence[at_risk] += share[:, None] * own
        p = p @ change
        estimate[i], error[i] = p, _error(moves, influence, n_subject)
    return Occupation(
        times, moves.n_risk(times, n_states), n_event, estimate, error, start, start_error
    )


def _start(moves: Moves, n_states: int, first: float) -> tuple[np.ndarray, np.ndarray]:
    """States of those at risk at the first transition, and the influence of each row on them."""
    at_risk = (moves.entry < first) & (moves.time >= min(first, moves.time.max()))
    weight = moves.weight * at_risk
    member = np.eye(n_states)[moves.origin]
    p = weight @ member / weight.sum()
    return p, at_risk[:, None] * (member - p) / weight.sum()


def _error(moves: Moves, influence: np.ndarray, n_subject: int) -> np.ndarray:
    """Add the weighted influence of a subject's rows, and square."""
    total = np.zeros((n_subject, influence.shape[1]))
    np.add.at(total, moves.subject, influence * moves.weight[:, None])
    return np.asarray(np.sqrt((total**2).sum(axis=0)))
