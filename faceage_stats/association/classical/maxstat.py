"""Maximally selected statistics: the best cut-point of a marker, with an honest p value."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._formula.frame import Frame, model_frame, survival_frame
from faceage_stats._formula.markers import marker_columns
from faceage_stats._formula.parse import is_surv, split_formula
from faceage_stats._near import check_option
from faceage_stats._result import Result, frozen_result
from faceage_stats._scalar import check_number
from faceage_stats._wald import two_sided
from faceage_stats.association.classical.maxstat_p import PMethod, adjusted_p
from faceage_stats.association.classical.selected_cut import Cuts, logrank_scores, rank_scores
from faceage_stats.errors import DesignError, FormulaError, InputError

__all__ = ["MaxStat", "maxstat_test"]


@frozen_result
class MaxStat(Result):
    """The best cut-point of a marker, made by `maxstat_test`.

    Attributes
    ----------
    marker : str
    cuts : Cuts
        Every cut-point considered and its statistic.
    p_method : {"Lau94", "Lau92", "exactGauss"}
    p_value : float
        Adjusted for the search.
    scores : {"LogRank", "Wilcoxon"}
    n, n_missing : int
    """

    marker: str
    cuts: Cuts
    p_method: Literal["Lau94", "Lau92", "exactGauss"]
    p_value: float
    scores: Literal["LogRank", "Wilcoxon"]
    n: int
    n_missing: int

    @property
    def cut_point(self) -> float:
        """The marker value that parts the groups (up to it, and above it)."""
        return float(self.cuts.value[self.cuts.statistic.argmax()])

    @property
    def statistic(self) -> float:
        """The largest standardised statistic."""
        return float(self.cuts.statistic.max())

    def tidy(self) -> pd.DataFrame:
        """Return one row per cut-point.

        Returns
        -------
        pandas.DataFrame
            ``cut_point n statistic p_value``: rows up to the cut-point, and p as if it were the
            only one.
        """
        return pd.DataFrame(
            {
                "cut_point": self.cuts.value,
                "n": self.cuts.size,
                "statistic": self.cuts.statistic,
                "p_value": two_sided(self.cuts.statistic),
            }
        )

    def glance(self) -> pd.DataFrame:
        """Return one row: the best cut-point and its p value, adjusted for the search.

        Returns
        -------
        pandas.DataFrame
            ``marker cut_point statistic p_value p_adjusted family n n_missing method note``.
        """
        row = {
            "marker": self.marker,
            "cut_point": self.cut_point,
            "statistic": self.statistic,
            "p_value": float(two_sided(self.statistic)),
            "p_adjusted": self.p_value,
            "family": f"{len(self.cuts.value)} cut-points, {self.p_method}",
            "n": self.n,
            "n_missing": self.n_missing,
            "method": f"Maximally selected {self.scores} statistic",
            "note": _CARE,
        }
        return pd.DataFrame([row])

    def _printed(self) -> pd.DataFrame:
        return self.glance().drop(columns=["note", "method"])

    def _title(self) -> str:
        return f"Maximally selected {self.scores} statistic of `{self.marker}`"

    def _note(self) -> str:
        return _CARE


_CARE = (
    "The cut-point was chosen on these patients: only p_adjusted counts, effects estimated at it "
    "are too large, and it must be confirmed in others."
)


@checked_call
def maxstat_test(
    formula: str,
    data: Any,
    *,
    minprop: float = 0.1,
    maxprop: float = 0.9,
    p_method: Literal["Lau94", "Lau92", "exactGauss"] = "Lau94",
) -> MaxStat:
    """Find the cut-point of a marker that parts outcomes best, and test it honestly.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ marker`` (log-rank scores) or ``outcome ~ marker`` (ranks of a
        number).
    data : pandas.DataFrame or polars.DataFrame
        One row per patient; rows with a missing value are dropped and counted.
    minprop, maxprop : float
        Smallest and largest proportion of the patients up to the cut-point.
    p_method : {"Lau94", "Lau92", "exactGauss"}
        How p is adjusted for the search: the improved Bonferroni bound of Lausen and others
        (1994), the approximation of Lausen and Schumacher (1992), or the normal integral over all
        cut-points.

    Returns
    -------
    MaxStat
        ``.cut_point``, ``.p_value``; ``tidy()`` one row per cut-point, ``glance()`` the best one.

    Raises
    ------
    DesignError
        No cut-point between the proportions, or an outcome that does not vary.
    FormulaError
        More than one marker, or delayed entry.
    InputError
        Proportions outside 0 to 1, or a marker that is not a number.

    See Also
    --------
    coxph : The marker as it is, or with ``ns(marker, df=3)``: no cut-point loses nothing.
    roc : Cut-points of a binary outcome.

    Notes
    -----
    R's Hothorn and Lausen p value (``pmethod = "HL"``) is not here; "exactGauss" is close to it.

    In R: ``maxstat::maxstat.test(Surv(time, event) ~ marker, data = df, smethod = "LogRank",
    pmethod = "Lau94")``

    References
    ----------
    Lausen B, Schumacher M (1992). Maximally selected rank statistics. Biometrics 48:73-85.

    Hothorn T, Lausen B (2003). On the exact distribution of maximally selected rank statistics.
    Computational Statistics and Data Analysis 43:121-137.

    Examples
    --------
    >>> df = pd.DataFrame({"t": [9, 8, 7, 6, 5, 4, 3, 2], "d": 1, "x": [1, 3, 2, 5, 4, 8, 6, 7]})
    >>> best = maxstat_test("Surv(t, d) ~ x", df)
    >>> best.cut_point, round(best.statistic, 2)
    (3.0, 2.23)
    """
    check_option("p_method", p_method, PMethod)
    if not 0 < check_number("minprop", minprop) < check_number("maxprop", maxprop) < 1:
        raise InputError(
            f"maxstat_test: minprop {minprop} and maxprop {maxprop}; 0 < minprop < maxprop < 1."
        )
    frame, scores, kind = _read(formula, data)
    names = frame.design.markers()
    if len(names) != 1:
        raise FormulaError(f"maxstat_test: `{formula}` names {len(names)} markers; give one.")
    if frame.n < 2 or np.ptp(scores) == 0:
        raise DesignError(f"maxstat_test: the outcome of `{formula}` does not vary.")
    cuts = Cuts.of(frame.x[:, 0], scores, minprop, maxprop)
    p_value = adjusted_p(p_method, cuts, frame.n, minprop, maxprop)
    return MaxStat(names[0], cuts, p_method, p_value, kind, frame.n, frame.n_missing)


class _Scored(NamedTuple):
    frame: Frame
    scores: np.ndarray
    kind: Literal["LogRank", "Wilcoxon"]


def _read(formula: str, data: Any) -> _Scored:
    caller = "maxstat_test()"
    table = marker_columns(formula, data, caller)
    if not is_surv(split_formula(formula)[0]):
        numbers = model_frame(formula, table, caller=caller)
        return _Scored(numbers, rank_scores(numbers.y), "Wilcoxon")
    frame = survival_frame(formula, table, caller=caller)
    if frame.surv.entry is not None:
        raise FormulaError(f"{caller}: `{formula}` has delayed entry; use Surv(time, event).")
    return _Scored(frame, logrank_scores(frame.surv.time, frame.surv.event), "LogRank")
