"""Log-rank family: G-rho tests, pairwise comparisons, trend."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._result import Result, frozen_result
from faceage_stats.errors import DesignError, InputError
from faceage_stats.survival.km.logrank import Grouped, chi_squared, gather, upper_tail

__all__ = [
    "LogrankTrend",
    "PairwiseSurvDiff",
    "SurvDiff",
    "logrank_trend",
    "pairwise_survdiff",
    "survdiff",
]

_ADJUSTMENTS = {"holm": "holm", "BH": "fdr_bh", "bonferroni": "bonferroni", "none": None}


def survdiff(formula: str, data: Any, *, rho: float = 0.0) -> SurvDiff:
    """Test whether survival curves differ between groups (G-rho family), as R's ``survdiff``.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ group + strata(site)``; several columns give their observed
        combinations as groups.
    data : pandas.DataFrame or polars.DataFrame
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
        Delayed entry, or a formula that cannot be read.

    Notes
    -----
    Equals ``survival::survdiff``; a group with no expected event is left out of the statistic
    and of its degrees of freedom.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4], "d": [1, 1, 1, 1], "g": list("abab")})
    >>> survdiff("Surv(t, d) ~ g", df).tidy()["observed"].tolist()
    [2.0, 2.0]
    """
    rows = Grouped.read(formula, data)
    if not np.isfinite(rho):
        raise InputError(f"rho is {rho}; it must be a finite number, 0 for the log-rank test.")
    observed, expected, var = gather(rows, rho)
    total_observed, total_expected = observed.sum(axis=1), expected.sum(axis=1)
    statistic, df = chi_squared(total_observed, total_expected, var)
    return SurvDiff(
        rows.labels,
        tuple(np.bincount(rows.group, minlength=len(rows.labels)).tolist()),
        total_observed,
        total_expected,
        var,
        statistic,
        df,
        upper_tail(statistic, df),
        rho,
        rows.n_missing,
        formula,
    )


@frozen_result
class SurvDiff(Result):
    """A G-rho test.

    Attributes
    ----------
    groups : tuple of str
    n : tuple of int
        Rows per group.
    observed, expected : ndarray
        Weighted events per group, summed over strata.
    vcov : ndarray
        Covariance matrix of observed - expected.
    statistic, df, p_value
        Chi-squared test.
    rho, n_missing, formula
    """

    groups: tuple[str, ...]
    n: tuple[int, ...]
    observed: np.ndarray
    expected: np.ndarray
    vcov: np.ndarray
    statistic: float
    df: int
    p_value: float
    rho: float
    n_missing: int
    formula: str

    def tidy(self, **kwargs: Any) -> pd.DataFrame:
        """One row per group: ``group n observed expected``."""
        return pd.DataFrame(
            {
                "group": self.groups,
                "n": self.n,
                "observed": self.observed,
                "expected": self.expected,
            }
        )

    def glance(self) -> pd.DataFrame:
        """One row: ``statistic df p_value n n_missing method``."""
        return pd.DataFrame(
            {
                "statistic": [self.statistic],
                "df": [self.df],
                "p_value": [self.p_value],
                "n": [sum(self.n)],
                "n_missing": [self.n_missing],
                "method": [_method(self.rho)],
            }
        )

    def _title(self) -> str:
        return (
            f"{_method(self.rho)}: chi-squared {self.statistic:.4g} on {self.df} df, "
            f"p = {self.p_value:.3g} ({self.formula})"
        )


def _method(rho: float) -> str:
    return "Log-rank test" if rho == 0 else f"G-rho test, rho = {rho:g}"


def pairwise_survdiff(
    formula: str, data: Any, *, rho: float = 0.0, p_adjust: str = "holm"
) -> PairwiseSurvDiff:
    """Compare every pair of groups by `survdiff`, with p values adjusted over the pairs.

    Parameters
    ----------
    formula : str
        As for `survdiff`.
    data : pandas.DataFrame or polars.DataFrame
    rho : float
        As for `survdiff`.
    p_adjust : {"holm", "BH", "bonferroni", "none"}

    Returns
    -------
    PairwiseSurvDiff
        ``tidy()``: ``group1 group2 statistic df p_value p_adjusted``, first group slowest.

    Raises
    ------
    InputError
        `p_adjust` is unknown.

    Notes
    -----
    Every pair is tested on its own rows, as R's ``survdiff`` on a subset of the data; the p
    values are adjusted as by R's ``p.adjust``.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4, 5, 6], "d": 1, "g": list("abcabc")})
    >>> pairwise_survdiff("Surv(t, d) ~ g", df).tidy()["group2"].tolist()
    ['g=b', 'g=c', 'g=c']
    """
    if p_adjust not in _ADJUSTMENTS:
        raise InputError(f"p_adjust is {p_adjust!r}; choose one of {', '.join(_ADJUSTMENTS)}.")
    rows = Grouped.read(formula, data)
    pairs = list(itertools.combinations(range(len(rows.labels)), 2))
    tests = []
    for first, second in pairs:
        observed, expected, var = gather(rows.only(first, second), rho)
        tests.append(chi_squared(observed.sum(axis=1), expected.sum(axis=1), var))
    p_values = np.array([upper_tail(*test) for test in tests])
    table = pd.DataFrame(
        {
            "group1": [rows.labels[first] for first, _ in pairs],
            "group2": [rows.labels[second] for _, second in pairs],
            "statistic": [statistic for statistic, _ in tests],
            "df": [df for _, df in tests],
            "p_value": p_values,
            "p_adjusted": _adjust(p_values, p_adjust),
        }
    )
    return PairwiseSurvDiff(table, p_adjust, rho, rows.n_missing, formula)


def _adjust(p_values: np.ndarray, method: str) -> np.ndarray:
    if _ADJUSTMENTS[method] is None:
        return p_values
    from statsmodels.stats.multitest import multipletests

    return multipletests(p_values, method=_ADJUSTMENTS[method])[1]


@frozen_result
class PairwiseSurvDiff(Result):
    """Pairwise G-rho tests; `table` is what ``tidy()`` returns."""

    table: pd.DataFrame
    p_adjust: str
    rho: float
    n_missing: int
    formula: str

    def tidy(self, **kwargs: Any) -> pd.DataFrame:
        """One row per pair: ``group1 group2 statistic df p_value p_adjusted``."""
        return self.table.copy()

    def glance(self) -> pd.DataFrame:
        """One row: ``method family n_missing``."""
        family = f"{len(self.table)} pairs, {self.p_adjust}"
        return pd.DataFrame(
            {
                "method": [_method(self.rho)],
                "family": [family],
                "n_missing": [self.n_missing],
            }
        )

    def _title(self) -> str:
        return f"{_method(self.rho)}, all pairs ({self.p_adjust}): {self.formula}"


def logrank_trend(formula: str, data: Any, *, scores: Any = None, rho: float = 0.0) -> LogrankTrend:
    """Test for a trend over ordered groups: (sum w (O - E))^2 / w'Vw on one degree of freedom.

    Parameters
    ----------
    formula : str
        As for `survdiff`; the order is that of the groups' levels.
    data : pandas.DataFrame or polars.DataFrame
    scores : array_like, shape (n_groups,), optional
        Score w of each group; 1, 2, 3 ... by default.
    rho : float
        As for `survdiff`.

    Returns
    -------
    LogrankTrend
        ``tidy()`` one row: ``statistic df p_value``.

    Raises
    ------
    InputError
        `scores` does not have one finite number per group, or all are equal.

    Notes
    -----
    Uses the hypergeometric variance of the log-rank test. The score test of a Cox model with the
    score as covariate is the same when no event times are tied and ties are Breslow's.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4, 5, 6], "d": 1, "g": list("aabbcc")})
    >>> bool(logrank_trend("Surv(t, d) ~ g", df).p_value < 0.05)
    True
    """
    rows = Grouped.read(formula, data)
    size = len(rows.labels)
    weights = np.arange(1.0, size + 1) if scores is None else np.asarray(scores, float)
    if weights.shape != (size,) or not np.isfinite(weights).all() or np.ptp(weights) == 0:
        raise InputError(
            f"scores must be {size} finite numbers, not all equal, one for each of "
            f"{', '.join(rows.labels)}."
        )
    observed, expected, var = gather(rows, rho)
    total = float(weights @ (observed - expected).sum(axis=1))
    spread = float(weights @ var @ weights)
    if spread <= 0:
        raise DesignError(f"`{formula}`: no event has more than one group at risk; no trend.")
    statistic = total**2 / spread
    return LogrankTrend(
        rows.labels, weights, statistic, float(stats.chi2.sf(statistic, 1)), rows.n_missing, formula
    )


@frozen_result
class LogrankTrend(Result):
    """A log-rank test for trend."""

    groups: tuple[str, ...]
    scores: np.ndarray
    statistic: float
    p_value: float
    n_missing: int
    formula: str

    def tidy(self, **kwargs: Any) -> pd.DataFrame:
        """One row: ``statistic df p_value method``."""
        return pd.DataFrame(
            {
                "statistic": [self.statistic],
                "df": [1],
                "p_value": [self.p_value],
                "method": ["Log-rank test for trend"],
            }
        )

    def glance(self) -> pd.DataFrame:
        """The row of ``tidy()`` with ``n_missing``."""
        return self.tidy().assign(n_missing=self.n_missing)

    def _title(self) -> str:
        return f"Log-rank test for trend: {self.formula}"
