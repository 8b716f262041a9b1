"""A risk model in another cohort: discrimination, calibration, recalibration."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._formula.constant import without_constant_factors
from faceage_stats._formula.parse import split_formula
from faceage_stats._result import Result, frozen_result
from faceage_stats._surv import parse_surv
from faceage_stats._wald import wald
from faceage_stats.errors import DesignError
from faceage_stats.prediction.horizon.brier import brier
from faceage_stats.prediction.horizon.time_roc import time_roc
from faceage_stats.prediction.risk.calibration import calibration
from faceage_stats.prediction.risk.calibration_result import Calibration
from faceage_stats.survival.concordance.concordance import concordance
from faceage_stats.survival.cox.coxph import coxph
from faceage_stats.survival.cox.result import CoxPH

__all__ = ["RiskValidation", "validate_risk"]

_CALIBRATION = ("observed_risk", "mean_predicted", "observed_expected_ratio", "ici")
_COLUMNS = ["quantity", "time", "estimate", "std_error", "conf_low", "conf_high", "p_value"]


def validate_risk(
    formula: str,
    times: tuple[float, ...],
    newdata: pd.DataFrame,
    predicted: pd.DataFrame,
    n_resamples: int,
    seed: int,
) -> RiskValidation:
    """Compare predictions of a risk model with another cohort; see ``RiskModel.validate``.

    Parameters
    ----------
    formula : str
        Of the model.
    times : tuple of float
    newdata : pandas.DataFrame
    predicted : pandas.DataFrame
        ``linear_predictor survival_<time>`` of its rows.
    n_resamples, seed : int
        Bootstrap of the calibration distances.

    Raises
    ------
    DesignError
        No row with all covariates and the outcome, or no event.
    """
    left, _ = split_formula(formula)
    surv = parse_surv(left, newdata)
    known = predicted.notna().all(axis=1).to_numpy() & ~surv.is_missing
    n_event = int((surv.event[known] == 1).sum())
    if not n_event:
        raise DesignError(
            f"{int(known.sum())} of {len(newdata)} rows have all covariates and the outcome, "
            f"{n_event} of them an event: nothing to validate with."
        )
    rows = newdata[known].assign(linear_predictor=predicted["linear_predictor"][known])
    for index, time in enumerate(times):
        rows[f"risk_{index}"] = 1 - predicted[f"survival_{time:g}"][known]
    calibrations = {
        time: calibration(
            f"{left} ~ risk_{index}", rows, times=time, lp="linear_predictor",
            n_resamples=n_resamples, seed=seed,
        )
        for index, time in enumerate(times)
    }  # fmt: skip
    return RiskValidation(
        rows=rows.reset_index(drop=True),
        outcome=left,
        times=times,
        calibrations=calibrations,
        recalibrated=coxph(f"{left} ~ linear_predictor", data=rows),
        refitted=_refitted(formula, rows, left),
        n_missing=int((~known).sum()),
    )


def _refitted(formula: str, rows: pd.DataFrame, left: str) -> CoxPH:
    """The same covariates beside the linear predictor as an offset: zero if nothing changed."""
    again = f"{left} ~ {split_formula(formula)[1]} + offset(linear_predictor)"
    _, fit = without_constant_factors(again, rows, lambda each: coxph(each, data=rows))
    return fit


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
        """Return each measure of performance.

        Parameters
        ----------
        conf_level : float

        Returns
        -------
        pandas.DataFrame
            ``quantity time estimate std_error conf_low conf_high p_value``. Over the whole
            follow-up (no time): C index, calibration slope (``p_value`` of slope = 1), and, in
            ``p_value`` alone, the test that no coefficient differs (``coefficients``). At each
            time: AUC(t), Brier score, index of prediction accuracy, observed and mean predicted
            risk, their ratio O/E (above 1 the model predicts too little), and the mean distance
            of the calibration curve (ici).
        """
        parts = [self._overall(conf_level), self._accuracy(conf_level)]
        for time, fit in self.calibrations.items():
            table = fit.tidy(conf_level=conf_level)
            kept = table[table["quantity"].isin(_CALIBRATION)].assign(time=time)
            parts.append(kept.reindex(columns=_COLUMNS))
        return pd.concat([part.dropna(axis=1, how="all") for part in parts], ignore_index=True)[
            _COLUMNS
        ]

    def _overall(self, conf_level: float) -> pd.DataFrame:
        c = concordance(f"{self.outcome} ~ linear_predictor", self.rows, reverse=True)
        discrimination = c.tidy(conf_level=conf_level).assign(quantity="concordance")
        slope = self.recalibrated.tidy().iloc[0]
        columns = wald([slope["estimate"]], [slope["std_error"]], conf_level, null_value=1.0)
        calibration_slope = pd.DataFrame({"quantity": ["calibration slope"], **columns})
        statistic = 2 * (self.refitted.log_lik - self.refitted.estimate.log_lik_null)
        p_value = float(stats.chi2.sf(statistic, self.refitted.estimate.df))
        coefficients = pd.DataFrame({"quantity": ["coefficients"], "p_value": [p_value]})
        parts = [discrimination, calibration_slope, coefficients]
        return pd.concat(parts, ignore_index=True).reindex(columns=_COLUMNS)

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
        """Return the mean risk at each time before and after recalibration.

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
        """Return one row: ``n n_event n_missing``."""
        return pd.DataFrame(
            {
                "n": [len(self.rows)],
                "n_event": [self.recalibrated.n_event],
                "n_missing": [self.n_missing],
            }
        )

    def _further_tables(self) -> tuple[str, ...]:
        return ("recalibration",)

    def _title(self) -> str:
        return f"Validation of a risk model in {len(self.rows)} patients"


def _mean_risk(
    fit: CoxPH, rows: pd.DataFrame, times: tuple[float, ...], slope: float
) -> np.ndarray:
    """Mean risk at each time under the baseline of a fit of the linear predictor."""
    relative = np.exp(slope * rows["linear_predictor"].to_numpy())
    at = fit.basehaz(times=times, centered=False)
    return np.array([float(1 - np.exp(-h * relative).mean()) for h in at["cumhaz"]])
