"""A correlation between what two measurements would be without error."""

from __future__ import annotations

import math

import pandas as pd

from faceage_stats._arguments import check_fit
from faceage_stats._call import checked_call
from faceage_stats._scalar import check_number
from faceage_stats.association.classical.htest import HTest
from faceage_stats.errors import InputError

__all__ = ["disattenuate"]


@checked_call
def disattenuate(test: HTest, reliability: float, reliability2: float = 1.0) -> pd.DataFrame:
    """Correct a correlation for error in one or both measurements (Spearman's formula).

    Parameters
    ----------
    test : HTest
        Of `cor_test` (Pearson).
    reliability, reliability2 : float
        Of the two measurements: the proportion of the variance that is not error, such as an ICC.
        1 is a measurement without error.

    Returns
    -------
    pandas.DataFrame
        One row: ``estimate_uncorrected estimate conf_low conf_high conf_level p_value n``. The
        limits are divided as the estimate is, which takes the reliabilities as known; the p value
        is that of the test. An estimate beyond 1 says that a reliability is too low.

    Raises
    ------
    InputError
        A reliability outside (0, 1], or a test that is no Pearson correlation.

    See Also
    --------
    regression_calibration : The same for a coefficient.

    Notes
    -----
    In R: ``psych::correct.cor(matrix, reliabilities)``

    References
    ----------
    Spearman C (1904). The proof and measurement of association between two things. American Journal
    of Psychology 15:72-101. doi:10.2307/1412159

    Examples
    --------
    >>> from faceage_stats.association.classical.correlation import cor_test
    >>> test = cor_test([60.0, 68, 55, 75, 66], [31.0, 28, 35, 29, 30])
    >>> disattenuate(test, 0.8)[["estimate_uncorrected", "estimate"]].round(3).values.tolist()
    [[-0.85, -0.951]]
    """
    check_fit(test, HTest, "disattenuate() takes a test of cor_test()")
    if not test.method.startswith("Pearson") or test.estimate is None:
        raise InputError(f"disattenuate() takes Pearson's correlation; this is: {test.method}.")
    factor = 1.0
    for name, value in (("reliability", reliability), ("reliability2", reliability2)):
        must = "lie above 0, and be 1 at most, e.g. 0.9"
        if not 0 < check_number(name, value, must) <= 1:
            raise InputError(f"disattenuate: {name} is {value}; it must {must}.")
        factor /= math.sqrt(value)
    row = test.tidy().iloc[0]
    corrected = {name: row[name] * factor for name in ("estimate", "conf_low", "conf_high")}
    kept = {name: row[name] for name in ("conf_level", "p_value", "n")}
    return pd.DataFrame([{"estimate_uncorrected": row["estimate"], **corrected, **kept}])
