"""Chained equations: one chain of imputations of several columns, on arrays.

statsmodels' and scikit-learn's chained imputers know one kind of column at a time; here numbers
are drawn by predictive mean matching or from a normal model, categories by logistic regression, in
one chain.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

__all__ = ["DONORS", "Chain", "Target", "encode", "run_chain"]

DONORS = 5
_RIDGE = 1e-5  # as mice: keeps collinear predictors solvable
_PRIOR = 1e3  # inverse ridge of the logistic fits, weak against any real effect


@dataclass(frozen=True)
class Target:
    """A column to impute: numbers as they are, categories as codes."""

    name: str
    values: np.ndarray  # (n,) with any value where missing
    missing: np.ndarray  # (n,) bool
    n_level: int  # 0 for a number
    normal: bool = False  # of a number: drawn from a normal model, not from donors

    @property
    def observed(self) -> np.ndarray:
        """Values of the rows where the column is known."""
        return np.asarray(self.values[~self.missing])

    @property
    def method(self) -> str:
        """Name of the method that imputes the column."""
        if self.n_level:
            return "logistic regression, bootstrap"
        return "Bayesian linear regression" if self.normal else "predictive mean matching"

    def block(self, values: np.ndarray) -> np.ndarray:
        """Return the column as predictors of others."""
        if self.n_level:
            return encode(values.astype(int), self.n_level)
        return values[:, None]


def encode(codes: np.ndarray, n_level: int) -> np.ndarray:
    """Code levels as indicators of all but the first."""
    return np.asarray(codes[:, None] == np.arange(1, n_level), float)


@dataclass
class _State:
    """Current values of every target, and the summaries of its imputed rows."""

    values: dict[str, np.ndarray]
    trace: list[dict[str, float | str | int]] = field(default_factory=list)


class Chain(NamedTuple):
    """Last values of every target, and ``variable iteration mean std_dev`` of the imputed ones."""

    values: dict[str, np.ndarray]
    trace: pd.DataFrame


def run_chain(
    targets: list[Target], fixed: np.ndarray, iterations: int, rng: np.random.Generator
) -> Chain:
    """Impute every target in turn, `iterations` times.

    `fixed` holds the predictors without missing values (n, p), the outcome among them. The trace
    has the mean and the standard deviation of the imputed values (or codes) by iteration.
    """
    state = _State({t.name: t.values.copy() for t in targets})
    for target in targets:
        drawn = rng.choice(target.observed, int(target.missing.sum()))
        state.values[target.name][target.missing] = drawn
    for iteration in range(1, iterations + 1):
        for target in targets:
            others = [t.block(state.values[t.name]) for t in targets if t is not target]
            x = _standardised(np.column_stack([fixed, *others]))
            draw = _draw_level if target.n_level else _draw_number
            imputed = draw(target, x, rng)
            state.values[target.name][target.missing] = imputed
            state.trace.append(
                {"variable": target.name, "iteration": iteration,
                 "mean": float(imputed.mean()), "std_dev": float(imputed.std())}
            )  # fmt: skip
    return Chain(state.values, pd.DataFrame(state.trace))


def _standardised(x: np.ndarray) -> np.ndarray:
    """Centred and scaled columns; a constant one becomes 0."""
    spread = x.std(axis=0)
    return np.asarray((x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0))


def _draw_number(target: Target, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A draw of the regression; then normal errors, or the value of a close donor."""
    known = np.column_stack([np.ones(len(x)), x])[~target.missing]
    incomplete = np.column_stack([np.ones(len(x)), x])[target.missing]
    y = target.observed
    cross = known.T @ known
    cross[np.diag_indices_from(cross)] *= 1 + _RIDGE
    cross[np.diag_indices_from(cross)] += 1e-10 * len(y)  # constant columns
    estimate = np.linalg.solve(cross, known.T @ y)
    residual = y - known @ estimate
    df = max(len(y) - known.shape[1], 1)
    sigma = np.sqrt(float(residual @ residual) / rng.chisquare(df))
    root = np.linalg.cholesky(cross)
    drawn = estimate + sigma * np.linalg.solve(root.T, rng.normal(size=len(estimate)))
    if target.normal:
        return np.asarray(incomplete @ drawn + sigma * rng.normal(size=len(incomplete)))
    return _match(known @ estimate, incomplete @ drawn, y, rng)


def _match(
    donor_fit: np.ndarray, fit: np.ndarray, y: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """For every row one of the `DONORS` observed values whose prediction is closest."""
    k = min(DONORS, len(y))
    order = rng.permutation(len(y))  # equal predictions come in random order
    order = order[np.argsort(donor_fit[order], kind="stable")]
    ordered = donor_fit[order]
    left = np.searchsorted(ordered, fit) - k
    window = np.clip(left[:, None] + np.arange(2 * k), 0, len(y) - 1)
    distance = np.abs(ordered[window] - fit[:, None])
    # a clipped window repeats its edge: the repeats must not be chosen twice
    distance[:, 1:][window[:, 1:] == window[:, :-1]] = np.inf
    nearest = np.argpartition(distance, k - 1, axis=1)[:, :k]
    chosen = nearest[np.arange(len(fit)), rng.integers(0, k, len(fit))]
    return np.asarray(y[order[window[np.arange(len(fit)), chosen]]])


def _draw_level(target: Target, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Categories from a logistic regression fitted to a bootstrap sample of the known rows."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    known, incomplete = x[~target.missing], x[target.missing]
    y = target.observed.astype(int)
    rows = rng.integers(0, len(y), len(y))
    if len(np.unique(y[rows])) < 2:
        return np.full(len(incomplete), y[rows[0]], float)
    with warnings.catch_warnings():
        # a fit that stops early still ranks the categories; the draws carry far more noise
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(C=_PRIOR, max_iter=200).fit(known[rows], y[rows])
    cumulative = np.cumsum(model.predict_proba(incomplete), axis=1)
    position = (rng.random(len(incomplete))[:, None] > cumulative[:, :-1]).sum(axis=1)
    return np.asarray(model.classes_[position], float)
