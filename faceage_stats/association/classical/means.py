"""Classical tests of one, two or more samples, under R's names and with R's numbers.

The arithmetic is scipy's and statsmodels'; this module gives it one result form, R's defaults,
and the intervals that those libraries leave out.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import stats

from faceage_stats.association.classical.columns import numeric_vector
from faceage_stats.association.classical.htest import (
    HTest,
    check_alternative,
    check_conf_level,
    groups_of,
    paired_values,
    two_samples,
)
from faceage_stats.errors import DesignError

__all__ = [
    "kruskal_test",
    "levene_test",
    "oneway_test",
    "shapiro_test",
    "t_test",
    "var_test",
]


def t_test(
    x: Any,
    y: Any = None,
    *,
    data: Any = None,
    mu: float = 0.0,
    paired: bool = False,
    var_equal: bool = False,
    alternative: str = "two.sided",
    conf_level: float = 0.95,
) -> HTest:
    """Compare one mean with a value, or two means with each other, as R's ``t.test``.

    Parameters
    ----------
    x : str or array-like
        ``"value ~ group"`` with `data` (two groups, first level minus second), the name of a
        column of `data` (with `paired`), or the first sample.
    y : str or array-like, optional
        Second sample or column. Without it, one sample is tested against `mu`.
    data : DataFrame, optional
        Where the names are looked up. Missing values are dropped and counted.
    mu : float
        Value of the mean, or of the difference, under the null hypothesis.
    paired : bool
        Take `x` and `y` as pairs and test their difference.
    var_equal : bool
        Pool the variances (Student) instead of Welch's test.
    alternative : {"two.sided", "less", "greater"}
        Side of the alternative hypothesis.
    conf_level : float
        Level of the interval.

    Returns
    -------
    HTest
        ``estimate`` (mean, mean difference, or difference of means), for two samples
        ``estimate1`` and ``estimate2`` (the means), ``std_error``, ``statistic`` (t), ``df``,
        ``p_value``, ``conf_low``, ``conf_high``, ``conf_level``, ``n``, ``n_missing``,
        ``method``, ``alternative``.

    Raises
    ------
    DesignError
        Fewer than two values in a sample, or samples that do not vary.
    InputError
        Wrong columns, values that are not numbers, a formula without exactly two groups.

    Examples
    --------
    >>> test = t_test([4.1, 5.0, 6.2, 5.5], [3.0, 3.9, 4.4, 4.1, 3.3])
    >>> round(test.estimate, 3), round(test.p_value, 4)
    (1.46, 0.0359)
    """
    side = check_alternative(alternative)
    check_conf_level(conf_level)
    extra: dict[str, float] = {}
    if paired:
        first, second, n_missing = paired_values(x, y, data)
        samples, method = [first - second], "Paired t-test"
    elif y is None and not (isinstance(x, str) and "~" in x):
        values = numeric_vector(x if data is None else data[x], "x")
        samples, method = [values[~np.isnan(values)]], "One Sample t-test"
        n_missing = int(np.isnan(values).sum())
    else:
        first, second, n_missing = two_samples(x, y, data)
        samples = [first, second]
        method = "Two Sample t-test" if var_equal else "Welch Two Sample t-test"
    std_error = _standard_error(samples, var_equal=var_equal)
    if len(samples) == 1:
        result = stats.ttest_1samp(samples[0], mu, alternative=side)
        estimate, shift = float(np.mean(samples[0])), 0.0
    else:
        # scipy tests a difference of 0: move the first sample, then move the interval back
        result = stats.ttest_ind(samples[0] - mu, samples[1], equal_var=var_equal, alternative=side)
        extra = {"estimate1": float(samples[0].mean()), "estimate2": float(samples[1].mean())}
        estimate, shift = extra["estimate1"] - extra["estimate2"], mu
    interval = result.confidence_interval(conf_level)
    return HTest(
        estimate=estimate,
        **extra,
        std_error=std_error,
        statistic=float(result.statistic),
        df=float(result.df),
        p_value=float(result.pvalue),
        conf_low=float(interval.low) + shift,
        conf_high=float(interval.high) + shift,
        conf_level=conf_level,
        n=sum(map(len, samples)),
        n_missing=n_missing,
        method=method,
        alternative=alternative,
    )


def _standard_error(samples: list[np.ndarray], *, var_equal: bool) -> float:
    """Return the standard error of the mean or of the difference, or refuse what does not vary."""
    sizes = [len(sample) for sample in samples]
    if min(sizes) < 2:
        raise DesignError(f"t_test: samples of {sizes} values; every sample needs at least 2.")
    variances = [float(np.var(sample, ddof=1)) for sample in samples]
    if var_equal and len(samples) == 2:
        pooled = np.average(variances, weights=[size - 1 for size in sizes])
        variances = [pooled, pooled]
    std_error = math.sqrt(sum(v / size for v, size in zip(variances, sizes, strict=True)))
    # R's bound for data that are constant but for rounding
    if std_error < 10 * np.finfo(float).eps * max(abs(float(s.mean())) for s in samples):
        raise DesignError("t_test: the values are essentially constant, so t is not defined.")
    if std_error == 0:
        raise DesignError("t_test: the values are essentially constant, so t is not defined.")
    return std_error


def var_test(x: Any, y: Any = None, *, data: Any = None, conf_level: float = 0.95) -> HTest:
    """Compare two variances by their ratio, as R's ``var.test``.

    Parameters
    ----------
    x, y, data
        As in :func:`t_test`: a formula with data, or two samples.
    conf_level : float
        Level of the interval.

    Returns
    -------
    HTest
        ``estimate`` (ratio of variances), ``statistic`` (F), ``df``, ``df_residual``,
        ``p_value``, ``conf_low``, ``conf_high``, ``conf_level``, ``n``, ``n_missing``, ``method``.

    Raises
    ------
    DesignError
        Fewer than two values in a sample, or no variance in the second.

    Examples
    --------
    >>> round(var_test([1.0, 2, 3, 4], [1.0, 3, 5, 7]).estimate, 3)
    0.25
    """
    check_conf_level(conf_level)
    first, second, n_missing = two_samples(x, y, data)
    if min(len(first), len(second)) < 2 or np.ptp(second) == 0:
        raise DesignError("var_test: each sample needs 2 values and the second must vary.")
    ratio = float(np.var(first, ddof=1) / np.var(second, ddof=1))
    f = stats.f(len(first) - 1, len(second) - 1)
    tail = (1 - conf_level) / 2
    return HTest(
        estimate=ratio,
        statistic=ratio,
        df=float(len(first) - 1),
        df_residual=float(len(second) - 1),
        p_value=float(2 * min(f.cdf(ratio), f.sf(ratio))),
        conf_low=float(ratio / f.isf(tail)),
        conf_high=float(ratio / f.ppf(tail)),
        conf_level=conf_level,
        n=len(first) + len(second),
        n_missing=n_missing,
        method="F test to compare two variances",
    )


def kruskal_test(formula: str, *, data: Any) -> HTest:
    """Compare the ranks of several groups, as R's ``kruskal.test``.

    Parameters
    ----------
    formula : str
        ``"value ~ group"``.
    data : DataFrame
        Rows with a missing value or group are dropped and counted.

    Returns
    -------
    HTest
        ``statistic`` (chi-squared, corrected for ties), ``df``, ``p_value``, ``n``,
        ``n_missing``, ``method``.

    Raises
    ------
    DesignError
        If all values are equal.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"gap": [1.0, 2, 3, 4, 5, 6], "site": list("aabbcc")})
    >>> round(kruskal_test("gap ~ site", data=frame).statistic, 3)
    4.571
    """
    samples, _, n_missing = groups_of(formula, data)
    if np.ptp(np.concatenate(samples)) == 0:
        raise DesignError("kruskal_test: all values are equal, so ranks cannot differ.")
    result = stats.kruskal(*samples)
    return HTest(
        statistic=float(result.statistic),
        df=float(len(samples) - 1),
        p_value=float(result.pvalue),
        n=sum(map(len, samples)),
        n_missing=n_missing,
        method="Kruskal-Wallis rank sum test",
    )


def oneway_test(formula: str, *, data: Any, var_equal: bool = False) -> HTest:
    """Compare several means, by default without assuming equal variances (``oneway.test``).

    Parameters
    ----------
    formula : str
        ``"value ~ group"``.
    data : DataFrame
        Rows with a missing value or group are dropped and counted.
    var_equal : bool
        Classical analysis of variance instead of Welch's.

    Returns
    -------
    HTest
        ``statistic`` (F), ``df``, ``df_residual``, ``p_value``, ``n``, ``n_missing``, ``method``.

    Raises
    ------
    DesignError
        A group with fewer than two values.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"gap": [1.0, 2, 3, 5, 4, 6], "site": list("aabbcc")})
    >>> round(oneway_test("gap ~ site", data=frame).df_residual, 2)
    1.78
    """
    samples, labels, n_missing = groups_of(formula, data)
    small = [str(label) for label, s in zip(labels, samples, strict=True) if len(s) < 2]
    if small:
        raise DesignError(f"oneway_test: groups with fewer than 2 values: {', '.join(small)}.")
    from statsmodels.stats.oneway import anova_oneway

    result = anova_oneway(samples, use_var="equal" if var_equal else "unequal")
    note = "" if var_equal else " (not assuming equal variances)"
    return HTest(
        statistic=float(result.statistic),
        df=float(result.df_num),
        df_residual=float(result.df_denom),
        p_value=float(result.pvalue),
        n=sum(map(len, samples)),
        n_missing=n_missing,
        method=f"One-way analysis of means{note}",
    )


def levene_test(formula: str, *, data: Any, center: str = "median") -> HTest:
    """Compare the spread of several groups (Levene; about the median, Brown and Forsythe).

    Parameters
    ----------
    formula : str
        ``"value ~ group"``.
    data : DataFrame
        Rows with a missing value or group are dropped and counted.
    center : {"median", "mean", "trimmed"}
        Centre of the absolute deviations.

    Returns
    -------
    HTest
        ``statistic`` (F), ``df``, ``df_residual``, ``p_value``, ``n``, ``n_missing``, ``method``.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"gap": [1.0, 2, 3, 5, 4, 9], "site": list("aaabbb")})
    >>> round(levene_test("gap ~ site", data=frame).statistic, 3)
    0.643
    """
    samples, _, n_missing = groups_of(formula, data)
    result = stats.levene(*samples, center=center)
    n = sum(map(len, samples))
    return HTest(
        statistic=float(result.statistic),
        df=float(len(samples) - 1),
        df_residual=float(n - len(samples)),
        p_value=float(result.pvalue),
        n=n,
        n_missing=n_missing,
        method=f"Levene's test (center = {center})",
    )


def shapiro_test(x: Any) -> HTest:
    """Test normality by Shapiro and Wilk's W, as R's ``shapiro.test``.

    Parameters
    ----------
    x : array-like of shape (n,)
        3 to 5,000 values that are not all equal; missing values are dropped and counted.

    Returns
    -------
    HTest
        ``statistic`` (W), ``p_value``, ``n``, ``n_missing``, ``method``.

    Raises
    ------
    DesignError
        Outside 3 to 5,000 values, or all values equal.

    Examples
    --------
    >>> round(shapiro_test([2.1, 3.4, 1.9, 5.0, 2.8]).statistic, 4)
    0.9074
    """
    values = numeric_vector(x, "x")
    complete = values[~np.isnan(values)]
    if not 3 <= len(complete) <= 5000 or np.ptp(complete) == 0:
        raise DesignError(
            f"shapiro_test: {len(complete)} values; 3 to 5,000 are needed, not all equal."
        )
    result = stats.shapiro(complete)
    return HTest(
        statistic=float(result.statistic),
        p_value=float(result.pvalue),
        n=len(complete),
        n_missing=len(values) - len(complete),
        method="Shapiro-Wilk normality test",
    )
