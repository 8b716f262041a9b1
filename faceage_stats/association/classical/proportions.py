"""Tests of one proportion, of the difference of two, and of several."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from scipy import stats

from faceage_stats._arguments import check_flag
from faceage_stats._call import checked_call
from faceage_stats._near import check_option
from faceage_stats._scalar import check_number, check_numbers, check_whole
from faceage_stats._wald import check_conf_level
from faceage_stats.association.classical.htest import (
    Alternative,
    HTest,
    Limits,
    p_of,
    scipy_side,
    sided,
)
from faceage_stats.association.classical.several_proportions import (
    group_proportions,
    several_proportions,
    successes_of,
)
from faceage_stats.errors import InputError

__all__ = ["binom_test", "prop_test"]


@checked_call
def binom_test(
    x: int,
    n: int,
    p: float = 0.5,
    *,
    alternative: Alternative = "two.sided",
    conf_level: float = 0.95,
) -> HTest:
    """Test a proportion exactly, with Clopper and Pearson's interval, as R's ``binom.test``.

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
        ``tidy(conf_level=...)``: ``estimate statistic`` (successes) ``p_value conf_low conf_high
        conf_level n method alternative``.

    Raises
    ------
    InputError
        `x` is not between 0 and `n`.

    See Also
    --------
    prop_test : the approximation, also for two groups.

    Notes
    -----
    In R: ``binom.test(17, 50)``

    References
    ----------
    Clopper CJ, Pearson ES (1934). The use of confidence or fiducial limits illustrated in the
    case of the binomial. Biometrika 26:404-413. doi:10.1093/biomet/26.4.404

    Examples
    --------
    >>> test = binom_test(17, 50)
    >>> round(test.p_value, 4), round(test.conf_low, 4)
    (0.0328, 0.2121)
    """
    side = scipy_side(alternative)
    check_conf_level(conf_level)
    x, n = check_whole("x", x), check_whole("n", n, 1)
    if not 0 <= check_number("p", p) <= 1:
        raise InputError(f"binom_test: p is {p}; it must be a probability, 0 to 1.")
    if x > n:
        raise InputError(f"binom_test: x is {x}; it must lie between 0 and n = {n}, n above 0.")
    return HTest(
        estimate=x / n,
        statistic=float(x),
        p_value=float(stats.binomtest(x, n, p, alternative=side).pvalue),
        conf_level=conf_level,
        interval=partial(_exact_limits, x, n, side),
        n=n,
        method="Exact binomial test",
        alternative=alternative,
    )


def _exact_limits(x: int, n: int, side: str, level: float) -> Limits:
    interval = stats.binomtest(x, n, alternative=side).proportion_ci(level, method="exact")
    return Limits(float(interval.low), float(interval.high))


@checked_call
def prop_test(
    x: Any,
    n: Any,
    *,
    p: Any = None,
    alternative: Alternative = "two.sided",
    correct: bool = True,
    conf_level: float = 0.95,
) -> HTest:
    """Test one proportion, or that several are equal or as given, as R's ``prop.test``.

    Parameters
    ----------
    x, n : int or array_like of int, shape (k,)
        Successes and trials of one group or several.
    p : float or array_like, shape (k,), optional
        Null value of each proportion: 0.5 for a single one, and by default equal ones for several.
    alternative : {"two.sided", "less", "greater"}
        Side of the alternative hypothesis; a one-sided interval ends where the proportion (0, 1)
        or the difference (-1, 1) does.
    correct : bool
        Yates' continuity correction of one or two groups, as R limits it.
    conf_level : float
        Level of the interval: Wilson's score interval for one proportion, Wald's for a
        difference.

    Returns
    -------
    HTest
        ``tidy(conf_level=...)``: ``statistic df p_value n method alternative``; for one group
        ``estimate`` (proportion) and ``conf_low conf_high conf_level``, for two compared with each
        other also ``estimate1 estimate2 std_error``, ``estimate`` being the difference.
        ``cells()``: the proportion of each group.

    Raises
    ------
    InputError
        Successes outside 0 to trials, or a one-sided test of more than one difference.

    See Also
    --------
    binom_test : exact, for one proportion.
    prop_trend_test : a trend over ordered groups.

    Notes
    -----
    In R: ``prop.test(c(17, 30), c(50, 60), correct = FALSE)``

    References
    ----------
    Wilson EB (1927). Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association 22:209-212.
    doi:10.1080/01621459.1927.10502953

    Examples
    --------
    >>> test = prop_test([17, 30], [50, 60], correct=False)
    >>> round(test.estimate, 2), round(test.p_value, 4)
    (-0.16, 0.0912)
    >>> round(prop_test([83, 90, 129, 70], [86, 93, 136, 82]).p_value, 4)
    0.0056
    """
    check_option("alternative", alternative, Alternative)
    check_flag("correct", correct)
    check_conf_level(conf_level)
    successes, trials = successes_of(x, n, "prop_test")
    null = None if p is None else _null_values(p, len(trials))
    if len(trials) == 1:
        test = _one_proportion(
            float(successes[0]),
            float(trials[0]),
            0.5 if null is None else float(null[0]),
            alternative,
            correct,
            conf_level,
        )
    elif len(trials) == 2 and null is None:
        test = _two_proportions(successes, trials, alternative, correct, conf_level)
    elif alternative != "two.sided":
        raise InputError("prop_test: more than one difference is tested, which has only two.sided.")
    else:
        test = several_proportions(successes, trials, null, correct)
    return replace(test, counted=group_proportions(successes, trials))


def _null_values(p: Any, k: int) -> np.ndarray:
    null = check_numbers("p", p)
    if null.shape != (k,) or (null <= 0).any() or (null >= 1).any():
        raise InputError(f"prop_test: p must be {k} probabilities between 0 and 1, one a group.")
    return null


def _p_value(statistic: float, difference: float, alternative: Alternative) -> float:
    """P of a chi-squared on one degree of freedom, whose root has the sign of the difference."""
    return p_of(math.copysign(math.sqrt(statistic), difference), alternative)


def _one_proportion(
    x: float, n: float, p: float, alternative: Alternative, correct: bool, conf_level: float
) -> HTest:
    yates = min(0.5, abs(x - n * p)) if correct else 0.0
    statistic = (abs(x - n * p) - yates) ** 2 / (n * p * (1 - p))
    return HTest(
        estimate=x / n,
        statistic=statistic,
        df=1.0,
        p_value=_p_value(statistic, x / n - p, alternative),
        conf_level=conf_level,
        interval=sided(partial(_wilson_limits, x, n, yates), alternative, 0.0, 1.0),
        n=int(n),
        method=f"1-sample proportions test {'with' if yates else 'without'} continuity correction",
        alternative=alternative,
    )


def _wilson_limits(x: float, n: float, yates: float, level: float) -> Limits:
    """Wilson's score limits, with R's continuity correction, which statsmodels does not have."""
    z = float(stats.norm.ppf(0.5 + level / 2))
    found = []
    for sign, end in ((-1.0, 0.0), (1.0, 1.0)):
        centre = x / n + sign * yates / n
        if sign * (centre - end) >= 0:  # the correction has left 0 to 1, or there is none
            found.append(end)
            continue
        spread = z * math.sqrt(centre * (1 - centre) / n + z * z / (4 * n * n))
        found.append((centre + z * z / (2 * n) + sign * spread) / (1 + z * z / n))
    return Limits(*found)


def _two_proportions(
    x: np.ndarray, n: np.ndarray, alternative: Alternative, correct: bool, conf_level: float
) -> HTest:
    proportion = x / n
    difference, inverse = float(proportion[0] - proportion[1]), float((1 / n).sum())
    yates = min(0.5, abs(difference) / inverse) if correct else 0.0
    pooled = x.sum() / n.sum()
    statistic = (abs(difference) - yates * inverse) ** 2 / (pooled * (1 - pooled) * inverse)
    std_error = math.sqrt(float((proportion * (1 - proportion) / n).sum()))
    word = "with" if yates else "without"
    return HTest(
        estimate=difference,
        estimate1=float(proportion[0]),
        estimate2=float(proportion[1]),
        std_error=std_error,
        statistic=float(statistic),
        df=1.0,
        p_value=_p_value(float(statistic), difference, alternative),
        conf_level=conf_level,
        interval=sided(
            partial(_difference_limits, difference, std_error, yates * inverse),
            alternative,
            -1.0,
            1.0,
        ),
        n=int(n.sum()),
        method=f"2-sample test for equality of proportions {word} continuity correction",
        alternative=alternative,
    )


def _difference_limits(
    difference: float, std_error: float, correction: float, level: float
) -> Limits:
    half_width = float(stats.norm.ppf(0.5 + level / 2)) * std_error + correction
    return Limits(max(difference - half_width, -1.0), min(difference + half_width, 1.0))
