"""Cumulative incidence of competing causes, with Gray's test."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._columns import call_arguments
from faceage_stats._formula import group_frame, model_frame
from faceage_stats._formula.parse import split_formula
from faceage_stats._result import Result, frozen_result, normal_interval
from faceage_stats._surv import Surv
from faceage_stats.errors import DesignError, FormulaError
from faceage_stats.survival._ties import merge_near_ties
from faceage_stats.survival.competing.kernel import Incidence, aalen_johansen, gray_test

__all__ = ["CumInc", "cuminc"]


def cuminc(formula: str, data: Any, *, rho: float = 0.0, conf_level: float = 0.95) -> CumInc:
    """Estimate cumulative incidences of competing causes by group, with Gray's test.

    Parameters
    ----------
    formula : str
        ``Surv(time, status) ~ group + strata(site)``; `status` is 0 for censored and 1, 2 ... for
        the causes, or a categorical whose first level is censoring. ``~ 1`` for one group;
        strata() enters Gray's test only.
    data : pandas.DataFrame or polars.DataFrame
    rho : float
        Gray's test weighs events by (1 - F(t-))^rho of the pooled incidence.
    conf_level : float

    Returns
    -------
    CumInc
        ``tidy()`` one row per group, cause and time; ``at(times)``; ``gray_test`` one row per
        cause (None with one group).

    Raises
    ------
    FormulaError, InputError, DesignError
        As every formula; delayed entry; no event.

    Notes
    -----
    Aalen-Johansen estimates; the variance counts tied events as draws without replacement.
    Equals ``cmprsk::cuminc``. The limits are symmetric for log(-log F).

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4], "status": [1, 2, 1, 0]})
    >>> cuminc("Surv(t, status) ~ 1", df).at([3])["estimate"].round(3).tolist()
    [0.5, 0.25]
    """
    time, surv, groups, strata, n_missing = _read_groups(formula, data)
    labels = ("all",) if groups is None else groups.labels
    codes = np.zeros(len(time), np.int64) if groups is None else groups.codes
    causes = range(1, len(surv.states) + 1)
    if not causes:
        raise DesignError(f"`{formula}`: there is no event of any cause.")
    curves, last = {}, {}
    for k, label in enumerate(labels):
        rows = codes == k
        last[label] = float(time[rows].max())
        for cause in causes:
            curves[label, surv.states[cause - 1]] = aalen_johansen(
                time[rows], surv.event[rows], cause
            )
    tests = None
    if len(labels) > 1:
        tests = _gray_tests(time, surv, codes, strata, rho)
    return CumInc(curves, last, tests, rho, conf_level, n_missing, formula)


def _read_groups(formula: str, data: Any) -> tuple[np.ndarray, Surv, Any, np.ndarray, int]:
    """Times without near ties, states, groups, strata, and the rows dropped."""
    left, right = split_formula(formula)
    function, arguments = call_arguments(left)
    if function != "Surv" or len(arguments) != 2:
        raise FormulaError(f"`{formula}`: competing risks need Surv(time, status).")
    outer, groups = group_frame(f"{arguments[0]} ~ {right}", data)
    inner = model_frame(f"{left} ~ 1", data.iloc[outer.rows], states=True)
    if inner.surv is None:
        raise FormulaError(f"`{formula}`: competing risks need Surv(time, status).")
    keep = inner.rows
    if groups is not None:
        groups = type(groups)(groups.codes[keep], groups.labels, groups.levels)
    strata = np.zeros(len(outer.rows), np.int64) if outer.strata is None else outer.strata
    time, _ = merge_near_ties(inner.surv.time)
    n_missing = len(data) - len(keep)
    return time, inner.surv, groups, strata[keep], n_missing


def _gray_tests(
    time: np.ndarray, surv: Surv, codes: np.ndarray, strata: np.ndarray, rho: float
) -> pd.DataFrame:
    n_group = int(codes.max()) + 1
    rows = []
    for cause, name in enumerate(surv.states, start=1):
        score, var = np.zeros(n_group - 1), np.zeros((n_group - 1, n_group - 1))
        for stratum in np.unique(strata):
            keep = strata == stratum
            part = gray_test(time[keep], surv.event[keep], codes[keep], n_group, cause, rho)
            score, var = score + part[0], var + part[1]
        statistic = float(score @ np.linalg.solve(var, score))
        rows.append((name, statistic, n_group - 1, float(stats.chi2.sf(statistic, n_group - 1))))
    return pd.DataFrame(rows, columns=["cause", "statistic", "df", "p_value"])


@frozen_result
class CumInc(Result):
    """Cumulative incidences by group and cause.

    Attributes
    ----------
    curves : dict
        (group, cause) -> Incidence.
    last_time : dict
        Last follow-up time of each group; no estimate beyond it.
    gray_test : pandas.DataFrame or None
        ``cause statistic df p_value``.
    rho, conf_level, n_missing, formula
    """

    curves: dict[tuple[str, str], Incidence]
    last_time: dict[str, float]
    gray_test: pd.DataFrame | None
    rho: float
    conf_level: float
    n_missing: int
    formula: str

    def tidy(self, **kwargs: Any) -> pd.DataFrame:
        """One row per group, cause and time with an event of the cause.

        Columns ``group cause time n_risk n_event estimate std_error conf_low conf_high``.
        """
        frames = []
        for (group, cause), curve in self.curves.items():
            rows = curve.n_event > 0
            frame = pd.DataFrame(
                {
                    "time": curve.time[rows],
                    "n_risk": curve.n_risk[rows],
                    "n_event": curve.n_event[rows],
                }
            )
            frame = frame.join(self._limits(curve.estimate[rows], curve.variance[rows]))
            frame.insert(0, "cause", cause)
            frame.insert(0, "group", group)
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    def at(self, times: Any) -> pd.DataFrame:
        """Incidence at given times: ``group cause time estimate std_error conf_low conf_high``.

        NaN after the last follow-up of the group, as ``cmprsk::timepoints``.
        """
        wanted = np.atleast_1d(np.asarray(times, float))
        frames = []
        for (group, cause), curve in self.curves.items():
            index = np.searchsorted(curve.time, wanted, side="right")
            known = wanted <= self.last_time[group]
            estimate = np.where(known, np.append(0.0, curve.estimate)[index], np.nan)
            variance = np.where(known, np.append(0.0, curve.variance)[index], np.nan)
            frame = pd.DataFrame({"group": group, "cause": cause, "time": wanted})
            frames.append(frame.join(self._limits(estimate, variance)))
        return pd.concat(frames, ignore_index=True)

    def _limits(self, estimate: np.ndarray, variance: np.ndarray) -> pd.DataFrame:
        std_error = np.sqrt(variance)
        inside = np.where((estimate > 0) & (estimate < 1 - 1e-12), estimate, np.nan)
        centre = np.log(-np.log(inside))
        low, high = normal_interval(centre, std_error / (inside * np.log(inside)), self.conf_level)
        return pd.DataFrame(
            {
                "estimate": estimate,
                "std_error": std_error,
                "conf_low": np.exp(-np.exp(np.maximum(low, high))),
                "conf_high": np.exp(-np.exp(np.minimum(low, high))),
            }
        )

    def glance(self) -> pd.DataFrame:
        """One row: ``n_missing method``."""
        method = "Aalen-Johansen; Gray's test" if self.gray_test is not None else "Aalen-Johansen"
        return pd.DataFrame({"n_missing": [self.n_missing], "method": [method]})

    def _title(self) -> str:
        return f"Cumulative incidence: {self.formula}"
