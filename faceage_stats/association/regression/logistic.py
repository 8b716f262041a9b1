"""Logistic regression with R's tables: Wald and profile intervals, goodness of fit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, special, stats

from faceage_stats._coefficient_rows import coefficient_rows
from faceage_stats._columns import as_pandas
from faceage_stats._formula.frame import ModelFrame
from faceage_stats._outcome import binary_frame
from faceage_stats._result import Result, frozen_result, normal_interval
from faceage_stats.association.regression.glm import (
    BinomialFit,
    binomial_deviance,
    fit_binomial,
    least_deviance,
)
from faceage_stats.association.regression.hosmer_lemeshow import HosmerLemeshow, hosmer_lemeshow
from faceage_stats.errors import InputError

__all__ = ["Logistic", "logistic"]


def logistic(
    formula: str,
    data: Any,
    *,
    levels: Sequence[Any] | None = None,
    epsilon: float = 1e-15,
) -> Logistic:
    """Fit a logistic regression, as R's ``glm(family = binomial)``.

    Parameters
    ----------
    formula : str
        ``outcome ~ age + C(site) + offset(lp)``; the outcome is 0/1, logical or has two levels.
    data : pandas.DataFrame or polars.DataFrame
    levels : (negative, positive), optional
        Of the outcome.
    epsilon : float
        The iteration stops when the deviance changes by less, relatively. R's default is 1e-8,
        from where its printed standard errors (of one step earlier) can be off by 1e-4; the
        default here iterates to full convergence.

    Returns
    -------
    Logistic
        ``tidy(exponentiate=True)`` odds ratios; ``glance()``; ``augment()``; ``predict``;
        ``hosmer_lemeshow()``; ``lr_test(smaller)``.

    Raises
    ------
    DesignError
        One class only.
    InputError, FormulaError
        As every formula.

    Warns
    -----
    InfiniteCoefficientWarning
        Fitted probabilities of 0 or 1 (separation).
    SingularColumnWarning
        A column depends on earlier ones.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"y": [0, 0, 1, 0, 1, 1, 0, 1], "x": [1, 2, 3, 4, 5, 6, 7, 8]})
    >>> logistic("y ~ x", df).tidy()[["term", "estimate"]].round(3).values.tolist()
    [['(Intercept)', -1.949], ['x', 0.433]]
    """
    if not 0 < epsilon < 1:
        raise InputError(f"epsilon is {epsilon}; it must be small and positive, e.g. 1e-15.")
    frame = binary_frame(formula, data, levels)
    base = frame.frame
    x = np.column_stack([np.ones(base.n), base.x])
    y = frame.is_case.astype(float)
    fit = fit_binomial(y, x, base.offset, epsilon=epsilon)
    return Logistic(base, x, y, fit, formula, frame.positive, epsilon)


@frozen_result
class Logistic(Result):
    """A fitted logistic regression.

    Attributes
    ----------
    frame : ModelFrame
    x : ndarray, shape (n, p)
        Design with its intercept column first.
    y : ndarray
        Outcome, 0/1.
    fit : BinomialFit
        ``coefficients variance deviance fitted iterations``.
    formula, positive : str
    epsilon : float
    """

    frame: ModelFrame
    x: np.ndarray
    y: np.ndarray
    fit: BinomialFit
    formula: str
    positive: str
    epsilon: float

    @property
    def names(self) -> list[str]:
        """R's coefficient names."""
        return ["(Intercept)", *self.frame.design.names]

    @property
    def coef(self) -> pd.Series:
        """Coefficients (log odds ratios); NaN for a singular column."""
        return pd.Series(self.fit.coefficients, index=self.names, name="estimate")

    @property
    def fitted(self) -> np.ndarray:
        """Fitted probability of each row used."""
        return self.fit.fitted

    @property
    def log_lik(self) -> float:
        """Log-likelihood."""
        return -self.fit.deviance / 2

    @cached_property
    def null_deviance(self) -> float:
        """Deviance of the model with the intercept (and the offset) only."""
        if self.frame.offset is None:
            return binomial_deviance(self.y, np.full(len(self.y), self.y.mean()))
        return fit_binomial(self.y, self.x[:, :1], self.frame.offset).deviance

    def vcov(self) -> pd.DataFrame:
        """Variance matrix of the coefficients."""
        return pd.DataFrame(self.fit.variance, index=self.names, columns=self.names)

    def tidy(
        self, *, exponentiate: bool = False, conf_level: float = 0.95, limits: str = "wald"
    ) -> pd.DataFrame:
        """One row per coefficient, and one per reference level.

        Parameters
        ----------
        exponentiate : bool
            Odds ratios; standard errors stay on the log scale.
        limits : {"wald", "profile"}
            Normal, or profile-likelihood limits by root finding (R's ``confint`` interpolates the
            same equation and agrees to about 1e-3).

        Returns
        -------
        pandas.DataFrame
            ``term variable level is_reference estimate std_error statistic p_value conf_low
            conf_high n n_event``.
        """
        if limits not in ("wald", "profile"):
            raise InputError(f"limits is {limits!r}; choose 'wald' or 'profile'.")
        estimate, se = self.fit.coefficients, np.sqrt(np.diag(self.fit.variance))
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = estimate / se
        low, high = normal_interval(estimate, se, conf_level)
        if limits == "profile":
            low, high = self._profile_limits(conf_level)
        if exponentiate:
            with np.errstate(over="ignore"):
                estimate, low, high = np.exp(estimate), np.exp(low), np.exp(high)
        values = {
            "estimate": estimate, "std_error": se, "statistic": statistic,
            "p_value": 2 * stats.norm.sf(np.abs(statistic)), "conf_low": low, "conf_high": high,
        }  # fmt: skip
        intercept = pd.DataFrame(
            [{"term": "(Intercept)", "variable": "(Intercept)", "level": None,
              "is_reference": False, **{name: value[0] for name, value in values.items()},
              "n": len(self.y), "n_event": int(self.y.sum())}]
        )  # fmt: skip
        others = {name: value[1:] for name, value in values.items()}
        design = self.frame.design
        rows = coefficient_rows(design, self.frame.x, self.y, others, float(exponentiate))
        return pd.concat([intercept, rows], ignore_index=True) if len(rows) else intercept

    def _profile_limits(self, conf_level: float) -> tuple[np.ndarray, np.ndarray]:
        quantile = stats.chi2.ppf(conf_level, 1)
        se = np.sqrt(np.diag(self.fit.variance))
        limits = np.full((2, len(se)), np.nan)
        for j in np.flatnonzero(np.isfinite(se)):
            for side, sign in enumerate((-1.0, 1.0)):
                limits[side, j] = self._profile_limit(int(j), sign * se[j], quantile)
        return limits[0], limits[1]

    def _profile_limit(self, j: int, step: float, quantile: float) -> float:
        """Where the deviance, coefficient j held, has risen by `quantile`; infinite if nowhere."""
        free = np.isfinite(self.fit.coefficients)
        free[j] = False
        others, begin = self.x[:, free], self.fit.coefficients[free]
        base = np.zeros(len(self.y)) if self.frame.offset is None else self.frame.offset
        start = self.fit.coefficients[j]
        # a separated fit has an enormous standard error: never step further than this
        longest = 5 / max(float(np.std(self.x[:, j])), 1 / 5)
        step = float(np.clip(step, -longest, longest))

        def excess(value: float) -> float:
            offset = base + value * self.x[:, j]
            return least_deviance(self.y, others, offset, begin) - self.fit.deviance - quantile

        for k in range(1, 40):
            if excess(start + k * step) > 0:
                inner, outer = start + (k - 1) * step, start + k * step
                return float(optimize.brentq(excess, inner, outer, xtol=1e-10 * abs(step)))
        return float(np.sign(step) * np.inf)

    def glance(self) -> pd.DataFrame:
        """One row.

        Columns ``n n_event n_missing log_lik log_lik_null df df_residual deviance null_deviance
        aic bic statistic_log p_value_log brier r_squared_nagelkerke r_squared_mcfadden
        iterations``; `df` counts the intercept, the likelihood-ratio test does not.
        """
        n, df = len(self.y), self.fit.df
        rise = self.null_deviance - self.fit.deviance
        row = {
            "n": n,
            "n_event": int(self.y.sum()),
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
            "p_value_log": stats.chi2.sf(rise, df - 1) if df > 1 else 1.0,
            "brier": float(np.mean((self.y - self.fitted) ** 2)),
            "r_squared_nagelkerke": np.expm1(-rise / n) / np.expm1(-self.null_deviance / n),
            "r_squared_mcfadden": 1 - self.fit.deviance / self.null_deviance,
            "iterations": self.fit.iterations,
        }
        return pd.DataFrame([row])

    def augment(self) -> pd.DataFrame:
        """One row per row used: ``row outcome fitted linear_predictor``."""
        return pd.DataFrame(
            {
                "row": self.frame.rows,
                "outcome": self.y,
                "fitted": self.fitted,
                "linear_predictor": special.logit(self.fitted),
            }
        )

    def predict(
        self,
        newdata: Any,
        type: str = "response",  # noqa: A002 - R's name
        *,
        conf_level: float = 0.95,
    ) -> pd.DataFrame:
        """Predict for new rows, encoded as in the fit.

        Parameters
        ----------
        newdata : pandas.DataFrame
            A row with a missing value is NaN; an unknown level is refused.
        type : {"response", "link"}
            Probability, or log odds.

        Returns
        -------
        pandas.DataFrame
            ``estimate std_error conf_low conf_high``, indexed like `newdata`; the limits of a
            probability are those of its log odds, transformed.
        """
        if type not in ("response", "link"):
            raise InputError(f"type is {type!r}; choose 'response' or 'link'.")
        newdata = as_pandas(newdata)
        design = self.frame.design
        x = np.column_stack([np.ones(len(newdata)), design.encode(newdata)])
        value = x @ np.nan_to_num(self.fit.coefficients) + design.encode_offset(newdata)
        variance = np.einsum("ij,jk,ik->i", x, np.nan_to_num(self.fit.variance), x)
        se = np.sqrt(variance)
        low, high = normal_interval(value, se, conf_level)
        if type == "response":
            value, low, high = special.expit(value), special.expit(low), special.expit(high)
            se = se * value * (1 - value)
        columns = {"estimate": value, "std_error": se, "conf_low": low, "conf_high": high}
        return pd.DataFrame(columns, index=newdata.index)

    def hosmer_lemeshow(self, groups: int = 10) -> HosmerLemeshow:
        """Test of calibration in groups of fitted risk; see `hosmer_lemeshow`."""
        return hosmer_lemeshow(self.y, self.fitted, groups)

    def _title(self) -> str:
        return f"Logistic regression {self.formula} (positive: {self.positive})"
