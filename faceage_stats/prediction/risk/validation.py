"""A risk model in another cohort: discrimination, calibration, recalibration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._columns import as_pandas
from faceage_stats._formula.parse import split_formula
from faceage_stats._result import Result, frozen_result, normal_interval
from faceage_stats._surv import parse_surv
from faceage_stats.errors import DesignError
from faceage_stats.prediction.horizon.brier import brier
from faceage_stats.prediction.horizon.time_roc import time_roc
from faceage_stats.prediction.risk.calibration import calibration
from faceage_stats.prediction.risk.calibration_result import Calibration
from faceage_stats.survival.concordance.concordance import concordance
from faceage_stats.survival.cox.coxph import CoxPH, coxph

if TYPE_CHECKING:
    from faceage_stats.prediction.risk.risk_model import RiskModel

__all__ = ["RiskValidation", "validate_risk"]

_CALIBRATION = ("observed_risk", "mean_predicted", "expected_observed_ratio", "ici")
_COLUMNS = ["quantity", "time", "estimate", "std_error", "conf_low", "conf_high", "p_value"]


def validate_risk(
    model: RiskModel, other: Any, *, n_resamples: int = 200, seed: int = 0
) -> RiskValidation:
    """Apply a risk model, as it is, to another cohort; see ``RiskModel.validate``.

    Parameters
    ----------
    model : RiskModel
    other : pandas.DataFrame or polars.DataFrame
    n_resamples, seed : int
        Bootstrap of the calibration distances.

    Returns
    -------
    RiskValidation

    Raises
    ------
    InputError
        A level that the model never saw.
    DesignError
        No row with all covariates and the outcome, or no event.
    """
    other = as_pandas(other)
    left, _ = split_formula(model.formula)
    surv = parse_surv(left, other)
    predicted = model.predict(other)
    known = predicted.notna().all(axis=1).to_numpy() & ~np.isnan(surv.time) & ~np.isnan(surv.event)
    if not known.any() or not (surv.event[known] == 1).any():
        raise DesignError(
            f"{int(known.sum())} of {len(other)} rows have all covariates and the outcome, "
            f"{int((surv.event[known] == 1).sum())} of them an event: nothing to validate with."
        )
    rows = other[known].assign(linear_predictor=predicted["linear_predictor"][known])
    for index, time in enumerate(model.times):
        rows[f"risk_{index}"] = 1 - predicted[f"survival_{time:g}"][known]
    calibrations = {
        time: calibration(
            f"{left} ~ risk_{index}", rows, time=time, lp="linear_predictor",
            n_resamples=n_resamples, seed=seed,
        )
        for index, time in enumerate(model.times)
    }  # fmt: skip
    return RiskValidation(
        rows=rows.reset_index(drop=True),
        outcome=left,
        times=model.times,
        calibrations=calibrations,
        recalibrated=coxph(f"{left} ~ linear_predictor", data=rows),
        refitted=_refitted(model, rows, left),
        n_missing=int((~known).sum()),
    )


def _refitted(model: RiskModel, rows: pd.DataFrame, left: str) -> CoxPH:
    """The same covariates beside the linear predictor as an offset: zero if nothing changed."""
    right = model.formula.partition("~")[2]
    return coxph(f"{left} ~ {right} + offset(linear_predictor)", data=rows)


@frozen_result
class RiskValidation(Result):
    """Performance of a risk model in a cohort that it was not fitted to.

    Attributes
    ----------
    rows : pandas.DataFrame
        The cohort with ``linear_predictor`` and ``risk_<i>`` of each time; never printed.
    outcome : str
    times : tuple of float
    calibrations : dict of float to Calibration
        With the smooth curve and the groups of each time.
    recalibrated : CoxPH
        The linear predictor refitted: its coefficient is the calibration slope.
    refitted : CoxPH
        The covariates refitted beside the linear predictor.
    n_missing : int
    """

    rows: pd.DataFrame
    outcome: str
    times: tuple[float, ...]
    calibrations: dict[float, Calibration]
    recalibrated: CoxPH
    refitted: CoxPH
    n_missing: int

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per quantity and time: ``quantity time estimate std_error conf_low conf_high``.

        Over the whole follow-up (no time): C index, calibration slope (``p_value`` of slope = 1),
        and, in ``p_value`` alone, the test that no coefficient differs (``coefficients``). At
        each time: AUC(t), Brier score, index of prediction accuracy, observed and mean predicted
        risk, their ratio, and the mean distance of the calibration curve (ici).
        """
        parts = [self._overall(conf_level), self._accuracy(conf_level)]
        for time, fit in self.calibrations.items():
            table = fit.tidy()
            kept = table[table["quantity"].isin(_CALIBRATION)].assign(time=time)
            parts.append(kept.reindex(columns=_COLUMNS))
        return pd.concat([part.dropna(axis=1, how="all") for part in parts], ignore_index=True)[
            _COLUMNS
        ]

    def _overall(self, conf_level: float) -> pd.DataFrame:
        c = concordance(f"{self.outcome} ~ linear_predictor", self.rows, reverse=True)
        discrimination = c.tidy(conf_level=conf_level).assign(quantity="concordance")
        slope = self.recalibrated.tidy().iloc[0]
        low, high = normal_interval(slope["estimate"], slope["std_error"], conf_level)
        statistic = 2 * (self.refitted.log_lik - self.refitted.estimate.log_lik_null)
        own = pd.DataFrame(
            {
                "quantity": ["calibration slope", "coefficients"],
                "estimate": [slope["estimate"], np.nan],
                "std_error": [slope["std_error"], np.nan],
                "conf_low": [float(low), np.nan],
                "conf_high": [float(high), np.nan],
                "p_value": [
                    2 * stats.norm.sf(abs(slope["estimate"] - 1) / slope["std_error"]),
                    stats.chi2.sf(statistic, self.refitted.estimate.df),
                ],
            }
        )
        return pd.concat([discrimination, own], ignore_index=True).reindex(columns=_COLUMNS)

    def _accuracy(self, conf_level: float) -> pd.DataFrame:
        risks = {"model": [f"risk_{index}" for index in range(len(self.times))]}
        formula, times = f"{self.outcome} ~ 1", list(self.times)
        score = brier(formula, self.rows, times, risks=risks)
        fits = {
            "AUC": time_roc(formula, self.rows, times, risks=risks),
            "Brier score": score,
            "index of prediction accuracy": score.ipa(),
        }
        tables = []
        for name, fit in fits.items():
            table = fit.tidy(conf_level=conf_level)
            tables.append(table[table["marker"] == "model"].assign(quantity=name))
        return pd.concat(tables, ignore_index=True).reindex(columns=_COLUMNS)

    def recalibration(self) -> pd.DataFrame:
        """What mending the model here would take: mean risk at each time, before and after.

        Columns ``method time estimate``: ``unchanged`` the model; ``baseline`` a new baseline with
        the old linear predictor; ``baseline and slope`` both new; ``observed`` the Kaplan-Meier
        risk.
        """
        anew = coxph(
            f"{self.outcome} ~ linear_predictor", data=self.rows, init=[1.0], iter_max=0
        )  # the slope stays 1; only the baseline is new
        slope = float(self.recalibrated.coef.iloc[0])
        observed = [fit.tidy().set_index("quantity")["estimate"]["observed_risk"]
                    for fit in self.calibrations.values()]  # fmt: skip
        tables: dict[str, Any] = {
            "unchanged": [self.rows[f"risk_{i}"].mean() for i in range(len(self.times))],
            "baseline": _mean_risk(anew, self.rows, self.times, 1.0),
            "baseline and slope": _mean_risk(self.recalibrated, self.rows, self.times, slope),
            "observed": observed,
        }
        parts = [
            pd.DataFrame({"method": name, "time": self.times, "estimate": values})
            for name, values in tables.items()
        ]
        return pd.concat(parts, ignore_index=True)

    def glance(self) -> pd.DataFrame:
        """One row: ``n n_event n_missing``."""
        return pd.DataFrame(
            {
                "n": [len(self.rows)],
                "n_event": [self.recalibrated.n_event],
                "n_missing": [self.n_missing],
            }
        )

    def _title(self) -> str:
        return f"Validation of a risk model in {len(self.rows)} patients"


def _mean_risk(
    fit: CoxPH, rows: pd.DataFrame, times: tuple[float, ...], slope: float
) -> np.ndarray:
    """Mean risk at each time under the baseline of a fit of the linear predictor."""
    table = fit.basehaz(centered=False)
    position = np.searchsorted(table["time"], times, side="right") - 1
    cumhaz = np.where(position >= 0, table["cumhaz"].to_numpy()[position], 0.0)
    relative = np.exp(slope * rows["linear_predictor"].to_numpy())
    return np.array([float(1 - np.exp(-h * relative).mean()) for h in cumhaz])
