"""The result of a calibration."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
import pandas as pd

from faceage_stats._result import Result, frozen_result
from faceage_stats._wald import check_conf_level, limits
from faceage_stats.prediction.bootstrap import percentile_limits
from faceage_stats.prediction.risk.smooth import DISTANCES, Smooth
from faceage_stats.prediction.roc.points import wilson_interval

__all__ = ["Calibration", "Quantity", "distance_rows", "quantity_row"]


_UNBOUNDED = (-np.inf, np.inf)
_RANGES = {
    "mean_predicted": (0.0, 1.0),
    "mean_observed": (0.0, 1.0),
    "observed_risk": (0.0, 1.0),
    "brier": (0.0, 1.0),
    "brier_scaled": (-np.inf, 1.0),
    "c_statistic": (0.0, 1.0),
    "c_statistic_binned": (0.0, 1.0),
    "somers_dxy": (-1.0, 1.0),
    "somers_dxy_binned": (-1.0, 1.0),
}


class Quantity(TypedDict):
    """One measure; `log`: its standard error, and its interval, are on the log scale."""

    quantity: str
    estimate: float
    std_error: float
    log: bool
    statistic: float
    df: float
    p_value: float


def quantity_row(
    quantity: str,
    estimate: float,
    std_error: float = np.nan,
    *,
    log: bool = False,
    statistic: float = np.nan,
    df: float = np.nan,
    p_value: float = np.nan,
) -> Quantity:
    """One row of the table."""
    return {
        "quantity": quantity, "estimate": float(estimate), "std_error": float(std_error),
        "log": log, "statistic": float(statistic), "df": float(df), "p_value": float(p_value),
    }  # fmt: skip


def distance_rows(estimate: np.ndarray, draws: np.ndarray) -> list[Quantity]:
    """ICI, E50 and E90 with their bootstrap standard errors."""
    std_error = draws.std(axis=0, ddof=1) if len(draws) else np.full(len(DISTANCES), np.nan)
    return [quantity_row(*row) for row in zip(DISTANCES, estimate, std_error, strict=True)]


@frozen_result
class Calibration(Result):
    """Agreement of predicted risks with the observed outcomes.

    Attributes
    ----------
    quantities : pandas.DataFrame
        ``quantity estimate std_error log statistic df p_value``.
    draws : ndarray, shape (n_resamples, 3)
        ICI, E50 and E90 of the resamples.
    smooth : Smooth
        The regression behind ``curve()``.
    by_group : pandas.DataFrame
        ``group n n_event predicted estimate std_error``.
    formula : str
    times : float or None
        The horizon of the risks; None for a binary outcome.
    n, n_event, n_missing, seed : int
    """

    quantities: pd.DataFrame
    draws: np.ndarray
    smooth: Smooth
    by_group: pd.DataFrame
    formula: str
    times: float | None
    n: int
    n_event: int
    n_missing: int
    seed: int

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return each measure of calibration.

        Parameters
        ----------
        conf_level : float
            Limits are normal, cut to the range of a risk, a score or a correlation; of
            `observed_expected_ratio` normal on the log scale, as its standard error is; of ici,
            e50 and e90 percentiles of the resamples.

        Returns
        -------
        pandas.DataFrame
            ``quantity estimate std_error statistic df p_value conf_low conf_high``; the statistic
            of `intercept` tests 0, that of `slope` tests 1.
        """
        check_conf_level(conf_level)
        table = self.quantities.drop(columns="log")
        log, estimate = self.quantities["log"].to_numpy(), table["estimate"].to_numpy()
        within = np.array([_RANGES.get(name, _UNBOUNDED) for name in table["quantity"]]).T
        low, high = limits(estimate, table["std_error"], conf_level, within=(within[0], within[1]))
        ratio_low, ratio_high = limits(0.0, table["std_error"], conf_level)
        with np.errstate(over="ignore"):  # of limits that are not ratios, and not used
            table["conf_low"] = np.where(log, estimate * np.exp(ratio_low), low)
            table["conf_high"] = np.where(log, estimate * np.exp(ratio_high), high)
        if len(self.draws):
            low, high = percentile_limits(self.draws, conf_level)
            rows = table["quantity"].isin(DISTANCES)
            table.loc[rows, "conf_low"], table.loc[rows, "conf_high"] = low, high
        return table

    def curve(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the smooth calibration curve over the range of the predictions.

        Returns
        -------
        pandas.DataFrame
            ``predicted estimate std_error conf_low conf_high n``, limits pointwise.
        """
        return self.smooth.curve(conf_level).assign(n=self.n)

    def groups(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return predicted and observed risk by group of predicted risk.

        Returns
        -------
        pandas.DataFrame
            ``group n n_event predicted estimate std_error conf_low conf_high``; limits are
            Wilson's, or for survival those of the Kaplan-Meier (Aalen-Johansen) risk, cut to 0
            and 1.
        """
        check_conf_level(conf_level)
        table = self.by_group
        if self.times is None:
            low, high = wilson_interval(
                table["n_event"].to_numpy(), table["n"].to_numpy(), conf_level
            )
        else:
            low, high = limits(table["estimate"], table["std_error"], conf_level, within=(0, 1))
        return table.assign(conf_low=low, conf_high=high)

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_event n_missing n_resamples seed``."""
        row = {"n": self.n, "n_event": self.n_event, "n_missing": self.n_missing}
        return pd.DataFrame([row | {"n_resamples": len(self.draws), "seed": self.seed}])

    def _further_tables(self) -> tuple[str, ...]:
        return ("curve", "groups")

    def _title(self) -> str:
        return f"Calibration {self.formula}"
