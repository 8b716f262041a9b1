"""One-way analysis of variance with Tukey's comparisons of every pair."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._call import checked_call
from faceage_stats._result import Result, frozen_result
from faceage_stats._tukey import range_quantile
from faceage_stats._wald import check_conf_level
from faceage_stats.association.classical.samples import groups_of
from faceage_stats.errors import DesignError

__all__ = ["AovFit", "aov"]


@frozen_result
class AovFit(Result):
    """One-way analysis of variance, made by :func:`aov`.

    Attributes
    ----------
    group : str
        Right side of the formula.
    labels : tuple
        Groups in level order.
    size, mean : ndarray, shape (k,)
        Values in each group, and their mean.
    sum_sq : tuple of float
        Sums of squares between and within groups.
    n_missing : int
    """

    group: str
    labels: tuple[Any, ...]
    size: np.ndarray
    mean: np.ndarray
    sum_sq: tuple[float, float]
    n_missing: int

    @property
    def n(self) -> int:
        """Values used."""
        return int(self.size.sum())

    @property
    def df(self) -> int:
        """Groups less one."""
        return len(self.labels) - 1

    @property
    def df_residual(self) -> int:
        """Values less groups."""
        return self.n - len(self.labels)

    @property
    def eta_squared(self) -> float:
        """Proportion of the variance between groups."""
        return self.sum_sq[0] / sum(self.sum_sq)

    def tidy(self) -> pd.DataFrame:
        """Return the rows of group and residuals.

        Returns
        -------
        pandas.DataFrame
            ``term df sum_sq mean_sq statistic p_value``.
        """
        df = np.array([self.df, self.df_residual], float)
        mean_sq = np.array(self.sum_sq) / df
        statistic = float(mean_sq[0] / mean_sq[1])
        return pd.DataFrame(
            {
                "term": [self.group, "Residuals"],
                "df": df,
                "sum_sq": self.sum_sq,
                "mean_sq": mean_sq,
                "statistic": [statistic, np.nan],
                "p_value": [float(stats.f.sf(statistic, *df)), np.nan],
            }
        )

    def tukey(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Compare every pair of groups, later minus earlier level, as R's ``TukeyHSD``.

        Parameters
        ----------
        conf_level : float
            Family-wise level of the Tukey-Kramer limits.

        Returns
        -------
        pandas.DataFrame
            ``group1 group2 estimate1 estimate2 estimate std_error conf_low conf_high statistic
            p_adjusted family``.
        """
        check_conf_level(conf_level)
        k = len(self.labels)
        early, late = np.triu_indices(k, 1)
        difference = self.mean[late] - self.mean[early]
        variance = self.sum_sq[1] / self.df_residual
        std_error = np.sqrt(variance * (1 / self.size[late] + 1 / self.size[early]))
        critical = range_quantile(conf_level, k, self.df_residual)
        half_width = critical / math.sqrt(2) * std_error
        distance = np.abs(difference) / std_error * math.sqrt(2)
        return pd.DataFrame(
            {
                "group1": [self.labels[i] for i in late],
                "group2": [self.labels[i] for i in early],
                "estimate1": self.mean[late],
                "estimate2": self.mean[early],
                "estimate": difference,
                "std_error": std_error,
                "conf_low": difference - half_width,
                "conf_high": difference + half_width,
                "statistic": difference / std_error,
                "p_adjusted": stats.studentized_range.sf(distance, k, self.df_residual),
                "family": f"Tukey, {len(difference)} pairs",
            }
        )

    def glance(self) -> pd.DataFrame:
        """Return one row: ``statistic df df_residual p_value eta_squared n n_missing``."""
        group = self.tidy().iloc[0]
        row = {
            "statistic": group["statistic"],
            "df": float(self.df),
            "df_residual": float(self.df_residual),
            "p_value": group["p_value"],
            "eta_squared": self.eta_squared,
            "n": self.n,
            "n_missing": self.n_missing,
        }
        return pd.DataFrame([row])

    def _further_tables(self) -> tuple[str, ...]:
        return ("tukey",)

    def _title(self) -> str:
        return "One-way analysis of variance"


@checked_call
def aov(formula: str, data: Any) -> AovFit:
    """Fit a one-way analysis of variance, as R's ``aov``.

    Parameters
    ----------
    formula : str
        ``"value ~ group"``.
    data : pandas.DataFrame or polars.DataFrame
        Rows with a missing value or group are dropped and counted.

    Returns
    -------
    AovFit
        ``tidy()`` the analysis-of-variance table, ``tukey(conf_level=...)`` the pairs,
        ``glance()`` one row.

    Raises
    ------
    DesignError
        No group holds two values, so that there is no residual variance.

    See Also
    --------
    oneway_test : without assuming equal variances.
    lm : with covariates.

    Notes
    -----
    In R: ``aov(gap ~ site, data = df)``

    References
    ----------
    Kramer CY (1956). Extension of multiple range tests to group means with unequal numbers of
    replications. Biometrics 12:307-310. doi:10.2307/3001469

    Examples
    --------
    >>> data = pd.DataFrame({"gap": [1.0, 2, 3, 5, 4, 6], "site": list("aabbcc")})
    >>> fit = aov("gap ~ site", data)
    >>> round(fit.eta_squared, 3), fit.tukey()["p_adjusted"].round(3).tolist()
    (0.743, [0.25, 0.126, 0.72])
    """
    groups = groups_of(formula, data, "aov()")
    values = np.concatenate(groups.samples)
    within = float(sum(((s - s.mean()) ** 2).sum() for s in groups.samples))
    if len(values) == len(groups.samples) or within == 0:
        raise DesignError("aov: the groups hold no residual variance; more rows are needed.")
    between = float(sum(len(s) * (s.mean() - values.mean()) ** 2 for s in groups.samples))
    return AovFit(
        group=formula.partition("~")[2].strip(),
        labels=tuple(groups.labels),
        size=np.array([len(s) for s in groups.samples]),
        mean=np.array([s.mean() for s in groups.samples]),
        sum_sq=(between, within),
        n_missing=groups.n_missing,
    )
