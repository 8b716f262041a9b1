"""Log-rank and G-rho tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._result import Result, frozen_result
from faceage_stats.survival.km.logrank import (
    ChiSquared,
    Grouped,
    Sums,
    chi_squared,
    gather,
    method_name,
)

__all__ = ["SurvDiff", "survdiff"]


@checked_call
def survdiff(formula: str, data: Any, *, rho: float = 0.0) -> SurvDiff:
    """Test whether survival curves differ between groups (G-rho family), as R's ``survdiff``.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ group + strata(site)``; several columns give their observed
        combinations as groups.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient, or per interval at risk.
    rho : float
        Events are weighted by S(t-)^rho of the pooled curve: 0 is the log-rank test, 1 the
        Peto-Peto modification of Gehan's Wilcoxon test.

    Returns
    -------
    SurvDiff
        ``tidy()`` one row per group (observed and expected events), ``glance()`` the test.

    Raises
    ------
    DesignError
        Fewer than two groups.
    FormulaError
        Delayed entry, cluster() or offset(), or a formula that cannot be read.

    Warns
    -----
    EstimationWarning
        No two groups are at risk together at an event.

    See Also
    --------
    pairwise_survdiff : Log-rank tests of every pair of groups.
    logrank_trend : Log-rank test for trend over ordered groups.
    survfit : Kaplan-Meier curves.

    Notes
    -----
    Equals ``survival::survdiff``; a group with no expected event is excluded from the statistic
    and from its degrees of freedom.

    In R: ``survival::survdiff(Surv(time, event) ~ group, data = df, rho = 0)``

    References
    ----------
    Harrington DP, Fleming TR (1982). A class of rank test procedures for censored survival data.
    Biometrika 69:553-566. doi:10.1093/biomet/69.3.553

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4], "d": [1, 1, 1, 1], "g": list("abab")})
    >>> survdiff("Surv(t, d) ~ g", df).tidy()["observed"].tolist()
    [2.0, 2.0]
    """
    rows = Grouped.read(formula, data, "survdiff()")
    sums = gather(rows, rho)
    return SurvDiff(rows, sums, chi_squared(sums), rho, formula)


@frozen_result
class SurvDiff(Result):
    """A G-rho test, made by `survdiff`.

    Attributes
    ----------
    rows : Grouped
        Follow-up, groups and strata of the rows used.
    sums : Sums
        Observed and expected events of each group and stratum.
    test : ChiSquared
    rho : float
    formula : str
    """

    rows: Grouped
    sums: Sums
    test: ChiSquared
    rho: float
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
        """Return one row per group: ``group n observed expected``, summed over strata."""
        return pd.DataFrame(
            {
                "group": self.groups,
                "n": self.rows.n,
                "observed": self.observed,
                "expected": self.expected,
            }
        )

    def glance(self) -> pd.DataFrame:
        """Return one row: ``statistic df p_value n n_event n_missing method``."""
        row = {
            **self.test._asdict(),
            "n": len(self.rows.time),
            "n_event": int(self.rows.event.sum()),
            "n_missing": self.rows.n_missing,
            "method": method_name(self.rho),
        }
        return pd.DataFrame([row])

    def _title(self) -> str:
        return (
            f"{method_name(self.rho)}: chi-squared {self.statistic:.4g} on {self.df} df, "
            f"p = {self.p_value:.3g} ({self.formula})"
        )
