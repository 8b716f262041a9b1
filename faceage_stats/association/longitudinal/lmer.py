"""Linear models with a random intercept and slope for each patient, as R's lmer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from faceage_stats._call import checked_call
from faceage_stats._coefficient_rows import coefficient_rows
from faceage_stats._columns import as_pandas, column, numeric_column
from faceage_stats._formula.frame import ModelFrame, model_frame
from faceage_stats._levels import group_codes
from faceage_stats._result import Result, frozen_result
from faceage_stats._wald import wald
from faceage_stats.association.longitudinal.mixed_fit import MixedFit, Products, fit_mixed
from faceage_stats.association.regression.centred import Centred, column_means, moved
from faceage_stats.association.regression.design_matrix import (
    independent_columns,
    offset_of,
    with_intercept,
)
from faceage_stats.errors import DesignError, InputError

__all__ = ["LMER", "lmer"]


@checked_call
def lmer(
    formula: str,
    data: Any,
    *,
    id: str,  # noqa: A002 - R's name
    slope: str | None = None,
    reml: bool = True,
) -> LMER:
    """Fit a linear model in which each patient has an intercept, and a slope, as R's ``lmer``.

    For serial photographs: how fast faces age, and how much patients differ in it.

    Parameters
    ----------
    formula : str
        The fixed part, ``faceage ~ month * C(arm) + offset(x)``.
    data : pandas.DataFrame or polars.DataFrame
        One row per visit. Incomplete rows are dropped and counted.
    id : str
        Column of the patient.
    slope : str, optional
        Column whose slope differs between patients, with the intercept correlated:
        ``(1 + month | id)``. Without it ``(1 | id)``.
    reml : bool
        Restricted likelihood, as R's default; False to compare fixed parts by AIC.

    Returns
    -------
    LMER
        ``tidy()`` the fixed part, ``components()`` variances and correlation, ``ranef()`` the
        patients' effects, ``lr_test(smaller)``, ``glance()``, ``vcov()``, ``augment()``.

    Raises
    ------
    FormulaError, InputError, DesignError
        As every formula; a column that is constant or depends on others; fewer than two patients,
        or none with two visits.

    See Also
    --------
    gee : The population's mean, without a model of patients.
    rmcorr : Correlation within patients.

    Notes
    -----
    The likelihood is that of lme4, profiled over fixed effects and residual variance. The p value
    is normal: with fewer than some 30 patients it is too small.

    In R: ``lme4::lmer(faceage ~ month + (1 + month | id), data = df)``

    References
    ----------
    Laird NM, Ware JH (1982). Random-effects models for longitudinal data. Biometrics 38:963-974.
    Bates D, Maechler M, Bolker B, Walker S (2015). Fitting linear mixed-effects models using lme4.
    Journal of Statistical Software 67(1). doi:10.18637/jss.v067.i01

    Examples
    --------
    >>> df = pd.DataFrame({"id": [1, 1, 1, 2, 2, 2, 3, 3, 3], "month": [0, 6, 12] * 3,
    ...                    "face": [61, 62, 64, 70, 72, 72, 55, 57, 58]})
    >>> fit = lmer("face ~ month", df, id="id")
    >>> fit.tidy()["estimate"].round(3).tolist()
    [62.111, 0.222]
    """
    table = as_pandas(data)
    frame = model_frame(formula, table, allow={"offset", "- 1"}, cluster=id, caller="lmer()")
    times = None
    if slope is not None:
        times = numeric_column(table, slope, "lmer(): slope")[frame.rows]
        known = np.flatnonzero(~np.isnan(times))
        n_lost = frame.n - len(known)
        frame, times = frame.take(known), times[known]
        frame = replace(frame, n_missing=frame.n_missing + n_lost)
    codes, texts = group_codes(column(table, id, "lmer(): id").iloc[frame.rows])
    present, patient = np.unique(codes, return_inverse=True)
    if not len(patient) or patient.max() < 1 or np.bincount(patient).max() < 2:
        raise DesignError("lmer(): needs two patients or more, and one with two visits.")
    labels = tuple(texts[k] for k in present)
    return LMER(
        frame, patient, labels, times, slope, reml,
        _fit(frame, patient, times, reml, formula),
    )  # fmt: skip


def _columns(times: np.ndarray | None, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Random columns, the slope's in units of its size; and those units."""
    if times is None:
        return np.ones((n, 1)), np.ones(1)
    size = float(np.sqrt(np.mean(times**2)))
    if not size > 0 or np.ptp(times) == 0:
        raise DesignError("lmer(): the column of the slope is constant.")
    return np.column_stack([np.ones(n), times / size]), np.array([1.0, 1 / size])


def _fit(
    frame: ModelFrame, patient: np.ndarray, times: np.ndarray | None, reml: bool, formula: str
) -> MixedFit:
    x = with_intercept(frame)
    centred = moved(x, column_means(x))
    if not independent_columns(centred, x).all() or frame.n <= x.shape[1]:
        raise DesignError(
            f"lmer(): `{formula}` has a column that is constant or depends on others, or more "
            "columns than rows; remove terms."
        )
    z, unit = _columns(times, frame.n)
    y = frame.y - offset_of(frame)
    middle = float(y.mean()) if frame.design.intercept else 0.0
    scale = np.sqrt(np.mean(centred**2, axis=0))
    w = np.column_stack([centred / scale, y - middle])
    fit = fit_mixed(Products.of(z, w, patient), reml)
    coefficients, variance = fit.coefficients / scale, fit.variance / np.outer(scale, scale)
    if frame.design.intercept:
        coefficients[0] += middle
    log_lik = fit.log_lik + (np.log(scale).sum() * -1.0 if reml else 0.0)
    return MixedFit(
        coefficients, variance, fit.random * np.outer(unit, unit), fit.residual,
        fit.effects * unit, log_lik,
    )  # fmt: skip


@frozen_result
class LMER(Result):
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

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return one row per fixed effect, and one per reference level.

        Parameters
        ----------
        conf_level : float
            Of normal limits.

        Returns
        -------
        pandas.DataFrame
            ``term variable level is_reference estimate std_error statistic p_value conf_low
            conf_high n scale``.
        """
        columns = wald(self.coef, np.sqrt(np.diag(self.vcov())), conf_level)
        design = self.frame.design
        rows = coefficient_rows(
            design, self.frame.x, None, columns, 0.0, intercept=design.intercept
        )
        return rows.assign(scale="difference")

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

    def ranef(self) -> pd.DataFrame:
        """Return each patient's predicted deviation from the fixed part, indexed by patient."""
        names = ["(Intercept)", *([self.slope] if self.slope else [])]
        return pd.DataFrame(self.fit.effects, index=list(self.labels), columns=names)

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
        formula = self.frame.design.formula
        return _fit(self.frame, self.patient, self.times, False, formula).log_lik

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
        """Return one row per row used: ``row fitted residual``, indexed as the data given.

        Fitted values are the patients' own, random effects included.
        """
        fixed = self.centred.linear(with_intercept(self.frame)) + offset_of(self.frame)
        own = self.fit.effects[self.patient, 0]
        if self.times is not None:
            own = own + self.fit.effects[self.patient, 1] * self.times
        values = {"row": self.frame.rows, "fitted": fixed + own}
        values["residual"] = self.frame.y - fixed - own
        return pd.DataFrame(values, index=self.frame.index)

    def _further_tables(self) -> tuple[str, ...]:
        return ("components",)

    def _title(self) -> str:
        random = f"1 + {self.slope}" if self.slope else "1"
        return f"lmer {self.frame.design.formula}, ({random} | patient)"
