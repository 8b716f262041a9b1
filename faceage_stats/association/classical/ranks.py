"""Tests by ranks: Wilcoxon's of one or two samples, Kruskal and Wallis's of several."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from faceage_stats._call import checked_call
from faceage_stats._near import check_option
from faceage_stats._wald import check_conf_level
from faceage_stats.association.classical.htest import Alternative, HTest
from faceage_stats.association.classical.samples import groups_of, samples_of
from faceage_stats.association.classical.wilcoxon import rank_sum, signed_rank
from faceage_stats.errors import DesignError

__all__ = ["kruskal_test", "wilcox_test"]


@checked_call
def wilcox_test(
    formula: Any,
    data: Any = None,
    *,
    paired: bool = False,
    exact: bool | None = None,
    correct: bool = True,
    alternative: Alternative = "two.sided",
    conf_level: float = 0.95,
) -> HTest:
    """Compare two samples, or pairs, by ranks, as R's ``wilcox.test(conf.int = TRUE)``.

    Parameters
    ----------
    formula : str or array_like, shape (n,)
        ``"value ~ group"`` (first level against second), ``"value ~ 1"``, ``"Pair(x, y) ~ 1"``,
        each with `data`; or the first sample.
    data : pandas.DataFrame, polars.DataFrame or array_like, optional
        The table of a formula; after a sample the second one, without which the sample holds
        differences. Missing values are dropped and counted.
    paired : bool
        Take two vectors as pairs: signed-rank test of their differences.
    exact : bool, optional
        Exact distribution; by default below 50 values without ties (and without zero
        differences), as in R. It is refused where ties make it undefined.
    correct : bool
        Continuity correction of the normal approximation.
    alternative : {"two.sided", "less", "greater"}
        Side of the alternative hypothesis.
    conf_level : float
        Level of the interval; that of the exact interval is at least this.

    Returns
    -------
    HTest
        ``tidy(conf_level=...)``: ``estimate`` (Hodges-Lehmann shift or pseudo-median)
        ``statistic`` (W or V) ``p_value conf_low conf_high conf_level n n_missing method
        alternative``.

    Raises
    ------
    DesignError
        No values, or only zero differences.
    InputError
        ``exact=True`` with ties or zero differences.

    See Also
    --------
    t_test : the same by means.
    cliff_delta : the size of the difference.

    Notes
    -----
    With the normal approximation estimate and limits solve for the shift at which the (corrected)
    statistic is 0 or at its quantile; R's root finder stops at 1e-4, this one at full precision.
    Where all pairwise shifts are equal there is no interval (NaN; R stops with an error).

    In R: ``wilcox.test(gap ~ sex, data = df, conf.int = TRUE)``

    References
    ----------
    Wilcoxon F (1945). Individual comparisons by ranking methods. Biometrics Bulletin 1:80-83.
    doi:10.2307/3001968

    Hodges JL, Lehmann EL (1963). Estimates of location based on rank tests. Annals of Mathematical
    Statistics 34:598-611. doi:10.1214/aoms/1177704172

    Examples
    --------
    >>> test = wilcox_test([1.1, 2.2, 3.3, 4.4], [0.5, 0.9, 1.7, 2.0, 2.6])
    >>> round(test.estimate, 2), test.statistic, round(test.p_value, 4)
    (1.3, 16.0, 0.1905)
    """
    check_option("alternative", alternative, Alternative)
    check_conf_level(conf_level)
    given = samples_of(formula, data, paired, "wilcox_test()")
    first, second = given.first, given.second
    if second is not None and not given.paired:
        test, n = rank_sum(first, second, exact, correct, alternative), len(first) + len(second)
    else:
        differences = first if second is None else first - second
        test, n = signed_rank(differences, exact, correct, alternative), len(differences)
    return HTest(
        estimate=test.estimate,
        statistic=test.statistic,
        p_value=test.p_value,
        conf_level=conf_level,
        interval=test.interval,
        n=n,
        n_missing=given.n_missing,
        method=test.method,
        alternative=alternative,
    )


@checked_call
def kruskal_test(formula: str, data: Any) -> HTest:
    """Compare the ranks of several groups, as R's ``kruskal.test``.

    Parameters
    ----------
    formula : str
        ``"value ~ group"``.
    data : pandas.DataFrame or polars.DataFrame
        Rows with a missing value or group are dropped and counted.

    Returns
    -------
    HTest
        ``tidy()``: ``statistic`` (chi-squared, corrected for ties) ``df p_value n n_missing
        method``.

    Raises
    ------
    DesignError
        All values are equal.

    See Also
    --------
    oneway_test : the same by means.

    Notes
    -----
    In R: ``kruskal.test(gap ~ site, data = df)``

    References
    ----------
    Kruskal WH, Wallis WA (1952). Use of ranks in one-criterion variance analysis. Journal of the
    American Statistical Association 47:583-621. doi:10.1080/01621459.1952.10483441

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"gap": [1.0, 2, 3, 4, 5, 6], "site": list("aabbcc")})
    >>> round(kruskal_test("gap ~ site", data).statistic, 3)
    4.571
    """
    groups = groups_of(formula, data, "kruskal_test()")
    if np.ptp(np.concatenate(groups.samples)) == 0:
        raise DesignError("kruskal_test: all values are equal, so ranks cannot differ.")
    result = stats.kruskal(*groups.samples)
    return HTest(
        statistic=float(result.statistic),
        df=float(len(groups.samples) - 1),
        p_value=float(result.pvalue),
        n=groups.n,
        n_missing=groups.n_missing,
        method="Kruskal-Wallis rank sum test",
    )
