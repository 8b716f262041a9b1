"""Storey's q values: the false discovery rate at which each test would be called."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import interpolate, optimize

from faceage_stats._call import checked_call
from faceage_stats._near import check_option
from faceage_stats._p_adjust import p_values
from faceage_stats._result import Result, frozen_result
from faceage_stats._scalar import check_number
from faceage_stats.errors import DesignError, InputError

__all__ = ["Pi0", "QValues", "qvalue"]

Pi0 = Literal["smoother", "bootstrap"]

_CUT_POINTS = np.arange(1, 20) / 20  # 0.05 to 0.95
_SPLINE_DF = 3.0


@checked_call
def qvalue(p: ArrayLike, *, pi0: Pi0 | float = "smoother") -> QValues:
    """Estimate q values and the proportion of true null hypotheses, as R's ``qvalue::qvalue``.

    Parameters
    ----------
    p : array_like, shape (m,)
        p values of one family; missing ones stay missing and are not counted.
    pi0 : {"smoother", "bootstrap"} or float
        How the proportion of true nulls is found: a cubic smoothing spline with 3 degrees of
        freedom through the estimates at 0.05, ..., 0.95, taken at the last; the cut point with the
        smallest mean squared error (Storey, Taylor and Siegmund 2004); or a proportion from 0 to 1,
        where 1 gives the p values of Benjamini and Hochberg.

    Returns
    -------
    QValues
        ``q`` in the order of `p`, ``pi0``; ``tidy()``: one row per p value: ``p_value q_value``.

    Raises
    ------
    InputError
        p values outside 0 to 1, or an unknown `pi0`.
    DesignError
        The proportion of true nulls cannot be estimated: it comes out at or below 0, which
        happens with few p values or none near 1. Use ``pi0=1``.

    See Also
    --------
    p_adjust : without an estimate of that proportion.

    Notes
    -----
    In R: ``qvalue::qvalue(p)``

    References
    ----------
    Storey JD, Tibshirani R (2003). Statistical significance for genomewide studies. Proceedings of
    the National Academy of Sciences 100:9440-9445. doi:10.1073/pnas.1530509100

    Storey JD, Taylor JE, Siegmund D (2004). Strong control, conservative point estimation and
    simultaneous conservative consistency of false discovery rates: a unified approach. Journal of
    the Royal Statistical Society B 66:187-205. doi:10.1111/j.1467-9868.2004.00439.x

    Examples
    --------
    >>> qvalue([0.001, 0.02, 0.5, 0.9], pi0=1.0).q.round(3).tolist()
    [0.004, 0.04, 0.667, 0.9]
    """
    values = p_values(p)
    known = ~np.isnan(values)
    proportion = _proportion(values[known], pi0)
    q = np.full(len(values), np.nan)
    q[known] = proportion * _step_up(values[known])
    return QValues(values, q, proportion)


def _step_up(p: np.ndarray) -> np.ndarray:
    """Smallest p m / rank among this and larger p values (ties take their largest rank)."""
    order = np.argsort(p)
    ranked = p[order] * len(p) / np.searchsorted(p[order], p[order], side="right")
    out = np.empty(len(p))
    out[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1)
    return out


def _proportion(p: np.ndarray, pi0: Pi0 | float) -> float:
    """Proportion of true null hypotheses."""
    if not isinstance(pi0, str):
        if not 0 < check_number("pi0", pi0) <= 1:
            raise InputError(f"pi0 is {pi0}; a proportion lies above 0 and at most at 1.")
        return float(pi0)
    check_option("pi0", pi0, Pi0)
    above = (p[:, None] >= _CUT_POINTS).sum(axis=0)
    raw = above / len(p) / (1 - _CUT_POINTS) if len(p) else np.zeros(len(_CUT_POINTS))
    if pi0 == "smoother":
        proportion = float(min(_smooth(raw)[-1], 1))
    else:
        variance = above / (len(p) ** 2 * (1 - _CUT_POINTS) ** 2) * (1 - above / len(p))
        error = variance + (raw - np.quantile(raw, 0.1)) ** 2
        proportion = float(min(raw[np.argmin(error)], 1))
    if not proportion > 0:
        raise DesignError(
            f"the proportion of true nulls among {len(p)} p values is estimated as "
            f"{proportion:.3g}. Too few p values are large: pass pi0=1, which is Benjamini and "
            "Hochberg's method."
        )
    return proportion


def _smooth(y: np.ndarray) -> np.ndarray:
    """Natural cubic smoothing spline with a given trace."""
    unit = np.eye(len(y))

    def hat(log_penalty: float) -> np.ndarray:
        spline = interpolate.make_smoothing_spline(_CUT_POINTS, unit, lam=np.exp(log_penalty))
        return np.asarray(spline(_CUT_POINTS))

    log_penalty = optimize.brentq(lambda u: np.trace(hat(u)) - _SPLINE_DF, -30, 20, xtol=1e-10)
    return np.asarray(hat(log_penalty) @ y)


@frozen_result
class QValues(Result):
    """q values of one family of tests, made by `qvalue`."""

    p: np.ndarray
    q: np.ndarray
    pi0: float

    def tidy(self) -> pd.DataFrame:
        """Return one row per p value: ``p_value q_value``."""
        return pd.DataFrame({"p_value": self.p, "q_value": self.q})

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n_test pi0``."""
        known = ~np.isnan(self.p)
        return pd.DataFrame([{"n_test": int(known.sum()), "pi0": self.pi0}])
