"""Lin's concordance correlation: agreement of two measurements with the line of identity."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._result import Result, frozen_result
from faceage_stats._wald import check_conf_level
from faceage_stats.association.classical.samples import pairs_of
from faceage_stats.errors import DesignError

__all__ = ["LinConcordance", "lin_ccc"]


@frozen_result
class LinConcordance(Result):
    """Concordance correlation; see :func:`lin_ccc`."""

    estimate: float
    pearson: float
    accuracy: float
    std_error_z: float
    conf_level: float
    n: int
    n_missing: int

    def tidy(self, **kwargs: Any) -> pd.DataFrame:
        """Rows ``concordance correlation``, ``precision`` (r) and ``accuracy`` (bias correction).

        Columns ``quantity, estimate, std_error, conf_low, conf_high, conf_level, n``; the two
        factors have no interval of their own.
        """
        z = math.atanh(self.estimate)
        half_width = float(stats.norm.ppf(0.5 + self.conf_level / 2)) * self.std_error_z
        table = pd.DataFrame(
            {
                "quantity": ["concordance correlation", "precision", "accuracy"],
                "estimate": [self.estimate, self.pearson, self.accuracy],
                # from Fisher's z scale by the delta method
                "std_error": [self.std_error_z * (1 - self.estimate**2), np.nan, np.nan],
                "conf_low": [math.tanh(z - half_width), np.nan, np.nan],
                "conf_high": [math.tanh(z + half_width), np.nan, np.nan],
            }
        )
        return table.assign(conf_level=self.conf_level, n=self.n)

    def glance(self) -> pd.DataFrame:
        """One row: ``n, n_missing``."""
        return pd.DataFrame([{"n": self.n, "n_missing": self.n_missing}])

    def _title(self) -> str:
        return "Lin's concordance correlation"


def lin_ccc(x: Any, y: Any, *, data: Any = None, conf_level: float = 0.95) -> LinConcordance:
    """Estimate how closely pairs of measurements follow the line of identity.

    The coefficient is Pearson's r times an accuracy between 0 and 1 that falls with a shift and
    with a difference of scale.

    Parameters
    ----------
    x, y : str or array-like
        Columns of `data`, or two arrays in the same unit. Incomplete pairs are dropped and
        counted.
    data : DataFrame, optional
        Where the names are looked up.
    conf_level : float
        Level of the interval (Fisher's z).

    Returns
    -------
    LinConcordance
        ``tidy()``: ``quantity, estimate, std_error, conf_low, conf_high, conf_level, n``;
        ``std_error_z`` is the standard error on Fisher's z scale.

    Raises
    ------
    DesignError
        Fewer than 4 complete pairs, a measurement that does not vary, or pairs that lie exactly
        on a line (no error to estimate).

    Notes
    -----
    Moments divide by n, as in Lin (1989); the variance is that of his paper with the correction
    of 2000.

    References
    ----------
    Lin LI. A concordance correlation coefficient to evaluate reproducibility. Biometrics
    1989;45:255-268. Corrected in Biometrics 2000;56:324-325.

    Examples
    --------
    >>> fit = lin_ccc([61.0, 70, 58, 66, 75], [62.0, 73, 57, 68, 79])
    >>> fit.tidy()[["quantity", "estimate"]].round(3).values.tolist()[0]
    ['concordance correlation', 0.939]
    """
    check_conf_level(conf_level)
    first, second, n_missing = paired_values(x, y, data)
    n = len(first)
    if n < 4 or np.ptp(first) == 0 or np.ptp(second) == 0:
        raise DesignError(f"lin_ccc: {n} complete pairs; 4 are needed, and both must vary.")
    centred = first - first.mean(), second - second.mean()
    var_x, var_y = (float(values @ values) / n for values in centred)
    covariance = float(centred[0] @ centred[1]) / n
    shift = float(first.mean() - second.mean())
    r = covariance / math.sqrt(var_x * var_y)
    estimate = 2 * covariance / (var_x + var_y + shift**2)
    if 1 - r * r < 1e-12 or r == 0:
        raise DesignError("lin_ccc: the pairs lie exactly on a line, so there is no error.")
    squared_shift = shift**2 / math.sqrt(var_x * var_y)
    rest = 1 - estimate**2
    variance = (
        (1 - r * r) * estimate**2 / (rest * r * r)
        + 2 * estimate**3 * (1 - estimate) * squared_shift / (r * rest**2)
        - estimate**4 * squared_shift**2 / (2 * r * r * rest**2)
    ) / (n - 2)
    return LinConcordance(estimate, r, estimate / r, math.sqrt(variance), conf_level, n, n_missing)
