"""Whether a sample could come from a normal distribution."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from faceage_stats._call import checked_call
from faceage_stats._columns import numeric
from faceage_stats.association.classical.htest import HTest
from faceage_stats.errors import DesignError

__all__ = ["shapiro_test"]


@checked_call
def shapiro_test(x: Any) -> HTest:
    """Test normality by Shapiro and Wilk's W, as R's ``shapiro.test``.

    Parameters
    ----------
    x : array_like, shape (n,)
        3 to 5,000 values that are not all equal; missing values are dropped and counted.

    Returns
    -------
    HTest
        ``tidy()``: ``statistic`` (W) ``p_value n n_missing method``.

    Raises
    ------
    DesignError
        Outside 3 to 5,000 values, or all values equal.

    See Also
    --------
    wilcox_test : a comparison that needs no normal distribution.

    Notes
    -----
    In R: ``shapiro.test(df$gap)``

    References
    ----------
    Shapiro SS, Wilk MB (1965). An analysis of variance test for normality (complete samples).
    Biometrika 52:591-611. doi:10.1093/biomet/52.3-4.591

    Examples
    --------
    >>> round(shapiro_test([2.1, 3.4, 1.9, 5.0, 2.8]).statistic, 4)
    0.9074
    """
    values = numeric(x, "x")
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
