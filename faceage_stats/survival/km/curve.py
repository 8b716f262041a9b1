"""One survival curve and what can be read from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from faceage_stats.survival.km.kernel import CurveArrays
from faceage_stats.survival.km.limits import (
    confidence_limits,
    curve_quantiles,
    table_median,
)

__all__ = ["Curve"]


@dataclass(frozen=True)
class Curve:
    """A step function with limits; arrays hold one value per distinct time."""

    label: str
    arrays: CurveArrays
    conf_low: np.ndarray
    conf_high: np.ndarray

    @classmethod
    def of(cls, label: str, arrays: CurveArrays, conf_type: str, conf_level: float) -> Curve:
        """Add the confidence limits to the estimates of one curve."""
        low, high = confidence_limits(arrays.surv, arrays.se_log, conf_type, conf_level)
        return cls(label, arrays, low, high)

    def tidy(self) -> pd.DataFrame:
        """One row per distinct time."""
        a = self.arrays
        return pd.DataFrame(
            {
                "strata": self.label,
                "time": a.time,
                "n_risk": a.n_risk,
                "n_event": a.n_event,
                "n_censor": a.n_censor,
                "estimate": a.surv,
                "std_error": a.std_err,
                "conf_low": self.conf_low,
                "conf_high": self.conf_high,
                "cumhaz": a.cumhaz,
                "cumhaz_se": a.cumhaz_se,
            }
        )

    def at(self, times: np.ndarray) -> pd.DataFrame:
        """The curve at `times`, with events and censorings since the previous one."""
        frame = self._with_start()
        grid = frame["time"].to_numpy()
        row = np.maximum(np.searchsorted(grid, times, side="right") - 1, 0)
        out = frame.iloc[row].reset_index(drop=True)
        out["time"] = times
        n_risk = np.append(frame["n_risk"].to_numpy(), 0.0)
        out["n_risk"] = n_risk[np.searchsorted(grid, times, side="left")]
        for column in ("n_event", "n_censor"):
            total = np.append(0.0, np.cumsum(frame[column].to_numpy()))
            reached = total[np.searchsorted(grid, times, side="right")]
            out[column] = np.diff(reached, prepend=0.0)
        return out

    def _with_start(self) -> pd.DataFrame:
        """The table with the start of follow-up (time 0, S = 1) in front."""
        frame = self.tidy()
        if frame["time"].iloc[0] <= 0:
            return frame
        start = frame.iloc[[0]].assign(
            time=0.0, n_event=0.0, n_censor=0.0, estimate=1.0, std_error=0.0,
            conf_low=1.0, conf_high=1.0, cumhaz=0.0, cumhaz_se=0.0,
        )  # fmt: skip
        return pd.concat([start, frame], ignore_index=True)

    def quantiles(self, probs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Times at which S falls to 1 - prob, with limits from the confidence bands."""
        time, surv = self.arrays.time, self.arrays.surv
        return (
            curve_quantiles(time, surv, probs),
            curve_quantiles(time, self.conf_low, probs),
            curve_quantiles(time, self.conf_high, probs),
        )

    def median(self) -> tuple[float, float, float]:
        """Median and its limits as in R's summary table."""
        time = self.arrays.time
        return (
            table_median(time, self.arrays.surv),
            table_median(time, self.conf_low),
            table_median(time, self.conf_high),
        )

    def rmst(self, tau: float) -> tuple[float, float]:
        """Area under the curve up to `tau` and its Greenwood-type standard error."""
        a = self.arrays
        used = a.time <= tau
        n, d = a.n_risk[used], a.n_event[used]
        grid = np.concatenate([[0.0], a.time[used], [tau]])
        area = np.diff(grid) * np.concatenate([[1.0], a.surv[used]])
        with np.errstate(divide="ignore", invalid="ignore"):
            jump = np.where((d > 0) & (n > d), d / (n * (n - d)), 0.0)
        remaining = np.cumsum(area[::-1])[::-1][1:]  # area to the right of each time
        return float(area.sum()), float(np.sqrt(np.sum(remaining**2 * jump)))
