"""Tests of several proportions: equal, as given, or with a trend over ordered groups."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._call import checked_call
from faceage_stats._scalar import check_numbers
from faceage_stats.association.classical.htest import HTest
from faceage_stats.errors import DesignError, InputError

__all__ = ["group_proportions", "prop_trend_test", "several_proportions", "successes_of"]

# Of a table, as R's table() counts them.
_COUNTS = 'be counts; of a table: df.groupby("group")["event"].sum() and .count()'


class Successes(NamedTuple):
    """Successes and trials of each group."""

    successes: np.ndarray
    trials: np.ndarray


def successes_of(x: Any, n: Any, caller: str) -> Successes:
    """Read successes and trials, as many of one as of the other."""
    successes, trials = check_numbers("x", x, _COUNTS), check_numbers("n", n, _COUNTS)
    if successes.shape != trials.shape:
        raise InputError(f"{caller}: {successes.size} x and {trials.size} n; give as many of both.")
    if (successes < 0).any() or (successes > trials).any() or (trials == 0).any():
        raise InputError(f"{caller}: successes must lie between 0 and the number of trials.")
    return Successes(successes, trials)


def group_proportions(successes: np.ndarray, trials: np.ndarray) -> pd.DataFrame:
    """Return one row per group: ``group n_event n estimate``."""
    return pd.DataFrame(
        {
            "group": [str(1 + i) for i in range(len(trials))],
            "n_event": successes.astype(np.int64),
            "n": trials.astype(np.int64),
            "estimate": successes / trials,
        }
    )


def several_proportions(
    successes: np.ndarray, trials: np.ndarray, null: np.ndarray | None, correct: bool
) -> HTest:
    """Test that proportions are equal, or that each has its null value."""
    k = len(trials)
    p = np.full(k, successes.sum() / trials.sum()) if null is None else null
    if p[0] in (0.0, 1.0):
        raise DesignError("prop_test: all groups have the same outcome; nothing differs.")
    yates = 0.5 if correct and k == 2 else 0.0
    gap = np.abs(successes - trials * p) - yates
    statistic = float((gap**2 / (trials * p * (1 - p))).sum())
    df = k - (null is None)
    what = "equality of proportions" if null is None else "given proportions"
    return HTest(
        statistic=statistic,
        df=float(df),
        p_value=float(stats.chi2.sf(statistic, df)),
        n=int(trials.sum()),
        method=f"{k}-sample test for {what} {'with' if yates else 'without'} continuity correction",
        alternative="two.sided",
    )


@checked_call
def prop_trend_test(x: Any, n: Any, *, scores: Any = None) -> HTest:
    """Test a trend of proportions over ordered groups, as R's ``prop.trend.test``.

    Parameters
    ----------
    x, n : array_like of int, shape (k,)
        Successes and trials of each group, in order.
    scores : array_like, shape (k,), optional
        Position of each group; without it 1 to k.

    Returns
    -------
    HTest
        ``tidy()``: ``statistic df p_value n method``; ``cells()``: the proportion of each group.

    Raises
    ------
    DesignError
        All groups have the same outcome.
    InputError
        `scores` are not k numbers that differ.

    See Also
    --------
    prop_test : any difference.
    logrank_trend : the same for survival.

    Notes
    -----
    The chi-squared test for trend of Cochran and Armitage.

    In R: ``prop.trend.test(c(83, 90, 129, 70), c(86, 93, 136, 82))``

    References
    ----------
    Armitage P (1955). Tests for linear trends in proportions and frequencies. Biometrics
    11:375-386.

    Examples
    --------
    >>> round(prop_trend_test([83, 90, 129, 70], [86, 93, 136, 82]).statistic, 3)
    8.225
    """
    successes, trials = successes_of(x, n, "prop_trend_test")
    k, total = len(trials), trials.sum()
    position = np.arange(1.0, k + 1) if scores is None else check_numbers("scores", scores)
    if position.shape != (k,) or np.ptp(position) == 0:
        raise InputError(f"prop_trend_test: scores must be {k} numbers, not all equal.")
    p = successes.sum() / total
    if p in (0.0, 1.0):
        raise DesignError("prop_trend_test: all groups have the same outcome; there is no trend.")
    centred = position - (position * trials).sum() / total
    trend = float((centred * successes).sum())
    statistic = trend**2 / float(p * (1 - p) * (centred**2 * trials).sum())
    return HTest(
        statistic=statistic,
        df=1.0,
        p_value=float(stats.chi2.sf(statistic, 1)),
        n=int(total),
        method="Chi-squared Test for Trend in Proportions",
        counted=group_proportions(successes, trials),
    )
