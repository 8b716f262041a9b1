"""Tests of contingency tables, under R's names and with R's numbers."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from scipy import stats

from faceage_stats._arguments import check_flag
from faceage_stats._call import checked_call
from faceage_stats._wald import check_conf_level
from faceage_stats._warn import warn
from faceage_stats.association.classical.count_table import check_margins, count_table
from faceage_stats.association.classical.exact_table import exact_p
from faceage_stats.association.classical.goodness import cell_table, goodness_of_fit
from faceage_stats.association.classical.htest import Alternative, HTest, Limits, scipy_side
from faceage_stats.errors import DesignError, EstimationWarning, InputError

__all__ = ["chisq_test", "fisher_test", "mcnemar_test"]


@checked_call
def chisq_test(formula: Any, data: Any = None, *, p: Any = None, correct: bool = True) -> HTest:
    """Test independence of two factors, or given proportions, as R's ``chisq.test``.

    Parameters
    ----------
    formula : str or array_like
        ``"~ x + y"`` with `data`, a two-way table of counts, or the first vector. Incomplete
        pairs are dropped and counted. For a test of given proportions the counts, one a class.
    data : pandas.DataFrame, polars.DataFrame or array_like, optional
        The table of a formula, or the second vector.
    p : array_like, shape (k,), optional
        Probabilities of the classes under the null hypothesis (goodness of fit); without them
        counts of one dimension are compared with equal ones.
    correct : bool
        Yates' continuity correction in a 2 x 2 table.

    Returns
    -------
    HTest
        ``tidy()``: ``statistic df p_value n n_missing method``. The method names the smallest
        expected count when it is below 5, where the approximation is doubtful. ``cells()``:
        observed and expected counts with their standardised residuals.

    Raises
    ------
    DesignError
        A table with an empty or a single row or column.
    InputError
        A table that does not hold counts, vectors of different lengths, or probabilities that do
        not sum to 1.

    See Also
    --------
    fisher_test : exact, for small counts.
    mcnemar_test : paired proportions.

    Notes
    -----
    In R: ``chisq.test(df$sex, df$smoking, correct = FALSE)`` and
    ``chisq.test(c(315, 101, 108, 32), p = c(9, 3, 3, 1) / 16)``

    Examples
    --------
    >>> round(chisq_test([[48, 21], [49, 19]], correct=False).p_value, 4)
    0.7482
    >>> peas = chisq_test([315, 101, 108, 32], p=[9 / 16, 3 / 16, 3 / 16, 1 / 16])
    >>> peas.cells()["expected"].tolist()
    [312.75, 104.25, 104.25, 34.75]
    """
    if data is None and not isinstance(formula, str) and (p is not None or np.ndim(formula) == 1):
        check_flag("correct", correct)
        return goodness_of_fit(formula, p)
    if p is not None:
        raise InputError("chisq_test: p goes with counts of one dimension, one a class.")
    table = count_table(formula, data, "chisq_test()")
    counts = table.counts
    check_margins(counts, "chisq_test()")
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
        n_missing=table.n_missing,
        method=f"Pearson's Chi-squared test{note}{doubt}",
        counted=cell_table(table, result.expected_freq),
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
    counts, _, _, n_missing = count_table(formula, data, "fisher_test()")
    check_margins(counts, "fisher_test()")
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
    """Compare paired proportions, as R's ``mcnemar.test``; Bowker's test of more than two levels.

    Parameters
    ----------
    formula : str or array_like
        ``"~ x + y"`` with `data`, a square table of counts, or the first vector.
    data : pandas.DataFrame, polars.DataFrame or array_like, optional
        The table of a formula, or the second vector, with the same levels.
    correct : bool
        Continuity correction of a 2 x 2 table.

    Returns
    -------
    HTest
        ``tidy()``: ``statistic df p_value n n_missing method``.

    Raises
    ------
    DesignError
        The table is not square, or no pair is discordant.

    Warns
    -----
    EstimationWarning
        Two of more than two levels are never exchanged: statistic and p value are missing, as in
        R.

    See Also
    --------
    cochran_q_test : more than two paired proportions.
    chisq_test : independent proportions.

    Notes
    -----
    The statistic is (abs(b - c) - 1)^2 / (b + c), b and c being the discordant pairs; where b
    equals c there is nothing to correct and it is 0, as in R. Of k levels, (b - c)^2 / (b + c) is
    summed over the k (k - 1) / 2 pairs of levels, without correction.

    In R: ``mcnemar.test(df$before, df$after)``

    References
    ----------
    McNemar Q (1947). Note on the sampling error of the difference between correlated proportions or
    percentages. Psychometrika 12:153-157. doi:10.1007/BF02295996

    Bowker AH (1948). A test for symmetry in contingency tables. Journal of the American Statistical
    Association 43:572-574.

    Examples
    --------
    >>> round(mcnemar_test([[30, 12], [5, 40]]).p_value, 4)
    0.1456
    """
    check_flag("correct", correct)
    counts, _, _, n_missing = count_table(formula, data, "mcnemar_test()")
    k = len(counts)
    if counts.shape != (k, k) or k < 2:
        raise DesignError("mcnemar_test needs a square table: as many levels before as after.")
    above, below = counts[np.triu_indices(k, 1)], counts.T[np.triu_indices(k, 1)]
    if not (above + below).any():
        raise DesignError("mcnemar_test needs at least one discordant pair.")
    n_never = int((above + below == 0).sum())
    if n_never:
        warn(
            f"mcnemar_test: {n_never} pairs of levels are never exchanged, so that the statistic "
            "is not defined. Join rare levels.",
            EstimationWarning,
        )
    difference = np.abs(above - below)
    corrected = correct and k == 2 and bool(difference[0] > 0)
    with np.errstate(invalid="ignore"):
        statistic = float(((difference - corrected) ** 2 / (above + below)).sum())
    note = " with continuity correction" if corrected else ""
    return HTest(
        statistic=statistic,
        df=k * (k - 1) / 2,
        p_value=float(stats.chi2.sf(statistic, k * (k - 1) / 2)),
        n=int(counts.sum()),
        n_missing=n_missing,
        method=f"McNemar's Chi-squared test{note}",
    )
