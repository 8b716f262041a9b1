"""The pairwise survival ranking loss as a measure of a risk score."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._contrast import pairwise
from faceage_stats._formula.frame import survival_frame
from faceage_stats._formula.markers import marker_columns
from faceage_stats._result import Result, frozen_result
from faceage_stats._wald import limits, std_errors
from faceage_stats.errors import DesignError, FormulaError, InputError
from faceage_stats.prediction.ranking.kernel import pair_sums

__all__ = ["RankingLoss", "survival_ranking_loss"]


@checked_call
def survival_ranking_loss(formula: str, data: Any) -> RankingLoss:
    """Estimate how well a risk score predicts which of two patients has the event first.

    The loss is the mean of ``log(1 + exp(s_j - s_i))`` over the pairs in which i has the event
    before j's follow-up ends; ``s`` is the score.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ score1 + score2 + strata(fold)``: each numeric term is a separate
        score, higher meaning earlier, on the scale of a log hazard. Pairs are formed within strata.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient.

    Returns
    -------
    RankingLoss
        ``tidy()`` one row per score; ``contrasts()`` the paired differences between scores.

    Raises
    ------
    FormulaError
        No survival outcome, no score, or cluster() or offset(), which are not used here.
    InputError
        Delayed entry.
    DesignError
        No comparable pair.

    See Also
    --------
    concordance : The order of the pairs alone.
    survival_head : A score trained by this loss.

    Notes
    -----
    Under proportional hazards the probability that i has the event before j is
    ``1 / (1 + exp(s_j - s_i))`` with s the log hazard, so the loss is the logarithmic score of
    that forecast: the true log hazard minimises it, and a constant score has log 2 = 0.693. Like
    every pairwise measure it depends on the censoring, which decides which pairs are seen. The
    standard error is the infinitesimal jackknife, as for Harrell's C.

    References
    ----------
    Steck H, Krishnapuram B, Dehing-Oberije C, Lambin P, Raykar VC (2007). On ranking in survival
    analysis: bounds on the concordance index. Advances in Neural Information Processing Systems
    20:1209-1216.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4], "d": [1, 1, 0, 1], "risk": [2.0, 1.0, 0.0, 0.0]})
    >>> survival_ranking_loss("Surv(t, d) ~ risk", df).tidy().round(3)
      marker  estimate  std_error  conf_low  conf_high
    0   risk     0.239      0.055     0.131      0.346
    """
    data = marker_columns(formula, data, "survival_ranking_loss()")
    frame = survival_frame(formula, data, allow={"strata"}, caller="survival_ranking_loss()")
    if frame.surv.entry is not None:
        raise InputError("survival_ranking_loss needs Surv(time, event), without delayed entry.")
    if not frame.design.markers():
        raise FormulaError(f"survival_ranking_loss(): `{formula}` names no score.")
    strata = np.zeros(frame.n, np.int64) if frame.strata is None else frame.strata
    surv, values, influences = frame.surv, [], []
    for column in frame.x.T:
        sums = pair_sums(surv.time, surv.event, strata, np.ascontiguousarray(column))
        total = sums.pairs.sum()
        if not total:
            raise DesignError(
                "No pair can be compared: there must be an event before the end of another "
                "patient's follow-up (in the same stratum). Check the event column."
            )
        value = sums.losses.sum() / total
        values.append(value)
        influences.append(2 * (sums.losses - value * sums.pairs) / total)
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

    def vcov(self) -> pd.DataFrame:
        """Return the joint covariance of the losses, labelled by score."""
        covariance = self.dfbeta.T @ self.dfbeta
        return pd.DataFrame(covariance, index=self.markers, columns=self.markers)

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the loss of each score.

        Parameters
        ----------
        conf_level : float

        Returns
        -------
        pandas.DataFrame
            ``marker estimate std_error conf_low conf_high``.
        """
        std_error = std_errors(self.vcov())
        low, high = limits(self.loss, std_error, conf_level, within=(0, np.inf))
        return pd.DataFrame(
            {
                "marker": self.markers,
                "estimate": self.loss,
                "std_error": std_error,
                "conf_low": low,
                "conf_high": high,
            }
        )

    def contrasts(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the paired differences of the losses, the later minus the earlier.

        Returns
        -------
        pandas.DataFrame
            One row per pair of scores: ``marker1 marker2 estimate1 estimate2 estimate std_error
            conf_low conf_high statistic p_value``.
        """
        return pairwise(self.markers, self.loss, self.vcov(), conf_level)

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_event n_missing``."""
        counts = {"n": self.n, "n_event": self.n_event, "n_missing": self.n_missing}
        return pd.DataFrame([counts])

    def _further_tables(self) -> tuple[str, ...]:
        return ("contrasts",) if len(self.markers) > 1 else ()

    def _title(self) -> str:
        return (
            "Pairwise survival ranking loss (higher score, earlier event; 0.693 = no information)"
        )
