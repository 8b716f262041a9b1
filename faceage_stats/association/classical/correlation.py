"""Correlation of two columns: Pearson's, Spearman's and Kendall's, with R's tests."""

from __future__ import annotations

from typing import Any

import numpy as np

from faceage_stats._call import checked_call
from faceage_stats._near import check_option
from faceage_stats._wald import check_conf_level
from faceage_stats.association.classical.fisher_z import Method, fisher_interval, fisher_z_se
from faceage_stats.association.classical.htest import Alternative, HTest
from faceage_stats.association.classical.rank_correlation import (
    Correlation,
    Kind,
    kendall,
    pearson,
    spearman,
)
from faceage_stats.association.classical.samples import pairs_of
from faceage_stats.errors import DesignError

__all__ = ["cor_test"]

_NAMES = {
    "pearson": "Pearson's product-moment correlation",
    "spearman": "Spearman's rank correlation rho",
    "kendall": "Kendall's rank correlation tau",
}


@checked_call
def cor_test(
    formula: Any,
    data: Any = None,
    *,
    alternative: Alternative = "two.sided",
    method: Method = "pearson",
    exact: bool | None = None,
    continuity: bool = False,
    conf_level: float = 0.95,
) -> HTest:
    """Estimate and test a correlation, as R's ``cor.test``.

    Parameters
    ----------
    formula : str or array_like, shape (n,)
        ``"~ x + y"`` with `data`, or the first vector. Incomplete pairs are dropped and counted.
    data : pandas.DataFrame, polars.DataFrame or array_like
        The table of a formula, or the second vector, of the same length.
    alternative : {"two.sided", "less", "greater"}
        Side of the alternative hypothesis; a one-sided interval ends at -1 or at 1.
    method : {"pearson", "spearman", "kendall"}
        Kendall's coefficient is tau-b.
    exact : bool, optional
        Exact p value for Kendall (default: without ties and below 50 pairs) and for Spearman
        (default: without ties; from 10 pairs on by an Edgeworth series). False: R's approximations.
    continuity : bool
        Continuity correction of the approximate p values of Spearman and Kendall.
    conf_level : float
        Level of the interval.

    Returns
    -------
    HTest
        ``tidy(conf_level=...)``: ``estimate std_error`` (on Fisher's z scale) ``statistic`` (t for
        Pearson, S for Spearman; z, or T when exact, for Kendall) ``df`` (Pearson) ``p_value
        conf_low conf_high conf_level n n_missing method alternative``.

    Raises
    ------
    DesignError
        Fewer than 5 complete pairs (4 for Pearson), or a column that does not vary.
    InputError
        Unknown method, unequal lengths, the same row labels in another order, values that are not
        numbers.

    See Also
    --------
    partial_cor : given other columns.
    cor_dependent_test : compare two correlations with a common column.

    Notes
    -----
    R gives an interval for Pearson only. Those of Spearman (Bonett and Wright 2000) and Kendall
    (Fieller 1957) use Fisher's z as well. The p value of Spearman without ties is exact up to 9
    pairs, an Edgeworth series up to 1,290, and from Student's t beyond, as in R.

    In R: ``cor.test(~ gap + bmi, data = df)``

    References
    ----------
    Bonett DG, Wright TA (2000). Sample size requirements for estimating Pearson, Kendall and
    Spearman correlations. Psychometrika 65:23-28. doi:10.1007/BF02294183

    Fieller EC, Hartley HO, Pearson ES (1957). Tests for rank correlation coefficients. I.
    Biometrika 44:470-481. doi:10.1093/biomet/44.3-4.470

    Examples
    --------
    >>> test = cor_test([61, 70, 58, 66, 75], [60, 68, 61, 63, 71])
    >>> round(test.estimate, 3), round(test.conf_low, 3)
    (0.955, 0.461)
    """
    check_option("method", method, Method)
    check_option("alternative", alternative, Alternative)
    check_conf_level(conf_level)
    first, second, n_missing = pairs_of(formula, data, "cor_test()")
    n, least = len(first), 4 if method == "pearson" else 5
    if n < least or np.ptp(first) == 0 or np.ptp(second) == 0:
        raise DesignError(
            f"cor_test: {n} complete pairs; {least} are needed, and both columns must vary."
        )
    test = _coefficient(first, second, method, Kind(alternative, exact, continuity))
    std_error = fisher_z_se(method, test.estimate, n)
    return HTest(
        estimate=test.estimate,
        std_error=std_error,
        statistic=test.statistic,
        df=test.df,
        p_value=test.p_value,
        conf_level=conf_level,
        interval=fisher_interval(test.estimate, std_error, alternative),
        n=n,
        n_missing=n_missing,
        method=_NAMES[method],
        alternative=alternative,
    )


def _coefficient(x: np.ndarray, y: np.ndarray, method: Method, kind: Kind) -> Correlation:
    if method == "pearson":
        return pearson(x, y, kind)
    return (spearman if method == "spearman" else kendall)(x, y, kind)
