"""Cox models of one outcome, and how their estimates move with each patient's covariates.

Implicit differentiation: of a log ratio it is the information's inverse times the score's
derivative, of a standard error the information's own derivative and its change with the ratios.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["Cox", "Outcome"]

Vector = NDArray[np.float64]
Whole = NDArray[np.int64]
STEPS = 12  # of Newton's method


class Outcome:
    """Days and deaths, with a row for every death: those of one day as Efron weighs them."""

    def __init__(self, days: Whole, death: Whole) -> None:
        self.order = np.argsort(days, kind="stable")
        self.days, self.death = days, death
        at, tied = np.unique(days[death == 1], return_counts=True)
        self.day = np.repeat(at, tied)  # of each row
        self.tie = np.repeat(np.arange(len(at)), tied)
        first = np.repeat(np.cumsum(tied) - tied, tied)
        self.part = (np.arange(len(self.day)) - first) / tied[self.tie]
        self.from_here = np.searchsorted(days[self.order], self.day)
        self.seen = np.searchsorted(self.day, days, side="right")  # rows in a patient's follow-up
        self.own = np.searchsorted(at, days).clip(0, len(at) - 1)

    def sums(self, values: Vector) -> Vector:
        """Sum of the patients' values at risk, for each row."""
        at_risk = values[self.order][::-1].cumsum(axis=0)[::-1][self.from_here]
        dead = self.death == 1
        shape = (self.tie[-1] + 1, *values.shape[1:])
        tied = np.zeros(shape)
        np.add.at(tied, self.own[dead], values[dead])
        part = self.part.reshape(-1, *[1] * (values.ndim - 1))
        return np.asarray(at_risk - part * tied[self.tie])

    def spread(self, values: Vector) -> Vector:
        """Sum of the rows' values over the follow-up of each patient."""
        total = np.concatenate([[0.0], values.cumsum()])[self.seen]
        tied = np.bincount(self.tie, self.part * values)
        return np.asarray(total - self.death * tied[self.own])


@dataclass(frozen=True, eq=False)
class Cox:
    """A fit by Efron's method."""

    outcome: Outcome
    covariates: Vector

    @cached_property
    def log_ratios(self) -> Vector:
        """Coefficients, by Newton's method."""
        x, at = self.covariates, np.zeros(self.covariates.shape[1])
        died = x[self.outcome.death == 1].sum(0)
        for _ in range(STEPS):
            mean, information = self._moments(at)
            step = np.linalg.solve(information, died - mean.sum(0))
            at = at + step
            if np.abs(step).max() < 1e-12:
                break
        return at

    def _moments(self, at: Vector) -> tuple[Vector, Vector]:
        """Mean of the covariates at each row, and the information."""
        x = self.covariates
        weight = np.exp((x - x.mean(0)) @ at)
        columns = [x * x[:, [j]] for j in range(x.shape[1])]
        sums = self.outcome.sums(weight[:, None] * np.column_stack([np.ones(len(x)), x, *columns]))
        mean = sums[:, 1 : x.shape[1] + 1] / sums[:, :1]
        square = (sums[:, x.shape[1] + 1 :] / sums[:, :1]).sum(0).reshape(x.shape[1], -1)
        return mean, square - mean.T @ mean

    @cached_property
    def variance(self) -> Vector:
        """Inverse of the information."""
        return np.linalg.inv(self._moments(self.log_ratios)[1])

    @property
    def errors(self) -> Vector:
        """Standard errors of the log ratios."""
        return np.sqrt(np.diag(self.variance))

    @cached_property
    def _weight(self) -> Vector:
        x = self.covariates
        return np.exp((x - x.mean(0)) @ self.log_ratios)

    @cached_property
    def _at_risk(self) -> Vector:
        return self.outcome.sums(self._weight)

    def ratio_slopes(self, along: Vector, columns: list[int]) -> Vector:
        """Derivative of (along · score) by these columns of each patient."""
        u, weight, zero = self.covariates @ along, self._weight, self._at_risk
        one = self.outcome.sums(weight * u)
        each, mean = self.outcome.spread(1 / zero), self.outcome.spread(one / zero**2)
        by_u = self.outcome.death - weight * each
        by_risk = weight * (mean - u * each)
        return self._by(columns, along, by_u, by_risk)

    def error_slopes(self, term: int, columns: list[int]) -> Vector:
        """Derivative of the standard error of a term by these columns of each patient."""
        along = self.variance[term]
        by_u, by_risk = self._spread_slopes(along)
        through = self.variance @ (by_risk @ self.covariates)
        square = -self._by(columns, along, by_u, by_risk) - self.ratio_slopes(through, columns)
        return square / (2 * self.errors[term])

    def _spread_slopes(self, along: Vector) -> tuple[Vector, Vector]:
        """Of (along · information · along): by u = covariates · along, and by the log hazard."""
        u, weight, zero = self.covariates @ along, self._weight, self._at_risk
        u = u - u.mean()
        one, two = self.outcome.sums(weight * u), self.outcome.sums(weight * u**2)
        back = self.outcome.spread
        each, mean = back(1 / zero), back(one / zero**2)
        by_u = 2 * weight * (u * each - mean)
        by_risk = weight * (
            u**2 * each - back(two / zero**2) - 2 * u * mean + 2 * back(one**2 / zero**3)
        )
        return by_u, by_risk

    def one_more(self, x: Vector) -> Vector:
        """What another patient at risk adds to log ratios and errors: row, kind, number.

        `x` has the covariates of each kind of patient in a row.
        """
        terms = range(x.shape[1])
        ratios = [self._score_of(x, self.variance[term]) for term in terms]
        errors = []
        for term in terms:
            along = self.variance[term]
            through = self.variance @ (self._spread_slopes(along)[1] @ self.covariates)
            square = -self._spread_of(x, along) - self._score_of(x, through)
            errors.append(square / (2 * self.errors[term]))
        return np.stack([*ratios, *errors], axis=-1)

    def _means(self, x: Vector, along: Vector) -> tuple[Vector, Vector, Vector, Vector]:
        """Of covariates · along: mean and mean square of a row, of each kind, its weight there."""
        u, zero = self.covariates @ along, self._at_risk[:, None]
        one, two = (self.outcome.sums(self._weight * u**k)[:, None] / zero for k in (1, 2))
        weight = np.exp((x - self.covariates.mean(0)) @ self.log_ratios) / zero
        return one, two, x @ along, weight

    def _score_of(self, x: Vector, along: Vector) -> Vector:
        one, _, u, weight = self._means(x, along)
        return -weight * (u - one)

    def _spread_of(self, x: Vector, along: Vector) -> Vector:
        one, two, u, weight = self._means(x, along)
        return weight * (u**2 - two - 2 * one * (u - one))

    def _by(self, columns: list[int], along: Vector, by_u: Vector, by_risk: Vector) -> Vector:
        return np.array([along[j] * by_u + self.log_ratios[j] * by_risk for j in columns])
