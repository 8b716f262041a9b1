"""The result of `lmer`: fixed effects, variance components, patients' own lines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from faceage_stats._arguments import check_fit
from faceage_stats._coefficient_rows import coefficient_rows
from faceage_stats._formula.frame import ModelFrame
from faceage_stats._result import Fit, frozen_result
from faceage_stats._wald import limits, std_errors, wald
from faceage_stats.association.longitudinal.mixed_fit import MixedFit
from faceage_stats.association.longitudinal.mixed_frame import fit_frame
from faceage_stats.association.regression.centred import Centred, column_means
from faceage_stats.association.regression.design_matrix import (
    offset_of,
    rows_to_predict,
    with_intercept,
)
from faceage_stats.errors import InputError

__all__ = ["LMER"]


@frozen_result
class LMER(Fit):
    """Linear mixed model, made by `lmer`.

    Attributes
    ----------
    frame : ModelFrame
    patient : ndarray of int, shape (n,)
        Number of the patient of each row.
    labels : tuple of str
        The patients, as their column names them.
    times : ndarray or None
        The column of the slope.
    slope, reml
        As given.
    fit : MixedFit
        In columns measured from their means.
    """

    frame: ModelFrame
    patient: np.ndarray
    labels: tuple[str, ...]
    times: np.ndarray | None
    slope: str | None
    reml: bool
    fit: MixedFit

    @property
    def n(self) -> int:
        """Rows used."""
        return self.frame.n

    @property
    def names(self) -> list[str]:
        """R's coefficient names."""
        return self.frame.design.names_with_intercept

    @property
    def centred(self) -> Centred:
        """The fixed part in columns measured from their means."""
        means = column_means(with_intercept(self.frame))
        return Centred(means, self.fit.coefficients, self.fit.variance)

    @property
    def coef(self) -> pd.Series:
        """Fixed effects by name."""
        return pd.Series(self.centred.at_zero[0], index=self.names, name="estimate")

    def vcov(self) -> pd.DataFrame:
        """Return the variance matrix of the fixed effects."""
        return pd.DataFrame(self.centred.at_zero[1], index=self.names, columns=self.names)

    def tidy(self, *, exponentiate: bool = False, conf_level: float = 0.95) -> pd.DataFrame:
        """Return one row per fixed effect, and one per reference level.

        Parameters
        ----------
        exponentiate : bool
            Ratios, for an outcome on the log scale; standard errors stay on that scale.
        conf_level : float
            Of normal limits.

        Returns
        -------
        pandas.DataFrame
            ``term variable level is_reference estimate std_error statistic p_value conf_low
            conf_high n scale``.
        """
        std_error, design = std_errors(self.vcov()), self.frame.design
        columns = wald(self.coef, std_error, conf_level, exponentiate=exponentiate)
        at_reference = float(exponentiate)
        rows = coefficient_rows(
            design, self.frame.x, None, columns, at_reference, intercept=design.intercept
        )
        return rows.assign(scale="ratio" if exponentiate else "difference")

    def components(self) -> pd.DataFrame:
        """Return the variance components, as R's ``VarCorr``: ``term estimate std_dev``.

        Of the covariance `std_dev` is missing and `correlation` stands beside it; the last row is
        the residual.
        """
        g, names = self.fit.random, ["(Intercept)", *([self.slope] if self.slope else [])]
        rows = [(names[i], g[i, i], np.sqrt(g[i, i]), np.nan) for i in range(len(names))]
        if self.slope:
            with np.errstate(invalid="ignore", divide="ignore"):
                r = g[0, 1] / np.sqrt(g[0, 0] * g[1, 1])
            rows.append((f"(Intercept):{self.slope}", g[0, 1], np.nan, r))
        rows.append(("Residual", self.fit.residual, np.sqrt(self.fit.residual), np.nan))
        return pd.DataFrame(rows, columns=["term", "estimate", "std_dev", "correlation"])

    def lr_test(self, smaller: LMER) -> pd.DataFrame:
        """Test what the fixed part has beyond that of a smaller model, as R's ``anova``.

        Both are refitted without restriction of the likelihood where they were fitted with it.

        Parameters
        ----------
        smaller : LMER
            Of the same rows and random part.

        Returns
        -------
        pandas.DataFrame
            One row: ``statistic df p_value``.

        Raises
        ------
        InputError
            Other rows or another random part; no further coefficient.
        """
        check_fit(smaller, LMER, "lr_test() takes a smaller fit of lmer()")
        df = len(self.names) - len(smaller.names)
        same = np.array_equal(self.frame.rows, smaller.frame.rows) and self.slope == smaller.slope
        if not same or df < 1:
            raise InputError("lr_test() takes a smaller lmer() of the same rows and random part.")
        ours, theirs = (fit._full_log_lik() for fit in (self, smaller))
        statistic = max(2 * (ours - theirs), 0.0)
        row = {"statistic": statistic, "df": df, "p_value": special.chdtrc(df, statistic)}
        return pd.DataFrame([row])

    def _full_log_lik(self) -> float:
        if not self.reml:
            return self.fit.log_lik
        return fit_frame(self.frame, self.patient, self.times, False).log_lik

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_subject n_missing log_lik df aic bic sigma method``.

        Every coefficient and variance counts in `df`; with REML the likelihood is the restricted
        one, as in R.
        """
        q = self.fit.random.shape[0]
        df = len(self.names) + q * (q + 1) // 2 + 1
        row = {
            "n": self.n,
            "n_subject": len(self.labels),
            "n_missing": self.frame.n_missing,
            "log_lik": self.fit.log_lik,
            "df": df,
            "aic": 2 * df - 2 * self.fit.log_lik,
            "bic": df * np.log(self.n) - 2 * self.fit.log_lik,
            "sigma": float(np.sqrt(self.fit.residual)),
            "method": "REML" if self.reml else "maximum likelihood",
        }
        return pd.DataFrame([row])

    def augment(self) -> pd.DataFrame:
        """Return one row per row used, indexed as the data given.

        Returns
        -------
        pandas.DataFrame
            ``row fitted residual intercept``, and ``slope`` where it is random: fitted values are
            the patients' own, the last two columns their predicted deviations from the fixed part
            (R's ``ranef``).
        """
        fixed = self.centred.linear(with_intercept(self.frame)) + offset_of(self.frame)
        own = self.fit.effects[self.patient]
        fitted = fixed + own[:, 0]
        if self.times is not None:
            fitted = fitted + own[:, 1] * self.times
        values = {"row": self.frame.rows, "fitted": fitted, "residual": self.frame.y - fitted}
        effects = dict(zip(("intercept", "slope"), own.T, strict=False))
        return pd.DataFrame({**values, **effects}, index=self.frame.index)

    def predict(self, newdata: Any = None, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Predict the mean of the population, encoded as in the fit: R's ``re.form = NA``.

        What the model says of the patients' own rows is in `augment`.

        Parameters
        ----------
        newdata : pandas.DataFrame or polars.DataFrame, optional
            A row with a missing value is NaN, an unknown level is refused. Without it the rows of
            the fit.
        conf_level : float
            Of normal limits of the mean.

        Returns
        -------
        pandas.DataFrame
            ``estimate std_error conf_low conf_high``, indexed like the rows.

        Notes
        -----
        In R: ``predict(fit, newdata, re.form = NA)``
        """
        x, offset, index = rows_to_predict(self.frame, newdata)
        value, std_error = self.centred.linear(x) + offset, self.centred.std_error(x)
        low, high = limits(value, std_error, conf_level)
        columns = {"estimate": value, "std_error": std_error, "conf_low": low, "conf_high": high}
        return pd.DataFrame(columns, index=index)

    def _further_tables(self) -> tuple[str, ...]:
        return ("confint", "components")

    def _title(self) -> str:
        random = f"1 + {self.slope}" if self.slope else "1"
        return f"lmer {self.frame.design.formula}, ({random} | patient)"
