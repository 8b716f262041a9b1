"""One survival curve and what can be read from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from faceage_stats._steps import step_at
from faceage_stats.survival.km.kernel import CurveArrays
from faceage_stats.survival.km.limits import (
    ConfType,
    confidence_limits,
    curve_quantiles,
    table_median,
)

__all__ = ["Area", "Curve", "ReadTime"]


# The start of follow-up, where all are alive; as many are at risk as at the first time.
_START = {
    **dict.fromkeys(("time", "n_event", "n_censor", "std_error", "cumhaz", "cumhaz_se"), 0.0),
    **dict.fromkeys(("estimate", "conf_low", "conf_high"), 1.0),
}


class ReadTime(NamedTuple):
    """A time, or times, read off a curve, with limits read off its confidence bands."""

    estimate: np.ndarray | float
    conf_low: np.ndarray | float
    conf_high: np.ndarray | float


class Area(NamedTuple):
    """Area under a curve up to a time, and its Greenwood-type standard error."""

    estimate: float
    std_error: float


@dataclass(frozen=True)
class Curve:
    """A step function with the scale of its limits; arrays hold one value per distinct time."""

    label: str
    arrays: CurveArrays
    conf_type: ConfType

    def tidy(self, conf_level: float) -> pd.DataFrame:
        """Return one row per distinct time."""
        return pd.DataFrame({"strata": self.label, **self._columns(conf_level)})

    def at(self, times: np.ndarray, conf_level: float) -> pd.DataFrame:
        """Read the curve at increasing times, with events and censorings since the previous one."""
        columns = self._columns(conf_level)
        if columns["time"][0] > 0:
            columns = {k: np.append(_START.get(k, v[0]), v) for k, v in columns.items()}
        grid = columns["time"]
        row = np.maximum(np.searchsorted(grid, times, side="right") - 1, 0)
        out = {name: values[row] for name, values in columns.items()} | {"time": times}
        n_risk = np.append(columns["n_risk"], 0.0)
        out["n_risk"] = n_risk[np.searchsorted(grid, times, side="left")]
        for name in ("n_event", "n_censor"):
            reached = step_at(grid, np.cumsum(columns[name]), times, 0.0)
            out[name] = np.diff(reached, prepend=0.0)
        return pd.DataFrame({"strata": self.label, **out})

    def _columns(self, conf_level: float) -> dict[str, np.ndarray]:
        a = self.arrays
        low, high = confidence_limits(a.surv, a.se_log, self.conf_type, conf_level)
        return {
            "time": a.time,
            "n_risk": a.n_risk,
            "n_event": a.n_event,
            "n_censor": a.n_censor,
            "estimate": a.surv,
            "std_error": a.std_err,
            "conf_low": low,
            "conf_high": high,
            "cumhaz": a.cumhaz,
            "cumhaz_se": a.cumhaz_se,
        }

    def quantiles(self, probs: np.ndarray, conf_level: float) -> ReadTime:
        """Find the times at which S falls to 1 - prob."""
        a = self.arrays
        bands = confidence_limits(a.surv, a.se_log, self.conf_type, conf_level)
        return ReadTime(*(curve_quantiles(a.time, values, probs) for values in (a.surv, *bands)))

    def median(self, conf_level: float) -> ReadTime:
        """Find the median as in R's summary table."""
        a = self.arrays
        bands = confidence_limits(a.surv, a.se_log, self.conf_type, conf_level)
        return ReadTime(*(table_median(a.time, values) for values in (a.surv, *bands)))

    def rmst(self, tau: float) -> Area:
        """Integrate the curve from 0 to `tau`."""
        a = self.arrays
        used = a.time <= tau
        n, d = a.n_risk[used], a.n_event[used]
        grid = np.concatenate([[0.0], a.time[used], [tau]])
        area = np.diff(grid) * np.concatenate([[1.0], a.surv[used]])
        with np.errstate(divide="ignore", invalid="ignore"):
            jump = np.where((d > 0) & (n > d), d / (n * (n - d)), 0.0)
        remaining = np.cumsum(area[::-1])[::-1][1:]  # area to the right of each time
        return Area(float(area.sum()), float(np.sqrt(np.sum(remaining**2 * jump))))
