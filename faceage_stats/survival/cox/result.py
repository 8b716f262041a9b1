"""The fitted Cox model: tables, predictions, residuals."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from faceage_stats._coefficient_rows import coefficient_rows
from faceage_stats._formula import ModelFrame
from faceage_stats._formula.design import Design
from faceage_stats._result import Result, frozen_result, normal_interval
from faceage_stats.errors import DesignError, InputError
from faceage_stats.survival.cox import anova as deviance
from faceage_stats.survival.cox import curves
from faceage_stats.survival.cox import predict as prediction
from faceage_stats.survival.cox import residuals as res
from faceage_stats.survival.cox.data import CoxData
from faceage_stats.survival.cox.fit import CoxEstimate, quadratic_form
from faceage_stats.survival.cox.refit import CoxRefit

__all__ = ["CoxPH"]

RESIDUALS = (
    "martingale", "deviance", "score", "schoenfeld", "scaled_schoenfeld", "dfbeta", "dfbetas",
)  # fmt: skip


@frozen_result
class CoxPH(Result):
    """A fitted proportional hazards model, made by `coxph`.

    Attributes
    ----------
    frame : ModelFrame
        Rows used, design matrix, outcome, strata, clusters, weights, offset.
    estimate : CoxEstimate
        Coefficients, model-based variance, log-likelihoods.
    robust_variance : ndarray or None
        Sandwich variance; when present every test and interval uses it.
    ties : {"efron", "breslow"}
    init : ndarray or None
        Starting values, which are also the null hypothesis of the Wald and score tests.
    n_merged : int
        Distinct times merged with a neighbour that differs only by rounding error.
    data : CoxData
        Sorted and scaled copy of the design that the kernels work on.
    """

    frame: ModelFrame
    estimate: CoxEstimate
    robust_variance: np.ndarray | None
    ties: str
    init: np.ndarray | None
    n_merged: int
    data: CoxData

    # ---------------------------------------------------------------- basic quantities
    @property
    def design(self) -> Design:
        """Terms, columns and the encoding that `predict` reuses."""
        return self.frame.design

    @property
    def formula(self) -> str:
        """As given to `coxph`."""
        return self.design.formula

    @property
    def coef(self) -> pd.Series:
        """Coefficients by R's names; NaN for a singular column."""
        return pd.Series(self.estimate.coefficients, index=self.design.names, name="estimate")

    @property
    def n(self) -> int:
        """Rows used."""
        return self.frame.n

    @property
    def n_event(self) -> int:
        """Events among the rows used."""
        return int(_surv(self).event.sum())

    @property
    def n_missing(self) -> int:
        """Rows dropped because a used column was missing."""
        return self.frame.n_missing

    @property
    def log_lik(self) -> float:
        """Log partial likelihood at the estimate."""
        return self.estimate.log_lik

    @property
    def aic(self) -> float:
        """-2 log-likelihood + 2 df."""
        return -2 * self.log_lik + 2 * self.estimate.df

    @property
    def bic(self) -> float:
        """-2 log-likelihood + log(number of events) df."""
        if not self.n_event:
            return float("nan")
        return -2 * self.log_lik + float(np.log(self.n_event)) * self.estimate.df

    @property
    def efron(self) -> bool:
        """Whether ties are Efron's."""
        return self.ties == "efron"

    @property
    def variance(self) -> np.ndarray:
        """Variance that tests and intervals use: the sandwich when there is one."""
        return self.estimate.variance if self.robust_variance is None else self.robust_variance

    def vcov(self, *, robust: bool | None = None) -> pd.DataFrame:
        """Variance matrix of the coefficients; NaN for a singular column.

        `robust` None takes the sandwich when the fit has one; False is the inverse information.
        """
        if robust and self.robust_variance is None:
            raise InputError("the fit has no sandwich variance; refit with robust=True or cluster=")
        value = self.estimate.variance if robust is False else self.variance
        singular = self.estimate.singular
        value = np.where(singular[:, None] | singular[None, :], np.nan, value)
        return pd.DataFrame(value, index=self.design.names, columns=self.design.names)

    @cached_property
    def means(self) -> np.ndarray:
        """Centre of each column: its mean, or 0 for a column that holds only -1, 0, 1 (as R)."""
        x = self.frame.x
        plain = np.array([_is_code(column[:99]) and _is_code(column) for column in x.T], bool)
        mean = self.data.mean if self.n_event else x.mean(axis=0)
        return np.where(plain, 0.0, mean)

    @cached_property
    def linear_predictor(self) -> np.ndarray:
        """(x - means) b + offset - mean offset, one per row used."""
        centred = self.frame.x @ self.estimate.filled - self.means @ self.estimate.filled
        offset = self.frame.offset
        return centred if offset is None else centred + offset - offset.mean()

    @cached_property
    def risk_sets(self) -> res.RiskTable:
        """Risk-set sums at the estimate, the raw material of residuals and curves."""
        return res.risk_sets(self.data, self.linear_predictor, efron=self.efron)

    @property
    def weights(self) -> np.ndarray:
        """Case weights, ones when none were given."""
        return np.ones(self.n) if self.frame.weights is None else self.frame.weights

    # ---------------------------------------------------------------- tables
    def tidy(self, *, exponentiate: bool = False, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per coefficient, and one per reference level.

        Columns: term, variable, level, is_reference, estimate, std_error, robust_se (sandwich
        fits), statistic, p_value, conf_low, conf_high, n, n_event. With `exponentiate` the
        estimate and its limits are hazard ratios; standard errors stay on the log scale.
        """
        estimate = self.estimate.coefficients
        singular = self.estimate.singular

        def standard_error(variance: np.ndarray) -> np.ndarray:
            return np.where(singular, np.nan, np.sqrt(np.diag(variance)))

        std_error = standard_error(self.variance)
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = estimate / std_error
        low, high = normal_interval(estimate, std_error, conf_level)
        if exponentiate:
            with np.errstate(over="ignore"):
                estimate, low, high = np.exp(estimate), np.exp(low), np.exp(high)
        values = {"estimate": estimate, "std_error": standard_error(self.estimate.variance)}
        if self.robust_variance is not None:
            values["robust_se"] = std_error
        values |= {
            "statistic": statistic,
            "p_value": 2 * special.ndtr(-np.abs(statistic)),
            "conf_low": low,
            "conf_high": high,
        }
        event = _surv(self).event
        return coefficient_rows(
            self.design, self.frame.x, event, values, 1.0 if exponentiate else 0.0
        )

    def tests(self) -> pd.DataFrame:
        """Test all coefficients at once: likelihood ratio, Wald, score, robust score.

        Columns: method, statistic, df, p_value.
        """
        values = self._test_statistics
        table = pd.DataFrame({"method": list(values), "statistic": list(values.values())})
        table["df"] = self.estimate.df
        table["p_value"] = self._test_p_values
        return table

    @property
    def _test_p_values(self) -> Any:
        statistics = list(self._test_statistics.values())
        df = self.estimate.df
        return special.chdtrc(df, statistics) if df else np.ones(len(statistics))

    @cached_property
    def _test_statistics(self) -> dict[str, float]:
        """The overall tests by name."""
        kept = ~self.estimate.singular
        null = np.zeros(len(kept)) if self.init is None else self.init
        shift = (self.estimate.filled - null)[kept]
        wald = quadratic_form(self.variance[np.ix_(kept, kept)], shift) if kept.any() else 0.0
        values = {
            "likelihood ratio": 2 * (self.log_lik - self.estimate.log_lik_null),
            "wald": wald,
            "score": self.estimate.score_statistic,
        }
        if self.robust_variance is not None:
            values["robust score"] = res.robust_score_statistic(
                self.data, self.weights, self.frame.cluster, efron=self.efron, null=self._null_lp()
            )
        return values

    def _null_lp(self) -> np.ndarray:
        """Linear predictor of the null hypothesis; like R's, without the offset."""
        return np.zeros(self.n) if self.init is None else self.frame.x @ self.init

    def glance(self) -> pd.DataFrame:
        """One row: counts, log-likelihoods, overall tests, AIC, BIC, concordance."""
        names = {"likelihood ratio": "log", "wald": "wald", "score": "sc", "robust score": "robust"}
        row: dict[str, Any] = {
            "n": self.n,
            "n_event": self.n_event,
            "n_missing": self.n_missing,
            "log_lik": self.log_lik,
            "log_lik_null": self.estimate.log_lik_null,
            "df": self.estimate.df,
        }
        statistics = self._test_statistics.items()
        for (method, statistic), p_value in zip(statistics, self._test_p_values, strict=True):
            row[f"statistic_{names[method]}"] = statistic
            row[f"p_value_{names[method]}"] = float(p_value)
        c, c_se = self.concordance
        row |= {
            "aic": self.aic,
            "bic": self.bic,
            "concordance": c,
            "concordance_se": c_se,
            "ties": self.ties,
            "iterations": self.estimate.iterations,
            "n_merged": self.n_merged,
        }
        return pd.DataFrame([row])

    @cached_property
    def concordance(self) -> tuple[float, float]:
        """Harrell's C of the linear predictor within strata, and its standard error."""
        from faceage_stats.survival.concordance.concordance import concordance

        try:
            value = concordance(self)
        except DesignError:  # no pair can be compared
            return float("nan"), float("nan")
        return float(value.concordance[0]), float(np.sqrt(value.vcov[0, 0]))

    def augment(self) -> pd.DataFrame:
        """One row per row used: its position in the data, linear predictor, residuals."""
        martingale = self.residuals("martingale")
        event = _surv(self).event
        return pd.DataFrame(
            {
                "row": self.frame.rows,
                "time": _surv(self).time,
                "event": event,
                "linear_predictor": self.linear_predictor,
                "expected": event - martingale,
                "residual_martingale": martingale,
                "residual_deviance": res.deviance_residuals(martingale, event),
            }
        )

    # ---------------------------------------------------------------- prediction and residuals
    def predict(
        self,
        type: str = "lp",  # noqa: A002 - R's name
        newdata: Any = None,
        *,
        times: Any = None,
        reference: str | None = None,
        conf_level: float = 0.95,
        conf_type: str = "log",
    ) -> pd.DataFrame:
        """Predict for the rows used, or for new data; see `predict.predict`."""
        request = prediction.Request(type, times, reference, conf_level, conf_type)
        return prediction.predict(self, newdata, request)

    predict.__doc__ = prediction.predict.__doc__

    def contrast(
        self,
        newdata: Any,
        reference: Any,
        *,
        exponentiate: bool = False,
        conf_level: float = 0.95,
    ) -> pd.DataFrame:
        """Hazard ratio of rows of new data against a reference; see `predict.contrast`."""
        return prediction.contrast(
            self, newdata, reference, exponentiate=exponentiate, conf_level=conf_level
        )

    contrast.__doc__ = prediction.contrast.__doc__

    def residuals(self, type: str = "martingale") -> np.ndarray:  # noqa: A002 - R's name
        """Residuals of R's `residuals.coxph`.

        Parameters
        ----------
        type : {"martingale", "deviance", "score", "schoenfeld", "scaled_schoenfeld", "dfbeta", \
"dfbetas"}

        Returns
        -------
        ndarray
            (n,) for martingale and deviance; (n, p) for score, dfbeta and dfbetas, dfbeta with
            the case weight; (n_event, p) by stratum, time and row for schoenfeld. Scaled forms
            use the model-based variance even in a robust fit.
        """
        if type not in RESIDUALS:
            raise InputError(f"type is {type!r}; choose one of {', '.join(RESIDUALS)}.")
        if type in ("martingale", "deviance"):
            value = res.martingale_residuals(self.risk_sets)
            event = _surv(self).event
            return value if type == "martingale" else res.deviance_residuals(value, event)
        variance = self.estimate.variance
        if "schoenfeld" in type:
            value = res.schoenfeld_residuals(self.risk_sets)[0]
            scaled = value @ variance * self.n_event + self.estimate.filled
            return value if type == "schoenfeld" else scaled
        value = res.score_residuals(self.risk_sets)
        if type == "score":
            return value
        value = value * self.weights[:, None] @ variance
        if type == "dfbeta":
            return value
        with np.errstate(divide="ignore", invalid="ignore"):
            return value / np.sqrt(np.diag(variance))

    def basehaz(self, *, centered: bool = True) -> pd.DataFrame:
        """Cumulative baseline hazard; see `curves.basehaz`."""
        return curves.basehaz(self, centered=centered)

    def survfit(
        self, newdata: Any = None, *, conf_type: str = "log", conf_level: float = 0.95
    ) -> curves.CoxCurves:
        """Predicted survival curves; see `curves.cox_curves`."""
        return curves.cox_curves(self, newdata, conf_type=conf_type, conf_level=conf_level)

    def on_rows_of(self, data: Any) -> CoxRefit:
        """Coefficients as a function of the rows of `data`; what `resample(fit, data)` repeats."""
        return CoxRefit.of(self, len(data))

    def anova(self) -> deviance.Anova:
        """Likelihood-ratio tests of the terms, added first to last."""
        return deviance.anova(self)

    def drop1(self, test: str = "lrt") -> deviance.Anova:
        """Test every term given all the others; see `anova.drop1`."""
        return deviance.drop1(self, test)

    def _title(self) -> str:
        robust = ", sandwich variance" if self.robust_variance is not None else ""
        return (
            f"coxph {self.formula}: n = {self.n}, {self.n_event} events, "
            f"{self.n_missing} rows missing, {self.ties} ties{robust}"
        )


def _is_code(column: np.ndarray) -> bool:
    """Whether the column holds only -1, 0 and 1."""
    return bool(((column == 0) | (np.abs(column) == 1)).all())


def _surv(fit: CoxPH) -> Any:
    return fit.frame.surv
