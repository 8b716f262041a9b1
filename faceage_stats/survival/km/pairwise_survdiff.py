"""Log-rank tests of every pair of groups."""

from __future__ import annotations

import itertools
from typing import Any

import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._near import check_option
from faceage_stats._p_adjust import PAdjust
from faceage_stats._p_adjust import p_adjust as adjusted
from faceage_stats._result import Result, frozen_result
from faceage_stats.survival.km.event_weights import EventWeight, WeightName
from faceage_stats.survival.km.logrank import Grouped, chi_squared, gather

__all__ = ["PairwiseSurvDiff", "pairwise_survdiff"]


@checked_call
def pairwise_survdiff(
    formula: str,
    data: Any,
    *,
    rho: float = 0.0,
    gamma: float = 0.0,
    weight: WeightName = "fleming_harrington",
    p_adjust: PAdjust = "holm",
) -> PairwiseSurvDiff:
    """Compare every pair of groups by `survdiff`, with p values adjusted over the pairs.

    Parameters
    ----------
    formula : str
        As for `survdiff`.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient, or per interval at risk.
    rho, gamma : float
        As for `survdiff`.
    weight : {"fleming_harrington", "gehan", "tarone_ware", "peto_peto", "modified_peto"}
        As for `survdiff`.
    p_adjust : {"holm", "hochberg", "hommel", "bonferroni", "BH", "BY", "fdr", "none"}
        Adjustment over the pairs, as R's ``p.adjust``.

    Returns
    -------
    PairwiseSurvDiff
        ``tidy()``: ``group1 group2 statistic df p_value p_adjusted``, first group slowest.

    Raises
    ------
    InputError
        `p_adjust` is unknown.
    FormulaError, DesignError
        As `survdiff`.

    See Also
    --------
    survdiff : Log-rank and G-rho tests.
    logrank_trend : Log-rank test for trend over ordered groups.
    p_adjust : Adjustment of p values.

    Notes
    -----
    Every pair is tested on its rows only, as R's ``survdiff`` on a subset of the data; the p
    values are adjusted as by R's ``p.adjust``.

    In R: ``survminer::pairwise_survdiff(Surv(time, event) ~ group, data = df)``

    References
    ----------
    Harrington DP, Fleming TR (1982). A class of rank test procedures for censored survival data.
    Biometrika 69:553-566. doi:10.1093/biomet/69.3.553

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4, 5, 6], "d": 1, "g": list("abcabc")})
    >>> pairwise_survdiff("Surv(t, d) ~ g", df).tidy()["group2"].tolist()
    ['g=b', 'g=c', 'g=c']
    """
    check_option("p_adjust", p_adjust, PAdjust)
    event_weight = EventWeight(rho, gamma, weight)
    rows = Grouped.read(formula, data, "pairwise_survdiff()")
    pairs = list(itertools.combinations(range(len(rows.labels)), 2))
    tests = pd.DataFrame([chi_squared(gather(rows.only(*pair), event_weight)) for pair in pairs])
    table = pd.DataFrame(
        {
            "group1": [rows.labels[first] for first, _ in pairs],
            "group2": [rows.labels[second] for _, second in pairs],
        }
    )
    table = table.join(tests).assign(p_adjusted=adjusted(tests["p_value"], p_adjust))
    return PairwiseSurvDiff(
        table, p_adjust, event_weight.label(), len(rows.time), rows.n_missing, formula
    )


@frozen_result
class PairwiseSurvDiff(Result):
    """Pairwise log-rank tests, made by `pairwise_survdiff`.

    Attributes
    ----------
    table : pandas.DataFrame
        What ``tidy()`` returns.
    p_adjust : str
    method : str
    n, n_missing : int
    formula : str
    """

    table: pd.DataFrame
    p_adjust: PAdjust
    method: str
    n: int
    n_missing: int
    formula: str

    def tidy(self) -> pd.DataFrame:
        """Return one row per pair: ``group1 group2 statistic df p_value p_adjusted``."""
        return self.table.copy()

    def glance(self) -> pd.DataFrame:
        """Return one row: ``method family n n_missing``."""
        row = {
            "method": self.method,
            "family": f"{len(self.table)} pairs, {self.p_adjust}",
            "n": self.n,
            "n_missing": self.n_missing,
        }
        return pd.DataFrame([row])

    def _title(self) -> str:
        return f"{self.method}, all pairs ({self.p_adjust}): {self.formula}"
