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
        a = self.arrays
        low, high = confidence_limits(a.surv, a.se_log, self.conf_type, conf_level)
        return pd.DataFrame(
            {
                "strata": self.label,
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
        )

    def at(self, times: np.ndarray, conf_level: float) -> pd.DataFrame:
        """Read the curve at increasing times, with events and censorings since the previous one."""
        table = self._with_start(conf_level)
        grid = table["time"].to_numpy()
        row = np.maximum(np.searchsorted(grid, times, side="right") - 1, 0)
        out = table.iloc[row].reset_index(drop=True)
        out["time"] = times
        n_risk = np.append(table["n_risk"].to_numpy(), 0.0)
        out["n_risk"] = n_risk[np.searchsorted(grid, times, side="left")]
        for column in ("n_event", "n_censor"):
            reached = step_at(grid, np.cumsum(table[column].to_numpy()), times, 0.0)
            out[column] = np.diff(reached, prepend=0.0)
        return out

    def _with_start(self, conf_level: float) -> pd.DataFrame:
        """The table with the start of follow-up (time 0, S = 1) in front."""
        table = self.tidy(conf_level)
        if table["time"].iloc[0] <= 0:
            return table
        start = table.iloc[[0]].assign(
            time=0.0, n_event=0.0, n_censor=0.0, estimate=1.0, std_error=0.0,
            conf_low=1.0, conf_high=1.0, cumhaz=0.0, cumhaz_se=0.0,
        )  # fmt: skip
        return pd.concat([start, table], ignore_index=True)

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
