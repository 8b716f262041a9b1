"""Spread of two or more samples: the F test of two variances, Levene, Bartlett, Fligner."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import numpy as np
from scipy import stats

from faceage_stats._call import checked_call
from faceage_stats._near import check_option
from faceage_stats._scalar import check_number
from faceage_stats._wald import check_conf_level
from faceage_stats.association.classical.htest import Alternative, HTest, Limits, sided
from faceage_stats.association.classical.samples import groups_of, two_samples
from faceage_stats.errors import DesignError, InputError

__all__ = ["Center", "bartlett_test", "fligner_test", "levene_test", "var_test"]

Center = Literal["median", "mean", "trimmed"]


@checked_call
def var_test(
    formula: Any,
    data: Any = None,
    *,
    ratio: float = 1.0,
    alternative: Alternative = "two.sided",
    conf_level: float = 0.95,
) -> HTest:
    """Compare two variances by their ratio, as R's ``var.test``.

    Parameters
    ----------
    formula : str or array_like, shape (n,)
        ``"value ~ group"`` with `data` (first level over second), or the first sample.
    data : pandas.DataFrame, polars.DataFrame or array_like
        The table of a formula, or the second sample. Missing values are dropped and counted.
    ratio : float
        Ratio of the variances under the null hypothesis.
    alternative : {"two.sided", "less", "greater"}
        Side of the alternative hypothesis; a one-sided interval ends at 0 or at infinity.
    conf_level : float
        Level of the interval.

    Returns
    -------
    HTest
        ``tidy(conf_level=...)``: ``estimate`` (ratio of variances) ``statistic`` (F) ``df
        df_residual p_value conf_low conf_high conf_level n n_missing method alternative scale``.

    Raises
    ------
    DesignError
        Fewer than two values in a sample, or no variance in the second.

    See Also
    --------
    levene_test : more than two groups, and less sensitive to distributions that are not normal.

    Notes
    -----
    In R: ``var.test(gap ~ sex, data = df)``

    Examples
    --------
    >>> round(var_test([1.0, 2, 3, 4], [1.0, 3, 5, 7]).estimate, 3)
    0.25
    """
    check_option("alternative", alternative, Alternative)
    check_conf_level(conf_level)
    first, second, n_missing = two_samples(formula, data, "var_test()")
    if min(len(first), len(second)) < 2 or np.ptp(second) == 0:
        raise DesignError("var_test: each sample needs 2 values and the second must vary.")
    if check_number("ratio", ratio) <= 0:
        raise InputError(f"var_test: ratio is {ratio}; it must be above 0.")
    estimate = float(np.var(first, ddof=1) / np.var(second, ddof=1))
    statistic = estimate / ratio
    df, df_residual = float(len(first) - 1), float(len(second) - 1)
    f = stats.f(df, df_residual)
    below, above = float(f.cdf(statistic)), float(f.sf(statistic))
    p_values = {"two.sided": 2 * min(below, above), "less": below, "greater": above}
    return HTest(
        estimate=estimate,
        statistic=statistic,
        df=df,
        df_residual=df_residual,
        p_value=p_values[alternative],
        conf_level=conf_level,
        interval=sided(partial(_ratio_limits, estimate, df, df_residual), alternative, 0.0),
        n=len(first) + len(second),
        n_missing=n_missing,
        method="F test to compare two variances",
        alternative=alternative,
        scale="ratio",
    )


def _ratio_limits(ratio: float, df: float, df_residual: float, level: float) -> Limits:
    tail = (1 - level) / 2
    f = stats.f(df, df_residual)
    return Limits(float(ratio / f.isf(tail)), float(ratio / f.ppf(tail)))


@checked_call
def levene_test(formula: str, data: Any, *, center: Center = "median") -> HTest:
    """Compare the spread of several groups (Levene; about the median, Brown and Forsythe).

    Parameters
    ----------
    formula : str
        ``"value ~ group"``.
    data : pandas.DataFrame or polars.DataFrame
        Rows with a missing value or group are dropped and counted.
    center : {"median", "mean", "trimmed"}
        Centre of the absolute deviations.

    Returns
    -------
    HTest
        ``tidy()``: ``statistic`` (F) ``df df_residual p_value n n_missing method``.

    Raises
    ------
    InputError
        An unknown centre, fewer than two groups, or values that are not numbers.

    See Also
    --------
    var_test : the ratio of two variances.
    bartlett_test : for normal samples.
    fligner_test : by ranks.

    Notes
    -----
    In R: ``car::leveneTest(gap ~ site, data = df)``

    References
    ----------
    Brown MB, Forsythe AB (1974). Robust tests for the equality of variances. Journal of the
    American Statistical Association 69:364-367. doi:10.1080/01621459.1974.10482955

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"gap": [1.0, 2, 3, 5, 4, 9], "site": list("aaabbb")})
    >>> round(levene_test("gap ~ site", data).statistic, 3)
    0.643
    """
    check_option("center", center, Center)
    groups = groups_of(formula, data, "levene_test()")
    if not any(np.ptp(sample) for sample in groups.samples):
        raise DesignError("levene_test: the values of no group vary, so spreads cannot differ.")
    with np.errstate(divide="ignore"):  # equal deviations within every group: F is infinite
        result = stats.levene(*groups.samples, center=center)
    return HTest(
        statistic=float(result.statistic),
        df=float(len(groups.samples) - 1),
        df_residual=float(groups.n - len(groups.samples)),
        p_value=float(result.pvalue),
        n=groups.n,
        n_missing=groups.n_missing,
        method=f"Levene's test (center = {center})",
    )


@checked_call
def bartlett_test(formula: str, data: Any) -> HTest:
    """Compare the variances of several normal samples, as R's ``bartlett.test``.

    Parameters
    ----------
    formula : str
        ``"value ~ group"``.
    data : pandas.DataFrame or polars.DataFrame
        Rows with a missing value or group are dropped and counted.

    Returns
    -------
    HTest
        ``tidy()``: ``statistic`` (chi-squared) ``df p_value n n_missing method``.

    Raises
    ------
    DesignError
        A group without two values that differ.

    See Also
    --------
    levene_test : less sensitive to distributions that are not normal.

    Notes
    -----
    In R: ``bartlett.test(gap ~ site, data = df)``

    References
    ----------
    Bartlett MS (1937). Properties of sufficiency and statistical tests. Proceedings of the Royal
    Society of London Series A 160:268-282.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"gap": [1.0, 2, 3, 5, 4, 9], "site": list("aaabbb")})
    >>> round(bartlett_test("gap ~ site", data).statistic, 3)
    1.323
    """
    groups = groups_of(formula, data, "bartlett_test()")
    if min(map(len, groups.samples)) < 2 or min(map(np.ptp, groups.samples)) == 0:
        raise DesignError("bartlett_test: every group needs 2 values that differ.")
    result = stats.bartlett(*groups.samples)
    return HTest(
        statistic=float(result.statistic),
        df=float(len(groups.samples) - 1),
        p_value=float(result.pvalue),
        n=groups.n,
        n_missing=groups.n_missing,
        method="Bartlett test of homogeneity of variances",
    )


@checked_call
def fligner_test(formula: str, data: Any) -> HTest:
    """Compare the spread of several groups by ranks about the median, as R's ``fligner.test``.

    Parameters
    ----------
    formula : str
        ``"value ~ group"``.
    data : pandas.DataFrame or polars.DataFrame
        Rows with a missing value or group are dropped and counted.

    Returns
    -------
    HTest
        ``tidy()``: ``statistic`` (chi-squared) ``df p_value n n_missing method``.

    Raises
    ------
    DesignError
        The values of no group vary.

    See Also
    --------
    levene_test : by means of absolute deviations.

    Notes
    -----
    In R: ``fligner.test(gap ~ site, data = df)``

    References
    ----------
    Conover WJ, Johnson ME, Johnson MM (1981). A comparative study of tests for homogeneity of
    variances, with applications to the outer continental shelf bidding data. Technometrics
    23:351-361.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"gap": [1.0, 2, 3, 5, 4, 9], "site": list("aaabbb")})
    >>> round(fligner_test("gap ~ site", data).statistic, 3)
    0.389
    """
    groups = groups_of(formula, data, "fligner_test()")
    if not any(np.ptp(sample) for sample in groups.samples):
        raise DesignError("fligner_test: the values of no group vary, so spreads cannot differ.")
    result = stats.fligner(*groups.samples, center="median")
    return HTest(
        statistic=float(result.statistic),
        df=float(len(groups.samples) - 1),
        p_value=float(result.pvalue),
        n=groups.n,
        n_missing=groups.n_missing,
        method="Fligner-Killeen test of homogeneity of variances",
    )
