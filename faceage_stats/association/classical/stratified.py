"""Tests of contingency tables over strata."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from faceage_stats._call import checked_call
from faceage_stats._near import check_option
from faceage_stats._scalar import number_array
from faceage_stats._wald import check_conf_level
from faceage_stats.association.classical.htest import Alternative, HTest, Limits, p_of, sided
from faceage_stats.errors import DesignError, InputError

__all__ = ["mantelhaen_test"]


@checked_call
def mantelhaen_test(
    counts: Any,
    *,
    alternative: Alternative = "two.sided",
    correct: bool = True,
    conf_level: float = 0.95,
) -> HTest:
    """Test a common odds ratio over strata of 2 x 2 tables, as R's ``mantelhaen.test``.

    Parameters
    ----------
    counts : array_like, shape (k, 2, 2)
        One table per stratum; strata with fewer than 2 rows are excluded, as R does.
    alternative : {"two.sided", "less", "greater"}
        Side of the alternative hypothesis; a one-sided interval ends at 0 or at infinity.
    correct : bool
        Continuity correction of the chi-squared, as R limits it.
    conf_level : float
        Level of the interval (Robins, Breslow and Greenland's variance).

    Returns
    -------
    HTest
        ``tidy(conf_level=...)``: ``estimate`` (common odds ratio) ``std_error`` (of its log)
        ``statistic df p_value conf_low conf_high conf_level n method alternative
        scale``.

    Raises
    ------
    InputError
        `counts` is not a stack of 2 x 2 tables.

    See Also
    --------
    fisher_test : one table.
    logistic : with the strata as covariates.

    Notes
    -----
    In R: ``mantelhaen.test(table(df$sex, df$death, df$site))``

    References
    ----------
    Mantel N, Haenszel W (1959). Statistical aspects of the analysis of data from retrospective
    studies of disease. Journal of the National Cancer Institute 22:719-748. Robins J, Breslow N,
    Greenland S (1986). Estimators of the Mantel-Haenszel variance consistent in both sparse data
    and large-strata limiting models. Biometrics 42:311-323. doi:10.2307/2531052

    Examples
    --------
    >>> test = mantelhaen_test([[[10, 5], [4, 11]], [[8, 7], [5, 9]]])
    >>> round(test.estimate, 3), round(test.p_value, 4)
    (3.282, 0.0523)
    """
    from statsmodels.stats.contingency_tables import StratifiedTable

    check_option("alternative", alternative, Alternative)
    check_conf_level(conf_level)
    tables = number_array("counts", counts)
    if tables.ndim != 3 or tables.shape[1:] != (2, 2):
        raise InputError(f"mantelhaen_test: shape {tables.shape}; (strata, 2, 2) is needed.")
    tables = tables[tables.sum(axis=(1, 2)) > 1]
    if not len(tables):
        raise DesignError("mantelhaen_test: no stratum holds two observations.")
    fit = StratifiedTable(list(tables))
    statistic, excess, note = _chi_squared(tables, correct)
    return HTest(
        estimate=float(fit.oddsratio_pooled),
        std_error=float(fit.logodds_pooled_se),
        statistic=statistic,
        df=1.0,
        p_value=p_of(math.copysign(math.sqrt(statistic), excess), alternative),
        conf_level=conf_level,
        interval=sided(partial(_pooled_limits, tables), alternative, 0.0),
        n=int(tables.sum()),
        method=f"Mantel-Haenszel chi-squared test {note} continuity correction",
        alternative=alternative,
        scale="odds ratio",
    )


def _chi_squared(tables: np.ndarray, correct: bool) -> tuple[float, float, str]:
    """Mantel and Haenszel's statistic, the excess of the first cells, and what was corrected."""
    n, rows, columns = tables.sum(axis=(1, 2)), tables.sum(axis=2), tables.sum(axis=1)
    excess = float((tables[:, 0, 0] - rows[:, 0] * columns[:, 0] / n).sum())
    yates = 0.5 if correct and abs(excess) >= 0.5 else 0.0
    variance = float((rows.prod(axis=1) * columns.prod(axis=1) / (n**2 * (n - 1))).sum())
    return (abs(excess) - yates) ** 2 / variance, excess, "with" if yates else "without"


def _pooled_limits(tables: np.ndarray, level: float) -> Limits:
    from statsmodels.stats.contingency_tables import StratifiedTable

    low, high = StratifiedTable(list(tables)).oddsratio_pooled_confint(alpha=1 - level)
    return Limits(float(low), float(high))
