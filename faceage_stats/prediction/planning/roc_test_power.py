"""Power to tell two ROC curves of the same patients apart, from a pilot study."""

from __future__ import annotations

import math

import pandas as pd
from scipy import stats

from faceage_stats._call import checked_call
from faceage_stats._scalar import check_number
from faceage_stats.errors import DesignError, InputError
from faceage_stats.prediction.planning.levels import PowerAlternative, upper_level
from faceage_stats.prediction.roc.comparison import roc_test
from faceage_stats.prediction.roc.result import ROC

__all__ = ["roc_test_power"]


@checked_call
def roc_test_power(
    first: ROC,
    second: ROC,
    *,
    power: float | None = None,
    sig_level: float = 0.05,
    alternative: PowerAlternative = "two.sided",
) -> pd.DataFrame:
    """Compute the power of DeLong's paired test, or the patients that reach a power.

    Parameters
    ----------
    first, second : ROC
        Curves of one marker each, of the same patients: a pilot study, whose areas and covariance
        are taken as the truth.
    power : float, optional
        Wanted; without it, the power of a study as large as the pilot is returned.
    sig_level : float
        Significance level.
    alternative : {"two.sided", "one.sided"}

    Returns
    -------
    pandas.DataFrame
        One row: ``n_case n_control estimate1 estimate2 power``; numbers of patients are not
        rounded, and keep the pilot's controls for each case.

    Raises
    ------
    InputError
        A power or level out of range; areas that do not differ.
    DesignError
        Curves of different patients.

    See Also
    --------
    roc_power : One area against one half.
    roc_test : The test itself.

    Notes
    -----
    The area of a pilot study is uncertain, and so is a power computed from it; vary it. As in pROC
    the variance under the null hypothesis is that of the first curve.

    In R: ``pROC::power.roc.test(r1, r2, power = 0.9)``

    References
    ----------
    Obuchowski NA, McClish DK (1997). Sample size determination for diagnostic accuracy studies
    involving binormal ROC curve indices. Statistics in Medicine 16:1529-1542.
    doi:10.1002/(SICI)1097-0258(19970715)16:13<1529::AID-SIM565>3.0.CO;2-H

    Examples
    --------
    >>> import faceage_stats as fs
    >>> df = pd.DataFrame({"y": [0, 0, 0, 0, 1, 1, 1, 1], "a": [1, 2, 3, 5, 4, 6, 7, 8],
    ...                    "b": [1, 5, 6, 3, 2, 4, 8, 7]})
    >>> pilot = fs.roc("y ~ a + b", df, direction="<")
    >>> roc_test_power(pilot["a"], pilot["b"], power=0.8)["n_case"].round(1).tolist()
    [1.9]
    """
    test = roc_test(first, second)
    if len(test.markers) != 2:
        raise DesignError("roc_test_power() takes two curves of one marker each.")
    variance = test.vcov().to_numpy()
    delta = float(test.estimate[0] - test.estimate[1])
    if not delta or not (variance.diagonal() > 0).all():
        raise InputError("the two areas do not differ, or have no variance; no study shows more.")
    n_case = first.curve.n_case
    kappa = (test.sizes[0] - n_case) / n_case
    z = float(stats.norm.isf(upper_level(sig_level, alternative)))
    null = math.sqrt(2 * n_case * max(variance[0, 0] - variance[0, 1], 0.0))
    spread = math.sqrt(n_case * (variance[0, 0] + variance[1, 1] - 2 * variance[0, 1]))
    size: float = n_case
    if power is None:
        power = float(stats.norm.cdf((math.sqrt(n_case) * abs(delta) - z * null) / spread))
    elif 0 < check_number("power", power) < 1:
        size = ((z * null + float(stats.norm.ppf(power)) * spread) / delta) ** 2
    else:
        raise InputError(f"power is {power}; it must lie between 0 and 1.")
    row = {
        "n_case": size,
        "n_control": kappa * size,
        "estimate1": test.estimate[0],
        "estimate2": test.estimate[1],
        "power": power,
    }
    return pd.DataFrame([row])
