"""A linear survival head on embeddings, trained by the ranking loss and judged by cross-fitting."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize

from faceage_stats._columns import as_pandas
from faceage_stats._resample import replicate_rng
from faceage_stats._result import Result, frozen_result
from faceage_stats._surv import parse_surv
from faceage_stats.errors import ConvergenceError, DesignError, InputError
from faceage_stats.prediction.ranking.kernel import ranking_gradient
from faceage_stats.prediction.ranking.survival_ranking_loss import (
    RankingLoss,
    survival_ranking_loss,
)
from faceage_stats.survival.concordance.concordance import (
    Concordance,
    concordance,
    concordance_test,
)
from faceage_stats.survival.cox.elastic_net import elastic_net

__all__ = ["SurvivalHead", "survival_head"]

_L1_RATIO = 0.5
_RANKING, _COX = "ranking head", "Cox elastic net"


@dataclass(frozen=True)
class _Sample:
    """Standardised features with follow-up, sorted by time."""

    time: np.ndarray
    event: np.ndarray
    x: np.ndarray

    def part(self, keep: np.ndarray) -> _Sample:
        return _Sample(self.time[keep], self.event[keep], self.x[keep])


def survival_head(
    outcome: str,
    data: Any,
    *,
    features: str | Sequence[str] = "embedding_",
    penalties: Sequence[float] = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003),
    n_folds: int = 5,
    seed: int = 0,
) -> SurvivalHead:
    """Fit a linear risk score to embeddings and estimate how it ranks patients it has not seen.

    Parameters
    ----------
    outcome : str
        ``"Surv(time, event)"``.
    data : pandas.DataFrame or polars.DataFrame
    features : str or sequence of str
        Columns, or the beginning of their names (``embedding_`` of ``faceage score --embedding``).
    penalties : sequence of float
        Candidates for the ridge penalty of the ranking head; chosen inside each training part.
    n_folds : int
        Outer folds, stratified by event; the penalties are chosen by as many inner folds.
    seed : int
        Decides the folds.

    Returns
    -------
    SurvivalHead
        ``tidy()`` concordance and ranking loss of the out-of-fold scores of the ranking head and
        of a Cox elastic net; ``differences()`` their paired differences; ``augment()`` the
        out-of-fold scores; ``predict`` scores new rows with the head fitted to all rows.

    Raises
    ------
    InputError
        Columns missing or not numeric, infinite values, fewer than two folds.
    DesignError
        Too few events for the folds.
    ConvergenceError
        A fit did not converge.

    Notes
    -----
    The ranking head minimises the mean of ``log(1 + exp(s_j - s_i))`` over comparable pairs plus
    ``penalty / 2`` times the squared length of the coefficients, which is convex; features are
    standardised with the training part's means and standard deviations. The Cox elastic net is
    scikit-survival's Coxnet with l1_ratio 0.5. Both choose their penalty by the ranking loss in
    inner folds. Measures compare patients within outer folds, because scores of different fits
    have no common zero; their standard errors take the scores as given, so they do not hold the
    variability of training.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> x = rng.standard_normal((150, 3))
    >>> time = rng.exponential(np.exp(-1.5 * x[:, 0]))
    >>> df = pd.DataFrame(x).add_prefix("embedding_").assign(time=time, event=1)
    >>> head = survival_head("Surv(time, event)", df, n_folds=3)
    >>> bool(head.concordance.concordance[0] > 0.75)
    True
    """
    data = as_pandas(data)
    surv = parse_surv(outcome, data)
    if surv.entry is not None:
        raise InputError("survival_head needs Surv(time, event), without delayed entry.")
    names = _feature_names(data, features, (surv.time_name, surv.event_name))
    x = data[names].to_numpy(float)
    complete = ~(np.isnan(x).any(axis=1) | np.isnan(surv.time) | np.isnan(surv.event))
    rows = np.flatnonzero(complete)
    rows = rows[np.argsort(surv.time[rows], kind="stable")]
    sample = _Sample(surv.time[rows], surv.event[rows].astype(np.int64), x[rows])
    if np.isinf(sample.x).any():
        raise InputError(f"features: {int(np.isinf(sample.x).any(axis=1).sum())} rows hold "
                         "infinite values. Correct or drop them.")  # fmt: skip
    if not penalties or min(penalties) <= 0:
        raise InputError("penalties must be positive numbers.")
    fold = _folds(sample.event, n_folds, seed, "outer")
    grid = sorted(penalties, reverse=True)
    scores = pd.DataFrame({"row": rows, "time": sample.time, "event": sample.event, "fold": fold})
    for label, fit in ((_RANKING, _ranking_fit(grid)), (_COX, _cox_fit)):
        scores[label] = _cross_fitted(sample, fold, fit, n_folds, seed)
    centre, spread = _moments(sample.x)
    standard = _Sample(sample.time, sample.event, (sample.x - centre) / spread)
    inner = _folds(sample.event, n_folds, seed, "inner")
    coefficients, penalty = _tuned(standard, inner, _ranking_fit(grid))
    formula = "Surv(time, event) ~ score_ranking + score_cox + strata(fold)"
    scored = scores.rename(columns={_RANKING: "score_ranking", _COX: "score_cox"})
    return SurvivalHead(
        tuple(names),
        coefficients / spread,
        float(coefficients @ (centre / spread)),
        penalty,
        scored.sort_values("row", ignore_index=True),
        concordance(formula, scored, reverse=True),
        survival_ranking_loss(formula, scored),
        len(data) - len(rows),
        n_folds,
    )


def _feature_names(
    data: pd.DataFrame, features: str | Sequence[str], outcome: tuple[str, ...]
) -> list[str]:
    if isinstance(features, str):
        names = [str(name) for name in data if str(name).startswith(features)]
        if not names:
            raise InputError(f"features: no column begins with {features!r}.")
    else:
        names = list(features)
        absent = [name for name in names if name not in data]
        if absent or not names:
            raise InputError(f"features: no column {', '.join(absent) or 'was named'}.")
    for name in names:
        if name in outcome:
            raise InputError(f"features: '{name}' is an outcome column, not a feature. "
                             "Give the features by name.")  # fmt: skip
        if not pd.api.types.is_numeric_dtype(data[name]):
            raise InputError(f"features: column '{name}' is not numeric.")
    return names


def _folds(event: np.ndarray, n_folds: int, seed: int, name: str) -> np.ndarray:
    """Random folds of equal size, events spread evenly."""
    n_event = int(event.sum())
    if n_folds < 2:
        raise InputError(f"n_folds is {n_folds}; use 2 or more.")
    if n_event < 3 * n_folds or len(event) < 4 * n_folds:
        raise DesignError(
            f"{len(event)} rows with {n_event} events are too few for {n_folds} folds; "
            "three events per fold are needed. Use fewer folds."
        )
    rng = replicate_rng(seed, f"survival_head {name}", 0)
    order = np.lexsort((rng.random(len(event)), -event))
    fold = np.empty(len(event), np.int64)
    fold[order] = np.arange(len(event)) % n_folds
    return fold


def _moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation per column; a constant column keeps its scale."""
    spread = x.std(axis=0)
    return x.mean(axis=0), np.where(spread > 0, spread, 1.0)


# A fit takes a training sample and returns one column of coefficients per candidate penalty,
# strongest first, and those penalties; penalties may be prescribed.
_Fit = Callable[[_Sample, np.ndarray | None], tuple[np.ndarray, np.ndarray]]


def _ranking_fit(grid: Sequence[float]) -> _Fit:
    def fit(train: _Sample, penalties: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        wanted = np.array(grid) if penalties is None else penalties
        beta, columns = np.zeros(train.x.shape[1]), []
        for penalty in wanted:  # each starts from its stronger neighbour
            beta = _minimise(train, float(penalty), beta)
            columns.append(beta)
        return np.column_stack(columns), wanted

    return fit


def _minimise(train: _Sample, penalty: float, start: np.ndarray) -> np.ndarray:
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


def _cox_fit(train: _Sample, penalties: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Elastic-net path by scikit-survival."""
    options = {"alphas": penalties, "n_alphas": 20, "alpha_min_ratio": 0.02}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*all coefficients are zero.*")
        model = elastic_net(
            train.time, train.event, train.x, l1_ratio=_L1_RATIO, max_iter=100_000, **options
        )
    return np.asarray(model.coef_), np.asarray(model.alphas_)


def _tuned(train: _Sample, inner: np.ndarray, fit: _Fit) -> tuple[np.ndarray, float]:
    """Coefficients at the penalty with the smallest ranking loss over the inner folds."""
    coefficients, penalties = fit(train, None)
    if len(penalties) == 1:
        return coefficients[:, 0], float(penalties[0])
    losses = np.zeros(len(penalties))
    for k in np.unique(inner):
        held = train.part(inner == k)
        path, _ = fit(train.part(inner != k), penalties)
        for column in range(path.shape[1]):
            score = held.x @ path[:, column]
            losses[column] += ranking_gradient(held.time, held.event, score)[0]
    best = int(np.argmin(losses[: coefficients.shape[1]]))
    return coefficients[:, best], float(penalties[best])


def _cross_fitted(
    sample: _Sample, fold: np.ndarray, fit: _Fit, n_folds: int, seed: int
) -> np.ndarray:
    """Scores of each fold by a head trained on the others."""
    scores = np.empty(len(sample.time))
    for k in range(n_folds):
        train = sample.part(fold != k)
        centre, spread = _moments(train.x)
        train = _Sample(train.time, train.event, (train.x - centre) / spread)
        inner = _folds(train.event, n_folds, seed, f"inner {k}")
        beta, _ = _tuned(train, inner, fit)
        scores[fold == k] = (sample.x[fold == k] - centre) / spread @ beta
    return scores


@frozen_result
class SurvivalHead(Result):
    """A linear head on embeddings with its cross-fitted measures.

    Attributes
    ----------
    features : tuple of str
    coefficients : ndarray
        Of the ranking head fitted to all rows, per unit of each feature.
    centre : float
        Subtracted from the linear score, so that the mean patient has 0.
    penalty : float
        Chosen on all rows.
    scores : DataFrame
        Out-of-fold scores: ``row time event fold score_ranking score_cox``.
    concordance : Concordance
        Of both scores, within folds.
    ranking_loss : RankingLoss
        Of both scores, within folds.
    n_missing, n_folds : int
    """

    features: tuple[str, ...]
    coefficients: np.ndarray
    centre: float
    penalty: float
    scores: pd.DataFrame
    concordance: Concordance
    ranking_loss: RankingLoss
    n_missing: int
    n_folds: int

    def predict(self, data: Any) -> np.ndarray:
        """Risk scores of new rows; higher means an earlier event. Missing features give NaN."""
        data = as_pandas(data)
        names = _feature_names(data, self.features, ())
        return np.asarray(data[names].to_numpy(float) @ self.coefficients - self.centre)

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per measure and head: ``metric marker estimate std_error conf_low conf_high``."""
        columns = ["marker", "estimate", "std_error", "conf_low", "conf_high"]
        tables = []
        for metric, result in self._measures():
            table = result.tidy(conf_level=conf_level)[columns]
            table.insert(0, "metric", metric)
            tables.append(table.assign(marker=[_RANKING, _COX]))
        return pd.concat(tables, ignore_index=True)

    def _measures(self) -> list[tuple[str, Any]]:
        return [("concordance", self.concordance), ("ranking loss", self.ranking_loss)]

    def differences(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Ranking head minus Cox elastic net, paired: one row per measure.

        Columns ``metric marker1 marker2 estimate std_error statistic p_value conf_low conf_high``.
        """
        paired = concordance_test(self.concordance).tidy(conf_level=conf_level)
        losses = self.ranking_loss.differences(conf_level=conf_level)
        table = pd.concat([paired[losses.columns], losses], ignore_index=True)
        table = table.assign(marker1=_RANKING, marker2=_COX)
        table.insert(0, "metric", ["concordance", "ranking loss"])
        return table

    def glance(self) -> pd.DataFrame:
        """One row: ``n n_event n_missing n_fold n_feature penalty``."""
        return pd.DataFrame(
            {
                "n": [len(self.scores)],
                "n_event": [int(self.scores["event"].sum())],
                "n_missing": [self.n_missing],
                "n_fold": [self.n_folds],
                "n_feature": [len(self.features)],
                "penalty": [self.penalty],
            }
        )

    def augment(self) -> pd.DataFrame:
        """Out-of-fold scores, one row per patient used: ``row fold score_ranking score_cox``."""
        return self.scores[["row", "fold", "score_ranking", "score_cox"]].copy()

    def _title(self) -> str:
        return f"Survival head on {len(self.features)} features, {self.n_folds}-fold cross-fitting"
