"""Correlation of two columns, also given others, and of two independent samples compared."""

from __future__ import annotations

import math
from functools import partial
from typing import Any, Literal, NamedTuple

import numpy as np
from scipy import stats

from faceage_stats._columns import as_pandas, numeric_column
from faceage_stats._formula.parse import parse_right
from faceage_stats._formula.sides import refuse_unused
from faceage_stats._near import check_option
from faceage_stats._wald import check_conf_level, limits, two_sided
from faceage_stats.association.classical.htest import HTest, IntervalAt, Limits, wald_interval
from faceage_stats.association.classical.rank_correlation import (
    Correlation,
    kendall,
    pearson,
    spearman,
    t_of_r,
)
from faceage_stats.association.classical.samples import pairs_of
from faceage_stats.errors import DesignError, FormulaError, InputError

__all__ = ["Method", "PartialMethod", "cor_diff_test", "cor_test", "partial_cor"]

Method = Literal["pearson", "spearman", "kendall"]
PartialMethod = Literal["pearson", "spearman"]

_NAMES = {
    "pearson": "Pearson's product-moment correlation",
    "spearman": "Spearman's rank correlation rho",
    "kendall": "Kendall's rank correlation tau",
}


def cor_test(
    formula: Any,
    data: Any = None,
    *,
    method: Method = "pearson",
    exact: bool | None = None,
    continuity: bool = False,
    conf_level: float = 0.95,
) -> HTest:
    """Estimate and test a correlation, as R's ``cor.test`` (two-sided).

    Parameters
    ----------
    formula : str or array_like, shape (n,)
        ``"~ x + y"`` with `data`, or the first vector. Incomplete pairs are dropped and counted.
    data : pandas.DataFrame, polars.DataFrame or array_like
        The table of a formula, or the second vector, of the same length.
    method : {"pearson", "spearman", "kendall"}
        Kendall's coefficient is tau-b.
    exact : bool, optional
        Exact p value for Kendall (default: without ties and below 50 pairs) and for Spearman up
        to 9 pairs (default: without ties). Larger samples use R's approximations.
    continuity : bool
        Continuity correction of the approximate p values of Spearman and Kendall.
    conf_level : float
        Level of the interval.

    Returns
    -------
    HTest
        ``tidy(conf_level=...)``: ``estimate std_error`` (on Fisher's z scale) ``statistic`` (t for
        Pearson, S for Spearman; z, or T when exact, for Kendall) ``df`` (Pearson) ``p_value
        conf_low conf_high conf_level n n_missing method``.

    Raises
    ------
    DesignError
        Fewer than 5 complete pairs (4 for Pearson), or a column that does not vary.
    InputError
        Unknown method, unequal lengths, values that are not numbers.

    See Also
    --------
    partial_cor : given other columns.
    cor_dependent_test : two correlations that share a column, compared.

    Notes
    -----
    R gives an interval for Pearson only. Those of Spearman (Bonett and Wright 2000) and Kendall
    (Fieller 1957) rest on Fisher's z as well. For Spearman without ties and with 10 to 1,289
    pairs R's default is an Edgeworth series; here the t approximation is used from 10 pairs on,
    which is R's ``exact = FALSE``.

    In R: ``cor.test(~ gap + bmi, data = df)``

    References
    ----------
    Bonett DG, Wright TA (2000). Sample size requirements for estimating Pearson, Kendall and
    Spearman correlations. Psychometrika 65:23-28. doi:10.1007/BF02294183. Fieller EC, Hartley HO,
    Pearson ES (1957). Tests for rank correlation coefficients. I. Biometrika 44:470-481.
    doi:10.1093/biomet/44.3-4.470

    Examples
    --------
    >>> test = cor_test([61, 70, 58, 66, 75], [60, 68, 61, 63, 71])
    >>> round(test.estimate, 3), round(test.conf_low, 3)
    (0.955, 0.461)
    """
    check_option("method", method, Method)
    check_conf_level(conf_level)
    first, second, n_missing = pairs_of(formula, data, "cor_test()")
    n, least = len(first), 4 if method == "pearson" else 5
    if n < least or np.ptp(first) == 0 or np.ptp(second) == 0:
        raise DesignError(
            f"cor_test: {n} complete pairs; {least} are needed, and both columns must vary."
        )
    test = _coefficient(first, second, method, exact, continuity)
    std_error = _fisher_z_se(method, test.estimate, n)
    return HTest(
        estimate=test.estimate,
        std_error=std_error,
        statistic=test.statistic,
        df=test.df,
        p_value=test.p_value,
        conf_level=conf_level,
        interval=_fisher_interval(test.estimate, std_error),
        n=n,
        n_missing=n_missing,
        method=_NAMES[method],
        alternative="two.sided",
    )


def _coefficient(
    x: np.ndarray, y: np.ndarray, method: Method, exact: bool | None, continuity: bool
) -> Correlation:
    if method == "pearson":
        return pearson(x, y)
    return (spearman if method == "spearman" else kendall)(x, y, exact, continuity)


def _fisher_z_se(method: Method, r: float, n: int) -> float:
    """Standard error of Fisher's z of a coefficient."""
    if method == "kendall":
        return math.sqrt(0.437 / (n - 4))  # Fieller, Hartley and Pearson 1957
    spread = 1 + r * r / 2 if method == "spearman" else 1.0  # Bonett and Wright 2000
    return math.sqrt(spread / (n - 3))


def _fisher_interval(r: float, std_error: float) -> IntervalAt:
    return partial(_fisher_limits, r, std_error)


def _fisher_limits(r: float, std_error: float, level: float) -> Limits:
    """Limits on Fisher's z scale; a perfect correlation has no width."""
    if abs(r) >= 1:
        return Limits(r, r)
    low, high = limits(math.atanh(r), std_error, level)
    return Limits(math.tanh(low), math.tanh(high))


def partial_cor(
    formula: str, data: Any, *, method: PartialMethod = "pearson", conf_level: float = 0.95
) -> HTest:
    """Correlate two columns after removing what others explain linearly.

    Parameters
    ----------
    formula : str
        ``"~ x + y | a + b"``: the two columns, and the numeric columns that are held fixed.
    data : pandas.DataFrame or polars.DataFrame
        Rows with a missing value in any of these columns are dropped and counted.
    method : {"pearson", "spearman"}
        Spearman ranks every column first.
    conf_level : float
        Level of the interval.

    Returns
    -------
    HTest
        ``tidy(conf_level=...)``: ``estimate std_error`` (Fisher's z scale) ``statistic`` (t) ``df``
        (n - 2 - k) ``p_value conf_low conf_high conf_level n n_missing method``.

    Raises
    ------
    DesignError
        Fewer than k + 4 complete rows, or columns that the others explain completely.
    FormulaError
        A formula of another form, or unknown columns.

    See Also
    --------
    cor_test : without other columns.

    Notes
    -----
    In R: ``ppcor::pcor.test(df$gap, df$bmi, df$age)``

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame(
    ...     {"faceage": [60, 71, 55, 80, 66, 73], "ecog": [0, 1, 0, 2, 2, 1],
    ...      "age": [58, 70, 57, 74, 60, 75]})
    >>> round(partial_cor("~ faceage + ecog | age", data).estimate, 3)
    0.854
    """
    check_option("method", method, PartialMethod)
    check_conf_level(conf_level)
    names, others = _partial_names(formula)
    frame = as_pandas(data)
    table = np.column_stack(
        [numeric_column(frame, name, f"partial_cor(): `{formula}`") for name in (*names, *others)]
    )
    complete = ~np.isnan(table).any(axis=1)
    table = table[complete]
    n, k = len(table), len(others)
    if n < k + 4:
        raise DesignError(f"partial_cor: {n} complete rows; {k + 4} are needed for {k} columns.")
    estimate = _partial_r(stats.rankdata(table, axis=0) if method == "spearman" else table)
    test = t_of_r(estimate, n - 2 - k)
    std_error = _fisher_z_se(method, estimate, n - k)
    return HTest(
        estimate=estimate,
        std_error=std_error,
        statistic=test.statistic,
        df=float(n - 2 - k),
        p_value=test.p_value,
        conf_level=conf_level,
        interval=_fisher_interval(estimate, std_error),
        n=n,
        n_missing=int((~complete).sum()),
        method=f"Partial correlation ({method})",
        alternative="two.sided",
    )


class _PartialNames(NamedTuple):
    correlated: tuple[str, ...]
    given: tuple[str, ...]


def _partial_names(formula: str) -> _PartialNames:
    left, _, right = str(formula).partition("~")
    both, bar, given = right.partition("|")
    sides = []
    for text in (both, given) if bar else ():
        parsed = parse_right(text.strip())
        refuse_unused(parsed, frozenset(), f"partial_cor(): `{formula}`")
        sides.append(parsed.plain or ())
    if left.strip() or len(sides) != 2 or len(sides[0]) != 2 or not sides[1]:
        raise FormulaError(
            f"partial_cor(): `{formula}` should name two columns and those held fixed: "
            "`~ x + y | a + b`."
        )
    return _PartialNames(*sides)


def _partial_r(table: np.ndarray) -> float:
    """Correlation of the first two columns given the others."""
    # QR of centred columns: residuals stay accurate when the columns are nearly collinear
    centred = table - table.mean(axis=0)
    basis = np.linalg.qr(centred[:, 2:])[0]
    residuals = centred[:, :2] - basis @ (basis.T @ centred[:, :2])
    size = np.linalg.norm(residuals, axis=0)
    if (size <= 1e-10 * np.linalg.norm(centred[:, :2], axis=0)).any():
        raise DesignError("partial_cor: the other columns explain x or y completely.")
    return float(residuals[:, 0] @ residuals[:, 1] / (size[0] * size[1]))


def cor_diff_test(r1: float, n1: int, r2: float, n2: int, *, conf_level: float = 0.95) -> HTest:
    """Compare Pearson correlations of two independent samples by Fisher's z.

    Parameters
    ----------
    r1 : float
        Correlation in the first sample.
    n1 : int
        Its number of pairs, at least 4.
    r2 : float
        Correlation in the second sample.
    n2 : int
        Its number of pairs, at least 4.
    conf_level : float
        Level of the interval of the difference on Fisher's z scale.

    Returns
    -------
    HTest
        ``tidy(conf_level=...)``: ``estimate`` (atanh r1 - atanh r2) ``std_error statistic`` (z)
        ``p_value conf_low conf_high conf_level n method``.

    Raises
    ------
    InputError
        A correlation outside (-1, 1) or fewer than 4 pairs.

    See Also
    --------
    cor_dependent_test : two correlations within the same subjects.

    Notes
    -----
    In R: ``psych::r.test(n = 120, r12 = 0.90, r34 = 0.85, n2 = 100)``

    Examples
    --------
    >>> round(cor_diff_test(0.90, 120, 0.85, 100).p_value, 4)
    0.1156
    """
    check_conf_level(conf_level)
    if not (abs(r1) < 1 and abs(r2) < 1 and min(n1, n2) >= 4):
        raise InputError("cor_diff_test needs correlations inside (-1, 1) and 4 pairs in each.")
    estimate = math.atanh(r1) - math.atanh(r2)
    std_error = math.sqrt(1 / (n1 - 3) + 1 / (n2 - 3))
    return HTest(
        estimate=estimate,
        std_error=std_error,
        statistic=estimate / std_error,
        p_value=float(two_sided(estimate / std_error)),
        conf_level=conf_level,
        interval=wald_interval(estimate, std_error),
        n=n1 + n2,
        method="Difference of independent correlations (Fisher's z)",
        alternative="two.sided",
    )
