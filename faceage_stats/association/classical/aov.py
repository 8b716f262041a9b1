"""One-way analysis of variance with Tukey's comparisons of every pair."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._result import Result, frozen_result
from faceage_stats.association.classical.htest import check_conf_level, groups_of
from faceage_stats.errors import DesignError

__all__ = ["AovFit", "aov"]


@frozen_result
class AovFit(Result):
    """One-way analysis of variance with Tukey's comparisons."""

    table: pd.DataFrame
    comparisons: pd.DataFrame
    eta_squared: float
    n: int
    n_missing: int

    def tidy(self, **kwargs: Any) -> pd.DataFrame:
        """Group and residual rows: ``term, df, sum_sq, mean_sq, statistic, p_value``."""
        return self.table.copy()

    def tukey(self) -> pd.DataFrame:
        """Every pair of groups, later minus earlier level, with Tukey-Kramer limits."""
        return self.comparisons.copy()

    def glance(self) -> pd.DataFrame:
        """One row: ``statistic, df, df_residual, p_value, eta_squared, n, n_missing``."""
        group, residual = self.table.iloc[0], self.table.iloc[1]
        return pd.DataFrame(
            [
                {
                    "statistic": group["statistic"],
                    "df": group["df"],
                    "df_residual": residual["df"],
                    "p_value": group["p_value"],
                    "eta_squared": self.eta_squared,
                    "n": self.n,
                    "n_missing": self.n_missing,
                }
            ]
        )


def aov(formula: str, *, data: Any, conf_level: float = 0.95) -> AovFit:
    """Fit a one-way analysis of variance with Tukey's comparisons (``aov``, ``TukeyHSD``).

    Parameters
    ----------
    formula : str
        ``"value ~ group"``.
    data : DataFrame
        Rows with a missing value or group are dropped and counted.
    conf_level : float
        Family-wise level of Tukey's limits.

    Returns
    -------
    AovFit
        ``tidy()`` the analysis-of-variance table, ``tukey()`` the pairs, ``glance()`` one row.

    Raises
    ------
    DesignError
        If no group holds two values, so that there is no residual variance.

    Examples
    --------
    >>> frame = pd.DataFrame({"gap": [1.0, 2, 3, 5, 4, 6], "site": list("aabbcc")})
    >>> round(aov("gap ~ site", data=frame).eta_squared, 3)
    0.743
    """
    check_conf_level(conf_level)
    samples, labels, n_missing = groups_of(formula, data)
    values = np.concatenate(samples)
    df, df_residual = len(samples) - 1, len(values) - len(samples)
    within = float(sum(((s - s.mean()) ** 2).sum() for s in samples))
    if df_residual < 1 or within == 0:
        raise DesignError("aov: the groups hold no residual variance; more rows are needed.")
    between = float(sum(len(s) * (s.mean() - values.mean()) ** 2 for s in samples))
    statistic = between / df / (within / df_residual)
    table = pd.DataFrame(
        {
            "term": [formula.partition("~")[2].strip(), "Residuals"],
            "df": [float(df), float(df_residual)],
            "sum_sq": [between, within],
            "mean_sq": [between / df, within / df_residual],
            "statistic": [statistic, np.nan],
            "p_value": [float(stats.f.sf(statistic, df, df_residual)), np.nan],
        }
    )
    comparisons = _tukey(samples, labels, within / df_residual, conf_level)
    return AovFit(table, comparisons, between / (between + within), len(values), n_missing)


def _tukey(
    samples: list[np.ndarray], labels: list[Any], residual_variance: float, conf_level: float
) -> pd.DataFrame:
    """Tukey-Kramer comparisons in R's order: each later level minus each earlier one."""
    df_residual = sum(map(len, samples)) - len(samples)
    early, late = np.triu_indices(len(samples), 1)
    means, sizes = np.array([s.mean() for s in samples]), np.array([len(s) for s in samples])
    difference = means[late] - means[early]
    std_error = np.sqrt(residual_variance * (1 / sizes[late] + 1 / sizes[early]))
    q = stats.studentized_range(len(samples), df_residual)
    half_width = q.ppf(conf_level) / math.sqrt(2) * std_error
    return pd.DataFrame(
        {
            "group1": [labels[i] for i in late],
            "group2": [labels[i] for i in early],
            "estimate": difference,
            "std_error": std_error,
            "statistic": difference / std_error,
            "conf_low": difference - half_width,
            "conf_high": difference + half_width,
            "p_adjusted": q.sf(np.abs(difference) / std_error * math.sqrt(2)),
            "conf_level": conf_level,
            "family": f"Tukey, {len(difference)} pairs",
        }
    )
