"""Equivalence of two means: two one-sided t tests."""

from __future__ import annotations

from typing import Any

import pandas as pd

from faceage_stats._arguments import check_flag
from faceage_stats._call import checked_call
from faceage_stats._result import Result, frozen_result
from faceage_stats._scalar import check_number
from faceage_stats.association.classical.htest import HTest
from faceage_stats.association.classical.means import t_test
from faceage_stats.errors import InputError

__all__ = ["Tost", "tost"]


@frozen_result
class Tost(Result):
    """A test of equivalence, made by `tost`.

    Attributes
    ----------
    lower, upper : HTest
        The one-sided tests: difference above the lower bound, and below the upper one.
    two_sided : HTest
        The two-sided test, whose interval at 1 - 2 ``sig_level`` decides the same.
    low, high, sig_level : float
    """

    lower: HTest
    upper: HTest
    two_sided: HTest
    low: float
    high: float
    sig_level: float

    @property
    def p_value(self) -> float:
        """The larger of the two p values."""
        return max(self.lower.p_value, self.upper.p_value)

    @property
    def estimate(self) -> float:
        """Difference of the means, or mean difference of pairs."""
        return float(self.two_sided.estimate or 0.0)

    def tidy(self) -> pd.DataFrame:
        """Return the two tests.

        Returns
        -------
        pandas.DataFrame
            One row per bound: ``null_value estimate std_error statistic df p_value alternative``.
        """
        rows = [
            {
                "null_value": bound,
                "estimate": self.estimate,
                "std_error": test.std_error,
                "statistic": test.statistic,
                "df": test.df,
                "p_value": test.p_value,
                "alternative": test.alternative,
            }
            for bound, test in ((self.low, self.lower), (self.high, self.upper))
        ]
        return pd.DataFrame(rows)

    def glance(self) -> pd.DataFrame:
        """Return one row: the interval at 1 - 2 sig_level and the p value of equivalence.

        Returns
        -------
        pandas.DataFrame
            ``estimate std_error df p_value conf_low conf_high conf_level n n_missing method``.
        """
        test = self.two_sided
        row = {
            "estimate": self.estimate,
            "std_error": test.std_error,
            "df": test.df,
            "p_value": self.p_value,
            "conf_low": test.conf_low,
            "conf_high": test.conf_high,
            "conf_level": test.conf_level,
            "n": test.n,
            "n_missing": test.n_missing,
            "method": self._title(),
        }
        return pd.DataFrame([row])

    def _title(self) -> str:
        return f"Equivalence within {self.low:g} to {self.high:g} (two one-sided t tests)"

    def _note(self) -> str:
        test = self.two_sided
        return (
            f"p of equivalence {self.p_value:.3g}; {100 * (test.conf_level or 0):g} % interval "
            f"{test.conf_low:.4g} to {test.conf_high:.4g}"
        )


@checked_call
def tost(
    formula: Any,
    data: Any = None,
    *,
    low: float,
    high: float,
    paired: bool = False,
    var_equal: bool = False,
    sig_level: float = 0.05,
) -> Tost:
    """Test that a difference of means lies within bounds: two one-sided t tests.

    Parameters
    ----------
    formula : str or array_like, shape (n,)
        As for `t_test`: ``"value ~ group"``, ``"Pair(x, y) ~ 1"``, ``"value ~ 1"``, or a sample.
    data : pandas.DataFrame, polars.DataFrame or array_like, optional
        As for `t_test`.
    low, high : float
        Bounds of equivalence, in the unit of the values: differences that do not matter.
    paired : bool
        Take two vectors as pairs.
    var_equal : bool
        Student's test in place of Welch's.
    sig_level : float
        Significance level of each test.

    Returns
    -------
    Tost
        ``.p_value`` the larger of the two; ``tidy()`` one row per bound; ``glance()`` the interval
        at 1 - 2 `sig_level`.

    Raises
    ------
    DesignError
        As `t_test`.
    InputError
        `low` is not below `high`, or `sig_level` not between 0 and 0.5.

    See Also
    --------
    t_test : a test of difference, which does not show equivalence when it fails.

    Notes
    -----
    The means are equivalent at `sig_level` when the interval lies within the bounds.

    In R: ``TOSTER::t_TOST(gap ~ sex, data = df, eqb = c(-3, 3), eqbound_type = "raw")``

    References
    ----------
    Schuirmann DJ (1987). A comparison of the two one-sided tests procedure and the power approach
    for assessing the equivalence of average bioavailability. Journal of Pharmacokinetics and
    Biopharmaceutics 15:657-680. doi:10.1007/BF01068419

    Examples
    --------
    >>> test = tost([61.0, 64, 70, 58, 66], [60.0, 65, 69, 59, 67], low=-3, high=3, paired=True)
    >>> round(test.p_value, 4)
    0.0023
    """
    if not check_number("low", low) < check_number("high", high):
        raise InputError(f"tost: low is {low} and high {high}; low must be below high.")
    if not 0 < check_number("sig_level", sig_level) < 0.5:
        raise InputError(f"tost: sig_level is {sig_level}; it must lie between 0 and 0.5.")
    check_flag("paired", paired), check_flag("var_equal", var_equal)
    options: dict[str, Any] = {"paired": paired, "var_equal": var_equal}
    lower = t_test(formula, data, mu=low, alternative="greater", **options)
    upper = t_test(formula, data, mu=high, alternative="less", **options)
    both = t_test(formula, data, conf_level=1 - 2 * sig_level, **options)
    return Tost(lower, upper, both, low, high, sig_level)
