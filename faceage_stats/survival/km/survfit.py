"""Kaplan-Meier curves by group, with R's intervals, medians and numbers at risk."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._formula import group_frame
from faceage_stats._result import Result, frozen_result
from faceage_stats.errors import FormulaError, InputError
from faceage_stats.survival._ties import merge_near_ties
from faceage_stats.survival.km.curve import Curve
from faceage_stats.survival.km.kernel import survival_curve

__all__ = ["ESTIMATORS", "SurvFit", "survfit"]

# name -> (S from the cumulative hazard, tied events one after the other)
ESTIMATORS: dict[str, tuple[bool, bool]] = {
    "kaplan-meier": (False, False),
    "exp(-nelson-aalen)": (True, False),
    "exp(-fleming-harrington)": (True, True),
}


def survfit(
    formula: str,
    data: Any,
    *,
    weights: str | None = None,
    cluster: str | None = None,
    conf_type: str = "log",
    conf_level: float = 0.95,
    estimator: str = "kaplan-meier",
) -> SurvFit:
    """Estimate survival curves by group (Kaplan-Meier), as R's ``survfit``.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ group`` or ``Surv(start, stop, event) ~ group1 + group2`` (delayed
        entry; a row is at risk in (start, stop]); ``~ 1`` for one curve. One curve per observed
        combination, labelled as in R (``"sex=1, site=lung"``).
    data : pandas.DataFrame or polars.DataFrame
    weights : str, optional
        Column of case weights. Whole numbers count patients; other weights give
        infinitesimal-jackknife standard errors.
    cluster : str, optional
        Column of clusters (rows of one patient): infinitesimal-jackknife standard errors.
    conf_type : {"log", "log-log", "plain", "logit", "arcsin", "none"}
        Scale on which the limits are symmetric.
    conf_level : float
    estimator : {"kaplan-meier", "exp(-nelson-aalen)", "exp(-fleming-harrington)"}

    Returns
    -------
    SurvFit
        ``tidy()`` one row per group and distinct time; ``glance()`` one row per group;
        ``median()``, ``quantile(probs)``, ``at(times)``, ``risk_table(times)``, ``rmst(tau)``.

    Raises
    ------
    FormulaError, InputError, DesignError
        As every formula; `conf_type`, `conf_level` or `estimator` unknown.

    Notes
    -----
    Equals ``survival::survfit`` 3.5 (``timefix = TRUE``). With jackknife standard errors and
    ``exp(-nelson-aalen)`` R prints the error of the cumulative hazard as that of S; here it is
    multiplied by S.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"time": [1, 2, 3, 4], "event": [1, 1, 1, 1]})
    >>> survfit("Surv(time, event) ~ 1", df).median()[["strata", "median"]]
      strata  median
    0    all     2.5
    """
    if estimator not in ESTIMATORS:
        raise InputError(f"estimator is {estimator!r}; choose one of {', '.join(ESTIMATORS)}.")
    frame, groups = group_frame(formula, data, weights=weights, cluster=cluster)
    if frame.surv is None:
        raise FormulaError(f"`{formula}`: the left side must be Surv(time, event).")
    if frame.strata is not None:
        raise FormulaError(f"`{formula}`: name the groups without strata(), e.g. ~ sex + site.")
    surv = frame.surv
    time, entry = merge_near_ties(surv.time, surv.entry)
    weight = np.ones(frame.n) if frame.weights is None else frame.weights
    codes = np.zeros(frame.n, np.int64) if groups is None else groups.codes
    labels = ("all",) if groups is None else groups.labels
    jackknife = frame.cluster is not None or bool(np.any(weight != np.floor(weight)))
    ids = np.arange(frame.n) if frame.cluster is None else frame.cluster
    exponential, split_ties = ESTIMATORS[estimator]
    curves = []
    for code, label in enumerate(labels):
        rows = np.flatnonzero(codes == code)
        arrays = survival_curve(
            time[rows],
            surv.event[rows],
            weight[rows],
            None if entry is None else entry[rows],
            exponential=exponential,
            split_ties=split_ties,
            cluster=ids[rows] if jackknife else None,
        )
        curves.append(Curve.of(label, arrays, conf_type, conf_level))
    return SurvFit(
        tuple(curves),
        None if groups is None else groups.levels,
        formula,
        conf_type,
        conf_level,
        estimator,
        frame.n_missing,
    )


@frozen_result
class SurvFit(Result):
    """Survival curves of one or more groups.

    Attributes
    ----------
    curves : tuple of Curve
        One per group, in the order of the groups' levels.
    levels : pandas.DataFrame or None
        Level of each grouping column, one row per group; None for ``~ 1``.
    formula, conf_type, conf_level, estimator
        As given to `survfit`.
    n_missing : int
        Rows dropped because a used column was missing.
    """

    curves: tuple[Curve, ...]
    levels: pd.DataFrame | None
    formula: str
    conf_type: str
    conf_level: float
    estimator: str
    n_missing: int

    @property
    def strata(self) -> tuple[str, ...]:
        """Labels of the groups."""
        return tuple(curve.label for curve in self.curves)

    def tidy(self, **kwargs: Any) -> pd.DataFrame:
        """One row per group and distinct time.

        Columns ``strata time n_risk n_event n_censor estimate std_error conf_low conf_high
        cumhaz cumhaz_se``; `estimate` is S(time), `std_error` its standard error. Where S is 0
        Greenwood's error and the limits are undefined (NaN).
        """
        return pd.concat([curve.tidy() for curve in self.curves], ignore_index=True)

    def glance(self) -> pd.DataFrame:
        """One row per group: ``strata n n_event rmst rmst_se tau median conf_low conf_high``.

        `conf_low` and `conf_high` are the limits of the median; `rmst` runs to `tau`, the last
        follow-up time over all groups, as R prints it.
        """
        tau = max(float(curve.arrays.time[-1]) for curve in self.curves)
        rows = []
        for curve in self.curves:
            area, area_se = curve.rmst(tau)
            rows.append(
                (
                    curve.label, curve.arrays.n, float(curve.arrays.n_event.sum()),
                    area, area_se, tau, *curve.median(),
                )
            )  # fmt: skip
        columns = ["strata", "n", "n_event", "rmst", "rmst_se", "tau", "median"]
        return pd.DataFrame(rows, columns=[*columns, "conf_low", "conf_high"])

    def median(self) -> pd.DataFrame:
        """Median survival time by group, as in R's summary table.

        Columns ``strata n n_event median conf_low conf_high``. When the curve is exactly 0.5 on
        a stretch, its midpoint; when it stays there to the end, the start of the stretch
        (`quantile` gives the midpoint with the last time, as in R).
        """
        return self.glance()[["strata", "n", "n_event", "median", "conf_low", "conf_high"]]

    def quantile(self, probs: Any = (0.25, 0.5, 0.75)) -> pd.DataFrame:
        """Times at which each curve has fallen to 1 - prob, as R's ``quantile``.

        Parameters
        ----------
        probs : float or array_like
            Probabilities of having had the event, between 0 and 1.

        Returns
        -------
        pandas.DataFrame
            Columns ``strata prob time conf_low conf_high``; NaN where it is not reached.
        """
        wanted = np.atleast_1d(np.asarray(probs, float))
        if not ((wanted >= 0) & (wanted <= 1)).all():
            raise InputError("probs must lie between 0 and 1, e.g. [0.25, 0.5, 0.75].")
        frames = []
        for curve in self.curves:
            time, low, high = curve.quantiles(wanted)
            columns = {"prob": wanted, "time": time, "conf_low": low, "conf_high": high}
            frames.append(pd.DataFrame({"strata": curve.label, **columns}))
        return pd.concat(frames, ignore_index=True)

    def at(self, times: Any) -> pd.DataFrame:
        """Survival at given times, as ``summary(fit, times, extend = TRUE)``.

        Parameters
        ----------
        times : float or array_like
            In the unit of the time column; sorted before use.

        Returns
        -------
        pandas.DataFrame
            The columns of ``tidy()``, one row per group and time. `n_risk` is the number at
            risk just before the time (0 after the last follow-up, where the curve is carried
            on); `n_event` and `n_censor` count since the previous of the `times`.
        """
        wanted = _times(times)
        return pd.concat([curve.at(wanted) for curve in self.curves], ignore_index=True)

    def risk_table(self, times: Any) -> pd.DataFrame:
        """Numbers under a survival plot.

        Parameters
        ----------
        times : array_like
            Ticks of the time axis.

        Returns
        -------
        pandas.DataFrame
            Columns ``strata time n_risk n_event n_censor``, one row per group and tick:
            `n_risk` counts everyone whose follow-up reaches the tick, an event exactly at the
            tick included; `n_event` and `n_censor` are cumulative and include the tick.
        """
        frame = self.at(times)[["strata", "time", "n_risk", "n_event", "n_censor"]]
        counts = ["n_event", "n_censor"]
        frame[counts] = frame.groupby("strata", sort=False)[counts].cumsum()
        return frame

    def rmst(self, tau: float) -> Any:
        """Restricted mean survival time up to `tau` by group; see `rmst`."""
        from faceage_stats.survival.km.rmst import rmst_of

        return rmst_of(self, tau, self.conf_level)

    def to_dict(self) -> dict[str, Any]:
        """Plain lists: {"tidy": [...], "glance": [...]}, one glance record per group."""
        return {
            "tidy": self.tidy().to_dict(orient="records"),
            "glance": self.glance().to_dict(orient="records"),
        }

    def _title(self) -> str:
        return f"Survival curves ({self.estimator}): {self.formula}"

    def __repr__(self) -> str:
        return f"{self._title()}\n{self.glance().to_string(index=False)}"


def _times(times: Any) -> np.ndarray:
    wanted = np.sort(np.atleast_1d(np.asarray(times, float)))
    if not np.isfinite(wanted).all():
        raise InputError("times must be finite numbers in the unit of the time column.")
    return wanted
