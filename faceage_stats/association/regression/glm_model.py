"""The result of `glm`."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from faceage_stats._coefficient_rows import coefficient_rows
from faceage_stats._formula.frame import ModelFrame
from faceage_stats._near import check_option
from faceage_stats._result import Fit, frozen_result
from faceage_stats._scale import scale_of
from faceage_stats._wald import limits as wald_limits
from faceage_stats._wald import std_errors, wald
from faceage_stats.association.regression.centred import Centred
from faceage_stats.association.regression.design_matrix import (
    offset_of,
    rows_to_predict,
    weights_of,
)
from faceage_stats.association.regression.glm_fit import GLMFit, fit_glm, sandwich
from faceage_stats.association.regression.glm_profile import glm_profile_limits
from faceage_stats.association.regression.linear_model import Robust
from faceage_stats.association.regression.logistic_model import LimitKind
from faceage_stats.association.regression.row_tables import (
    ResidualType,
    glm_residuals,
    glm_rows,
)
from faceage_stats.association.regression.term_tables import drop_each, one_by_one
from faceage_stats.association.regression.whole_fit import glm_against, glm_glance
from faceage_stats.errors import InputError

__all__ = ["GLM"]

PredictType = Literal["response", "link"]


@frozen_result
class GLM(Fit):
    """Generalised linear model, made by `glm`.

    Attributes
    ----------
    frame : ModelFrame
        Rows used, design matrix, outcome.
    fit : GLMFit
        Coefficients, fitted values and deviance.
    formula : str
    robust : str or None
        Kind of the sandwich variance.
    """

    frame: ModelFrame
    fit: GLMFit
    formula: str
    robust: Robust | None

    @property
    def n(self) -> int:
        """Rows used."""
        return self.frame.n

    @property
    def names(self) -> list[str]:
        """R's coefficient names."""
        return self.frame.design.names_with_intercept

    @cached_property
    def centred(self) -> Centred:
        """Coefficients in columns measured from their means, with the variance in use."""
        of_fit = self.fit.centred
        variance = of_fit.variance * self.fit.dispersion
        if self.robust is not None:
            variance = sandwich(self.fit, self.robust, self.frame.cluster)
        return Centred(of_fit.means, of_fit.coefficients, variance)

    @property
    def coef(self) -> pd.Series:
        """Coefficients, on the scale of the link; NaN for a singular column."""
        return pd.Series(self.centred.at_zero[0], index=self.names, name="estimate")

    def vcov(self) -> pd.DataFrame:
        """Return the variance matrix of the coefficients (the sandwich in a robust fit)."""
        return pd.DataFrame(self.centred.at_zero[1], index=self.names, columns=self.names)

    @property
    def df_residual(self) -> int:
        """Rows less coefficients."""
        return self.n - self.fit.df

    @property
    def df_test(self) -> float | None:
        """Degrees of freedom of t tests; None where the dispersion is known and tests are z."""
        return float(self.df_residual) if self.fit.family.has_dispersion else None

    @property
    def fitted(self) -> pd.Series:
        """Fitted mean of each row used, with the index of the data given."""
        return pd.Series(self.fit.fitted, index=self.frame.index, name="fitted")

    def tidy(
        self, *, exponentiate: bool = False, conf_level: float = 0.95, limits: LimitKind = "wald"
    ) -> pd.DataFrame:
        """Return one row per coefficient, and one per reference level.

        Parameters
        ----------
        exponentiate : bool
            Ratios, with a log, logit or complementary log-log link; standard errors stay on the
            scale of the link.
        conf_level : float
        limits : {"wald", "profile"}
            Normal limits, or Student's where a dispersion is estimated; or those of the profile
            likelihood, by root finding (R's ``confint`` interpolates the same equation).

        Returns
        -------
        pandas.DataFrame
            ``term variable level is_reference estimate std_error statistic p_value conf_low
            conf_high n scale``; with ``n_event`` of a binary outcome.
        """
        family = self.fit.family
        if exponentiate and family.ratio is None:
            raise InputError(
                f"coefficients with link {family.link_name} are no logarithms; leave exponentiate "
                "out."
            )
        check_option("limits", limits, LimitKind)
        std_error = std_errors(self.vcov())
        columns = wald(self.coef, std_error, conf_level, df=self.df_test, exponentiate=exponentiate)
        if limits == "profile":
            columns |= self._profile(conf_level, exponentiate)
        is_event = family.is_binary and np.isin(self.frame.y, (0, 1)).all()  # and no share
        event = self.frame.y if is_event else None
        rows = coefficient_rows(
            self.frame.design, self.frame.x, event, columns, float(exponentiate),
            intercept=self.frame.design.intercept,
        )  # fmt: skip
        scale = "difference" if family.link_name == "identity" else family.link_name
        return rows.assign(scale=scale_of(family.ratio, exponentiate) if family.ratio else scale)

    @property
    def _limits(self) -> dict[str, Any]:
        return {"limits": "wald" if self.robust else "profile"}

    def _profile(self, conf_level: float, exponentiate: bool) -> dict[str, np.ndarray]:
        if self.robust is not None:
            raise InputError("a profile likelihood knows no sandwich variance; use limits='wald'.")
        found = np.array(glm_profile_limits(self.fit, offset_of(self.frame), conf_level)).T
        low, high = np.exp(found) if exponentiate else found
        return {"conf_low": low, "conf_high": high}

    def drop1(self) -> pd.DataFrame:
        """Test each term by leaving it out, as R's ``drop1``; but none within an interaction.

        Returns
        -------
        pandas.DataFrame
            ``term df deviance aic statistic p_value``; the first row is the model. Likelihood-ratio
            tests, or F tests where a dispersion is estimated.
        """
        return drop_each(self.frame, self.fit)

    def anova(self) -> pd.DataFrame:
        """Add the terms one after the other, as R's ``anova``.

        Returns
        -------
        pandas.DataFrame
            ``term df statistic df_residual deviance p_value``; the first row is the model without
            terms. `statistic` is the fall of the deviance, or F where a dispersion is estimated.
        """
        return one_by_one(self.frame, self.fit)

    @cached_property
    def null_deviance(self) -> float:
        """Deviance of the model with the intercept, if any, and the offset only."""
        x = np.ones((self.n, int(self.frame.design.intercept)))
        frame, family = self.frame, self.fit.family
        null = fit_glm(frame.y, x, family, offset_of(frame), weights_of(frame), quiet=True)
        return null.deviance

    def glance(self) -> pd.DataFrame:
        """Return one row for the fit.

        Returns
        -------
        pandas.DataFrame
            ``n n_missing log_lik df df_residual deviance null_deviance dispersion pearson aic bic
            iterations method``; a quasi family has no likelihood.
        """
        return glm_glance(self)

    def lr_test(self, smaller: GLM) -> pd.DataFrame:
        """Test what this model has beyond a smaller one of the same rows, as R's ``anova``.

        Parameters
        ----------
        smaller : GLM
            Nested in this one, of the same family and link.

        Returns
        -------
        pandas.DataFrame
            One row: ``statistic df p_value``; F where a dispersion is estimated.

        Raises
        ------
        InputError
            Another family, other rows, or no further coefficient.
        """
        return glm_against(self, smaller)

    def residuals(self, type: ResidualType = "deviance") -> pd.Series:  # noqa: A002 - R's name
        """Return the residuals of the rows used, with the index of the data given.

        Parameters
        ----------
        type : {"deviance", "pearson", "response", "working"}
            Signed root of what a row adds to the deviance; distance from the mean in standard
            deviations; that distance; the same on the scale of the link.

        Returns
        -------
        pandas.Series

        Notes
        -----
        In R: ``residuals(fit, type = "pearson")``
        """
        check_option("type", type, ResidualType)
        return glm_residuals(self.frame, self.fit, type)

    def augment(self) -> pd.DataFrame:
        """Return one row per row used, indexed as the data given.

        Returns
        -------
        pandas.DataFrame
            ``row fitted residual residual_deviance residual_pearson leverage std_residual
            cooks_distance``: `residual` is outcome less mean, `std_residual` that of the deviance,
            by its standard error.
        """
        return glm_rows(self.frame, self.fit)

    def predict(
        self,
        newdata: Any = None,
        type: PredictType = "response",  # noqa: A002 - R's name
        *,
        conf_level: float = 0.95,
    ) -> pd.DataFrame:
        """Predict the mean of rows, encoded as in the fit.

        Parameters
        ----------
        newdata : pandas.DataFrame or polars.DataFrame, optional
            A row with a missing value is NaN; an unknown level is refused. Without it the rows of
            the fit.
        type : {"response", "link"}
            The mean, or its link.
        conf_level : float

        Returns
        -------
        pandas.DataFrame
            ``estimate std_error conf_low conf_high``, indexed like the rows; the limits of a mean
            are those of its link, transformed.
        """
        check_option("type", type, PredictType)
        x, offset, index = rows_to_predict(self.frame, newdata)
        value, se = self.centred.linear(x) + offset, self.centred.std_error(x)
        low, high = wald_limits(value, se, conf_level, df=self.df_test)
        if type == "response":
            family = self.fit.family
            low, high = np.sort([family.mean(low), family.mean(high)], axis=0)
            value = family.mean(value)
            with np.errstate(over="ignore"):  # infinite where a mean is beyond numbers
                se = se * np.abs(family.slope(value))
        columns = {"estimate": value, "std_error": se, "conf_low": low, "conf_high": high}
        return pd.DataFrame(columns, index=index)

    def _further_tables(self) -> tuple[str, ...]:
        return ("confint", "drop1", "anova")

    def _title(self) -> str:
        family = self.fit.family
        return f"glm {self.formula}: {family.name}, link {family.link_name}"
