"""Tests of contingency tables, under R's names and with R's numbers."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from faceage_stats._arguments import check_flag
from faceage_stats._call import checked_call
from faceage_stats._levels import group_codes
from faceage_stats._scalar import number_array
from faceage_stats._wald import check_conf_level
from faceage_stats.association.classical.exact_table import exact_p
from faceage_stats.association.classical.htest import Alternative, HTest, Limits, scipy_side
from faceage_stats.association.classical.samples import two_columns
from faceage_stats.errors import DesignError, InputError

__all__ = ["chisq_test", "fisher_test", "mcnemar_test"]


class _Table(NamedTuple):
    """A table of counts, and pairs that were dropped."""

    counts: np.ndarray
    n_missing: int


def _crosstab(formula: Any, data: Any, caller: str) -> _Table:
    """Counts from a table of counts, from `~ x + y` with data, or from two vectors."""
    if data is None and not isinstance(formula, str):
        counts = number_array("the table of counts", formula)
        if counts.dtype.kind not in "biuf":
            raise InputError(f"{caller}: the table of counts holds text or missing values.")
        if counts.ndim != 2 or (counts < 0).any() or (counts != np.round(counts)).any():
            raise InputError(
                f"{caller}: a table of counts needs two dimensions and whole numbers from 0."
            )
        return _Table(counts.astype(float), 0)
    rows, columns, n_missing = two_columns(formula, data, caller)
    row_codes, row_labels = group_codes(rows)
    column_codes, column_labels = group_codes(columns)
    counts = np.zeros((len(row_labels), len(column_labels)))
    np.add.at(counts, (row_codes, column_codes), 1)
    return _Table(counts, n_missing)


def _check_margins(counts: np.ndarray, caller: str) -> None:
    if min(counts.shape) < 2 or (counts.sum(0) == 0).any() or (counts.sum(1) == 0).any():
        raise DesignError(
            f"{caller}: a {counts.shape[0]} x {counts.shape[1]} table with an empty row or column, "
            "or a single one; exclude levels without rows."
        )


@checked_call
def chisq_test(formula: Any, data: Any = None, *, correct: bool = True) -> HTest:
    """Test independence of two factors by Pearson's chi-squared, as R's ``chisq.test``.

    Parameters
    ----------
    formula : str or array_like
        ``"~ x + y"`` with `data`, a two-way table of counts, or the first vector. Incomplete
        pairs are dropped and counted.
    data : pandas.DataFrame, polars.DataFrame or array_like, optional
        The table of a formula, or the second vector.
    correct : bool
        Yates' continuity correction in a 2 x 2 table.

    Returns
    -------
    HTest
        ``tidy()``: ``statistic df p_value n n_missing method``. The method names the smallest
        expected count when it is below 5, where the approximation is doubtful.

    Raises
    ------
    DesignError
        A table with an empty or a single row or column.
    InputError
        A table that does not hold counts, or vectors of different lengths.

    See Also
    --------
    fisher_test : exact, for small counts.
    mcnemar_test : paired proportions.

    Notes
    -----
    In R: ``chisq.test(df$sex, df$smoking, correct = FALSE)``

    Examples
    --------
    >>> round(chisq_test([[48, 21], [49, 19]], correct=False).p_value, 4)
    0.7482
    """
    counts, n_missing = _crosstab(formula, data, "chisq_test()")
    _check_margins(counts, "chisq_test()")
    corrected = check_flag("correct", correct) and counts.shape == (2, 2)
    result = stats.chi2_contingency(counts, correction=corrected)
    smallest = float(result.expected_freq.min())
    note = " with Yates' continuity correction" if corrected else ""
    doubt = f" (smallest expected count {smallest:.1f})" if smallest < 5 else ""
    return HTest(
        statistic=float(result.statistic),
        df=float(result.dof),
        p_value=float(result.pvalue),
        n=int(counts.sum()),
        n_missing=n_missing,
        method=f"Pearson's Chi-squared test{note}{doubt}",
    )


@checked_call
def fisher_test(
    formula: Any,
    data: Any = None,
    *,
    alternative: Alternative = "two.sided",
    conf_level: float = 0.95,
) -> HTest:
    """Test independence of two factors exactly, as R's ``fisher.test``.

    Parameters
    ----------
    formula : str or array_like
        ``"~ x + y"`` with `data`, a two-way table of counts, or the first vector.
    data : pandas.DataFrame, polars.DataFrame or array_like, optional
        The table of a formula, or the second vector.
    alternative : {"two.sided", "less", "greater"}
        Side, for 2 x 2 tables; larger tables are two-sided.
    conf_level : float
        Level of the interval of the odds ratio (2 x 2).

    Returns
    -------
    HTest
        ``tidy(conf_level=...)``: ``p_value n n_missing method alternative``; for 2 x 2 tables also
        ``estimate`` (conditional maximum-likelihood odds ratio) ``conf_low conf_high scale``.

    Raises
    ------
    DesignError
        An empty row or column, or a table too large to enumerate (use :func:`chisq_test`).
    InputError
        A one-sided alternative of a table larger than 2 x 2.

    See Also
    --------
    chisq_test : the approximation for large counts.

    Notes
    -----
    Tables beyond 2 x 2 are enumerated exactly: the p value is the probability of all tables with
    the same margins that are at most as probable as the one observed (relative tolerance 1e-7).

    In R: ``fisher.test(df$sex, df$smoking)``

    Examples
    --------
    >>> test = fisher_test([[12, 7], [6, 7]])
    >>> round(test.estimate, 3), round(test.p_value, 4)
    (1.956, 0.4727)
    """
    side = scipy_side(alternative)
    check_conf_level(conf_level)
    counts, n_missing = _crosstab(formula, data, "fisher_test()")
    _check_margins(counts, "fisher_test()")
    table = counts.astype(int)
    common: dict[str, Any] = {
        "n": int(table.sum()),
        "n_missing": n_missing,
        "method": "Fisher's Exact Test for Count Data",
        "alternative": alternative,
    }
    if table.shape != (2, 2):
        if alternative != "two.sided":
            raise InputError("fisher_test: a table larger than 2 x 2 has only two.sided.")
        return HTest(p_value=exact_p(table), **common)
    return HTest(
        estimate=float(stats.contingency.odds_ratio(table, kind="conditional").statistic),
        p_value=float(stats.fisher_exact(table, alternative=side).pvalue),
        conf_level=conf_level,
        interval=partial(_conditional_limits, table, side),
        scale="odds ratio",
        **common,
    )


def _conditional_limits(table: np.ndarray, side: str, level: float) -> Limits:
    ratio = stats.contingency.odds_ratio(table, kind="conditional")
    interval = ratio.confidence_interval(level, alternative=side)
    return Limits(float(interval.low), float(interval.high))


@checked_call
def mcnemar_test(formula: Any, data: Any = None, *, correct: bool = True) -> HTest:
    """Compare paired proportions, as R's ``mcnemar.test`` for 2 x 2 tables.

    Parameters
    ----------
    formula : str or array_like
        ``"~ x + y"`` with `data`, a 2 x 2 table of counts, or the first vector.
    data : pandas.DataFrame, polars.DataFrame or array_like, optional
        The table of a formula, or the second vector, with the same two levels.
    correct : bool
        Continuity correction.

    Returns
    -------
    HTest
        ``tidy()``: ``statistic df p_value n n_missing method``.

    Raises
    ------
    DesignError
        The table is not 2 x 2, or no pair is discordant.

    See Also
    --------
    chisq_test : independent proportions.

    Notes
    -----
    The statistic is (abs(b - c) - 1)^2 / (b + c), b and c being the discordant pairs; where b
    equals c there is nothing to correct and it is 0, as in R.

    In R: ``mcnemar.test(df$before, df$after)``

    References
    ----------
    McNemar Q (1947). Note on the sampling error of the difference between correlated proportions
    or percentages. Psychometrika 12:153-157. doi:10.1007/BF02295996

    Examples
    --------
    >>> round(mcnemar_test([[30, 12], [5, 40]]).p_value, 4)
    0.1456
    """
    counts, n_missing = _crosstab(formula, data, "mcnemar_test()")
    if counts.shape != (2, 2) or counts[0, 1] + counts[1, 0] == 0:
        raise DesignError("mcnemar_test needs a 2 x 2 table with at least one discordant pair.")
    difference = abs(float(counts[0, 1] - counts[1, 0]))
    corrected = correct and difference > 0
    statistic = (difference - corrected) ** 2 / float(counts[0, 1] + counts[1, 0])
    note = " with continuity correction" if corrected else ""
    return HTest(
        statistic=statistic,
        df=1.0,
        p_value=float(stats.chi2.sf(statistic, 1)),
        n=int(counts.sum()),
        n_missing=n_missing,
        method=f"McNemar's Chi-squared test{note}",
    )
