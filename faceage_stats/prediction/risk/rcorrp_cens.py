"""Which of two markers orders pairs of patients better: Hmisc's rcorrp.cens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._compiled import compiled
from faceage_stats._formula import model_frame
from faceage_stats._result import Result, frozen_result, normal_interval
from faceage_stats.errors import DesignError, FormulaError, InputError

__all__ = ["PairedConcordance", "rcorrp_cens"]


def rcorrp_cens(formula: str, data: Any, *, method: int = 1) -> PairedConcordance:
    """Compare two markers pair by pair, as ``Hmisc::rcorrp.cens``.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ x1 + x2``; higher markers go with longer survival.
    data : pandas.DataFrame or polars.DataFrame
    method : {1, 2}
        1: x1 is better in a pair when it sets the two patients further apart, in the right
        order, than x2 does (this depends on the scales of the markers). 2: when x1 orders the
        pair rightly and x2 does not.

    Returns
    -------
    PairedConcordance
        ``tidy()``: the difference of the two shares of pairs, its standard error, z and p.

    Raises
    ------
    DesignError
        No pair can be compared.

    Warnings
    --------
    A significant difference of shares does not mean that x1 has the higher C index, nor that it
    adds information: see ``concordance_test`` and the likelihood-ratio test (``anova``).

    Notes
    -----
    A pair counts when the shorter time is an event. Method 2 of Hmisc counts for x2 the pairs
    that x1 orders wrongly and x2 does not, so that with ties exchanging the markers does not only
    change the sign. The standard error is that of a U-statistic; the time needed grows with the
    number of pairs.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4], "d": 1, "a": [1, 2, 3, 4], "b": [2, 1, 3, 5]})
    >>> round(rcorrp_cens("Surv(t, d) ~ a + b", df, method=2).estimate, 3)
    0.167
    """
    if method not in (1, 2):
        raise InputError(f"method is {method!r}; choose 1 or 2.")
    frame = model_frame(formula, data)
    surv = frame.surv
    if surv is None or surv.entry is not None:
        raise FormulaError(f"`{formula}`: the left side must be Surv(time, event).")
    if frame.x.shape[1] != 2:
        raise FormulaError(f"`{formula}` must name two markers, ~ x1 + x2.")
    x1, x2 = np.ascontiguousarray(frame.x.T)
    sums = _compare_pairs(surv.time, surv.event, x1, x2, method)
    relevant, first, second = sums.pairs[:, 0], sums.pairs[:, 1], sums.pairs[:, 2]
    total = relevant.sum()
    if not total:
        raise DesignError("no pair of patients can be compared: there is no event before the last "
                          "time.")  # fmt: skip
    estimate = (first.sum() - second.sum()) / total
    # the variance of a ratio of two U-statistics, from each row's share of both
    residual = first - second - estimate * relevant
    std_error = 2 * np.sqrt(np.sum(residual**2)) / total
    c1, c2 = sums.concordant / total
    names = tuple(frame.design.names)
    return PairedConcordance(
        names, float(estimate), float(std_error), float(first.sum() / total),
        float(second.sum() / total), float(c1), float(c2), float(total), float(sums.uncertain),
        frame.n, int(surv.event.sum()), frame.n_missing, method,
    )  # fmt: skip


@dataclass(frozen=True)
class _PairSums:
    """Per row: usable pairs, pairs that x1 does better, pairs that x2 does better."""

    pairs: np.ndarray
    concordant: np.ndarray
    uncertain: float


def _compare_pairs(
    time: np.ndarray, event: np.ndarray, x1: np.ndarray, x2: np.ndarray, method: int
) -> _PairSums:
    pairs, concordant = np.zeros((len(time), 3)), np.zeros(2)
    uncertain = _sweep(time, event, x1, x2, method, pairs, concordant)
    return _PairSums(pairs, concordant, uncertain)


@compiled()
def _sweep(time, event, x1, x2, method, pairs, concordant):
    """Fill `pairs` and `concordant` (twice, as ordered pairs); return the pairs not usable."""
    uncertain = 0.0
    n = len(time)
    for i in range(n):
        for j in range(n):
            if i == j or (time[i] == time[j] and event[i] and event[j]):
                continue
            if event[i] and (time[i] < time[j] or (time[i] == time[j] and not event[j])):
                a, b = x1[j] - x1[i], x2[j] - x2[i]
            elif event[j] and (time[j] < time[i] or (time[j] == time[i] and not event[i])):
                a, b = x1[i] - x1[j], x2[i] - x2[j]
            else:
                uncertain += 1
                continue
            if method == 1:
                first, second = a > b, b > a
            else:
                first, second = a > 0 and b <= 0, a < 0 and b >= 0
            pairs[i, 0] += 1
            pairs[i, 1] += first
            pairs[i, 2] += second
            concordant[0] += (a > 0) + 0.5 * (a == 0)
            concordant[1] += (b > 0) + 0.5 * (b == 0)
    return uncertain


@frozen_result
class PairedConcordance(Result):
    """Comparison of two markers over the usable pairs.

    Attributes
    ----------
    markers : tuple of str
    estimate, std_error : float
        Share of pairs that the first marker does better minus that of the second.
    share1, share2 : float
    concordance1, concordance2 : float
    relevant_pairs, uncertain_pairs : float
        Ordered pairs (each counted twice, as Hmisc prints them).
    n, n_event, n_missing, method : int
    """

    markers: tuple[str, ...]
    estimate: float
    std_error: float
    share1: float
    share2: float
    concordance1: float
    concordance2: float
    relevant_pairs: float
    uncertain_pairs: float
    n: int
    n_event: int
    n_missing: int
    method: int

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row.

        Columns ``marker1 marker2 concordance1 concordance2 estimate1 estimate2 estimate std_error
        statistic p_value conf_low conf_high``; `estimate1` and `estimate2` are the shares.
        """
        low, high = normal_interval(self.estimate, self.std_error, conf_level)
        statistic = self.estimate / self.std_error if self.std_error else 0.0
        row = {
            "marker1": self.markers[0], "marker2": self.markers[1],
            "concordance1": self.concordance1, "concordance2": self.concordance2,
            "estimate1": self.share1, "estimate2": self.share2, "estimate": self.estimate,
            "std_error": self.std_error, "statistic": statistic,
            "p_value": 2 * stats.norm.sf(abs(statistic)),
            "conf_low": float(low), "conf_high": float(high),
        }  # fmt: skip
        return pd.DataFrame([row])

    def glance(self) -> pd.DataFrame:
        """One row: ``n n_event n_missing``."""
        return pd.DataFrame([{name: getattr(self, name) for name in ("n", "n_event", "n_missing")}])

    def _title(self) -> str:
        return f"Paired concordance of {' and '.join(self.markers)} (method {self.method})"
