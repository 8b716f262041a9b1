"""The tables of a Cox fit: coefficients, their variance and limits, tests, one row for the fit."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from faceage_stats._coefficient_rows import coefficient_rows
from faceage_stats._result import Fit
from faceage_stats._scale import scale_of
from faceage_stats._wald import std_errors, wald
from faceage_stats.errors import InputError
from faceage_stats.survival.cox.fit import CoxFit
from faceage_stats.survival.cox.overall import CIndex, c_index, overall_tests

__all__ = ["CoxTables"]

# method of a test -> end of its columns in glance(), as broom has them
_TESTS = {"likelihood ratio": "log", "wald": "wald", "score": "sc", "robust score": "robust"}


class CoxTables(CoxFit, Fit):
    """What `CoxPH` and `CLogit` tabulate."""

    _function: ClassVar[str] = "coxph"
    _ratio: ClassVar[str] = "hazard ratio"

    def vcov(self, *, robust: bool | None = None) -> pd.DataFrame:
        """Return the variance matrix of the coefficients; NaN for a singular column.

        `robust` None takes the sandwich when the fit has one; False is the inverse information.
        """
        if robust and self.robust_variance is None:
            raise InputError("the fit has no sandwich variance; refit with robust=True or cluster=")
        value = self.estimate.variance if robust is False else self.variance
        singular = self.estimate.singular
        value = np.where(singular[:, None] | singular[None, :], np.nan, value)
        return pd.DataFrame(value, index=self.design.names, columns=self.design.names)

    def tidy(self, *, exponentiate: bool = False, conf_level: float = 0.95) -> pd.DataFrame:
        """Return one row per coefficient, and one per reference level.

        Columns: term, variable, level, is_reference, estimate, std_error, robust_se (sandwich
        fits), statistic, p_value, conf_low, conf_high, n, n_event, scale. With `exponentiate` the
        estimate and its limits are hazard ratios; standard errors stay on the log scale.
        """
        singular = self.estimate.singular

        def standard_error(variance: np.ndarray) -> np.ndarray:
            return np.where(singular, np.nan, std_errors(variance))

        used = standard_error(self.variance)
        values = wald(self.estimate.coefficients, used, conf_level, exponentiate=exponentiate) | {
            "std_error": standard_error(self.estimate.variance)
        }
        if self.robust_variance is not None:
            head = {name: values.pop(name) for name in ("estimate", "std_error")}
            values = {**head, "robust_se": used, **values}
        null = 1.0 if exponentiate else 0.0
        x, event = self.frame.x[self.last_parts], self.surv.event[self.last_parts]
        table = coefficient_rows(self.design, x, event, values, null)
        return table.assign(scale=scale_of(self._ratio, exponentiate))

    def tests(self) -> pd.DataFrame:
        """Test all coefficients at once: likelihood ratio, Wald, score, robust score.

        Columns: method, statistic, df, p_value.
        """
        return overall_tests(self)

    def glance(self) -> pd.DataFrame:
        """Return one row: counts, log-likelihoods, tests, R squared, AIC, BIC, concordance."""
        row: dict[str, Any] = {
            "n": self.n,
            "n_event": self.n_event,
            "n_missing": self.n_missing,
            "log_lik": self.log_lik,
            "log_lik_null": self.estimate.log_lik_null,
            "df": self.estimate.df,
        }
        for test in self.tests().to_dict(orient="records"):
            row[f"statistic_{_TESTS[test['method']]}"] = test["statistic"]
            row[f"p_value_{_TESTS[test['method']]}"] = test["p_value"]
        row |= {
            "r_squared": -np.expm1(2 * (self.estimate.log_lik_null - self.log_lik) / self.n),
            "r_squared_max": -np.expm1(2 * self.estimate.log_lik_null / self.n),
            "aic": self.aic,
            "bic": self.bic,
            "concordance": self.concordance,
            "concordance_se": self.concordance_se,
            "ties": self.ties,
            "iterations": self.estimate.iterations,
            "n_merged": self.n_merged,
        }
        return pd.DataFrame([row])

    @property
    def concordance(self) -> float:
        """Harrell's C of the linear predictor within strata; NaN when no pair is comparable."""
        return self._c_index.estimate

    @property
    def concordance_se(self) -> float:
        """Infinitesimal-jackknife standard error of `concordance`."""
        return self._c_index.std_error

    @cached_property
    def _c_index(self) -> CIndex:
        return c_index(self)

    def _further_tables(self) -> tuple[str, ...]:
        return ("confint", "tests")

    def _note(self) -> str:
        form = "{method} test {statistic:.4g} on {df} df, p = {p_value:.3g}"
        return form.format(**self.tests().iloc[0])

    def _title(self) -> str:
        robust = ", sandwich variance" if self.robust_variance is not None else ""
        n = f"n = {self.n} ({self.n_missing} missing), {self.n_event} events"
        return f"{self._function} {self.formula}: {n}, {self.ties} ties{robust}"
