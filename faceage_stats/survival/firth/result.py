"""Results of Firth's penalised likelihood."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import expit

from faceage_stats._coefficient_rows import coefficient_rows
from faceage_stats._formula.frame import ModelFrame, SurvivalFrame
from faceage_stats._near import check_option
from faceage_stats._result import Fit, frozen_result
from faceage_stats._scale import scale_of
from faceage_stats._wald import std_errors, wald
from faceage_stats.survival.cox.fit import Ties
from faceage_stats.survival.firth.profile import (
    Maximum,
    Objective,
    profile_limits,
    ratio_statistics,
)

__all__ = ["FirthCox", "FirthLogistic", "Method"]

Method = Literal["profile", "wald"]


@frozen_result
class _Firth(Fit):
    """Common to the penalised Cox and logistic fits."""

    frame: SurvivalFrame | ModelFrame
    top: Maximum
    objective: Objective
    back: np.ndarray
    null: Maximum

    @property
    def n(self) -> int:
        """Rows used."""
        return self.frame.n

    @property
    def n_missing(self) -> int:
        """Rows dropped because a used column was missing."""
        return self.frame.n_missing

    @property
    def names(self) -> list[str]:
        """Coefficient names."""
        return self.frame.design.names

    @property
    def event(self) -> np.ndarray:
        """Events of the rows used, 0 or 1."""
        raise NotImplementedError

    @property
    def log_lik(self) -> float:
        """Penalised log-likelihood; only differences within one design mean anything."""
        return self.top.value

    @cached_property
    def coef(self) -> pd.Series:
        """Coefficients by name."""
        return pd.Series(self.back @ self.top.beta, index=self.names, name="estimate")

    def vcov(self) -> pd.DataFrame:
        """Return the inverse of the unpenalised information at the penalised estimate."""
        variance = self.back @ np.linalg.inv(self.top.information) @ self.back.T
        return pd.DataFrame(variance, index=self.names, columns=self.names)

    @cached_property
    def _ratios(self) -> np.ndarray:
        return ratio_statistics(self.objective, self.top, self.back)

    def _values(
        self, conf_level: float, method: Method, exponentiate: bool
    ) -> dict[str, np.ndarray]:
        check_option("method", method, Method)
        std_error = std_errors(self.vcov())
        values = wald(self.coef, std_error, conf_level, exponentiate=exponentiate)
        if method == "profile":
            limits = profile_limits(self.objective, self.top, self.back, conf_level)
            for name, limit in zip(("conf_low", "conf_high"), limits, strict=True):
                with np.errstate(over="ignore"):
                    values[name] = np.exp(limit) if exponentiate else limit
            values["statistic"] = self._ratios
            values["p_value"] = stats.chi2.sf(self._ratios, 1)
        return values

    def glance(self) -> pd.DataFrame:
        """Return one row: counts, penalised log-likelihoods, the test of all coefficients.

        Columns ``n n_event n_missing log_lik log_lik_null df statistic_log p_value_log
        iterations``.
        """
        statistic = 2 * (self.top.value - self.null.value)
        df = len(self.frame.design.columns)
        row: dict[str, Any] = {
            "n": self.n,
            "n_event": int(self.event.sum()),
            "n_missing": self.n_missing,
            "log_lik": self.top.value,
            "log_lik_null": self.null.value,
            "df": df,
            "statistic_log": statistic,
            "p_value_log": stats.chi2.sf(statistic, df),
            "iterations": self.top.iterations,
        }
        return pd.DataFrame([row])


@frozen_result
class FirthCox(_Firth):
    """Firth-penalised Cox model, made by `coxphf`.

    Attributes
    ----------
    frame : SurvivalFrame
        Rows used, design matrix, outcome.
    top : Maximum
        Where the penalised likelihood is largest, in the scaled columns.
    objective : callable
    back : ndarray, shape (p, p)
        Coefficients are `back @ top.beta`.
    null : Maximum
        The maximum with every coefficient at 0.
    ties : {"efron", "breslow"}
        How tied event times are handled.
    """

    frame: SurvivalFrame
    ties: Ties

    @property
    def event(self) -> np.ndarray:
        """Events of the rows used, 0 or 1."""
        return self.frame.surv.event

    def tidy(
        self, *, exponentiate: bool = False, conf_level: float = 0.95, method: Method = "profile"
    ) -> pd.DataFrame:
        """Return one row per coefficient and reference level.

        ``method="profile"``: profile penalised-likelihood limits, statistic and p value of the
        penalised likelihood-ratio test (one degree of freedom). ``"wald"``: normal theory.
        Columns: term, variable, level, is_reference, estimate, std_error, statistic, p_value,
        conf_low, conf_high, n, n_event, scale.
        """
        values = self._values(conf_level, method, exponentiate)
        null = 1.0 if exponentiate else 0.0
        table = coefficient_rows(self.frame.design, self.frame.x, self.event, values, null)
        return table.assign(scale=scale_of("hazard ratio", exponentiate))

    def augment(self) -> pd.DataFrame:
        """Return one row per row used: linear_predictor, centred at the means.

        Indexed as in the data given.
        """
        centred = self.frame.x - self.frame.x.mean(axis=0)
        lp = centred @ self.coef.to_numpy()
        return pd.DataFrame({"linear_predictor": lp}, index=self.frame.index)

    def _title(self) -> str:
        return f"coxphf {self.frame.design.formula}: Firth's penalty, {self.ties} ties"


@frozen_result
class FirthLogistic(_Firth):
    """Firth-penalised logistic regression, made by `logistf`.

    Attributes
    ----------
    frame : ModelFrame
        Rows used, design matrix, outcome.
    top : Maximum
        Where the penalised likelihood is largest, in the columns of `x`.
    objective : callable
    back : ndarray, shape (p, p)
        Coefficients, the intercept first, are `back @ top.beta`.
    null : Maximum
        The maximum with every coefficient but the intercept at 0.
    x : ndarray, shape (n, p)
        The design, measured from its means in its standard deviations.
    """

    frame: ModelFrame
    x: np.ndarray

    @property
    def names(self) -> list[str]:
        """Coefficient names, the intercept first."""
        return self.frame.design.names_with_intercept

    @property
    def event(self) -> np.ndarray:
        """Outcomes of the rows used, 0 or 1."""
        return self.frame.y

    def vcov(self, *, augmented: bool = False) -> pd.DataFrame:
        """Return the inverse of the information at the penalised estimate.

        Parameters
        ----------
        augmented : bool
            Of the data with the rows that the penalty amounts to, as logistf 1.24.1 and later
            print it: larger information, smaller variance.
        """
        if not augmented:
            return super().vcov()
        p = expit(self.x @ self.top.beta)
        weight = p * (1 - p)
        spread = self.x @ np.linalg.inv(self.top.information)
        leverage = weight * np.einsum("ij,ij->i", spread, self.x)
        information = self.x.T @ ((weight * (1 + leverage))[:, None] * self.x)
        variance = self.back @ np.linalg.inv(information) @ self.back.T
        return pd.DataFrame(variance, index=self.names, columns=self.names)

    def tidy(
        self, *, exponentiate: bool = False, conf_level: float = 0.95, method: Method = "profile"
    ) -> pd.DataFrame:
        """Return one row per coefficient, the intercept first; columns as `FirthCox.tidy`."""
        values = self._values(conf_level, method, exponentiate)
        null = 1.0 if exponentiate else 0.0
        table = coefficient_rows(
            self.frame.design, self.frame.x, self.event, values, null,
            intercept=self.frame.design.intercept,
        )  # fmt: skip
        return table.assign(scale=scale_of("odds ratio", exponentiate))

    def augment(self) -> pd.DataFrame:
        """Return one row per row used: linear_predictor, fitted (probability).

        Indexed as in the data given.
        """
        lp = self.x @ self.top.beta
        return pd.DataFrame({"linear_predictor": lp, "fitted": expit(lp)}, index=self.frame.index)

    def _title(self) -> str:
        return f"logistf {self.frame.design.formula}: logistic regression with Firth's penalty"
