"""Storey's q values: the false discovery rate at which each test would be called."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import interpolate, optimize

from faceage_stats._result import Result, frozen_result
from faceage_stats.errors import DesignError, InputError

__all__ = ["QValues", "qvalue"]

_CUT_POINTS = np.arange(1, 20) / 20  # 0.05 to 0.95
_SPLINE_DF = 3.0


def qvalue(p: ArrayLike, *, pi0: str | float = "smoother") -> QValues:
    """Estimate q values and the share of true null hypotheses, as R's ``qvalue::qvalue``.

    Parameters
    ----------
    p : array-like of shape (m,)
        p values of one family; missing ones stay missing and are not counted.
    pi0 : {"smoother", "bootstrap"} or float
        How the share of true nulls is found: a cubic smoothing spline with 3 degrees of freedom
        through the estimates at 0.05, ..., 0.95, taken at the last; the cut point with the
        smallest mean squared error (Storey, Taylor and Siegmund 2004); or a share from 0 to 1,
        where 1 gives the p values of Benjamini and Hochberg.

    Returns
    -------
    QValues
        ``q`` in the order of `p`, ``pi0``; ``tidy()``: one row per p value with p_value, q_value.

    Raises
    ------
    InputError
        p values outside 0 to 1, or an unknown `pi0`.
    DesignError
        The share of true nulls cannot be estimated: it comes out at or below 0, which happens
        with few p values or none near 1. Use ``pi0=1``.

    References
    ----------
    Storey JD, Tibshirani R (2003). Proc Natl Acad Sci USA 100, 9440-9445.

    Examples
    --------
    >>> qvalue([0.001, 0.02, 0.5, 0.9], pi0=1.0).q.round(3).tolist()
    [0.004, 0.04, 0.667, 0.9]
    """
    values = np.asarray(p, float).ravel()
    known = ~np.isnan(values)
    outside = int(((values[known] < 0) | (values[known] > 1)).sum())
    if outside:
        raise InputError(f"p holds {outside} values outside 0 to 1; p values are expected.")
    share = _share(values[known], pi0)
    q = np.full(len(values), np.nan)
    q[known] = share * _step_up(values[known])
    return QValues(values, q, share)


def _step_up(p: np.ndarray) -> np.ndarray:
    """Smallest p m / rank among this and larger p values (ties take their largest rank)."""
    order = np.argsort(p)
    ranked = p[order] * len(p) / np.searchsorted(p[order], p[order], side="right")
    out = np.empty(len(p))
    out[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1)
    return out


def _share(p: np.ndarray, pi0: str | float) -> float:
    """Share of true null hypotheses."""
    if not isinstance(pi0, str):
        if not 0 < pi0 <= 1:
            raise InputError(f"pi0 is {pi0}; a share lies above 0 and at most at 1.")
        return float(pi0)
    if pi0 not in ("smoother", "bootstrap"):
        raise InputError(f"pi0 is {pi0!r}; choose 'smoother', 'bootstrap' or a share.")
    above = (p[:, None] >= _CUT_POINTS).sum(axis=0)
    shares = above / len(p) / (1 - _CUT_POINTS) if len(p) else np.zeros(len(_CUT_POINTS))
    if pi0 == "smoother":
        share = float(min(_smooth(shares)[-1], 1))
    else:
        variance = above / (len(p) ** 2 * (1 - _CUT_POINTS) ** 2) * (1 - above / len(p))
        error = variance + (shares - np.quantile(shares, 0.1)) ** 2
        share = float(min(shares[np.argmin(error)], 1))
    if not share > 0:
        raise DesignError(
            f"the share of true nulls among {len(p)} p values comes out at {share:.3g}. Too few "
            "p values are large: pass pi0=1, which is Benjamini and Hochberg's method."
        )
    return share


def _smooth(y: np.ndarray) -> np.ndarray:
    """Natural cubic smoothing spline with a given trace."""
    unit = np.eye(len(y))

    def hat(log_penalty: float) -> np.ndarray:
        spline = interpolate.make_smoothing_spline(_CUT_POINTS, unit, lam=np.exp(log_penalty))
        return np.asarray(spline(_CUT_POINTS))

    log_penalty = optimize.brentq(lambda u: np.trace(hat(u)) - _SPLINE_DF, -30, 20, xtol=1e-10)
    return hat(log_penalty) @ y


@frozen_result
class QValues(Result):
    """q values of one family of tests, made by `qvalue`."""

    p: np.ndarray
    q: np.ndarray
    pi0: float

    def tidy(self, **_: Any) -> pd.DataFrame:
        """One row per p value: p_value, q_value."""
        return pd.DataFrame({"p_value": self.p, "q_value": self.q})

    def glance(self) -> pd.DataFrame:
        """One row: tests and the share of true nulls."""
        known = ~np.isnan(self.p)
        return pd.DataFrame([{"n_test": int(known.sum()), "pi0": self.pi0}])
