"""Train a linear head by cross-fitting: folds, penalty paths, out-of-fold scores."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import optimize

from faceage_stats._columns import largest_of
from faceage_stats._scalar import check_whole
from faceage_stats._seed import generator
from faceage_stats.errors import ConvergenceError, DesignError
from faceage_stats.prediction.ranking.kernel import ranking_gradient
from faceage_stats.survival.cox.elastic_net import elastic_net

__all__ = [
    "Fit",
    "Path",
    "Sample",
    "Tuned",
    "cox_fit",
    "cross_fitted",
    "folds",
    "minimise",
    "moments",
    "ranking_fit",
    "tuned",
]

_MIX = 0.5  # of lasso and ridge, in the Cox elastic net


@dataclass(frozen=True)
class Sample:
    """Standardised features with follow-up, sorted by time."""

    time: np.ndarray
    event: np.ndarray
    x: np.ndarray

    def part(self, keep: np.ndarray) -> Sample:
        """Keep some rows."""
        return Sample(self.time[keep], self.event[keep], self.x[keep])


def folds(event: np.ndarray, n_folds: int, seed: int, name: str) -> np.ndarray:
    """Random folds of equal size, events spread evenly."""
    n_event = int(event.sum())
    check_whole("n_folds", n_folds, 2)
    if n_event < 3 * n_folds or len(event) < 4 * n_folds:
        raise DesignError(
            f"{len(event)} rows with {n_event} events are too few for {n_folds} folds; "
            "three events per fold are needed. Use fewer folds."
        )
    rng = generator(seed, "survival_head", name)
    order = np.lexsort((rng.random(len(event)), -event))
    fold = np.empty(len(event), np.int64)
    fold[order] = np.arange(len(event)) % n_folds
    return fold


def moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation per column; a constant column keeps its scale."""
    size = largest_of(x)
    spread = size * (x / size).std(axis=0)
    return size * (x / size).mean(axis=0), np.where(spread > 0, spread, 1.0)


class Path(NamedTuple):
    """Coefficients, one column per candidate penalty, strongest first."""

    coefficients: np.ndarray
    penalties: np.ndarray


class Tuned(NamedTuple):
    """Coefficients at the penalty that was chosen."""

    coefficients: np.ndarray
    penalty: float


# Fits a training sample at the penalties prescribed, or at candidates of its choice.
Fit = Callable[[Sample, np.ndarray | None], Path]


def ranking_fit(grid: Sequence[float]) -> Fit:
    """Fit the ranking head along a path of ridge penalties."""

    def fit(train: Sample, penalties: np.ndarray | None) -> Path:
        candidates = np.array(grid) if penalties is None else penalties
        beta, columns = np.zeros(train.x.shape[1]), []
        for penalty in candidates:  # each starts from its stronger neighbour
            beta = minimise(train, float(penalty), beta)
            columns.append(beta)
        return Path(np.column_stack(columns), candidates)

    return fit


def minimise(train: Sample, penalty: float, start: np.ndarray) -> np.ndarray:
    """Coefficients of the ridge-penalised ranking loss."""

    def target(beta: np.ndarray) -> tuple[float, np.ndarray]:
        loss, slope = ranking_gradient(train.time, train.event, train.x @ beta)
        return loss + penalty / 2 * float(beta @ beta), train.x.T @ slope + penalty * beta

    options = {"maxiter": 2000, "ftol": 1e-14, "gtol": 1e-8}
    found = optimize.minimize(target, start, jac=True, method="L-BFGS-B", options=options)
    if np.abs(found.jac).max() > 1e-5:
        raise ConvergenceError(
            f"The ranking head did not converge (gradient {np.abs(found.jac).max():.1g}). "
            "Use larger penalties."
        )
    return np.asarray(found.x)


def cox_fit(train: Sample, penalties: np.ndarray | None) -> Path:
    """Elastic-net path by scikit-survival."""
    options = {"alphas": penalties, "n_alphas": 20, "alpha_min_ratio": 0.02}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*all coefficients are zero.*")
        model = elastic_net(
            train.time, train.event, train.x, l1_ratio=_MIX, max_iter=100_000, **options
        )
    return Path(np.asarray(model.coef_), np.asarray(model.alphas_))


def tuned(train: Sample, inner: np.ndarray, fit: Fit) -> Tuned:
    """Coefficients at the penalty with the smallest ranking loss over the inner folds."""
    coefficients, penalties = fit(train, None)
    if len(penalties) == 1:
        return Tuned(coefficients[:, 0], float(penalties[0]))
    losses = np.zeros(len(penalties))
    for k in np.unique(inner):
        held = train.part(inner == k)
        path = fit(train.part(inner != k), penalties).coefficients
        for column in range(path.shape[1]):
            score = held.x @ path[:, column]
            losses[column] += ranking_gradient(held.time, held.event, score).loss
    best = int(np.argmin(losses[: coefficients.shape[1]]))
    return Tuned(coefficients[:, best], float(penalties[best]))


def cross_fitted(sample: Sample, fold: np.ndarray, fit: Fit, n_folds: int, seed: int) -> np.ndarray:
    """Scores of each fold by a head trained on the others."""
    scores = np.empty(len(sample.time))
    for k in range(n_folds):
        train = sample.part(fold != k)
        centre, spread = moments(train.x)
        train = Sample(train.time, train.event, (train.x - centre) / spread)
        inner = folds(train.event, n_folds, seed, f"inner {k}")
        beta = tuned(train, inner, fit).coefficients
        scores[fold == k] = (sample.x[fold == k] - centre) / spread @ beta
    return scores
