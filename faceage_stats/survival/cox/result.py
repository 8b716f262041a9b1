"""The result of `coxph`: tables, predictions, residuals."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._coefficient_rows import coefficient_rows
from faceage_stats._result import Result, frozen_result
from faceage_stats._scale import scale_of
from faceage_stats._wald import wald
from faceage_stats.errors import InputError
from faceage_stats.survival.cox import anova as deviance
from faceage_stats.survival.cox import curves
from faceage_stats.survival.cox import predict as prediction
from faceage_stats.survival.cox import residuals as res
from faceage_stats.survival.cox.fit import CoxFit
from faceage_stats.survival.cox.overall import CIndex, c_index, overall_tests
from faceage_stats.survival.cox.refit import CoxRefit
from faceage_stats.survival.km.limits import ConfType

__all__ = ["CoxPH"]

# method of a test -> end of its columns in glance(), as broom has them
_TESTS = {"likelihood ratio": "log", "wald": "wald", "score": "sc", "robust score": "robust"}


@frozen_result
class CoxPH(CoxFit, Result):
    """A fitted proportional hazards model, made by `coxph`; its attributes are those of `CoxFit`.

    Examples
    --------
    >>> import faceage_stats as fs
    >>> df = pd.DataFrame({"time": [1, 1, 6, 6, 8, 9], "event": [1, 0, 1, 1, 0, 1],
    ...                    "x": [1, 1, 1, 0, 0, 0]})
    >>> fit = fs.coxph("Surv(time, event) ~ x", df)
    >>> fit.vcov().round(4).to_numpy().tolist()
    [[1.6323]]
    >>> fit.predict(df.head(2), type="risk")["estimate"].round(3).tolist()
    [5.349, 5.349]
    """

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
            return np.where(singular, np.nan, np.sqrt(np.diag(variance)))

        used = standard_error(self.variance)
        values = wald(self.estimate.coefficients, used, conf_level, exponentiate=exponentiate) | {
            "std_error": standard_error(self.estimate.variance)
        }
        if self.robust_variance is not None:
            head = {name: values.pop(name) for name in ("estimate", "std_error")}
            values = {**head, "robust_se": used, **values}
        null = 1.0 if exponentiate else 0.0
        table = coefficient_rows(self.design, self.frame.x, self.surv.event, values, null)
        return table.assign(scale=scale_of("hazard ratio", exponentiate))

    def tests(self) -> pd.DataFrame:
        """Test all coefficients at once: likelihood ratio, Wald, score, robust score.

        Columns: method, statistic, df, p_value.
        """
        return overall_tests(self)

    def glance(self) -> pd.DataFrame:
        """Return one row: counts, log-likelihoods, overall tests, AIC, BIC, concordance."""
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

    def augment(self) -> pd.DataFrame:
        """Return one row per row used, indexed as in the data given.

        Columns: time, event, linear_predictor, expected, residual_martingale, residual_deviance.
        """
        martingale = res.martingale_residuals(self.risk_sets)
        event = self.surv.event
        return pd.DataFrame(
            {
                "time": self.surv.time,
                "event": event,
                "linear_predictor": self.lp,
                "expected": event - martingale,
                "residual_martingale": martingale,
                "residual_deviance": res.deviance_residuals(martingale, event),
            },
            index=self.frame.index,
        )

    def predict(
        self,
        newdata: Any = None,
        type: prediction.PredictType = "lp",  # noqa: A002 - R's name
        *,
        times: Any = None,
        reference: prediction.Reference | None = None,
        conf_level: float = 0.95,
        conf_type: ConfType = "log",
    ) -> pd.DataFrame:
        """Predict for the rows used, or for new data, as R's ``predict.coxph``.

        Parameters
        ----------
        newdata : pandas.DataFrame, optional
            By default the rows of the fit. Rows with a missing value are predicted as NaN.
        type : {"lp", "risk", "expected", "terms", "survival"}
            Linear predictor; its exponential; expected events over the follow-up of each row; the
            contribution of each term to the linear predictor; survival, at `times` or else at the
            end of the follow-up of each row.
        times : array-like, optional
            In the unit of the time column; only with ``type="survival"`` and new data.
        reference : {"strata", "sample", "zero"}, optional
            What the linear predictor is relative to: the means of the row's stratum (default), of
            the whole sample (default for terms; columns of -1, 0, 1 stay uncentred), or 0.
        conf_level : float
        conf_type : {"log", "log-log", "plain", "logit", "arcsin", "none"}
            Scale on which the limits of a survival are symmetric.

        Returns
        -------
        pandas.DataFrame
            Indexed like the rows: estimate, std_error, conf_low, conf_high. ``type="terms"``:
            long, with term. ``type="survival"`` with `times`: the columns of `CoxCurves.at`. The
            standard error of a risk is R's, that of the linear predictor times the root of the
            risk. Expected events of new data allow for the offset (R 3.5 adds it outside the
            exponential).

        Raises
        ------
        InputError
            An unknown option, a level or stratum that the fit never saw, `times` without new data.

        Notes
        -----
        In R: ``predict(fit, newdata, type = "risk")``
        """
        request = prediction.Request(type, times, reference, conf_level, conf_type)
        return prediction.predict(self, newdata, request)

    def contrast(
        self,
        newdata: Any,
        reference: Any,
        *,
        exponentiate: bool = False,
        conf_level: float = 0.95,
    ) -> pd.DataFrame:
        """Estimate the log hazard ratio of each row of new data against a reference row.

        Parameters
        ----------
        newdata : pandas.DataFrame
        reference : pandas.DataFrame
            One row, or as many rows as `newdata`.
        exponentiate : bool
            Give hazard ratios; the standard error stays on the log scale.
        conf_level : float

        Returns
        -------
        pandas.DataFrame
            Indexed like `newdata`: estimate, std_error, statistic, p_value, conf_low, conf_high.
            A row equal to its reference has estimate 0, standard error 0 and no test.
        """
        return prediction.contrast(
            self, newdata, reference, exponentiate=exponentiate, conf_level=conf_level
        )

    def residuals(
        self,
        type: res.ResidualType = "martingale",  # noqa: A002 - R's name
    ) -> pd.Series | pd.DataFrame:
        """Return the residuals of R's ``residuals.coxph``.

        Parameters
        ----------
        type : {"martingale", "deviance", "score", "schoenfeld", "scaled_schoenfeld", "dfbeta", \
"dfbetas"}

        Returns
        -------
        pandas.Series or pandas.DataFrame
            Indexed as in the data given. A Series for martingale and deviance; one column per
            coefficient for score, dfbeta and dfbetas, dfbeta with the case weight; one row per
            event, by stratum, time and row, for schoenfeld. Scaled forms use the model-based
            variance even in a robust fit.

        Notes
        -----
        In R: ``residuals(fit, "schoenfeld")``
        """
        return res.residuals_of(self, type)

    def basehaz(self, *, centered: bool = True) -> pd.DataFrame:
        """Estimate the cumulative baseline hazard, as R's ``basehaz``.

        Parameters
        ----------
        centered : bool
            At the centre of the covariates (`means`), or at all covariates 0. The mean offset is
            taken out either way.

        Returns
        -------
        pandas.DataFrame
            time (every distinct follow-up time), cumhaz, and strata in a stratified fit. Efron's
            hazard for a fit with Efron ties, Breslow's otherwise.

        Notes
        -----
        In R: ``survival::basehaz(fit)``
        """
        return curves.basehaz(self, centered=centered)

    def survfit(
        self, newdata: Any = None, *, conf_type: ConfType = "log", conf_level: float = 0.95
    ) -> curves.CoxCurves:
        """Predict survival curves, as R's ``survfit.coxph``; see `cox_curves`."""
        return curves.cox_curves(self, newdata, conf_type=conf_type, conf_level=conf_level)

    def on_rows_of(self, data: Any) -> CoxRefit:
        """Return the coefficients as a function of rows; what `resample` with a fit repeats."""
        return CoxRefit.of(self, len(data))

    def anova(self) -> deviance.Anova:
        """Test the terms by likelihood ratios, added first to last."""
        return deviance.anova(self)

    def drop1(self, test: deviance.TermTest = "lrt") -> deviance.Anova:
        """Test every term given all the others; see `anova.drop1`."""
        return deviance.drop1(self, test)

    def _further_tables(self) -> tuple[str, ...]:
        return ("tests",)

    def _note(self) -> str:
        form = "{method} test {statistic:.4g} on {df} df, p = {p_value:.3g}"
        return form.format(**self.tests().iloc[0])

    def _title(self) -> str:
        robust = ", sandwich variance" if self.robust_variance is not None else ""
        n = f"n = {self.n} ({self.n_missing} missing), {self.n_event} events"
        return f"coxph {self.formula}: {n}, {self.ties} ties{robust}"
