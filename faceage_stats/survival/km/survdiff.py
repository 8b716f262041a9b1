"""The log-rank test and its weighted relatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._result import Result, frozen_result
from faceage_stats._wald import std_errors
from faceage_stats.survival.km.event_weights import EventWeight, WeightName
from faceage_stats.survival.km.logrank import (
    ChiSquared,
    Grouped,
    Sums,
    chi_squared,
    gather,
    of_strata,
)

__all__ = ["SurvDiff", "survdiff"]


@checked_call
def survdiff(
    formula: str,
    data: Any,
    *,
    rho: float = 0.0,
    gamma: float = 0.0,
    weight: WeightName = "fleming_harrington",
    subset: str | None = None,
) -> SurvDiff:
    """Test whether survival curves differ between groups (log-rank family), as R's ``survdiff``.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ group + strata(site)``; several columns give their observed
        combinations as groups.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient, or per interval at risk.
    rho, gamma : float
        Events are weighted by S(t-)^rho (1 - S(t-))^gamma of the pooled curve (Fleming and
        Harrington): 0, 0 is the log-rank test; rho = 1 weighs early events, gamma = 1 late ones.
    weight : {"fleming_harrington", "gehan", "tarone_ware", "peto_peto", "modified_peto"}
        Or by the number at risk n (Gehan and Breslow), its square root (Tarone and Ware), or the
        product of 1 - d / (n + 1) up to and including t (Peto and Peto; modified: times
        n / (n + 1)).
    subset : str, optional
        A condition on columns, ``"age > 65 & sex == 1"``: only the rows where it is true are used.

    Returns
    -------
    SurvDiff
        ``tidy()`` one row per group (observed and expected events), ``glance()`` the test,
        ``weights()`` the weight at each event time.

    Raises
    ------
    DesignError
        Fewer than two groups.
    FormulaError
        Delayed entry, cluster() or offset(), or a formula that cannot be read.
    InputError
        `rho` or `gamma` with another weight, or a negative `gamma`.

    Warns
    -----
    EstimationWarning
        No two groups are at risk together at an event.

    See Also
    --------
    maxcombo : The largest of several of these tests, where hazards may cross.
    pairwise_survdiff : Log-rank tests of every pair of groups.
    logrank_trend : Log-rank test for trend over ordered groups.
    survfit : Kaplan-Meier curves.
    smr : Against a life table: its ``logrank()`` is the one-sample test.

    Notes
    -----
    Equals ``survival::survdiff``, whose only weight is `rho`; ``survMisc::comp`` has the others
    with another variance where times tie. A group with no expected event is excluded from the
    statistic and from its degrees of freedom.

    In R: ``survival::survdiff(Surv(time, event) ~ group, data = df, rho = 0)``

    References
    ----------
    Harrington DP, Fleming TR (1982). A class of rank test procedures for censored survival data.
    Biometrika 69:553-566. doi:10.1093/biomet/69.3.553

    Tarone RE, Ware J (1977). On distribution-free tests for equality of survival distributions.
    Biometrika 64:156-160.

    Peto R, Peto J (1972). Asymptotically efficient rank invariant test procedures. Journal of the
    Royal Statistical Society Series A 135:185-207.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4], "d": [1, 1, 1, 1], "g": list("abab")})
    >>> survdiff("Surv(t, d) ~ g", df).tidy()["observed"].tolist()
    [2.0, 2.0]
    >>> survdiff("Surv(t, d) ~ g", df, weight="gehan").weights()["weight"].tolist()
    [4.0, 3.0, 2.0, 1.0]
    """
    event_weight = EventWeight(rho, gamma, weight)
    rows = Grouped.read(formula, data, "survdiff()", subset)
    sums = gather(rows, event_weight)
    return SurvDiff(rows, sums, chi_squared(sums), event_weight, formula)


@frozen_result
class SurvDiff(Result):
    """A test of the log-rank family, made by `survdiff`.

    Attributes
    ----------
    rows : Grouped
        Follow-up, groups and strata of the rows used.
    sums : Sums
        Observed and expected events of each group and stratum.
    test : ChiSquared
    event_weight : EventWeight
    formula : str
    """

    rows: Grouped
    sums: Sums
    test: ChiSquared
    event_weight: EventWeight
    formula: str

    @property
    def groups(self) -> tuple[str, ...]:
        """Labels of the groups."""
        return self.rows.labels

    @property
    def observed(self) -> np.ndarray:
        """Weighted events of each group, summed over strata."""
        return np.asarray(self.sums.observed.sum(axis=1))

    @property
    def expected(self) -> np.ndarray:
        """Weighted events expected in each group, summed over strata."""
        return np.asarray(self.sums.expected.sum(axis=1))

    @property
    def statistic(self) -> float:
        """Chi-squared statistic."""
        return self.test.statistic

    @property
    def df(self) -> int:
        """Its degrees of freedom."""
        return self.test.df

    @property
    def p_value(self) -> float:
        """Its p value."""
        return self.test.p_value

    def vcov(self) -> pd.DataFrame:
        """Return the covariance matrix of observed - expected, by group."""
        return pd.DataFrame(self.sums.variance, index=self.groups, columns=self.groups)

    def tidy(self) -> pd.DataFrame:
        """Return one row per group, summed over strata.

        Returns
        -------
        pandas.DataFrame
            ``group n n_event observed expected excess statistic``: events as they are, then
            weighted; ``excess`` is observed - expected, ``statistic`` the same in its standard
            errors.
        """
        excess, spread = self.observed - self.expected, std_errors(self.sums.variance)
        with np.errstate(invalid="ignore", divide="ignore"):
            statistic = excess / spread
        n_event = np.bincount(self.rows.group, self.rows.event, len(self.groups))
        return pd.DataFrame(
            {
                "group": self.groups,
                "n": self.rows.n,
                "n_event": n_event.astype(np.int64),
                "observed": self.observed,
                "expected": self.expected,
                "excess": excess,
                "statistic": np.where(spread > 0, statistic, np.nan),
            }
        )

    def weights(self) -> pd.DataFrame:
        """Return the weight of the events at each time: ``time weight``, stratum by stratum."""
        parts = of_strata(self.rows, self.event_weight)
        return pd.DataFrame(
            {
                "time": np.concatenate([part.time for part in parts]),
                "weight": np.concatenate([part.weight for part in parts]),
            }
        )

    def glance(self) -> pd.DataFrame:
        """Return one row: ``statistic df p_value n n_event n_missing method``."""
        row = {
            **self.test._asdict(),
            "n": len(self.rows.time),
            "n_event": int(self.rows.event.sum()),
            "n_missing": self.rows.n_missing,
            "method": self.event_weight.label(),
        }
        return pd.DataFrame([row])

    def _further_tables(self) -> tuple[str, ...]:
        return ("weights",)

    def _title(self) -> str:
        return (
            f"{self.event_weight.label()}: chi-squared {self.statistic:.4g} on {self.df} df, "
            f"p = {self.p_value:.3g} ({self.formula})"
        )
