"""Lin's concordance correlation: agreement of two measurements with the line of identity."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._result import Result, frozen_result
from faceage_stats._wald import check_conf_level, limits
from faceage_stats.association.classical.samples import pairs_of
from faceage_stats.errors import DesignError, InputError

__all__ = ["LinConcordance", "lin_ccc"]


@frozen_result
class LinConcordance(Result):
    """Concordance correlation, made by :func:`lin_ccc`.

    Attributes
    ----------
    estimate, pearson, accuracy : float
        The coefficient, and its two factors: precision and bias correction.
    std_error_z : float
        Standard error on Fisher's z scale.
    conf_level : float
        As in the call.
    n, n_missing : int
    """

    estimate: float
    pearson: float
    accuracy: float
    std_error_z: float
    conf_level: float
    n: int
    n_missing: int

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return the coefficient, its ``precision`` (r) and its ``accuracy`` (bias correction).

        Parameters
        ----------
        conf_level : float, optional
            Level of the interval of the coefficient; without it that of the call.

        Returns
        -------
        pandas.DataFrame
            ``quantity estimate std_error conf_low conf_high conf_level n``; the two factors have
            no interval.
        """
        level = conf_level or self.conf_level
        low, high = np.tanh(limits(math.atanh(self.estimate), self.std_error_z, level))
        table = pd.DataFrame(
            {
                "quantity": ["concordance correlation", "precision", "accuracy"],
                "estimate": [self.estimate, self.pearson, self.accuracy],
                # from Fisher's z scale by the delta method
                "std_error": [self.std_error_z * (1 - self.estimate**2), np.nan, np.nan],
                "conf_low": [float(low), np.nan, np.nan],
                "conf_high": [float(high), np.nan, np.nan],
            }
        )
        return table.assign(conf_level=level, n=self.n)

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_missing``."""
        return pd.DataFrame([{"n": self.n, "n_missing": self.n_missing}])

    def _title(self) -> str:
        return "Lin's concordance correlation"


@checked_call
def lin_ccc(formula: Any, data: Any = None, *, conf_level: float = 0.95) -> LinConcordance:
    """Estimate how closely pairs of measurements follow the line of identity.

    The coefficient is Pearson's r times an accuracy between 0 and 1 that falls with a shift and
    with a difference of scale.

    Parameters
    ----------
    formula : str or array_like, shape (n,)
        ``"~ x + y"`` with `data`, or the first measurements. Incomplete pairs are dropped and
        counted.
    data : pandas.DataFrame, polars.DataFrame or array_like
        The table of a formula, or the second measurements, in the same unit.
    conf_level : float
        Level of the interval (Fisher's z).

    Returns
    -------
    LinConcordance
        ``tidy(conf_level=...)``: ``quantity estimate std_error conf_low conf_high conf_level n``;
        ``std_error_z`` is the standard error on Fisher's z scale.

    Raises
    ------
    InputError
        Numbers whose products overflow.
    DesignError
        Fewer than 4 complete pairs, a measurement that does not vary, or pairs that lie exactly
        on a line (no error to estimate).

    See Also
    --------
    bland_altman : the limits of agreement.

    Notes
    -----
    Moments divide by n, as in Lin (1989); the variance is that of his paper with the correction
    of 2000.

    In R: ``DescTools::CCC(df$x, df$y)``

    References
    ----------
    Lin LI (1989). A concordance correlation coefficient to evaluate reproducibility. Biometrics
    45:255-268. doi:10.2307/2532051. Corrected in Biometrics 2000;56:324-325.

    Examples
    --------
    >>> fit = lin_ccc([61.0, 70, 58, 66, 75], [62.0, 73, 57, 68, 79])
    >>> fit.tidy()[["quantity", "estimate"]].round(3).values.tolist()[0]
    ['concordance correlation', 0.939]
    """
    check_conf_level(conf_level)
    first, second, n_missing = pairs_of(formula, data, "lin_ccc()")
    n = len(first)
    if n < 4 or np.ptp(first) == 0 or np.ptp(second) == 0:
        raise DesignError(f"lin_ccc: {n} complete pairs; 4 are needed, and both must vary.")
    if not min(np.ptp(first), np.ptp(second)) > 1e-75 or np.abs([first, second]).max() > 1e75:
        raise InputError("lin_ccc: products of such numbers are no numbers; use another unit.")
    centred = first - first.mean(), second - second.mean()
    var_x, var_y = (float(values @ values) / n for values in centred)
    covariance = float(centred[0] @ centred[1]) / n
    shift = float(first.mean() - second.mean())
    r = covariance / math.sqrt(var_x * var_y)
    estimate = 2 * covariance / (var_x + var_y + shift**2)
    if 1 - r * r < 1e-12 or r == 0:
        raise DesignError("lin_ccc: the pairs lie exactly on a line, so there is no error.")
    squared_shift = shift**2 / math.sqrt(var_x * var_y)
    complement = 1 - estimate**2
    variance = (
        (1 - r * r) * estimate**2 / (complement * r * r)
        + 2 * estimate**3 * (1 - estimate) * squared_shift / (r * complement**2)
        - estimate**4 * squared_shift**2 / (2 * r * r * complement**2)
    ) / (n - 2)
    return LinConcordance(estimate, r, estimate / r, math.sqrt(variance), conf_level, n, n_missing)
