"""The log-rank test for trend over ordered groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._call import checked_call
from faceage_stats._result import Result, frozen_result
from faceage_stats.errors import DesignError, InputError
from faceage_stats.survival.km.event_weights import EventWeight
from faceage_stats.survival.km.logrank import Grouped, gather

__all__ = ["LogrankTrend", "logrank_trend"]


@checked_call
def logrank_trend(formula: str, data: Any, *, scores: Any = None, rho: float = 0.0) -> LogrankTrend:
    """Test for a trend over ordered groups: (sum w (O - E))^2 / w'Vw on one degree of freedom.

    Parameters
    ----------
    formula : str
        As for `survdiff`; the order is that of the groups' levels.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient, or per interval at risk.
    scores : array_like, shape (n_groups,), optional
        Score w of each group; 1, 2, 3 ... by default.
    rho : float
        As for `survdiff`.

    Returns
    -------
    LogrankTrend
        ``tidy()`` one row: ``statistic df p_value method``.

    Raises
    ------
    InputError
        `scores` does not have one finite number per group, or all are equal.
    DesignError
        No event has more than one group at risk.

    See Also
    --------
    survdiff : Log-rank and G-rho tests.
    pairwise_survdiff : Log-rank tests of every pair of groups.
    coxph : Cox's proportional hazards model.

    Notes
    -----
    Uses the hypergeometric variance of the log-rank test. The score test of a Cox model with the
    score as covariate is the same when no event times are tied and ties are Breslow's.

    In R: ``survMisc::comp(survMisc::ten(survival::survfit(Surv(time, event) ~ group, data = df)))``

    References
    ----------
    Tarone RE (1975). Tests for trend in life table analysis. Biometrika 62:679-682.
    doi:10.1093/biomet/62.3.679

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4, 5, 6], "d": 1, "g": list("aabbcc")})
    >>> bool(logrank_trend("Surv(t, d) ~ g", df).p_value < 0.05)
    True
    """
    rows = Grouped.read(formula, data, "logrank_trend()")
    size = len(rows.labels)
    weights = np.arange(1.0, size + 1) if scores is None else np.asarray(scores, float)
    if weights.shape != (size,) or not np.isfinite(weights).all() or np.ptp(weights) == 0:
        raise InputError(
            f"scores must be {size} finite numbers, not all equal, one for each of "
            f"{', '.join(rows.labels)}."
        )
    observed, expected, variance = gather(rows, EventWeight(rho))
    total = float(weights @ (observed - expected).sum(axis=1))
    spread = float(weights @ variance @ weights)
    if spread <= 0:
        raise DesignError(f"`{formula}`: no event has more than one group at risk; no trend.")
    statistic = total**2 / spread
    p_value = float(stats.chi2.sf(statistic, 1))
    return LogrankTrend(rows, weights, statistic, p_value, formula)


@frozen_result
class LogrankTrend(Result):
    """A log-rank test for trend, made by `logrank_trend`.

    Attributes
    ----------
    rows : Grouped
        Follow-up, groups and strata of the rows used.
    scores : ndarray, shape (n_groups,)
    statistic, p_value : float
    formula : str
    """

    rows: Grouped
    scores: np.ndarray
    statistic: float
    p_value: float
    formula: str

    @property
    def groups(self) -> tuple[str, ...]:
        """Labels of the groups."""
        return self.rows.labels

    def tidy(self) -> pd.DataFrame:
        """Return one row: ``statistic df p_value method``."""
        row = {"statistic": self.statistic, "df": 1, "p_value": self.p_value}
        return pd.DataFrame([row | {"method": "Log-rank test for trend"}])

    def glance(self) -> pd.DataFrame:
        """Return the row of ``tidy()`` with ``n n_event n_missing``."""
        return self.tidy().assign(
            n=len(self.rows.time),
            n_event=int(self.rows.event.sum()),
            n_missing=self.rows.n_missing,
        )

    def _title(self) -> str:
        return f"Log-rank test for trend: {self.formula}"
