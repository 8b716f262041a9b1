"""Means of one, two or more samples: Student's and Welch's t, and Welch's one-way test."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
from scipy import stats

from faceage_stats._call import checked_call
from faceage_stats._levels import list_levels
from faceage_stats._scalar import check_number
from faceage_stats._wald import check_conf_level
from faceage_stats.association.classical.htest import (
    Alternative,
    HTest,
    scipy_side,
    wald_interval,
)
from faceage_stats.association.classical.samples import Samples, groups_of, samples_of
from faceage_stats.errors import DesignError

__all__ = ["oneway_test", "t_test"]


@checked_call
def t_test(
    formula: Any,
    data: Any = None,
    *,
    mu: float = 0.0,
    paired: bool = False,
    var_equal: bool = False,
    alternative: Alternative = "two.sided",
    conf_level: float = 0.95,
) -> HTest:
    """Compare one mean with a value, or two means with each other, as R's ``t.test``.

    Parameters
    ----------
    formula : str or array_like, shape (n,)
        ``"value ~ group"`` (two groups, first level minus second), ``"value ~ 1"``,
        ``"Pair(x, y) ~ 1"``, each with `data`; or the first sample.
    data : pandas.DataFrame, polars.DataFrame or array_like, optional
        The table of a formula; after a sample the second one, without which one mean is tested
        against `mu`. Missing values are dropped and counted.
    mu : float
        Value of the mean, or of the difference, under the null hypothesis.
    paired : bool
        Take two vectors as pairs and test their difference.
    var_equal : bool
        Pool the variances (Student) instead of Welch's test.
    alternative : {"two.sided", "less", "greater"}
        Side of the alternative hypothesis.
    conf_level : float
        Level of the interval.

    Returns
    -------
    HTest
        ``tidy(conf_level=...)``: ``estimate`` (mean, mean difference, or difference of means), for
        two samples ``estimate1 estimate2`` (the means), ``std_error statistic`` (t) ``df p_value
        conf_low conf_high conf_level n n_missing method alternative``.

    Raises
    ------
    DesignError
        Fewer than two values in a sample, or samples that do not vary.
    InputError
        Values that are not numbers, a formula without exactly two groups, a table in place of
        the second sample.
    FormulaError
        Unknown columns.

    See Also
    --------
    wilcox_test : the same by ranks.
    oneway_test : more than two groups.

    Notes
    -----
    In R: ``t.test(gap ~ sex, data = df)``

    References
    ----------
    Welch BL (1947). The generalization of "Student's" problem when several different population
    variances are involved. Biometrika 34:28-35. doi:10.1093/biomet/34.1-2.28

    Examples
    --------
    >>> test = t_test([4.1, 5.0, 6.2, 5.5], [3.0, 3.9, 4.4, 4.1, 3.3])
    >>> round(test.estimate, 3), round(test.p_value, 4)
    (1.46, 0.0359)
    """
    side = scipy_side(alternative)
    check_conf_level(conf_level)
    check_number("mu", mu)
    given = samples_of(formula, data, paired, "t_test()")
    samples, method = _compared(given, var_equal)
    std_error = _standard_error(samples, var_equal=var_equal)
    means = [float(sample.mean()) for sample in samples]
    if len(samples) == 1:
        result = stats.ttest_1samp(samples[0], mu, alternative=side)
        estimate = means[0]
    else:
        # scipy tests a difference of 0: move the first sample
        with warnings.catch_warnings():  # one constant sample is fine: the other varies
            warnings.simplefilter("ignore", RuntimeWarning)
            result = stats.ttest_ind(
                samples[0] - mu, samples[1], equal_var=var_equal, alternative=side
            )
        estimate = means[0] - means[1]
    df = float(result.df)
    first, second = means if len(means) == 2 else (None, None)
    return HTest(
        estimate=estimate,
        estimate1=first,
        estimate2=second,
        std_error=std_error,
        statistic=float(result.statistic),
        df=df,
        p_value=float(result.pvalue),
        conf_level=conf_level,
        interval=wald_interval(estimate, std_error, df, alternative),
        n=sum(map(len, samples)),
        n_missing=given.n_missing,
        method=method,
        alternative=alternative,
    )


def _compared(given: Samples, var_equal: bool) -> tuple[list[np.ndarray], str]:
    """The samples whose means are tested, and the name of the test."""
    if given.second is None:
        return [given.first], "One Sample t-test"
    if given.paired:
        return [given.first - given.second], "Paired t-test"
    method = "Two Sample t-test" if var_equal else "Welch Two Sample t-test"
    return [given.first, given.second], method


def _standard_error(samples: list[np.ndarray], *, var_equal: bool) -> float:
    """Standard error of the mean or of the difference; what does not vary is refused."""
    sizes = [len(sample) for sample in samples]
    if min(sizes) < 2:
        raise DesignError(f"t_test: samples of {sizes} values; every sample needs at least 2.")
    variances = [float(np.var(sample, ddof=1)) for sample in samples]
    if var_equal and len(samples) == 2:
        pooled = float(np.average(variances, weights=[size - 1 for size in sizes]))
        variances = [pooled, pooled]
    std_error = math.sqrt(sum(v / size for v, size in zip(variances, sizes, strict=True)))
    # R's bound for data that are constant but for rounding
    bound = 10 * np.finfo(float).eps * max(abs(float(s.mean())) for s in samples)
    if std_error == 0 or std_error < bound:
        raise DesignError("t_test: the values are essentially constant, so t is not defined.")
    return std_error


@checked_call
def oneway_test(formula: str, data: Any, *, var_equal: bool = False) -> HTest:
    """Compare several means, by default without assuming equal variances.

    Parameters
    ----------
    formula : str
        ``"value ~ group"``.
    data : pandas.DataFrame or polars.DataFrame
        Rows with a missing value or group are dropped and counted.
    var_equal : bool
        Classical analysis of variance instead of Welch's.

    Returns
    -------
    HTest
        ``tidy()``: ``statistic`` (F) ``df df_residual p_value n n_missing method``.

    Raises
    ------
    DesignError
        A group with fewer than two values.

    See Also
    --------
    aov : the analysis of variance table, with Tukey's comparisons.
    kruskal_test : the same by ranks.

    Notes
    -----
    In R: ``oneway.test(gap ~ site, data = df)``

    References
    ----------
    Welch BL (1951). On the comparison of several mean values: an alternative approach. Biometrika
    38:330-336. doi:10.1093/biomet/38.3-4.330

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"gap": [1.0, 2, 3, 5, 4, 6], "site": list("aabbcc")})
    >>> round(oneway_test("gap ~ site", data).df_residual, 2)
    1.78
    """
    from statsmodels.stats.oneway import anova_oneway

    groups = groups_of(formula, data, "oneway_test()")
    pairs = zip(groups.labels, groups.samples, strict=True)
    small = [str(label) for label, sample in pairs if len(sample) < 2]
    if small:
        raise DesignError(f"oneway_test: groups with fewer than 2 values: {list_levels(small)}.")
    constant = [str(g) for g, s in zip(groups.labels, groups.samples, strict=True) if not np.ptp(s)]
    if len(constant) == len(groups.labels) or (constant and not var_equal):
        raise DesignError(
            f"oneway_test: the values do not vary within {list_levels(constant)}, so F is not "
            "defined. Exclude such groups, or use kruskal_test."
        )
    result = anova_oneway(groups.samples, use_var="equal" if var_equal else "unequal")
    note = "" if var_equal else " (not assuming equal variances)"
    return HTest(
        statistic=float(result.statistic),
        df=float(result.df_num),
        df_residual=float(result.df_denom),
        p_value=float(result.pvalue),
        n=groups.n,
        n_missing=groups.n_missing,
        method=f"One-way analysis of means{note}",
    )
