"""The result of `survreg`: coefficients in R's parameterisation."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from faceage_stats._arguments import check_fit
from faceage_stats._coefficient_rows import coefficient_rows
from faceage_stats._formula.frame import Frame
from faceage_stats._result import Fit, frozen_result
from faceage_stats._scale import scale_of
from faceage_stats._wald import std_errors, wald
from faceage_stats.errors import InputError
from faceage_stats.survival.parametric.families import Distribution, Family
from faceage_stats.survival.parametric.maximise import Maximum
from faceage_stats.survival.parametric.outcome import Censored
from faceage_stats.survival.parametric.predict import Point, PredictType, Request, predict
from faceage_stats.survival.parametric.scaled import Scaled

__all__ = ["SurvReg"]


@frozen_result
class SurvReg(Fit):
    """Parametric survival model, made by `survreg`.

    Attributes
    ----------
    frame : Frame
        Rows used and design matrix.
    outcome : Censored
        Limits of each row's outcome; logarithms of them in a log-time family.
    distribution : str
        As given.
    family : Family
    scaled : Scaled
        Centre and scale of the design's columns.
    fixed_scale : float or None
    top, null : Maximum
        Of the model, and of that without covariates, in scaled columns.
    """

    frame: Frame
    outcome: Censored
    distribution: Distribution
    family: Family
    scaled: Scaled
    fixed_scale: float | None
    top: Maximum
    null: Maximum

    @property
    def n(self) -> int:
        """Rows used."""
        return self.frame.n

    @property
    def names(self) -> list[str]:
        """Names of the parameters as R prints them (coefficients, log scales, shape)."""
        scales = list(self.frame.strata_labels) or ["Log(scale)"]
        if self.fixed_scale is not None:
            scales = []
        shape = ["Q"] if self._point.has_shape else []
        return [*self.frame.design.names_with_intercept, *scales, *shape]

    @property
    def _point(self) -> Point:
        return Point.of(self.top, self.family, self.scaled, self.fixed_scale)

    @cached_property
    def _back(self) -> np.ndarray:
        back, p = np.eye(len(self.top.theta)), len(self.scaled.scale)
        back[:p, :p] = self.scaled.back
        return back

    @property
    def coef(self) -> pd.Series:
        """Coefficients by name, without the log scale."""
        p = len(self.scaled.scale)
        values = (self._back @ self.top.theta)[:p]
        return pd.Series(values, index=self.names[:p], name="estimate")

    @property
    def scale(self) -> pd.Series:
        """Scale of the error, by stratum where there are strata; 1 / shape of a Weibull model."""
        labels = list(self.frame.strata_labels) or ["scale"]
        log_scale = np.broadcast_to(self._point.log_scale, len(labels))
        return pd.Series(np.exp(log_scale), index=labels, name="scale")

    def vcov(self) -> pd.DataFrame:
        """Return the variance matrix of the coefficients, then the log scales and the shape."""
        variance = self._back @ self.top.variance @ self._back.T
        return pd.DataFrame((variance + variance.T) / 2, index=self.names, columns=self.names)

    def tidy(self, *, exponentiate: bool = False, conf_level: float = 0.95) -> pd.DataFrame:
        """Return one row per coefficient and reference level, then log scales and shape.

        Parameters
        ----------
        exponentiate : bool
            Ratios of times, in a log-time family; standard errors stay on the log scale, and so
            does the log scale.
        conf_level : float

        Returns
        -------
        pandas.DataFrame
            ``term variable level is_reference estimate std_error statistic p_value conf_low
            conf_high n n_event scale``; the last says what the estimate is.
        """
        if exponentiate and not self.family.log_time:
            raise InputError(
                f"the {self.distribution} model is of the outcome itself: its coefficients are "
                "differences, not logarithms. Leave exponentiate out."
            )
        error = std_errors(self.vcov())
        estimate, p = self._back @ self.top.theta, len(self.scaled.scale)
        columns = wald(estimate[:p], error[:p], conf_level, exponentiate=exponentiate)
        rows = self._rows(columns, float(exponentiate))
        scale = scale_of("time ratio", exponentiate) if self.family.log_time else "difference"
        rows = rows.assign(scale=scale)
        if len(estimate) == p:
            return rows
        further = pd.DataFrame(wald(estimate[p:], error[p:], conf_level))
        further = further.assign(term=self.names[p:], variable=self.names[p:])
        further["is_reference"], further["n"] = False, self.n
        further["n_event"] = int(self.outcome.is_event.sum())
        further["scale"] = ["shape" if name == "Q" else "log scale" for name in self.names[p:]]
        further["level"] = None
        return pd.concat([rows, further[rows.columns]], ignore_index=True)

    def _rows(self, columns: dict[str, np.ndarray], reference: float) -> pd.DataFrame:
        event = self.outcome.is_event.astype(np.int64)
        design = self.frame.design
        return coefficient_rows(
            design, self.frame.x, event, columns, reference, intercept=design.intercept
        )

    def hazard_ratios(self, *, exponentiate: bool = True, conf_level: float = 0.95) -> pd.DataFrame:
        """Return a Weibull model's coefficients as hazard ratios, exp(-coefficient / scale).

        Parameters
        ----------
        exponentiate : bool
            False gives their logarithms.
        conf_level : float

        Returns
        -------
        pandas.DataFrame
            Columns of ``tidy()``, without the intercept; errors by the delta method.

        Raises
        ------
        InputError
            Another distribution, whose hazards are not proportional, or several scales.
        """
        point, p = self._point, len(self.scaled.scale)
        if not self.family.is_proportional or len(point.log_scale) > 1:
            raise InputError(
                "hazards are proportional in a weibull, exponential or rayleigh model with one "
                "scale only; use tidy(exponentiate=True) for ratios of times."
            )
        sigma, beta = float(np.exp(point.log_scale[0])), (self._back @ self.top.theta)[:p]
        slope = np.column_stack([-np.eye(p) / sigma, beta / sigma])[:, : len(self.top.theta)]
        error = std_errors(slope @ self.vcov().to_numpy() @ slope.T)
        columns = wald(-beta / sigma, error, conf_level, exponentiate=exponentiate)
        table = self._rows(columns, float(exponentiate))
        table = table[table["term"] != "(Intercept)"].reset_index(drop=True)
        return table.assign(scale=scale_of("hazard ratio", exponentiate))

    @property
    def log_lik(self) -> float:
        """Log-likelihood of the outcome on its own scale, as R prints it."""
        return self.top.value - self._jacobian

    @property
    def _jacobian(self) -> float:
        if not self.family.log_time:
            return 0.0
        weights = np.ones(self.n) if self.frame.weights is None else self.frame.weights
        known = self.outcome.is_event
        return float(weights[known] @ self.outcome.lower[known])

    def glance(self) -> pd.DataFrame:
        """Return one row for the fit.

        Returns
        -------
        pandas.DataFrame
            ``n n_event n_missing log_lik log_lik_null df statistic_log df_log p_value_log aic bic
            iterations method``; `df` counts every parameter, `df_log` those that are tested.
        """
        df = len(self.top.theta)
        statistic = 2 * (self.top.value - self.null.value)
        tested = df - len(self.null.theta)
        row = {
            "n": self.n,
            "n_event": int(self.outcome.is_event.sum()),
            "n_missing": self.frame.n_missing,
            "log_lik": self.log_lik,
            "log_lik_null": self.null.value - self._jacobian,
            "df": df,
            "statistic_log": statistic,
            "df_log": tested,
            "p_value_log": float(special.chdtrc(tested, statistic)) if tested > 0 else np.nan,
            "aic": 2 * df - 2 * self.log_lik,
            "bic": df * np.log(self.n) - 2 * self.log_lik,
            "iterations": self.top.iterations,
            "method": self.distribution,
        }
        return pd.DataFrame([row])

    def lr_test(self, smaller: SurvReg) -> pd.DataFrame:
        """Test what this model has beyond a smaller one of the same rows, as R's ``anova``.

        Parameters
        ----------
        smaller : SurvReg
            Nested in this one: fewer terms, or an exponential model in a Weibull model.

        Returns
        -------
        pandas.DataFrame
            One row: ``statistic df p_value``.

        Raises
        ------
        InputError
            Other rows, or no further parameter.
        """
        check_fit(smaller, SurvReg, "lr_test() takes a smaller fit of survreg()")
        df = len(self.top.theta) - len(smaller.top.theta)
        if df < 1 or not np.array_equal(self.frame.rows, smaller.frame.rows):
            raise InputError("lr_test() takes a smaller survreg() of the same rows.")
        statistic = max(2 * (self.log_lik - smaller.log_lik), 0.0)
        row = {"statistic": statistic, "df": df, "p_value": float(special.chdtrc(df, statistic))}
        return pd.DataFrame([row])

    def augment(self) -> pd.DataFrame:
        """Return one row per row used: ``row linear_predictor fitted``, indexed as the data.

        `fitted` is R's response: exp(linear predictor) in a log-time family.
        """
        linear, fitted = self.predict(type="lp")["estimate"], self.predict()["estimate"]
        values = {"row": self.frame.rows, "linear_predictor": linear, "fitted": fitted}
        return pd.DataFrame(values, index=self.frame.index)

    def predict(
        self,
        newdata: Any = None,
        type: PredictType = "response",  # noqa: A002 - R's name
        *,
        probs: Any = 0.5,
        times: Any = None,
        conf_level: float = 0.95,
    ) -> pd.DataFrame:
        """Predict for rows, encoded as in the fit, with errors by the delta method.

        Parameters
        ----------
        newdata : pandas.DataFrame or polars.DataFrame, optional
            A row with a missing value is NaN; an unknown level is refused. Without it the rows of
            the fit.
        type : {"response", "lp", "quantile", "uquantile", "survival"}
            exp(linear predictor) in a log-time family; the linear predictor; the times by which a
            proportion `probs` has had the event; their logarithms; survival at `times`.
        probs : float or array_like
            Proportions, for quantiles.
        times : float or array_like, optional
            For survival, in the unit of the time column.
        conf_level : float
            Limits of a time are those of its logarithm, those of a survival of log(-log S).

        Returns
        -------
        pandas.DataFrame
            ``estimate std_error conf_low conf_high``, indexed like the rows; before them ``prob``
            or ``time`` with ``type="quantile"`` and ``"survival"``, all rows for each of them.
        """
        request = Request(type, probs, times, conf_level)
        return predict(self.frame, self._point, newdata, request)

    def _further_tables(self) -> tuple[str, ...]:
        proportional = self.family.is_proportional and len(self._point.log_scale) == 1
        return ("confint", "hazard_ratios") if proportional else ("confint",)

    def _title(self) -> str:
        return f"survreg {self.frame.design.formula}: {self.distribution} model"
