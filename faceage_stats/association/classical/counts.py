"""Tests of contingency tables and proportions, under R's names and with R's numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats.association.classical.columns import as_frame, group_codes, require_columns
from faceage_stats.association.classical.htest import (
    HTest,
    check_alternative,
    check_conf_level,
)
from faceage_stats.errors import DesignError, InputError

__all__ = [
    "binom_test",
    "chisq_test",
    "fisher_test",
    "mantelhaen_test",
    "mcnemar_test",
    "prop_test",
]

_MOST_TABLES = 2_000_000  # enumerated by the exact test before it refuses


def _crosstab(x: Any, y: Any, data: Any) -> tuple[np.ndarray, int]:
    """Counts and n_missing, from a table of counts or from two columns."""
    if y is None:
        counts = np.asarray(x, dtype=float)
        if counts.ndim != 2 or (counts < 0).any() or (counts != np.round(counts)).any():
            raise InputError("A table of counts needs two dimensions and whole numbers from 0.")
        return counts, 0
    if data is not None:
        frame = as_frame(data)
        require_columns(frame, [x, y])
        x, y = frame[x], frame[y]
    rows, columns = pd.Series(x).reset_index(drop=True), pd.Series(y).reset_index(drop=True)
    if len(rows) != len(columns):
        raise InputError(f"x has {len(rows)} values and y {len(columns)}; they must match.")
    complete = (rows.notna() & columns.notna()).to_numpy()
    row_codes, row_labels = group_codes(rows[complete])
    column_codes, column_labels = group_codes(columns[complete])
    counts = np.zeros((len(row_labels), len(column_labels)))
    np.add.at(counts, (row_codes, column_codes), 1)
    return counts, int((~complete).sum())


def _check_table(counts: np.ndarray, name: str) -> None:
    if min(counts.shape) < 2 or (counts.sum(0) == 0).any() or (counts.sum(1) == 0).any():
        raise DesignError(
            f"{name}: a {counts.shape[0]} x {counts.shape[1]} table with an empty row or column, "
            "or a single one; leave out levels without rows."
        )


def chisq_test(x: Any, y: Any = None, *, data: Any = None, correct: bool = True) -> HTest:
    """Test independence of two factors by Pearson's chi-squared, as R's ``chisq.test``.

    Parameters
    ----------
    x, y : str or array-like
        Column names of `data`, two arrays, or one two-way table of counts. Incomplete pairs are
        dropped and counted.
    data : DataFrame, optional
        Where the names are looked up.
    correct : bool
        Yates' continuity correction in a 2 x 2 table.

    Returns
    -------
    HTest
        ``statistic``, ``df``, ``p_value``, ``n``, ``n_missing``, ``method``. The method names the
        smallest expected count when it is below 5, where the approximation is doubtful.

    Raises
    ------
    DesignError
        A table with an empty or a single row or column.

    Examples
    --------
    >>> round(chisq_test([[48, 21], [49, 19]], correct=False).p_value, 4)
    0.7482
    """
    counts, n_missing = _crosstab(x, y, data)
    _check_table(counts, "chisq_test")
    corrected = correct and counts.shape == (2, 2)
    result = stats.chi2_contingency(counts, correction=corrected)
    smallest = float(result.expected_freq.min())
    method = "Pearson's Chi-squared test" + (
        " with Yates' continuity correction" if corrected else ""
    )
    return HTest(
        statistic=float(result.statistic),
        df=float(result.dof),
        p_value=float(result.pvalue),
        n=int(counts.sum()),
        n_missing=n_missing,
        method=method if smallest >= 5 else f"{method} (smallest expected count {smallest:.1f})",
    )


def fisher_test(
    x: Any,
    y: Any = None,
    *,
    data: Any = None,
    alternative: str = "two.sided",
    conf_level: float = 0.95,
) -> HTest:
    """Test independence of two factors exactly, as R's ``fisher.test``.

    Parameters
    ----------
    x, y : str or array-like
        Column names of `data`, two arrays, or one two-way table of counts.
    data : DataFrame, optional
        Where the names are looked up.
    alternative : {"two.sided", "less", "greater"}
        Side, for 2 x 2 tables; larger tables are two-sided.
    conf_level : float
        Level of the interval of the odds ratio (2 x 2).

    Returns
    -------
    HTest
        ``p_value``, ``n``, ``n_missing``, ``method``, ``alternative``; for 2 x 2 tables also
        ``estimate`` (conditional maximum-likelihood odds ratio), ``conf_low``, ``conf_high``.

    Raises
    ------
    DesignError
        An empty row or column, or a table too large to enumerate (use :func:`chisq_test`).

    Notes
    -----
    Tables beyond 2 x 2 are enumerated exactly: the p value is the probability of all tables with
    the same margins that are at most as probable as the one seen (relative tolerance 1e-7, as R).

    Examples
    --------
    >>> test = fisher_test([[12, 7], [6, 7]])
    >>> round(test.estimate, 3), round(test.p_value, 4)
    (1.956, 0.4727)
    """
    side = check_alternative(alternative)
    check_conf_level(conf_level)
    counts, n_missing = _crosstab(x, y, data)
    _check_table(counts, "fisher_test")
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
        return HTest(p_value=_exact_p(table), **common)
    ratio = stats.contingency.odds_ratio(table, kind="conditional")
    interval = ratio.confidence_interval(conf_level, alternative=side)
    return HTest(
        estimate=float(ratio.statistic),
        p_value=float(stats.fisher_exact(table, alternative=side).pvalue),
        conf_low=float(interval.low),
        conf_high=float(interval.high),
        conf_level=conf_level,
        **common,
    )


def _exact_p(table: np.ndarray) -> float:
    """Probability of all tables with these margins that are no likelier than the one seen."""
    if table.shape[0] > table.shape[1]:
        table = table.T
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, table.sum() + 1)))])
    column_totals = table.sum(axis=0)
    # one line per partial table: row counts still to be placed, minus its log factorials
    remaining = table.sum(axis=1)[None, :]
    log_weight = np.zeros(1)
    for total in column_totals[:-1]:
        remaining, log_weight = _place_column(remaining, log_weight, int(total), log_factorial)
    log_weight = log_weight - log_factorial[remaining].sum(axis=1)
    constant = (
        log_factorial[table.sum(axis=1)].sum()
        + log_factorial[column_totals].sum()
        - log_factorial[table.sum()]
    )
    observed = -log_factorial[table].sum()
    as_extreme = log_weight <= observed + 1e-7
    return float(min(1.0, np.exp(log_weight[as_extreme] + constant).sum()))


def _place_column(
    remaining: np.ndarray, log_weight: np.ndarray, total: int, log_factorial: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Extend every partial table by each way to spread one column total over the rows."""
    left = np.full(len(remaining), total)
    done: list[np.ndarray] = []
    for row in range(remaining.shape[1]):
        capacity = remaining[:, row + 1 :].sum(axis=1)
        low, high = np.maximum(0, left - capacity), np.minimum(left, remaining[:, row])
        ways = high - low + 1
        if ways.sum() > _MOST_TABLES:
            raise DesignError(
                f"fisher_test: more than {_MOST_TABLES:,} tables share these margins; "
                "use chisq_test, or join sparse levels."
            )
        parent = np.repeat(np.arange(len(left)), ways)
        value = low[parent] + np.arange(ways.sum()) - np.repeat(np.cumsum(ways) - ways, ways)
        done = [column[parent] for column in done] + [value]
        remaining, log_weight = remaining[parent], log_weight[parent] - log_factorial[value]
        left = left[parent] - value
    return remaining - np.column_stack(done), log_weight


def mantelhaen_test(counts: Any, *, correct: bool = True, conf_level: float = 0.95) -> HTest:
    """Test a common odds ratio over strata of 2 x 2 tables, as R's ``mantelhaen.test``.

    Parameters
    ----------
    counts : array-like of shape (k, 2, 2)
        One table per stratum; strata with fewer than 2 rows are left out, as R does.
    correct : bool
        Continuity correction of the chi-squared.
    conf_level : float
        Level of the interval (Robins, Breslow and Greenland's variance).

    Returns
    -------
    HTest
        ``estimate`` (common odds ratio), ``std_error`` (of its log), ``statistic``, ``df``,
        ``p_value``, ``conf_low``, ``conf_high``, ``conf_level``, ``n``, ``method``.

    Raises
    ------
    InputError
        If `counts` is not a stack of 2 x 2 tables.

    Examples
    --------
    >>> test = mantelhaen_test([[[10, 5], [4, 11]], [[8, 7], [5, 9]]])
    >>> round(test.estimate, 3), round(test.p_value, 4)
    (3.282, 0.0523)
    """
    from statsmodels.stats.contingency_tables import StratifiedTable

    check_conf_level(conf_level)
    tables = np.asarray(counts, dtype=float)
    if tables.ndim != 3 or tables.shape[1:] != (2, 2):
        raise InputError(f"mantelhaen_test: shape {tables.shape}; (strata, 2, 2) is needed.")
    tables = tables[tables.sum(axis=(1, 2)) > 1]
    fit = StratifiedTable(list(tables))
    result = fit.test_null_odds(correction=correct)
    interval = fit.oddsratio_pooled_confint(alpha=1 - conf_level)
    note = "with" if correct else "without"
    return HTest(
        estimate=float(fit.oddsratio_pooled),
        std_error=float(fit.logodds_pooled_se),
        statistic=float(result.statistic),
        df=1.0,
        p_value=float(stats.chi2.sf(result.statistic, 1)),
        conf_low=float(interval[0]),
        conf_high=float(interval[1]),
        conf_level=conf_level,
        n=int(tables.sum()),
        method=f"Mantel-Haenszel chi-squared test {note} continuity correction",
        alternative="two.sided",
    )


def mcnemar_test(x: Any, y: Any = None, *, data: Any = None, correct: bool = True) -> HTest:
    """Compare paired proportions, as R's ``mcnemar.test`` for 2 x 2 tables.

    Parameters
    ----------
    x, y : str or array-like
        Column names of `data`, two arrays with the same two levels, or a table of counts.
    data : DataFrame, optional
        Where the names are looked up.
    correct : bool
        Continuity correction.

    Returns
    -------
    HTest
        ``statistic``, ``df``, ``p_value``, ``n``, ``n_missing``, ``method``.

    Raises
    ------
    DesignError
        If the table is not 2 x 2, or no pair disagrees.

    Examples
    --------
    >>> round(mcnemar_test([[30, 12], [5, 40]]).p_value, 4)
    0.1456
    """
    counts, n_missing = _crosstab(x, y, data)
    if counts.shape != (2, 2) or counts[0, 1] + counts[1, 0] == 0:
        raise DesignError("mcnemar_test needs a 2 x 2 table with at least one discordant pair.")
    from statsmodels.stats.contingency_tables import mcnemar

    result = mcnemar(counts, exact=False, correction=correct)
    note = " with continuity correction" if correct and counts[0, 1] != counts[1, 0] else ""
    statistic = float(result.statistic) if note or not correct else 0.0
    return HTest(
        statistic=statistic,
        df=1.0,
        p_value=float(stats.chi2.sf(statistic, 1)),
        n=int(counts.sum()),
        n_missing=n_missing,
        method=f"McNemar's Chi-squared test{note}",
    )


def binom_test(
    x: int, n: int, p: float = 0.5, *, alternative: str = "two.sided", conf_level: float = 0.95
) -> HTest:
    """Test a proportion exactly, with Clopper and Pearson's interval (``binom.test``).

    Parameters
    ----------
    x, n : int
        Successes and trials.
    p : float
        Proportion under the null hypothesis.
    alternative : {"two.sided", "less", "greater"}
        Side of the alternative hypothesis.
    conf_level : float
        Level of the interval.

    Returns
    -------
    HTest
        ``estimate``, ``statistic`` (successes), ``p_value``, ``conf_low``, ``conf_high``,
        ``conf_level``, ``n``, ``method``, ``alternative``.

    Raises
    ------
    InputError
        If `x` is not between 0 and `n`.

    Examples
    --------
    >>> test = binom_test(17, 50)
    >>> round(test.p_value, 4), round(test.conf_low, 4)
    (0.0328, 0.2121)
    """
    side = check_alternative(alternative)
    check_conf_level(conf_level)
    if not 0 <= x <= n or n == 0:
        raise InputError(f"binom_test: {x} successes of {n} trials cannot be.")
    result = stats.binomtest(x, n, p, alternative=side)
    interval = result.proportion_ci(conf_level, method="exact")
    return HTest(
        estimate=x / n,
        statistic=float(x),
        p_value=float(result.pvalue),
        conf_low=float(interval.low),
        conf_high=float(interval.high),
        conf_level=conf_level,
        n=n,
        method="Exact binomial test",
        alternative=alternative,
    )


def prop_test(
    x: Any, n: Any, *, p: float | None = None, correct: bool = True, conf_level: float = 0.95
) -> HTest:
    """Test one proportion, or the difference of two, by chi-squared (``prop.test``).

    Parameters
    ----------
    x, n : int or pair of int
        Successes and trials of one or two groups.
    p : float, optional
        Null value of a single proportion (0.5).
    correct : bool
        Yates' continuity correction, as R limits it.
    conf_level : float
        Level of the interval: Wilson's score interval for one proportion, Wald's for a
        difference.

    Returns
    -------
    HTest
        ``estimate`` (proportion, or difference), for two groups ``estimate1``, ``estimate2``,
        ``statistic``, ``df``, ``p_value``, ``conf_low``, ``conf_high``, ``conf_level``, ``n``,
        ``method``.

    Raises
    ------
    InputError
        More than two groups, or successes outside 0 to trials.

    Examples
    --------
    >>> test = prop_test([17, 30], [50, 60], correct=False)
    >>> round(test.estimate, 2), round(test.p_value, 4)
    (-0.16, 0.0912)
    """
    check_conf_level(conf_level)
    successes, trials = np.atleast_1d(x).astype(float), np.atleast_1d(n).astype(float)
    if len(successes) != len(trials) or len(successes) > 2:
        raise InputError("prop_test compares one or two proportions: as many x as n.")
    if (successes < 0).any() or (successes > trials).any() or (trials == 0).any():
        raise InputError("prop_test: successes must lie between 0 and the number of trials.")
    z = float(stats.norm.ppf(0.5 + conf_level / 2))
    if len(successes) == 1:
        return _one_proportion(successes[0], trials[0], 0.5 if p is None else p, correct, z)
    return _two_proportions(successes, trials, correct, z)


def _level(z: float) -> float:
    return float(2 * stats.norm.cdf(z) - 1)


def _one_proportion(x: float, n: float, p: float, correct: bool, z: float) -> HTest:
    yates = min(0.5, abs(x - n * p)) if correct else 0.0
    statistic = (abs(x - n * p) - yates) ** 2 / (n * p * (1 - p))
    limits = []
    for sign in (-1.0, 1.0):
        centre = x / n + sign * yates / n
        spread = z * math.sqrt(max(centre * (1 - centre) / n + z * z / (4 * n * n), 0.0))
        limits.append((centre + z * z / (2 * n) + sign * spread) / (1 + z * z / n))
    return HTest(
        estimate=x / n,
        statistic=statistic,
        df=1.0,
        p_value=float(stats.chi2.sf(statistic, 1)),
        conf_low=max(limits[0], 0.0),
        conf_high=min(limits[1], 1.0),
        conf_level=_level(z),
        n=int(n),
        method=f"1-sample proportions test {'with' if yates else 'without'} continuity correction",
        alternative="two.sided",
    )


def _two_proportions(x: np.ndarray, n: np.ndarray, correct: bool, z: float) -> HTest:
    share = x / n
    difference = float(share[0] - share[1])
    yates = min(0.5, abs(difference) / (1 / n).sum()) if correct else 0.0
    pooled = x.sum() / n.sum()
    statistic = (abs(difference) - yates * (1 / n).sum()) ** 2 / (
        pooled * (1 - pooled) * (1 / n).sum()
    )
    std_error = math.sqrt(float((share * (1 - share) / n).sum()))
    half_width = z * std_error + yates * float((1 / n).sum())
    word = "with" if yates else "without"
    return HTest(
        estimate=difference,
        estimate1=float(share[0]),
        estimate2=float(share[1]),
        std_error=std_error,
        statistic=float(statistic),
        df=1.0,
        p_value=float(stats.chi2.sf(statistic, 1)),
        conf_low=max(difference - half_width, -1.0),
        conf_high=min(difference + half_width, 1.0),
        conf_level=_level(z),
        n=int(n.sum()),
        method=f"2-sample test for equality of proportions {word} continuity correction",
        alternative="two.sided",
    )
