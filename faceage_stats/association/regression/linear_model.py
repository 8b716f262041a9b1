"""The result of a linear model: R's tables of coefficients and fit, tests, predictions."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._arguments import check_fit
from faceage_stats._coefficient_rows import coefficient_rows
from faceage_stats._formula.frame import ModelFrame
from faceage_stats._near import check_option
from faceage_stats._result import Fit, frozen_result
from faceage_stats._scalar import check_matrix
from faceage_stats._wald import check_conf_level, limits, std_errors, wald
from faceage_stats.association.regression.centred import Centred
from faceage_stats.association.regression.design_matrix import (
    offset_of,
    rows_to_predict,
    weights_of,
    with_intercept,
)
from faceage_stats.association.regression.row_tables import linear_rows
from faceage_stats.association.regression.term_tables import (
    drop_each_linear,
    one_by_one_linear,
)
from faceage_stats.association.regression.whole_fit import linear_glance
from faceage_stats.errors import DesignError, InputError

__all__ = ["LinearModel", "Robust"]

Interval = Literal["confidence", "prediction"]
Robust = Literal["HC0", "HC1", "HC2", "HC3", "CR0", "CR1"]


@frozen_result
class LinearModel(Fit):
    """A fitted linear model, made by :func:`lm`.

    Attributes
    ----------
    frame : ModelFrame
    formula : str
    centred : Centred
        The fit in columns measured from their means, from which predictions are made.
    robust : str or None
        Kind of the sandwich variance; "cluster" with ``cluster()`` in the formula.
    """

    frame: ModelFrame
    formula: str
    centred: Centred
    robust: Robust | Literal["cluster"] | None

    @cached_property
    def coefficients(self) -> np.ndarray:
        """Coefficients, the intercept first; NaN for a column that depends on earlier ones."""
        return self.centred.at_zero[0]

    @cached_property
    def variance(self) -> np.ndarray:
        """Variance matrix of the coefficients."""
        return self.centred.at_zero[1]

    @property
    def names(self) -> list[str]:
        """R's coefficient names, the intercept first."""
        return self.frame.design.names_with_intercept

    @property
    def n(self) -> int:
        """Rows used."""
        return self.frame.n

    @property
    def coef(self) -> pd.Series:
        """Coefficients by R's names."""
        return pd.Series(self.coefficients, index=self.names, name="estimate")

    def vcov(self) -> pd.DataFrame:
        """Return the variance matrix of the coefficients (the sandwich in a robust fit)."""
        return pd.DataFrame(self.variance, index=self.names, columns=self.names)

    @property
    def df(self) -> int:
        """Coefficients estimated, with the intercept."""
        return int(np.isfinite(self.coefficients).sum())

    @property
    def df_residual(self) -> int:
        """Rows less coefficients; clusters less one in a clustered fit."""
        if self.frame.cluster is not None:
            return int(self.frame.cluster.max())
        return self.n - self.df

    @property
    def fitted(self) -> pd.Series:
        """Fitted value of each row used, with the index of the data given."""
        return pd.Series(self._fitted, index=self.frame.index, name="fitted")

    @property
    def residuals(self) -> pd.Series:
        """Outcome less fitted value, with the index of the data given."""
        return pd.Series(self.frame.y - self._fitted, index=self.frame.index, name="residual")

    @cached_property
    def _fitted(self) -> np.ndarray:
        linear = self.centred.linear(with_intercept(self.frame))
        return np.asarray(linear + offset_of(self.frame))

    @cached_property
    def rss(self) -> float:
        """Residual sum of squares, weighted in a weighted fit."""
        return float(weights_of(self.frame) @ (self.frame.y - self._fitted) ** 2)

    @property
    def log_lik(self) -> float:
        """Normal log-likelihood at the maximum-likelihood variance."""
        log_weights, n = np.log(weights_of(self.frame)).sum(), self.n
        with np.errstate(divide="ignore"):  # without residuals it is infinite
            return float(0.5 * (log_weights - n * (np.log(2 * np.pi * self.rss / n) + 1)))

    def tidy(self, *, exponentiate: bool = False, conf_level: float = 0.95) -> pd.DataFrame:
        """Return one row per coefficient, and one per reference level.

        Parameters
        ----------
        exponentiate : bool
            Ratios, for an outcome on the log scale; standard errors stay on that scale.
        conf_level : float
            Level of the t intervals.

        Returns
        -------
        pandas.DataFrame
            ``term variable level is_reference estimate std_error statistic df p_value conf_low
            conf_high n scale``.
        """
        df, std_error = float(self.df_residual), std_errors(self.variance)
        columns = wald(self.coefficients, std_error, conf_level, df=df, exponentiate=exponentiate)
        order = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")
        columns["df"] = np.full(len(std_error), df)
        rows = coefficient_rows(
            self.frame.design, self.frame.x, None, {name: columns[name] for name in order},
            float(exponentiate), intercept=self.frame.design.intercept,
        )  # fmt: skip
        return rows.assign(scale="ratio" if exponentiate else "difference")

    def glance(self) -> pd.DataFrame:
        """Return one row for the fit.

        Returns
        -------
        pandas.DataFrame
            ``n n_missing sigma r_squared r_squared_adjusted statistic df df_residual p_value
            log_lik aic bic method``; F test of all coefficients but the intercept (Wald by the
            sandwich in a robust fit). Without an intercept R squared and the F test compare with
            a mean of 0, as in R. AIC and BIC count sigma as a parameter, as R does.
        """
        return linear_glance(self)

    def drop1(self) -> pd.DataFrame:
        """Test each term by leaving it out, as R's ``drop1``; but none within an interaction.

        Columns ``term df sum_sq rss aic statistic p_value``; first the model; R's AIC here.
        """
        return drop_each_linear(self.frame, self.rss, self.df)

    def anova(self) -> pd.DataFrame:
        """Add terms one by one, as R's ``anova``: ``term df sum_sq mean_sq statistic p_value``."""
        return one_by_one_linear(self.frame)

    def f_test(self, smaller: LinearModel) -> pd.DataFrame:
        """Test what this model has beyond a smaller one of the same rows, as R's ``anova``.

        Parameters
        ----------
        smaller : LinearModel
            Nested in this one; neither fit robust.

        Returns
        -------
        pandas.DataFrame
            One row: ``statistic df df_residual p_value``.

        Raises
        ------
        InputError
            A robust fit.
        DesignError
            Other rows, or no further coefficient.

        Examples
        --------
        >>> from faceage_stats.association.regression.lm import lm
        >>> data = pd.DataFrame({"gap": [3.0, 5, 1, 6, 2, 8], "bmi": [22, 27, 31, 24, 35, 19]})
        >>> lm("gap ~ bmi", data).f_test(lm("gap ~ 1", data))["p_value"].round(3).item()
        0.072
        """
        check_fit(smaller, LinearModel, "f_test() takes a smaller fit of lm()")
        if self.robust or smaller.robust:
            raise InputError("f_test compares fits without a robust variance; refit both.")
        df = self.df - smaller.df
        if df < 1 or not np.array_equal(self.frame.rows, smaller.frame.rows):
            raise DesignError(
                f"f_test: the models use {self.n} and {smaller.n} rows and {self.df} and "
                f"{smaller.df} coefficients; fit a smaller, nested model to the same rows."
            )
        statistic = (smaller.rss - self.rss) / df / (self.rss / self.df_residual)
        row = {"statistic": statistic, "df": df, "df_residual": self.df_residual}
        return pd.DataFrame([row | {"p_value": stats.f.sf(statistic, df, self.df_residual)}])

    def combination(self, weights: np.ndarray, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Estimate linear combinations of the coefficients, e.g. means at given covariates.

        Parameters
        ----------
        weights : ndarray, shape (k, p)
            One row per combination, the weight of the intercept first.
        conf_level : float
            Level of the t intervals.

        Returns
        -------
        pandas.DataFrame
            ``estimate std_error statistic df p_value conf_low conf_high``.
        """
        weights = check_matrix("weights", weights, len(self.coefficients), "coefficient")
        estimate, std_error = self.centred.linear(weights), self.centred.std_error(weights)
        df = float(self.df_residual)
        table = pd.DataFrame(wald(estimate, std_error, conf_level, df=df))
        table.insert(3, "df", df)
        return table

    def augment(self) -> pd.DataFrame:
        """Return one row per row used, indexed as the data given.

        Returns
        -------
        pandas.DataFrame
            ``row fitted residual leverage std_residual cooks_distance``, as R's ``hatvalues``,
            ``rstandard`` and ``cooks.distance``.
        """
        kept, variance = np.isfinite(self.coefficients), self.rss / (self.n - self.df)
        return linear_rows(self.frame, self._fitted, kept, variance)

    def predict(
        self, newdata: Any = None, *, interval: Interval = "confidence", conf_level: float = 0.95
    ) -> pd.DataFrame:
        """Predict the mean outcome of rows, encoded as in the fit.

        Parameters
        ----------
        newdata : pandas.DataFrame or polars.DataFrame, optional
            A row with a missing value is NaN, an unknown level is refused. Without it the rows of
            the fit.
        interval : {"confidence", "prediction"}
            Limits of the mean, or of a single outcome, which adds the residual variance; that is
            refused of a fit with weights or a robust variance, where it differs.
        conf_level : float
            Of the interval (Student's t).

        Returns
        -------
        pandas.DataFrame
            ``estimate std_error conf_low conf_high``, indexed like the rows; the standard error is
            that of the mean.
        """
        check_conf_level(conf_level)
        check_option("interval", interval, Interval)
        if interval == "prediction" and (self.robust or self.frame.weights is not None):
            raise InputError(
                "interval='prediction' needs one residual variance for all; this fit has weights "
                "or a robust variance."
            )
        x, offset, index = rows_to_predict(self.frame, newdata)
        value, std_error = self.centred.linear(x) + offset, self.centred.std_error(x)
        added = self.rss / self.df_residual if interval == "prediction" else 0.0
        low, high = limits(value, np.sqrt(std_error**2 + added), conf_level, df=self.df_residual)
        columns = {"estimate": value, "std_error": std_error, "conf_low": low, "conf_high": high}
        return pd.DataFrame(columns, index=index)

    def _further_tables(self) -> tuple[str, ...]:
        return ("confint", "drop1", "anova")

    def _title(self) -> str:
        title = f"lm {self.formula}: n = {self.n} ({self.frame.n_missing} missing)"
        return f"{title}, {self.robust} variance" if self.robust else title
