"""Tests of contingency tables over strata."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._arguments import check_flag
from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas
from faceage_stats._expression.evaluate import evaluate
from faceage_stats._formula.parse import parse_right
from faceage_stats._formula.sides import refuse_unused
from faceage_stats._levels import group_codes
from faceage_stats._near import check_option
from faceage_stats._wald import check_conf_level
from faceage_stats.association.classical.count_table import counts_of
from faceage_stats.association.classical.exact_strata import exact_strata
from faceage_stats.association.classical.htest import Alternative, HTest, Limits, p_of, sided
from faceage_stats.errors import DesignError, FormulaError, InputError

__all__ = ["mantelhaen_test"]


class _Tables(NamedTuple):
    """One table per stratum, their cells by level, and rows that were dropped."""

    counts: np.ndarray
    cells: pd.DataFrame
    n_missing: int


@checked_call
def mantelhaen_test(
    formula: Any,
    data: Any = None,
    *,
    alternative: Alternative = "two.sided",
    exact: bool = False,
    correct: bool = True,
    conf_level: float = 0.95,
) -> HTest:
    """Test association of two factors over strata, as R's ``mantelhaen.test``.

    Parameters
    ----------
    formula : str or array_like, shape (k, r, c)
        ``"~ x + y | stratum"`` with `data`, or one table of counts per stratum. Strata with fewer
        than 2 rows are excluded, as R does.
    data : pandas.DataFrame or polars.DataFrame, optional
        Rows with a missing value are dropped and counted.
    alternative : {"two.sided", "less", "greater"}
        Side of the alternative hypothesis of 2 x 2 tables; a one-sided interval ends at 0 or at
        infinity.
    exact : bool
        Exact conditional test of 2 x 2 tables, with the conditional maximum-likelihood odds ratio.
    correct : bool
        Continuity correction of the chi-squared of 2 x 2 tables, as R limits it.
    conf_level : float
        Level of the interval (Robins, Breslow and Greenland's variance, or exact).

    Returns
    -------
    HTest
        ``tidy(conf_level=...)``: for 2 x 2 tables ``estimate`` (common odds ratio)
        ``std_error`` (of its log) ``statistic df p_value conf_low conf_high conf_level n n_missing
        method alternative scale``; for larger ones the generalised statistic ``df p_value``.
        ``cells()``: the counts.

    Raises
    ------
    DesignError
        A row or column that is empty in every stratum.
    InputError
        Counts of another shape, or an exact or one-sided test of tables larger than 2 x 2.

    See Also
    --------
    fisher_test : one table.
    logistic : with the strata as covariates.

    Notes
    -----
    Exact estimates and limits are exact to 12 digits; R's stop within 1.2e-4 of them, or of their
    reciprocals above 1.

    In R: ``mantelhaen.test(table(df$sex, df$death, df$site))``

    References
    ----------
    Mantel N, Haenszel W (1959). Statistical aspects of the analysis of data from retrospective
    studies of disease. Journal of the National Cancer Institute 22:719-748.

    Robins J, Breslow N, Greenland S (1986). Estimators of the Mantel-Haenszel variance consistent
    in both sparse data and large-strata limiting models. Biometrics 42:311-323.
    doi:10.2307/2531052

    Landis JR, Heyman ER, Koch GG (1978). Average partial association in three-way contingency
    tables: a review and discussion of alternative tests. International Statistical Review
    46:237-254.

    Examples
    --------
    >>> test = mantelhaen_test([[[10, 5], [4, 11]], [[8, 7], [5, 9]]])
    >>> round(test.estimate, 3), round(test.p_value, 4)
    (3.282, 0.0523)
    """
    check_option("alternative", alternative, Alternative)
    check_flag("exact", exact), check_flag("correct", correct)
    check_conf_level(conf_level)
    counts, cells, n_missing = _read(formula, data)
    shape = counts.shape[1:]
    if shape != (2, 2):
        if exact or alternative != "two.sided":
            raise InputError(
                f"mantelhaen_test: tables of {shape[0]} x {shape[1]}; exact and one-sided tests "
                "are of 2 x 2 tables."
            )
        return replace(_generalised(counts), counted=cells, n_missing=n_missing)
    common: dict[str, Any] = {
        "conf_level": conf_level,
        "n": int(counts.sum()),
        "n_missing": n_missing,
        "alternative": alternative,
        "scale": "odds ratio",
        "counted": cells,
    }
    if exact:
        found = exact_strata(counts, alternative)
        return HTest(
            estimate=found.odds_ratio,
            statistic=found.total,
            p_value=found.p_value,
            interval=sided(found.limits, alternative, 0.0),
            method="Exact conditional test of independence in 2 x 2 x k tables",
            **common,
        )
    from statsmodels.stats.contingency_tables import StratifiedTable

    statistic, excess, note = _chi_squared(counts, correct)
    fit = StratifiedTable(list(counts))
    with np.errstate(divide="ignore", invalid="ignore"):  # an odds ratio of 0 or infinity
        estimate, std_error = float(fit.oddsratio_pooled), float(fit.logodds_pooled_se)
    return HTest(
        estimate=estimate,
        std_error=std_error,
        statistic=statistic,
        df=1.0,
        p_value=p_of(math.copysign(math.sqrt(statistic), excess), alternative),
        interval=sided(partial(_pooled_limits, counts), alternative, 0.0),
        method=f"Mantel-Haenszel chi-squared test {note} continuity correction",
        **common,
    )


def _read(formula: Any, data: Any) -> _Tables:
    if isinstance(formula, str):
        counts, levels, n_missing = _counted(formula, data)
    else:
        counts, n_missing = counts_of(formula, "mantelhaen_test()"), 0
        levels = [[str(1 + i) for i in range(size)] for size in counts.shape]
    if counts.ndim != 3 or min(counts.shape[1:], default=0) < 2:
        raise InputError(
            f"mantelhaen_test: shape {counts.shape}; (strata, rows, columns) is needed, with "
            "2 rows and columns or more."
        )
    index = pd.MultiIndex.from_product(levels, names=["strata", "level1", "level2"])
    cells = pd.DataFrame({"observed": counts.ravel()}, index).reset_index()
    counts = counts[counts.sum(axis=(1, 2)) > 1]
    if (counts.sum(axis=(0, 1)) == 0).any() or (counts.sum(axis=(0, 2)) == 0).any():
        raise DesignError("mantelhaen_test: a row or column is empty in every stratum.")
    return _Tables(counts, cells, n_missing)


class _Counted(NamedTuple):
    counts: np.ndarray
    levels: list[list[str]]
    n_missing: int


def _counted(formula: str, data: Any) -> _Counted:
    """Count ``~ x + y | stratum``."""
    where = f"mantelhaen_test(): `{formula}`"
    left, _, right = formula.partition("~")
    both, bar, given = right.partition("|")
    names: list[str] = []
    for text in (both, given) if bar else ():
        parsed = parse_right(text.strip(), where)
        refuse_unused(parsed, frozenset(), where)
        names += parsed.plain or ()
    if left.strip() or len(names) != 3:
        raise FormulaError(f"{where} should name two factors and the strata: `~ x + y | stratum`.")
    if data is None:
        raise InputError(f"{where}: data, the table that it names columns of, is missing.")
    frame = as_pandas(data)
    columns = [evaluate(name, frame, where) for name in names]
    complete = np.logical_and.reduce([column.notna().to_numpy() for column in columns])
    (x, rows), (y, levels), (stratum, strata) = (group_codes(c[complete]) for c in columns)
    counts = np.zeros((len(strata), len(rows), len(levels)))
    np.add.at(counts, (stratum, x, y), 1)
    return _Counted(counts, [strata, rows, levels], int((~complete).sum()))


def _generalised(counts: np.ndarray) -> HTest:
    """Landis, Heyman and Koch's statistic of two nominal factors."""
    rows, columns = counts.shape[1] - 1, counts.shape[2] - 1
    excess, variance = np.zeros(rows * columns), np.zeros((rows * columns,) * 2)
    for table in counts:
        n = table.sum()
        row, column = table.sum(axis=1)[:-1], table.sum(axis=0)[:-1]
        excess += (table[:-1, :-1] - np.outer(row, column) / n).ravel()
        spread = [n * np.diag(margin) - np.outer(margin, margin) for margin in (row, column)]
        variance += np.kron(*spread) / (n**2 * (n - 1))
    if np.linalg.matrix_rank(variance) < len(variance):
        raise DesignError(
            "mantelhaen_test: some levels never vary together within a stratum, so that their "
            "association cannot be tested; join levels or strata."
        )
    statistic = float(excess @ np.linalg.solve(variance, excess))
    return HTest(
        statistic=statistic,
        df=float(rows * columns),
        p_value=float(stats.chi2.sf(statistic, rows * columns)),
        n=int(counts.sum()),
        method="Cochran-Mantel-Haenszel test",
    )


def _chi_squared(tables: np.ndarray, correct: bool) -> tuple[float, float, str]:
    """Mantel and Haenszel's statistic, the excess of the first cells, and what was corrected."""
    n, rows, columns = tables.sum(axis=(1, 2)), tables.sum(axis=2), tables.sum(axis=1)
    variance = float((rows.prod(axis=1) * columns.prod(axis=1) / (n**2 * (n - 1))).sum())
    if not variance > 0:
        raise DesignError("mantelhaen_test: in no stratum do both factors vary.")
    excess = float((tables[:, 0, 0] - rows[:, 0] * columns[:, 0] / n).sum())
    yates = 0.5 if correct and abs(excess) >= 0.5 else 0.0
    return (abs(excess) - yates) ** 2 / variance, excess, "with" if yates else "without"


def _pooled_limits(tables: np.ndarray, level: float) -> Limits:
    from statsmodels.stats.contingency_tables import StratifiedTable

    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = StratifiedTable(list(tables)).oddsratio_pooled_confint(alpha=1 - level)
    return Limits(float(low), float(high))
