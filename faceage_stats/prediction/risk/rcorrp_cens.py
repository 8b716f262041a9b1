"""Which of two markers orders pairs of patients better: Hmisc's rcorrp.cens."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from faceage_stats._call import checked_call
from faceage_stats._compiled import compiled
from faceage_stats._contrast import contrast_table
from faceage_stats._formula.frame import survival_frame
from faceage_stats._formula.markers import marker_columns
from faceage_stats._near import check_option
from faceage_stats._result import Result, frozen_result
from faceage_stats.errors import DesignError, FormulaError

__all__ = ["PairedConcordance", "rcorrp_cens"]

Method = Literal[1, 2]


@checked_call
def rcorrp_cens(formula: str, data: Any, *, method: Literal[1, 2] = 1) -> PairedConcordance:
    """Compare two markers pair by pair: which orders more pairs of patients better.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ x1 + x2``; higher markers go with longer survival.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient.
    method : {1, 2}
        1: x1 is better in a pair when it sets the two patients further apart, in the right
        order, than x2 does (this depends on the scales of the markers). 2: when x1 orders the
        pair rightly and x2 does not.

    Returns
    -------
    PairedConcordance
        ``tidy()``: the difference of the two proportions of pairs, its standard error, z and p;
        ``concordance()`` the C index of each marker.

    Raises
    ------
    DesignError
        No pair can be compared.
    FormulaError
        Not two markers, delayed entry, or strata(), cluster() or offset(), which are not used
        here.

    Warnings
    --------
    A significant difference of proportions does not mean that x1 has the higher C index, nor that
    it adds information: see ``concordance_test`` and the likelihood-ratio test (``anova``).

    See Also
    --------
    concordance_test : Compare C indices.

    Notes
    -----
    A pair counts when the shorter time is an event. Method 2 of Hmisc counts for x2 the pairs
    that x1 orders wrongly and x2 does not, so that with ties exchanging the markers does not only
    change the sign. The standard error is that of a U-statistic; the time needed grows with the
    number of pairs.

    In R: ``Hmisc::rcorrp.cens(df$x1, df$x2, Surv(df$time, df$status), method = 2)``

    References
    ----------
    Harrell FE (2015). Regression Modeling Strategies, second edition. Springer.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4], "d": 1, "a": [1, 2, 3, 4], "b": [2, 1, 3, 5]})
    >>> round(rcorrp_cens("Surv(t, d) ~ a + b", df, method=2).estimate, 3)
    -0.167
    """
    check_option("method", method, Method)
    data = marker_columns(formula, data, "rcorrp_cens()")
    frame = survival_frame(formula, data, caller="rcorrp_cens()")
    surv = frame.surv
    if surv.entry is not None:
        raise FormulaError(f"rcorrp_cens(): `{formula}` has delayed entry, which is not supported.")
    if len(frame.design.markers()) != 2:
        raise FormulaError(f"rcorrp_cens(): `{formula}` must name two markers, ~ x1 + x2.")
    x1, x2 = np.ascontiguousarray(frame.x.T)
    sums = _compare_pairs(surv.time, surv.event, x1, x2, method)
    total = float(sums.usable.sum())
    if not total:
        raise DesignError("no pair of patients can be compared: there is no event before the last "
                          "time.")  # fmt: skip
    estimate1, estimate2 = sums.first.sum() / total, sums.second.sum() / total
    # the variance of a ratio of two U-statistics, from the pairs of each row
    residual = sums.first - sums.second - (estimate1 - estimate2) * sums.usable
    std_error = 2 * np.sqrt(np.sum(residual**2)) / total
    first, second = frame.design.names
    return PairedConcordance(
        (first, second), float(estimate1), float(estimate2), float(std_error),
        sums.concordant1 / total, sums.concordant2 / total, total, sums.uncertain,
        frame.n, int(surv.event.sum()), frame.n_missing, method,
    )  # fmt: skip


class _PairSums(NamedTuple):
    """Sums over ordered pairs, so that each pair counts twice."""

    usable: NDArray[np.float64]  # per row
    first: NDArray[np.float64]  # per row, pairs that x1 does better
    second: NDArray[np.float64]  # per row, pairs that x2 does better
    concordant1: float
    concordant2: float
    uncertain: float


@compiled()
def _compare_pairs(
    time: NDArray[np.float64],
    event: NDArray[np.int64],
    x1: NDArray[np.float64],
    x2: NDArray[np.float64],
    method: int,
) -> _PairSums:
    """Compare every ordered pair; a pair is usable when the shorter time is an event."""
    n = len(time)
    usable, first, second = np.zeros(n), np.zeros(n), np.zeros(n)
    concordant1 = concordant2 = uncertain = 0.0
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
            usable[i] += 1
            if method == 1:
                first[i] += a > b
                second[i] += b > a
            else:
                first[i] += a > 0 and b <= 0
                second[i] += a < 0 and b >= 0
            concordant1 += (a > 0) + 0.5 * (a == 0)
            concordant2 += (b > 0) + 0.5 * (b == 0)
    return _PairSums(usable, first, second, concordant1, concordant2, uncertain)


@frozen_result
class PairedConcordance(Result):
    """Comparison of two markers over the usable pairs.

    Attributes
    ----------
    markers : tuple of str
    estimate1, estimate2 : float
        Proportion of pairs that each marker does better.
    std_error : float
        Of their difference.
    concordance1, concordance2 : float
        C index of each marker.
    relevant_pairs, uncertain_pairs : float
        Ordered pairs (each counted twice, as Hmisc prints them).
    n, n_event, n_missing : int
    method : {1, 2}
    """

    markers: tuple[str, str]
    estimate1: float
    estimate2: float
    std_error: float
    concordance1: float
    concordance2: float
    relevant_pairs: float
    uncertain_pairs: float
    n: int
    n_event: int
    n_missing: int
    method: Method

    @property
    def estimate(self) -> float:
        """Difference of the two proportions, second minus first (new minus old)."""
        return self.estimate2 - self.estimate1

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the difference of the two proportions of pairs.

        Parameters
        ----------
        conf_level : float

        Returns
        -------
        pandas.DataFrame
            One row: ``marker1 marker2 estimate1 estimate2 estimate std_error conf_low conf_high
            statistic p_value``.
        """
        estimates = [self.estimate1, self.estimate2]
        return contrast_table(self.markers, estimates, [self.std_error], conf_level, within=(-1, 1))

    def concordance(self) -> pd.DataFrame:
        """Return the C index of each marker: ``marker estimate``."""
        return pd.DataFrame(
            {"marker": self.markers, "estimate": [self.concordance1, self.concordance2]}
        )

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_event n_missing``."""
        return pd.DataFrame([{name: getattr(self, name) for name in ("n", "n_event", "n_missing")}])

    def _further_tables(self) -> tuple[str, ...]:
        return ("concordance",)

    def _title(self) -> str:
        return f"Paired concordance of {' and '.join(self.markers)} (method {self.method})"
