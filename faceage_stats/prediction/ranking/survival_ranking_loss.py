"""The pairwise survival ranking loss as a measure of a risk score."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._formula import model_frame
from faceage_stats._result import Result, frozen_result, normal_interval
from faceage_stats.errors import DesignError, FormulaError, InputError
from faceage_stats.prediction.ranking.kernel import pair_sums

__all__ = ["RankingLoss", "survival_ranking_loss"]


def survival_ranking_loss(formula: str, data: Any) -> RankingLoss:
    """Estimate how surely a risk score tells which of two patients has the event first.

    The loss is the mean of ``log(1 + exp(s_j - s_i))`` over the pairs in which i has the event
    before j's follow-up ends; ``s`` is the score.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ score1 + score2 + strata(fold)``: each numeric term is a score of its
        own, higher meaning earlier, on the scale of a log hazard. Pairs are formed within strata.
    data : pandas.DataFrame or polars.DataFrame

    Returns
    -------
    RankingLoss
        ``tidy()`` one row per score; ``differences()`` the paired differences between scores.

    Raises
    ------
    FormulaError
        No survival outcome, no score, case weights, offset or clusters.
    InputError
        Delayed entry.
    DesignError
        No comparable pair.

    Notes
    -----
    Under proportional hazards the probability that i has the event before j is
    ``1 / (1 + exp(s_j - s_i))`` with s the log hazard, so the loss is the logarithmic score of
    that forecast: the true log hazard minimises it, and a constant score has log 2 = 0.693. Like
    every pairwise measure it depends on the censoring, which decides which pairs are seen. The
    standard error is the infinitesimal jackknife, as for Harrell's C.

    References
    ----------
    Steck H, Krishnapuram B, Dehing-Oberije C, Lambin P, Raykar VC. On ranking in survival
    analysis: bounds on the concordance index. NeurIPS 2007.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4], "d": [1, 1, 0, 1], "risk": [2.0, 1.0, 0.0, 0.0]})
    >>> survival_ranking_loss("Surv(t, d) ~ risk", df).tidy().round(3)
      marker  estimate  std_error  conf_low  conf_high
    0   risk     0.239      0.055     0.131      0.346
    """
    frame = model_frame(formula, data)
    if frame.surv is None:
        raise FormulaError(f"`{formula}`: the left side must be Surv(time, event).")
    if frame.surv.entry is not None:
        raise InputError("survival_ranking_loss needs Surv(time, event), without delayed entry.")
    if frame.cluster is not None or frame.offset is not None:
        raise FormulaError(f"`{formula}`: clusters and offsets have no place in this loss.")
    if not frame.design.names:
        raise FormulaError(f"`{formula}` names no score.")
    strata = np.zeros(frame.n, np.int64) if frame.strata is None else frame.strata
    surv, values, influences = frame.surv, [], []
    for column in frame.x.T:
        losses, pairs = pair_sums(surv.time, surv.event, strata, np.ascontiguousarray(column))
        if not pairs.any():
            raise DesignError(
                "No pair can be compared: there must be an event before the end of someone "
                "else's follow-up (in the same stratum). Check the event column."
            )
        value = losses.sum() / pairs.sum()
        values.append(value)
        influences.append(2 * (losses - value * pairs) / pairs.sum())
    return RankingLoss(
        tuple(frame.design.names),
        np.array(values),
        np.column_stack(influences),
        frame.n,
        int(surv.event.sum()),
        frame.n_missing,
    )


@frozen_result
class RankingLoss(Result):
    """Pairwise survival ranking loss of one or more scores on the same rows.

    Attributes
    ----------
    markers : tuple of str
    loss : ndarray, shape (k,)
        Smaller is better; log 2 without information.
    dfbeta : ndarray, shape (n, k)
        Influence of each row.
    n, n_event, n_missing : int
    """

    markers: tuple[str, ...]
    loss: np.ndarray
    dfbeta: np.ndarray
    n: int
    n_event: int
    n_missing: int

    @property
    def vcov(self) -> np.ndarray:
        """Joint covariance of the losses."""
        return np.asarray(self.dfbeta.T @ self.dfbeta)

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per score: ``marker estimate std_error conf_low conf_high``."""
        std_error = np.sqrt(np.diag(self.vcov))
        low, high = normal_interval(self.loss, std_error, conf_level)
        return pd.DataFrame(
            {
                "marker": list(self.markers),
                "estimate": self.loss,
                "std_error": std_error,
                "conf_low": low,
                "conf_high": high,
            }
        )

    def differences(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per pair of scores: loss of the first minus loss of the second, paired.

        Columns ``marker1 marker2 estimate std_error statistic p_value conf_low conf_high``.
        """
        rows = []
        for a, b in combinations(range(len(self.markers)), 2):
            estimate = self.loss[a] - self.loss[b]
            std_error = float(np.linalg.norm(self.dfbeta[:, a] - self.dfbeta[:, b]))
            low, high = normal_interval(estimate, std_error, conf_level)
            statistic = estimate / std_error if std_error else np.nan
            rows.append(
                {
                    "marker1": self.markers[a],
                    "marker2": self.markers[b],
                    "estimate": estimate,
                    "std_error": std_error,
                    "statistic": statistic,
                    "p_value": 2 * stats.norm.sf(abs(statistic)),
                    "conf_low": float(low),
                    "conf_high": float(high),
                }
            )
        return pd.DataFrame(rows)

    def glance(self) -> pd.DataFrame:
        """One row: ``n n_event n_missing``."""
        counts = {"n": self.n, "n_event": self.n_event, "n_missing": self.n_missing}
        return pd.DataFrame([counts])

    def _title(self) -> str:
        return (
            "Pairwise survival ranking loss (higher score, earlier event; 0.693 = no information)"
        )
