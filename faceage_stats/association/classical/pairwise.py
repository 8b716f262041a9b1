"""Every pair of groups compared: t tests, rank sum tests, and Dunn's test."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._arguments import check_flag
from faceage_stats._call import checked_call
from faceage_stats._near import check_option
from faceage_stats._p_adjust import PAdjust
from faceage_stats._p_adjust import p_adjust as adjusted
from faceage_stats._wald import two_sided
from faceage_stats.association.classical.means import t_test
from faceage_stats.association.classical.pairwise_result import (
    PairwiseTests,
    pair_labels,
    pairs_of_groups,
)
from faceage_stats.association.classical.ranks import wilcox_test
from faceage_stats.association.classical.samples import Groups, groups_of
from faceage_stats.errors import DesignError

__all__ = ["dunn_test", "pairwise_t_test", "pairwise_wilcox_test"]


@checked_call
def pairwise_t_test(
    formula: str, data: Any, *, p_adjust: PAdjust = "holm", pool_sd: bool = True
) -> PairwiseTests:
    """Compare the means of every pair of groups by t tests, as R's ``pairwise.t.test``.

    Parameters
    ----------
    formula : str
        ``"value ~ group"``.
    data : pandas.DataFrame or polars.DataFrame
        Rows with a missing value or group are dropped and counted.
    p_adjust : {"holm", "hochberg", "hommel", "bonferroni", "BH", "BY", "fdr", "none"}
        Adjustment over the pairs, as R's ``p.adjust``.
    pool_sd : bool
        One standard deviation from all groups; False: Welch's test of each pair.

    Returns
    -------
    PairwiseTests
        ``tidy()``: ``group1 group2 estimate`` (later minus earlier level)
        ``std_error statistic df p_value p_adjusted family``.

    Raises
    ------
    DesignError
        No residual variance, or a group with fewer than 2 values (without pooling).

    See Also
    --------
    aov : with Tukey's limits.
    games_howell_test : unequal variances, simultaneous limits.

    Notes
    -----
    In R: ``pairwise.t.test(df$gap, df$site, p.adjust.method = "holm")``

    References
    ----------
    Holm S (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of
    Statistics 6:65-70.

    Examples
    --------
    >>> data = pd.DataFrame({"gap": [1.0, 2, 3, 5, 4, 6, 9, 7], "site": list("aaabbbcc")})
    >>> pairwise_t_test("gap ~ site", data).tidy()["p_adjusted"].round(4).tolist()
    [0.0405, 0.0055, 0.0405]
    """
    check_option("p_adjust", p_adjust, PAdjust)
    groups = groups_of(formula, data, "pairwise_t_test()")
    samples = groups.samples
    if check_flag("pool_sd", pool_sd):
        rows = _pooled_t(groups)
    else:
        tests = [t_test(samples[late], samples[early]) for late, early in pairs_of_groups(groups)]
        names = ("estimate", "std_error", "statistic", "df", "p_value")
        rows = [{name: getattr(test, name) for name in names} for test in tests]
    pooled = "pooled SD" if pool_sd else "Welch"
    return _result(groups, rows, f"Pairwise t tests ({pooled})", p_adjust)


def _pooled_t(groups: Groups) -> list[dict[str, float]]:
    df = groups.n - len(groups.samples)
    with np.errstate(over="ignore"):
        within = float(sum(((sample - sample.mean()) ** 2).sum() for sample in groups.samples))
    if df < 1 or not 0 < within < math.inf:
        raise DesignError("pairwise_t_test: the groups hold no residual variance, or too large.")
    mean = [float(sample.mean()) for sample in groups.samples]
    size = [len(sample) for sample in groups.samples]
    rows = []
    for late, early in pairs_of_groups(groups):
        std_error = math.sqrt(within / df * (1 / size[late] + 1 / size[early]))
        statistic = (mean[late] - mean[early]) / std_error
        rows.append(
            {
                "estimate": mean[late] - mean[early],
                "std_error": std_error,
                "statistic": statistic,
                "df": float(df),
                "p_value": float(two_sided(statistic, df)),
            }
        )
    return rows


@checked_call
def pairwise_wilcox_test(formula: str, data: Any, *, p_adjust: PAdjust = "holm") -> PairwiseTests:
    """Compare every pair of groups by rank-sum tests, as R's ``pairwise.wilcox.test``.

    Parameters
    ----------
    formula : str
        ``"value ~ group"``.
    data : pandas.DataFrame or polars.DataFrame
        Rows with a missing value or group are dropped and counted.
    p_adjust : {"holm", "hochberg", "hommel", "bonferroni", "BH", "BY", "fdr", "none"}
        Adjustment over the pairs, as R's ``p.adjust``.

    Returns
    -------
    PairwiseTests
        ``tidy()``: ``group1 group2 estimate`` (Hodges-Lehmann shift, later minus earlier level)
        ``statistic`` (W) ``p_value p_adjusted family``.

    Raises
    ------
    InputError
        Fewer than two groups, or values that are not numbers.

    See Also
    --------
    dunn_test : pairs by the ranks of all groups, after `kruskal_test`.
    wilcox_test : one pair, with its interval.

    Notes
    -----
    Each pair is exact below 50 values without ties, else normal with continuity correction, as R.

    In R: ``pairwise.wilcox.test(df$gap, df$site, p.adjust.method = "BH")``

    References
    ----------
    Wilcoxon F (1945). Individual comparisons by ranking methods. Biometrics Bulletin 1:80-83.
    doi:10.2307/3001968

    Examples
    --------
    >>> data = pd.DataFrame({"gap": [1.0, 2, 3, 5, 4, 6, 9, 7], "site": list("aaabbbcc")})
    >>> pairwise_wilcox_test("gap ~ site", data).tidy()["p_value"].round(4).tolist()
    [0.1, 0.2, 0.2]
    """
    check_option("p_adjust", p_adjust, PAdjust)
    groups = groups_of(formula, data, "pairwise_wilcox_test()")
    samples = groups.samples
    tests = [wilcox_test(samples[late], samples[early]) for late, early in pairs_of_groups(groups)]
    names = ("estimate", "statistic", "p_value")
    rows = [{name: getattr(test, name) for name in names} for test in tests]
    return _result(groups, rows, "Pairwise Wilcoxon rank sum tests", p_adjust)


@checked_call
def dunn_test(formula: str, data: Any, *, p_adjust: PAdjust = "holm") -> PairwiseTests:
    """Compare the mean ranks of every pair of groups (Dunn), after `kruskal_test`.

    Parameters
    ----------
    formula : str
        ``"value ~ group"``.
    data : pandas.DataFrame or polars.DataFrame
        Rows with a missing value or group are dropped and counted.
    p_adjust : {"holm", "hochberg", "hommel", "bonferroni", "BH", "BY", "fdr", "none"}
        Adjustment over the pairs, as R's ``p.adjust``.

    Returns
    -------
    PairwiseTests
        ``tidy()``: ``group1 group2 estimate`` (mean rank among all rows, later minus earlier level)
        ``std_error statistic p_value p_adjusted family``.

    Raises
    ------
    DesignError
        All values are equal.

    See Also
    --------
    kruskal_test : any difference between the groups.
    pairwise_wilcox_test : every pair on its own ranks.

    Notes
    -----
    The variance of the ranks is corrected for ties.

    In R: ``rstatix::dunn_test(df, gap ~ site, p.adjust.method = "holm")``

    References
    ----------
    Dunn OJ (1964). Multiple comparisons using rank sums. Technometrics 6:241-252.

    Examples
    --------
    >>> data = pd.DataFrame({"gap": [1.0, 2, 3, 5, 4, 6, 9, 7], "site": list("aaabbbcc")})
    >>> dunn_test("gap ~ site", data).tidy()["p_adjusted"].round(4).tolist()
    [0.2672, 0.0417, 0.2672]
    """
    check_option("p_adjust", p_adjust, PAdjust)
    groups = groups_of(formula, data, "dunn_test()")
    ranks = stats.rankdata(np.concatenate(groups.samples))
    variance = float(ranks.var(ddof=1))  # N (N + 1) / 12 where there are no ties
    if variance == 0:
        raise DesignError("dunn_test: all values are equal, so ranks cannot differ.")
    size = np.array([len(sample) for sample in groups.samples])
    mean = [part.mean() for part in np.split(ranks, np.cumsum(size)[:-1])]
    late, early = np.array(pairs_of_groups(groups)).T
    estimate = np.array(mean)[late] - np.array(mean)[early]
    std_error = np.sqrt(variance * (1 / size[late] + 1 / size[early]))
    columns = {
        "estimate": estimate,
        "std_error": std_error,
        "statistic": estimate / std_error,
        "p_value": two_sided(estimate / std_error),
    }
    return _result(groups, columns, "Dunn's test", p_adjust)


def _result(groups: Groups, columns: Any, method: str, p_adjust: PAdjust) -> PairwiseTests:
    """Adjust the p values over the pairs."""
    table = pair_labels(groups).join(pd.DataFrame(columns))
    family = f"{len(table)} pairs, {p_adjust}"
    table = table.assign(p_adjusted=adjusted(table["p_value"], p_adjust), family=family)
    return PairwiseTests(table, method, groups.n, groups.n_missing)
