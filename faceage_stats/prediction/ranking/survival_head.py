"""A linear survival head on embeddings, trained by the ranking loss and judged by cross-fitting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._arguments import check_text
from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, columns_of
from faceage_stats._scalar import check_whole
from faceage_stats._seed import DEFAULT_SEED
from faceage_stats._surv import parse_surv
from faceage_stats.errors import InputError
from faceage_stats.prediction.ranking.cross_fitting import (
    Sample,
    cox_fit,
    cross_fitted,
    folds,
    moments,
    ranking_fit,
    tuned,
)
from faceage_stats.prediction.ranking.head_result import SurvivalHead, feature_names
from faceage_stats.prediction.ranking.survival_ranking_loss import survival_ranking_loss
from faceage_stats.survival.concordance.concordance import concordance

__all__ = ["SurvivalHead", "survival_head"]


@checked_call
def survival_head(
    outcome: str,
    data: Any,
    *,
    features: str | Sequence[str] = "embedding_",
    penalties: Sequence[float] = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003),
    n_folds: int = 5,
    seed: int = DEFAULT_SEED,
) -> SurvivalHead:
    """Fit a linear risk score to embeddings and estimate how it ranks patients it has not seen.

    Parameters
    ----------
    outcome : str
        ``"Surv(time, event)"``.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient.
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
        of a Cox elastic net; ``contrasts()`` their paired differences; ``augment()`` the
        out-of-fold scores; ``predict(newdata)`` scores new rows with the head fitted to all rows.

    Raises
    ------
    InputError
        Columns missing or not numeric, infinite values, fewer than two folds.
    DesignError
        Too few events for the folds.
    ConvergenceError
        A fit did not converge.

    See Also
    --------
    survival_ranking_loss : The loss as a measure of any score.
    concordance : The order of the pairs alone.
    coxnet : The elastic net with R's interface.

    Notes
    -----
    The ranking head minimises the mean of ``log(1 + exp(s_j - s_i))`` over comparable pairs plus
    ``penalty / 2`` times the squared length of the coefficients, which is convex; features are
    standardised with the training part's means and standard deviations. The Cox elastic net is
    scikit-survival's Coxnet with l1_ratio 0.5. Both choose their penalty by the ranking loss in
    inner folds. Measures compare patients within outer folds, because scores of different fits
    have no common zero; their standard errors take the scores as given, so they do not hold the
    variability of training.

    References
    ----------
    Steck H, Krishnapuram B, Dehing-Oberije C, Lambin P, Raykar VC (2007). On ranking in survival
    analysis: bounds on the concordance index. Advances in Neural Information Processing Systems
    20:1209-1216.

    Simon N, Friedman J, Hastie T, Tibshirani R (2011). Regularization paths for Cox's proportional
    hazards model via coordinate descent. Journal of Statistical Software 39(5):1-13.
    doi:10.18637/jss.v039.i05

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
    check_text("outcome", outcome, "Surv(time, event)")
    check_whole("n_folds", n_folds, 2)
    data = as_pandas(data)
    sample, rows, names = _read(outcome, data, features)
    if not penalties or min(penalties) <= 0:
        raise InputError("penalties must be positive numbers.")
    fold = folds(sample.event, n_folds, seed, "outer")
    path = ranking_fit(sorted(penalties, reverse=True))
    scores = pd.DataFrame(
        {"row": rows, "time": sample.time, "event": sample.event, "fold": fold},
        index=data.index[rows],
    )
    for column, fit in (("score_ranking", path), ("score_cox", cox_fit)):
        scores[column] = cross_fitted(sample, fold, fit, n_folds, seed)
    centre, spread = moments(sample.x)
    standard = Sample(sample.time, sample.event, (sample.x - centre) / spread)
    chosen = tuned(standard, folds(sample.event, n_folds, seed, "inner"), path)
    coefficients, shift = chosen.coefficients / spread, chosen.coefficients @ (centre / spread)
    formula = "Surv(time, event) ~ score_ranking + score_cox + strata(fold)"
    scores = scores.sort_values("row")
    x = columns_of(data, names, "features").to_numpy(float)[scores["row"]]
    fitted = pd.Series(x @ coefficients - shift, index=scores.index)
    return SurvivalHead(
        tuple(names), coefficients, float(shift), chosen.penalty, scores, fitted,
        concordance(formula, scores, reverse=True), survival_ranking_loss(formula, scores),
        len(data) - len(rows), n_folds,
    )  # fmt: skip


def _read(
    outcome: str, data: pd.DataFrame, features: str | Sequence[str]
) -> tuple[Sample, np.ndarray, list[str]]:
    """Complete rows by time, their positions in the data, and the features."""
    surv = parse_surv(outcome, data)
    if surv.entry is not None:
        raise InputError("survival_head needs Surv(time, event), without delayed entry.")
    names = feature_names(data, features, (surv.time_name, surv.event_name))
    x = columns_of(data, names, "features").to_numpy(float)
    rows = np.flatnonzero(~(np.isnan(x).any(axis=1) | surv.is_missing))
    rows = rows[np.argsort(surv.time[rows], kind="stable")]
    n_infinite = int(np.isinf(x[rows]).any(axis=1).sum())
    if n_infinite:
        raise InputError(f"features: {n_infinite} rows hold infinite values. Correct or drop them.")
    return Sample(surv.time[rows], surv.event[rows].astype(np.int64), x[rows]), rows, names
