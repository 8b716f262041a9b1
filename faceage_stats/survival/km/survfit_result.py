"""The result of `survfit`: curves, and what is read from them."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from faceage_stats._contrast import contrast_table
from faceage_stats._result import Result, frozen_result
from faceage_stats._scalar import check_numbers
from faceage_stats.errors import InputError
from faceage_stats.survival.km.curve import Curve
from faceage_stats.survival.km.limits import check_probs
from faceage_stats.survival.km.rmst_result import RMST, restricted_means

__all__ = ["Estimator", "SurvFit"]

Estimator = Literal["kaplan-meier", "exp(-nelson-aalen)", "exp(-fleming-harrington)"]


@frozen_result
class SurvFit(Result):
    """Survival curves of one or more groups, made by `survfit`.

    Attributes
    ----------
    curves : tuple of Curve
        One per group, in the order of the groups' levels.
    levels : pandas.DataFrame
        Level of each grouping column, one row per group; without columns for ``~ 1``.
    formula, conf_level, estimator
        As given to `survfit`.
    clustered : bool
        Whether clusters entered the standard errors.
    n_missing : int
        Rows dropped because a used column was missing.
    start_time : float or None
        As given to `survfit`.
    """

    curves: tuple[Curve, ...]
    levels: pd.DataFrame
    formula: str
    conf_level: float
    estimator: Estimator
    clustered: bool
    n_missing: int
    start_time: float | None = None

    @property
    def strata(self) -> tuple[str, ...]:
        """Labels of the groups."""
        return tuple(curve.label for curve in self.curves)

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return one row per group and distinct time.

        Columns ``strata time n_risk n_event n_censor estimate std_error conf_low conf_high
        cumhaz cumhaz_se``; `estimate` is S(time), `std_error` its standard error. Where S is 0
        Greenwood's error and the limits are undefined (NaN).
        """
        level = self._level(conf_level)
        return pd.concat([curve.tidy(level) for curve in self.curves], ignore_index=True)

    def glance(self) -> pd.DataFrame:
        """Return one row per curve, as R prints a fit of several groups.

        Columns ``strata n n_event n_missing conf_level method``; `n_missing` and what follows
        are of the whole fit.
        """
        rows = [
            {
                "strata": curve.label,
                "n": curve.arrays.n,
                "n_event": float(curve.arrays.n_event.sum()),
            }
            for curve in self.curves
        ]
        return pd.DataFrame(rows).assign(
            n_missing=self.n_missing, conf_level=self.conf_level, method=self.estimator
        )

    def median(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return the median survival time by group, as in R's summary table.

        Columns ``strata n n_event median conf_low conf_high``. When the curve is exactly 0.5 on
        a stretch, its midpoint; when it stays there to the end, the start of the stretch
        (`quantile` gives the midpoint with the last time, as in R).
        """
        level = self._level(conf_level)
        rows = [
            (c.label, c.arrays.n, float(c.arrays.n_event.sum()), *c.median(level))
            for c in self.curves
        ]
        columns = ["strata", "n", "n_event", "median", "conf_low", "conf_high"]
        return pd.DataFrame(rows, columns=columns)

    def quantile(
        self, probs: Any = (0.25, 0.5, 0.75), *, conf_level: float | None = None
    ) -> pd.DataFrame:
        """Find the times at which each curve has fallen to 1 - prob, as R's ``quantile``.

        Parameters
        ----------
        probs : float or array_like
            Probabilities of having had the event, between 0 and 1.
        conf_level : float, optional
            As in the call by default.

        Returns
        -------
        pandas.DataFrame
            Columns ``strata prob time conf_low conf_high``; NaN where it is not reached.
        """
        prob = check_probs(probs)
        tables = []
        for curve in self.curves:
            time, low, high = curve.quantiles(prob, self._level(conf_level))
            columns = {"prob": prob, "time": time, "conf_low": low, "conf_high": high}
            tables.append(pd.DataFrame({"strata": curve.label, **columns}))
        return pd.concat(tables, ignore_index=True)

    def at(self, times: Any, *, conf_level: float | None = None) -> pd.DataFrame:
        """Read the survival at given times, as ``summary(fit, times, extend = TRUE)``.

        Parameters
        ----------
        times : float or array_like
            In the unit of the time column; sorted before use.
        conf_level : float, optional
            As in the call by default.

        Returns
        -------
        pandas.DataFrame
            The columns of ``tidy()``, one row per group and time. `n_risk` is the number at
            risk just before the time (0 after the last follow-up, where the curve is carried
            on); `n_event` and `n_censor` count since the previous of the `times`.
        """
        at, level = np.sort(check_numbers("times", times)), self._level(conf_level)
        return pd.concat([curve.at(at, level) for curve in self.curves], ignore_index=True)

    def contrasts(self, times: Any, *, conf_level: float | None = None) -> pd.DataFrame:
        """Contrast the survival of each later group with that of the first at given times.

        Parameters
        ----------
        times : float or array_like
            In the unit of the time column.
        conf_level : float, optional
            As in the call by default.

        Returns
        -------
        pandas.DataFrame
            ``time group1 group2 estimate1 estimate2 estimate std_error conf_low conf_high
            statistic p_value``; `estimate` is the survival of `group1` less that of `group2`, the
            first group: of opposite sign, the difference in risk.

        Raises
        ------
        DesignError
            There is only one group.
        InputError
            The curves were fitted with clusters, whose groups need not be independent.

        Notes
        -----
        The standard errors are those of the curves, as for `rmst`'s contrasts.

        In R: ``s <- summary(fit, times = 1); diff(s$surv); sqrt(sum(s$std.err^2))``

        References
        ----------
        Klein JP, Logan B, Harhoff M, Andersen PK (2007). Analyzing survival curves at a fixed
        point in time. Statistics in Medicine 26:4505-4519. doi:10.1002/sim.2864

        Examples
        --------
        >>> import faceage_stats as fs
        >>> df = pd.DataFrame({"t": [1, 2, 3, 4, 5, 6], "d": 1, "g": list("aababb")})
        >>> fs.survfit("Surv(t, d) ~ g", df).contrasts(3)[["group1", "estimate"]].values.tolist()
        [['g=b', 0.3333333333333333]]
        """
        if self.clustered:
            raise InputError("curves with clusters are not contrasted; refit without cluster.")
        level, names, tables = self._level(conf_level), self.strata, []
        pairs = [(name, names[0]) for name in names[1:]]
        read = self.at(times)
        if read.empty:
            raise InputError("times is empty; say when the curves are compared.")
        for time, rows in read.groupby("time", sort=True):
            std_error = rows["std_error"].to_numpy()
            table = contrast_table(
                names, rows["estimate"].to_numpy(), np.hypot(std_error[1:], std_error[0]), level,
                "group", pairs=pairs, within=(-1, 1),
            )  # fmt: skip
            table.insert(0, "time", time)
            tables.append(table)
        return pd.concat(tables, ignore_index=True)

    def risk_table(self, times: Any) -> pd.DataFrame:
        """Count patients at risk, with the event and censored, for a table under a survival plot.

        Parameters
        ----------
        times : array_like
            Ticks of the time axis.

        Returns
        -------
        pandas.DataFrame
            Columns ``strata time n_risk n_event n_censor``, one row per group and tick:
            `n_risk` counts patients whose follow-up reaches the tick, an event exactly at the
            tick included; `n_event` and `n_censor` are cumulative and include the tick.
        """
        table = self.at(times)[["strata", "time", "n_risk", "n_event", "n_censor"]]
        counts = ["n_event", "n_censor"]
        table[counts] = table.groupby("strata", sort=False)[counts].cumsum()
        return table

    def rmst(self, tau: float) -> RMST:
        """Estimate restricted mean survival times up to `tau` by group; see `rmst`."""
        if self.clustered:
            raise InputError(
                "a restricted mean has Greenwood's standard error, which takes no clusters; refit "
                "without cluster."
            )
        if self.start_time is not None:
            raise InputError(
                "a restricted mean counts from time 0; refit without start_time, or subtract it "
                "from the times."
            )
        return restricted_means(self.curves, tau, self.conf_level, self.n_missing, self.formula)

    def _level(self, conf_level: float | None) -> float:
        return self.conf_level if conf_level is None else conf_level

    def _further_tables(self) -> tuple[str, ...]:
        return ("median",)

    def _printed(self) -> pd.DataFrame:
        return self.median()

    def _title(self) -> str:
        return f"Survival curves ({self.estimator}): {self.formula}"
