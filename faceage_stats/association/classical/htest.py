"""The result of a classical test: what R prints as an ``htest``, in one row."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._near import check_option
from faceage_stats._result import Result, frozen_result
from faceage_stats._wald import check_conf_level, limits, two_sided
from faceage_stats.errors import InputError

__all__ = [
    "Alternative",
    "HTest",
    "IntervalAt",
    "Limits",
    "p_of",
    "scipy_side",
    "sided",
    "wald_interval",
]

Alternative = Literal["two.sided", "less", "greater"]


_NO_WIDTH = 1e-15  # level of an interval without width: a one-sided limit at level 0.5


class Limits(NamedTuple):
    """Lower and upper limit of an interval."""

    low: float
    high: float


IntervalAt = Callable[[float], Limits]  # from a confidence level to its limits


@frozen_result
class HTest(Result):
    """One classical test: what R prints as an ``htest``, in one row.

    A field that the test does not define is None and has no column in ``tidy()``.

    Attributes
    ----------
    method : str
    p_value : float
    n, n_missing : int
        Values (or pairs) used, and dropped because they were missing.
    estimate, estimate1, estimate2 : float or None
        The estimate, and the two quantities that it is the difference or ratio of.
    std_error, statistic, df, df_residual : float or None
    alternative : str or None
    scale : str or None
        What the estimate is where 1 means no effect, e.g. "odds ratio".
    conf_level : float or None
        Level of ``conf_low`` and ``conf_high``, as in the call.
    interval : callable or None
        From a level to limits.
    counted : pandas.DataFrame or None
        What ``cells()`` returns.
    """

    method: str
    p_value: float
    n: int
    n_missing: int = 0
    estimate: float | None = None
    estimate1: float | None = None
    estimate2: float | None = None
    std_error: float | None = None
    statistic: float | None = None
    df: float | None = None
    df_residual: float | None = None
    alternative: str | None = None
    scale: str | None = None
    conf_level: float | None = None
    interval: IntervalAt | None = None
    counted: pd.DataFrame | None = None

    @cached_property
    def _limits(self) -> Limits | None:
        if self.interval is None or self.conf_level is None:
            return None
        return self.interval(self.conf_level)

    @property
    def conf_low(self) -> float | None:
        """Lower confidence limit, at the level of the call."""
        return self._limits.low if self._limits else None

    @property
    def conf_high(self) -> float | None:
        """Upper confidence limit, at the level of the call."""
        return self._limits.high if self._limits else None

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return one row with the fields that the test defines.

        Parameters
        ----------
        conf_level : float, optional
            Level of the limits; without it that of the call.

        Returns
        -------
        pandas.DataFrame
            ``estimate estimate1 estimate2 std_error statistic df df_residual p_value conf_low
            conf_high conf_level n n_missing method alternative scale``, as far as defined.
        """
        level, found = self.conf_level, self._limits
        if conf_level is not None and self.interval is not None:
            level, found = conf_level, self.interval(conf_level)
        low, high = found or (None, None)
        values = {name: getattr(self, name) for name in _ESTIMATE}
        values |= {"conf_low": low, "conf_high": high, "conf_level": level}
        values |= {name: getattr(self, name) for name in _LABELS}
        return pd.DataFrame([{name: v for name, v in values.items() if v is not None}])

    def glance(self) -> pd.DataFrame:
        """Return the row of ``tidy()``: a test has one."""
        return self.tidy()

    def cells(self) -> pd.DataFrame:
        """Return what a test of counts compares: its cells, or the proportion of each group.

        Returns
        -------
        pandas.DataFrame
            For `chisq_test` ``level observed expected std_residual`` (of a two-way table ``level1
            level2``), for `prop_test` ``group n_event n estimate``, for `mantelhaen_test` ``strata
            level1 level2 observed``.
        """
        if self.counted is None:
            raise InputError(f"{self.method}: chisq_test() and prop_test() have cells.")
        return self.counted.copy()

    def _further_tables(self) -> tuple[str, ...]:
        return () if self.counted is None else ("cells",)

    def _printed(self) -> pd.DataFrame:
        return self.tidy().drop(columns="method")

    def _title(self) -> str:
        return self.method


# estimate first, as broom has it
_ESTIMATE = ["estimate", "estimate1", "estimate2", "std_error", "statistic", "df", "df_residual",
             "p_value"]  # fmt: skip
_LABELS = ["n", "n_missing", "method", "alternative", "scale"]


def scipy_side(alternative: Alternative) -> str:
    """Return scipy's word for R's alternative; refuse any other.

    Examples
    --------
    >>> scipy_side("two.sided")
    'two-sided'
    """
    check_option("alternative", alternative, Alternative)
    return alternative.replace(".", "-")


def wald_interval(
    estimate: float,
    std_error: float,
    df: float | None = None,
    alternative: Alternative = "two.sided",
) -> IntervalAt:
    """Return the limits of an estimate as a function of the level.

    Parameters
    ----------
    estimate, std_error : float
    df : float, optional
        Degrees of freedom of Student's t; without them the normal distribution.
    alternative : {"two.sided", "less", "greater"}
        A one-sided alternative leaves one side of the interval open.

    Examples
    --------
    >>> at = wald_interval(1.0, 0.5)
    >>> [round(limit, 2) for limit in at(0.95)]
    [0.02, 1.98]
    """
    return sided(partial(_wald_limits, estimate, std_error, df), alternative)


def _wald_limits(estimate: float, std_error: float, df: float | None, level: float) -> Limits:
    low, high = limits(estimate, std_error, level, df=df)
    return Limits(float(low), float(high))


def sided(
    interval: IntervalAt,
    alternative: Alternative,
    low: float = -np.inf,
    high: float = np.inf,
) -> IntervalAt:
    """Return the interval of a test as a function of the level, open at one end where one-sided.

    Parameters
    ----------
    interval : callable
        From a level to the two-sided limits. A one-sided limit is the two-sided one whose tail
        has the same probability.
    alternative : {"two.sided", "less", "greater"}
    low, high : float
        The ends of the range of the estimate.

    Examples
    --------
    >>> at = sided(lambda level: Limits(0.5 - level / 2, 0.5 + level / 2), "less", 0.0, 1.0)
    >>> at(0.95).low, round(at(0.95).high, 2)
    (0.0, 0.95)
    """
    return partial(_sided_limits, interval, alternative, Limits(low, high))


def _sided_limits(
    interval: IntervalAt, alternative: Alternative, ends: Limits, level: float
) -> Limits:
    check_conf_level(level)
    if alternative == "two.sided":
        return interval(level)
    if level < 0.5:
        raise InputError(f"conf_level is {level}; of a one-sided interval it must be 0.5 or more.")
    found = interval(max(2 * level - 1, _NO_WIDTH))
    if alternative == "less":
        return Limits(ends.low, found.high)
    return Limits(found.low, ends.high)


def p_of(statistic: float, alternative: Alternative, df: float | None = None) -> float:
    """Compute the p value of a z statistic, or of Student's t when `df` is given.

    Examples
    --------
    >>> round(p_of(1.645, "greater"), 3), round(p_of(1.645, "less"), 3)
    (0.05, 0.95)
    """
    if alternative == "two.sided":
        return float(two_sided(statistic, df))
    below = -statistic if alternative == "greater" else statistic
    return float(stats.norm.cdf(below) if df is None else stats.t.cdf(below, df))
