"""Cumulative incidence of competing causes, with Gray's test."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._call import checked_call
from faceage_stats._formula.survival_groups import survival_groups
from faceage_stats._result import Result, frozen_result
from faceage_stats._scalar import check_number, check_numbers
from faceage_stats._steps import step_at
from faceage_stats._ties import merge_near_ties
from faceage_stats._wald import check_conf_level, limits
from faceage_stats.errors import DesignError, FormulaError
from faceage_stats.survival.competing.gray import GrayScore, gray_test
from faceage_stats.survival.competing.kernel import Incidence, aalen_johansen

__all__ = ["CumInc", "cuminc"]


@checked_call
def cuminc(
    formula: str,
    data: Any,
    *,
    rho: float = 0.0,
    subset: str | None = None,
    conf_level: float = 0.95,
) -> CumInc:
    """Estimate cumulative incidences of competing causes by group, with Gray's test.

    Parameters
    ----------
    formula : str
        ``Surv(time, status) ~ group + strata(site)``; `status` is 0 for censored and 1, 2 ... for
        the causes, or a categorical whose first level is censoring. ``~ 1`` for one group;
        strata() enters Gray's test only. Delayed entry, cluster() and offset() are refused.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient, or per interval at risk.
    rho : float
        Gray's test weighs events by (1 - F(t-))^rho of the pooled incidence.
    subset : str, optional
        A condition on columns, ``"age > 65 & sex == 1"``: only the rows where it is true are used.
    conf_level : float
        Confidence level of the intervals.

    Returns
    -------
    CumInc
        ``tidy()`` one row per group, cause and time; ``at(times)``; ``gray_test()`` one row per
        cause.

    Raises
    ------
    FormulaError, InputError, DesignError
        As every formula; delayed entry; no event.

    See Also
    --------
    crr : Fine-Gray regression.
    survfit : Kaplan-Meier curves.

    Notes
    -----
    Aalen-Johansen estimates; the variance counts tied events as draws without replacement.
    Equals ``cmprsk::cuminc``. The limits are symmetric for log(-log F).

    In R: ``cmprsk::cuminc(df$time, df$status, df$group)``

    References
    ----------
    Gray RJ (1988). A class of K-sample tests for comparing the cumulative incidence of a competing
    risk. Annals of Statistics 16:1141-1154. doi:10.1214/aos/1176350951

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4], "status": [1, 2, 1, 0]})
    >>> cuminc("Surv(t, status) ~ 1", df).at([3])["estimate"].round(3).tolist()
    [0.5, 0.25]
    """
    check_conf_level(conf_level)
    frame, groups = survival_groups(
        formula, data, allow={"strata"}, subset=subset, states=True, caller="cuminc()"
    )
    surv = frame.surv
    if surv.entry is not None:
        raise FormulaError(f"cuminc(): `{formula}` has delayed entry; use Surv(time, status).")
    if not surv.states:
        raise DesignError(f"cuminc(): `{formula}` has no event of any cause.")
    check_number("rho", rho)
    time = merge_near_ties(surv.time).time
    curves: dict[tuple[str, str], Incidence] = {}
    last: dict[str, float] = {}
    for k, label in enumerate(groups.labels):
        rows = groups.codes == k
        last[label] = float(time[rows].max())
        found = aalen_johansen(time[rows], surv.event[rows], len(surv.states))
        curves |= {(label, name): each for name, each in zip(surv.states, found, strict=True)}
    tests = None
    if len(groups.labels) > 1:
        strata = np.zeros(frame.n, np.int64) if frame.strata is None else frame.strata
        tests = _gray_tests(time, surv.event, surv.states, groups.codes, strata, rho)
    n_event = int((surv.event > 0).sum())
    return CumInc(curves, last, tests, rho, conf_level, frame.n, n_event, frame.n_missing, formula)


def _gray_tests(
    time: np.ndarray,
    event: np.ndarray,
    causes: tuple[str, ...],
    group: np.ndarray,
    strata: np.ndarray,
    rho: float,
) -> pd.DataFrame:
    n_group = int(group.max()) + 1
    rows = []
    for cause, name in enumerate(causes, start=1):
        total = GrayScore(np.zeros(n_group - 1), np.zeros((n_group - 1, n_group - 1)))
        for stratum in np.unique(strata):
            keep = strata == stratum
            part = gray_test(time[keep], event[keep], group[keep], n_group, cause, rho)
            total = GrayScore(total.score + part.score, total.variance + part.variance)
        statistic = np.nan  # nobody is left to compare at an event of this cause
        known = bool(np.isfinite(total.variance).all())
        if known and np.linalg.matrix_rank(total.variance) == n_group - 1:
            statistic = float(total.score @ np.linalg.solve(total.variance, total.score))
        rows.append((name, statistic, n_group - 1, float(stats.chi2.sf(statistic, n_group - 1))))
    return pd.DataFrame(rows, columns=["cause", "statistic", "df", "p_value"])


@frozen_result
class CumInc(Result):
    """Cumulative incidences by group and cause, made by `cuminc`.

    Attributes
    ----------
    curves : dict
        (group, cause) -> Incidence.
    last_time : dict
        Last follow-up time of each group; no estimate beyond it.
    tests : pandas.DataFrame or None
        What ``gray_test()`` returns; None with one group.
    rho, conf_level : float
    n, n_event, n_missing : int
        Rows used, events of any cause, rows dropped because a used column was missing.
    formula : str
    """

    curves: dict[tuple[str, str], Incidence]
    last_time: dict[str, float]
    tests: pd.DataFrame | None
    rho: float
    conf_level: float
    n: int
    n_event: int
    n_missing: int
    formula: str

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return one row per group, cause and time with an event of the cause.

        Columns ``group cause time n_risk n_event estimate std_error conf_low conf_high``.
        """
        tables = []
        for (group, cause), curve in self.curves.items():
            rows = curve.n_event > 0
            table = pd.DataFrame({"group": group, "cause": cause, "time": curve.time[rows]})
            table = table.assign(n_risk=curve.n_risk[rows], n_event=curve.n_event[rows])
            tables.append(
                table.join(self._limits(curve.estimate[rows], curve.variance[rows], conf_level))
            )
        return pd.concat(tables, ignore_index=True)

    def at(self, times: Any, *, conf_level: float | None = None) -> pd.DataFrame:
        """Read the incidence at given times, as ``cmprsk::timepoints``.

        Parameters
        ----------
        times : float or array_like
            In the unit of the time column.
        conf_level : float, optional
            As in the call by default.

        Returns
        -------
        pandas.DataFrame
            Columns ``group cause time estimate std_error conf_low conf_high``; NaN after the last
            follow-up of the group.
        """
        at = check_numbers("times", times)
        tables = []
        for (group, cause), curve in self.curves.items():
            known = at <= self.last_time[group]
            estimate = np.where(known, step_at(curve.time, curve.estimate, at, 0.0), np.nan)
            variance = np.where(known, step_at(curve.time, curve.variance, at, 0.0), np.nan)
            table = pd.DataFrame({"group": group, "cause": cause, "time": at})
            tables.append(table.join(self._limits(estimate, variance, conf_level)))
        return pd.concat(tables, ignore_index=True)

    def gray_test(self) -> pd.DataFrame:
        """Test equal incidence in all groups, cause by cause: ``cause statistic df p_value``."""
        if self.tests is None:
            raise DesignError(f"`{self.formula}` has only one group; Gray's test compares groups.")
        return self.tests.copy()

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_event n_missing conf_level method``."""
        method = "Aalen-Johansen" if self.tests is None else "Aalen-Johansen; Gray's test"
        row = {"n": self.n, "n_event": self.n_event, "n_missing": self.n_missing}
        return pd.DataFrame([row | {"conf_level": self.conf_level, "method": method}])

    def _limits(
        self, estimate: np.ndarray, variance: np.ndarray, conf_level: float | None
    ) -> pd.DataFrame:
        level = self.conf_level if conf_level is None else conf_level
        std_error = np.sqrt(variance)
        inside = np.where((estimate > 0) & (estimate < 1 - 1e-12), estimate, np.nan)
        centre = np.log(-np.log(inside))
        low, high = limits(centre, std_error / (inside * np.log(inside)), level)
        return pd.DataFrame(
            {
                "estimate": estimate,
                "std_error": std_error,
                "conf_low": np.exp(-np.exp(np.maximum(low, high))),
                "conf_high": np.exp(-np.exp(np.minimum(low, high))),
            }
        )

    def _further_tables(self) -> tuple[str, ...]:
        return () if self.tests is None else ("gray_test",)

    def _note(self) -> str:
        if self.tests is None:
            return ""
        return "\n".join(
            f"Gray's test, cause {row.cause}: chi-squared {row.statistic:.4g} on {row.df} df, "
            f"p = {row.p_value:.3g}"
            for row in self.tests.itertuples()
        )

    def _printed(self) -> pd.DataFrame:
        """The incidence at the last event of each group and cause, and how many events."""
        table = self.tidy()
        events = table.groupby(["group", "cause"], sort=False)["n_event"].sum()
        last = table.groupby(["group", "cause"], sort=False).tail(1).drop(columns="n_risk")
        return last.assign(n_event=events.to_numpy()).reset_index(drop=True)

    def _title(self) -> str:
        return f"Cumulative incidence: {self.formula}"
