"""The result of a logistic regression: Wald and profile intervals, fit, predictions."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import special, stats

from faceage_stats._arguments import check_fit
from faceage_stats._coefficient_rows import coefficient_rows
from faceage_stats._formula.frame import ModelFrame
from faceage_stats._near import check_option
from faceage_stats._result import Fit, frozen_result
from faceage_stats._scalar import check_matrix
from faceage_stats._scale import scale_of
from faceage_stats._wald import limits as wald_limits
from faceage_stats._wald import wald
from faceage_stats.association.classical.htest import Limits
from faceage_stats.association.regression.binomial import fit_binomial
from faceage_stats.association.regression.design_matrix import (
    offset_of,
    rows_to_predict,
    weights_of,
    with_intercept,
)
from faceage_stats.association.regression.glm_family import binomial_deviance
from faceage_stats.association.regression.glm_fit import GLMFit
from faceage_stats.association.regression.hosmer_lemeshow import HosmerLemeshow, hosmer_lemeshow
from faceage_stats.association.regression.profile_limits import profile_limits
from faceage_stats.errors import DesignError, InputError

__all__ = ["LimitKind", "Logistic", "PredictType"]

LimitKind = Literal["wald", "profile"]
PredictType = Literal["response", "link"]


@frozen_result
class Logistic(Fit):
    """A fitted logistic regression, made by :func:`logistic`.

    Attributes
    ----------
    frame : ModelFrame
        Its `y` is the outcome, 0/1.
    fit : GLMFit
        ``coefficients variance deviance fitted iterations``, the intercept first.
    formula, positive : str
        As given, and the level of the outcome that counts as the event.
    """

    frame: ModelFrame
    fit: GLMFit
    formula: str
    positive: str

    @property
    def names(self) -> list[str]:
        """R's coefficient names."""
        return self.frame.design.names_with_intercept

    @property
    def n(self) -> int:
        """Rows used."""
        return self.frame.n

    @property
    def coef(self) -> pd.Series:
        """Coefficients (log odds ratios); NaN for a singular column."""
        return pd.Series(self.fit.coefficients, index=self.names, name="estimate")

    @property
    def fitted(self) -> pd.Series:
        """Fitted probability of each row used, with the index of the data given."""
        return pd.Series(self.fit.fitted, index=self.frame.index, name="fitted")

    @property
    def log_lik(self) -> float:
        """Log-likelihood."""
        return -self.fit.deviance / 2

    def log_lik_at(self, coefficients: np.ndarray) -> float:
        """Return the log-likelihood of the same data at other coefficients."""
        (at,) = check_matrix("coefficients", [coefficients], len(self.names), "coefficient")
        log_odds = with_intercept(self.frame) @ at + offset_of(self.frame)
        terms = self.frame.y * log_odds - np.logaddexp(0, log_odds)
        return float(weights_of(self.frame) @ terms)

    @cached_property
    def null_deviance(self) -> float:
        """Deviance of the model with the intercept, if any, and the offset only."""
        y, offset, weights = self.frame.y, self.frame.offset, self.frame.weights
        if not self.frame.design.intercept:
            return binomial_deviance(y, special.expit(offset_of(self.frame)), weights)
        if offset is None:
            mean = np.average(y, weights=weights)
            return binomial_deviance(y, np.full(len(y), mean), weights)
        return fit_binomial(y, np.ones((len(y), 1)), offset, weights).deviance

    def vcov(self) -> pd.DataFrame:
        """Return the variance matrix of the coefficients."""
        return pd.DataFrame(self.fit.variance, index=self.names, columns=self.names)

    def tidy(
        self, *, exponentiate: bool = False, conf_level: float = 0.95, limits: LimitKind = "wald"
    ) -> pd.DataFrame:
        """Return one row per coefficient, and one per reference level.

        Parameters
        ----------
        exponentiate : bool
            Odds ratios; standard errors stay on the log scale.
        conf_level : float
        limits : {"wald", "profile"}
            Normal, or profile-likelihood limits by root finding (R's ``confint`` interpolates the
            same equation and agrees to about 1e-3).

        Returns
        -------
        pandas.DataFrame
            ``term variable level is_reference estimate std_error statistic p_value conf_low
            conf_high n n_event scale``.
        """
        check_option("limits", limits, LimitKind)
        columns = wald(
            self.fit.coefficients, self.fit.std_error, conf_level, exponentiate=exponentiate
        )
        if limits == "profile":
            found = np.array(self._profile_limits(conf_level)).T
            columns["conf_low"], columns["conf_high"] = np.exp(found) if exponentiate else found
        rows = coefficient_rows(
            self.frame.design, self.frame.x, self.frame.y, columns, float(exponentiate),
            intercept=self.frame.design.intercept,
        )  # fmt: skip
        return rows.assign(scale=scale_of("odds ratio", exponentiate))

    @property
    def _limits(self) -> dict[str, Any]:
        return {"limits": "profile"}

    def _profile_limits(self, conf_level: float) -> list[Limits]:
        x, offset = with_intercept(self.frame), offset_of(self.frame)
        weights = weights_of(self.frame)
        return profile_limits(self.fit, self.frame.y, x, offset, weights, conf_level)

    def glance(self) -> pd.DataFrame:
        """Return one row for the fit.

        Returns
        -------
        pandas.DataFrame
            ``n n_event n_missing log_lik log_lik_null df df_residual deviance null_deviance aic
            bic statistic_log p_value_log brier r_squared_nagelkerke r_squared_mcfadden
            iterations``; `df` counts the intercept, the likelihood-ratio test does not.
        """
        n, df, y = self.n, self.fit.df, self.frame.y
        tested, weights = df - int(self.frame.design.intercept), weights_of(self.frame)
        total = float(weights.sum())
        rise = self.null_deviance - self.fit.deviance
        row = {
            "n": n,
            "n_event": int(y.sum()),
            "n_missing": self.frame.n_missing,
            "log_lik": self.log_lik,
            "log_lik_null": -self.null_deviance / 2,
            "df": df,
            "df_residual": n - df,
            "deviance": self.fit.deviance,
            "null_deviance": self.null_deviance,
            "aic": self.fit.deviance + 2 * df,
            "bic": self.fit.deviance + np.log(n) * df,
            "statistic_log": rise,
            "p_value_log": stats.chi2.sf(rise, tested) if tested else 1.0,
            "brier": float(weights @ (y - self.fit.fitted) ** 2 / total),
            "r_squared_nagelkerke": np.expm1(-rise / total) / np.expm1(-self.null_deviance / total),
            "r_squared_mcfadden": 1 - self.fit.deviance / self.null_deviance,
            "iterations": self.fit.iterations,
        }
        return pd.DataFrame([row])

    def lr_test(self, smaller: Logistic) -> pd.DataFrame:
        """Test what this model has beyond a smaller one, as R's ``anova(test = "Chisq")``.

        Parameters
        ----------
        smaller : Logistic
            Nested in this one, fitted to the same rows.

        Returns
        -------
        pandas.DataFrame
            One row: ``statistic df p_value``.

        Raises
        ------
        InputError, DesignError
            No logistic regression; other rows, or no further coefficient.

        Examples
        --------
        >>> import faceage_stats as fs
        >>> data = pd.DataFrame({"y": [0, 0, 1, 0, 1, 1, 0, 1], "x": range(8)})
        >>> larger, smaller = fs.logistic("y ~ x", data), fs.logistic("y ~ 1", data)
        >>> larger.lr_test(smaller)["p_value"].round(3).item()
        0.203
        """
        check_fit(smaller, Logistic, "lr_test() takes a smaller fit of logistic()")
        df, one, other = self.fit.df - smaller.fit.df, self.augment(), smaller.augment()
        if df < 1 or not one[["row", "outcome"]].equals(other[["row", "outcome"]]):
            raise DesignError("lr_test: fit a smaller, nested model to the same rows.")
        rise = max(smaller.fit.deviance - self.fit.deviance, 0.0)
        return pd.DataFrame([{"statistic": rise, "df": df, "p_value": stats.chi2.sf(rise, df)}])

    def augment(self) -> pd.DataFrame:
        """Return one row per row used, indexed as the data given.

        Returns
        -------
        pandas.DataFrame
            ``row outcome fitted linear_predictor residual_deviance``; the squares of the residuals
            add up to the deviance.
        """
        y, fitted = self.frame.y, self.fit.fitted
        of_row = -2 * np.log(np.where(y == 1, fitted, 1 - fitted))
        values = {
            "row": self.frame.rows,
            "outcome": y,
            "fitted": fitted,
            "linear_predictor": special.logit(fitted),
            "residual_deviance": np.sign(y - fitted) * np.sqrt(of_row),
        }
        return pd.DataFrame(values, index=self.frame.index)

    def predict(
        self,
        newdata: Any = None,
        type: PredictType = "response",  # noqa: A002 - R's name
        *,
        conf_level: float = 0.95,
    ) -> pd.DataFrame:
        """Predict for rows, encoded as in the fit.

        Parameters
        ----------
        newdata : pandas.DataFrame or polars.DataFrame, optional
            A row with a missing value is NaN; an unknown level is refused. Without it the rows of
            the fit.
        type : {"response", "link"}
            Probability, or log odds.
        conf_level : float

        Returns
        -------
        pandas.DataFrame
            ``estimate std_error conf_low conf_high``, indexed like the rows; the limits of a
            probability are those of its log odds, transformed.
        """
        check_option("type", type, PredictType)
        x, offset, index = rows_to_predict(self.frame, newdata)
        value, se = self.fit.centred.linear(x) + offset, self.fit.centred.std_error(x)
        low, high = wald_limits(value, se, conf_level)
        if type == "response":
            value, low, high = special.expit(value), special.expit(low), special.expit(high)
            se = se * value * (1 - value)
        columns = {"estimate": value, "std_error": se, "conf_low": low, "conf_high": high}
        return pd.DataFrame(columns, index=index)

    def hosmer_lemeshow(self, groups: int = 10) -> HosmerLemeshow:
        """Test the calibration in groups of fitted risk; see `hosmer_lemeshow`.

        Parameters
        ----------
        groups : int
            Number of groups, cut at quantiles of the fitted risk.

        Returns
        -------
        HosmerLemeshow

        Examples
        --------
        >>> from faceage_stats.association.regression.logistic import logistic
        >>> data = pd.DataFrame({"y": [0, 0, 1, 0, 1, 1, 0, 1], "x": [1, 2, 3, 4, 5, 6, 7, 8]})
        >>> logistic("y ~ x", data).hosmer_lemeshow(4).df
        2
        """
        if self.frame.weights is not None:
            raise InputError("hosmer_lemeshow() counts patients; refit without weights.")
        return hosmer_lemeshow(self.frame.y, self.fit.fitted, groups, self.frame.n_missing)

    def _title(self) -> str:
        return f"Logistic regression {self.formula} (positive: {self.positive})"
