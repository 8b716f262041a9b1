"""Least squares with R's tables, and with robust standard errors when asked for."""

from __future__ import annotations

import warnings
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import linalg, stats

from faceage_stats._columns import as_pandas
from faceage_stats._formula import ModelFrame, model_frame
from faceage_stats._result import Result, frozen_result
from faceage_stats._wald import check_conf_level
from faceage_stats.errors import DesignError, FormulaError, InputError, SingularColumnWarning

__all__ = ["LinearModel", "lm"]

ROBUST = ("HC0", "HC1", "HC2", "HC3")


@frozen_result
class LinearModel(Result):
    """A fitted linear model, made by :func:`lm`.

    Attributes
    ----------
    frame : ModelFrame
    formula : str
    names : tuple of str
        R's coefficient names, the intercept first.
    coefficients, variance : ndarray
        NaN for a column that depends on earlier ones.
    robust : str or None
        Kind of the sandwich variance.
    """

    frame: ModelFrame
    formula: str
    names: tuple[str, ...]
    coefficients: np.ndarray
    variance: np.ndarray
    robust: str | None

    @property
    def n(self) -> int:
        """Rows used."""
        return self.frame.n

    @property
    def coef(self) -> pd.Series:
        """Coefficients by R's names."""
        return pd.Series(self.coefficients, index=list(self.names), name="estimate")

    def vcov(self) -> pd.DataFrame:
        """Variance matrix of the coefficients (the sandwich in a robust fit)."""
        return pd.DataFrame(self.variance, index=list(self.names), columns=list(self.names))

    @property
    def df(self) -> int:
        """Coefficients estimated, with the intercept."""
        return int(np.isfinite(self.coefficients).sum())

    @property
    def df_residual(self) -> int:
        """Rows less coefficients; one cluster less one in a clustered fit."""
        if self.robust == "cluster" and self.frame.cluster is not None:
            return int(self.frame.cluster.max())
        return self.n - self.df

    @cached_property
    def fitted(self) -> np.ndarray:
        """Fitted value of each row used."""
        return _design(self.frame) @ np.nan_to_num(self.coefficients) + _offset(self.frame)

    @cached_property
    def residuals(self) -> np.ndarray:
        """Outcome less fitted value."""
        return self._y - self.fitted

    @property
    def _y(self) -> np.ndarray:
        assert self.frame.y is not None  # lm refuses a survival outcome
        return self.frame.y

    @cached_property
    def rss(self) -> float:
        """Residual sum of squares, weighted in a weighted fit."""
        return float(_weights(self.frame) @ self.residuals**2)

    @property
    def log_lik(self) -> float:
        """Normal log-likelihood at the maximum-likelihood variance."""
        used = _weights(self.frame) > 0
        log_weights = float(np.log(_weights(self.frame)[used]).sum())
        n = int(used.sum())
        return 0.5 * (log_weights - n * (np.log(2 * np.pi) + 1 + np.log(self.rss / n)))

    def tidy(self, *, exponentiate: bool = False, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per coefficient, and one per reference level.

        Parameters
        ----------
        exponentiate : bool
            Ratios, for an outcome on the log scale; standard errors stay on that scale.
        conf_level : float

        Returns
        -------
        pandas.DataFrame
            ``term variable level is_reference estimate std_error statistic df p_value conf_low
            conf_high n``; t intervals.
        """
        from faceage_stats._coefficient_rows import coefficient_rows

        check_conf_level(conf_level)
        std_error = np.sqrt(np.diag(self.variance))
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = self.coefficients / std_error
        half_width = stats.t.ppf(0.5 + conf_level / 2, self.df_residual) * std_error
        values = {
            "estimate": self.coefficients,
            "std_error": std_error,
            "statistic": statistic,
            "df": np.full(len(self.names), float(self.df_residual)),
            "p_value": 2 * stats.t.sf(np.abs(statistic), self.df_residual),
            "conf_low": self.coefficients - half_width,
            "conf_high": self.coefficients + half_width,
        }
        if exponentiate:
            values |= {k: np.exp(values[k]) for k in ("estimate", "conf_low", "conf_high")}
        first = {name: value[0] for name, value in values.items()}
        intercept = pd.DataFrame(
            [{"term": self.names[0], "variable": self.names[0], "level": None,
              "is_reference": False, **first, "n": self.n}]
        )  # fmt: skip
        others = {name: value[1:] for name, value in values.items()}
        none = np.zeros(self.n)
        rows = coefficient_rows(self.frame.design, self.frame.x, none, others, float(exponentiate))
        rows = rows.drop(columns="n_event")
        return pd.concat([intercept, rows], ignore_index=True) if len(rows) else intercept

    def glance(self) -> pd.DataFrame:
        """One row.

        Columns ``n n_missing sigma r_squared r_squared_adjusted statistic df df_residual p_value
        log_lik aic bic method``; F test of all coefficients but the intercept (Wald by the
        sandwich in a robust fit). AIC and BIC count sigma as a parameter, as R does.
        """
        n, tested = self.n, self.df - 1
        weights = _weights(self.frame)
        y = self._y - _offset(self.frame)
        total = float(weights @ (y - np.average(y, weights=weights)) ** 2)
        r_squared = 1 - self.rss / total if total > 0 else np.nan
        statistic = self._f_statistic()
        row = {
            "n": n,
            "n_missing": self.frame.n_missing,
            "sigma": float(np.sqrt(self.rss / (n - self.df))),
            "r_squared": r_squared,
            "r_squared_adjusted": 1 - (1 - r_squared) * (n - 1) / (n - self.df),
            "statistic": statistic,
            "df": tested,
            "df_residual": self.df_residual,
            "p_value": float(stats.f.sf(statistic, tested, self.df_residual)) if tested else np.nan,
            "log_lik": self.log_lik,
            "aic": -2 * self.log_lik + 2 * (self.df + 1),
            "bic": -2 * self.log_lik + np.log(n) * (self.df + 1),
            "method": f"least squares, {self.robust} variance" if self.robust else "least squares",
        }
        return pd.DataFrame([row])

    def _f_statistic(self) -> float:
        kept = np.isfinite(self.coefficients)
        kept[0] = False
        if not kept.any():
            return float("nan")
        values = self.coefficients[kept]
        solved = np.linalg.solve(self.variance[np.ix_(kept, kept)], values)
        return float(values @ solved) / int(kept.sum())

    def f_test(self, smaller: LinearModel) -> pd.DataFrame:
        """F test of what this model has beyond a smaller one of the same rows, as ``anova``.

        Parameters
        ----------
        smaller : LinearModel
            Nested in this one; neither fit robust.

        Returns
        -------
        pandas.DataFrame
            One row: ``statistic, df, df_residual, p_value``.
        """
        if self.robust or smaller.robust:
            raise InputError("f_test compares fits without a robust variance; refit both.")
        same = np.array_equal(self.frame.rows, smaller.frame.rows)
        df = self.df - smaller.df
        if not same or df < 1:
            raise DesignError(
                f"f_test: the models use {self.n} and {smaller.n} rows and {self.df} and "
                f"{smaller.df} coefficients; fit a smaller, nested model to the same rows."
            )
        statistic = (smaller.rss - self.rss) / df / (self.rss / self.df_residual)
        row = {"statistic": statistic, "df": df, "df_residual": self.df_residual}
        p_value = float(stats.f.sf(statistic, df, self.df_residual))
        return pd.DataFrame([row | {"p_value": p_value}])

    def augment(self) -> pd.DataFrame:
        """One row per row used: ``row, fitted, residual``."""
        return pd.DataFrame(
            {"row": self.frame.rows, "fitted": self.fitted, "residual": self.residuals}
        )

    def predict(self, newdata: Any, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Mean outcome of new rows: ``estimate, std_error, conf_low, conf_high``.

        Parameters
        ----------
        newdata : pandas.DataFrame
            Encoded as in the fit; a row with a missing value is NaN, an unknown level is refused.
        conf_level : float
            Of the interval of the mean (Student's t).

        Returns
        -------
        pandas.DataFrame
            Indexed like `newdata`.
        """
        check_conf_level(conf_level)
        newdata = as_pandas(newdata)
        design = self.frame.design
        x = np.column_stack([np.ones(len(newdata)), design.encode(newdata)])
        value = x @ np.nan_to_num(self.coefficients) + design.encode_offset(newdata)
        variance = np.nan_to_num(self.variance)
        std_error = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", x, variance, x), 0.0))
        half_width = stats.t.ppf(0.5 + conf_level / 2, self.df_residual) * std_error
        columns = {
            "estimate": value,
            "std_error": std_error,
            "conf_low": value - half_width,
            "conf_high": value + half_width,
        }
        return pd.DataFrame(columns, index=newdata.index)

    def _title(self) -> str:
        robust = f", {self.robust} variance" if self.robust else ""
        return f"lm {self.formula}: n = {self.n}, {self.frame.n_missing} rows missing{robust}"


def lm(formula: str, data: Any, *, weights: str | None = None, robust: str | None = None) -> Any:
    """Fit a linear model by least squares, as R's ``lm``.

    Parameters
    ----------
    formula : str
        ``gap ~ age + C(site) + offset(x)``; factors, splines and interactions as everywhere.
        ``cluster(id)`` asks for the variance of clustered rows.
    data : pandas.DataFrame or polars.DataFrame
    weights : str, optional
        Column of weights, proportional to the inverse variance of a row.
    robust : {"HC0", "HC1", "HC2", "HC3"}, optional
        Sandwich variance against unequal variances; HC3 is the one to use in small samples.

    Returns
    -------
    LinearModel
        ``tidy()``, ``glance()``, ``augment()``, ``predict()``, ``vcov()``.

    Raises
    ------
    DesignError
        No more rows than coefficients.
    FormulaError, InputError
        As every formula; a survival outcome; an unknown `robust`; a weight of 0.

    Warns
    -----
    SingularColumnWarning
        A column depends on earlier ones; its coefficient is NaN.

    Notes
    -----
    The arithmetic is statsmodels'. Clustered fits use the variance with G/(G - 1) (n - 1)/(n - p)
    and t on G - 1 degrees of freedom, G being the number of clusters.

    Examples
    --------
    >>> frame = pd.DataFrame({"gap": [3.0, 5, 1, 6, 2, 8], "bmi": [22, 27, 31, 24, 35, 19]})
    >>> lm("gap ~ bmi", frame).tidy()[["term", "estimate"]].round(3).values.tolist()
    [['(Intercept)', 13.228], ['bmi', -0.344]]
    """
    if robust is not None and robust not in ROBUST:
        raise InputError(f"robust is {robust!r}; choose one of {', '.join(ROBUST)}, or None.")
    frame = model_frame(formula, data, weights=weights)
    if frame.y is None:
        raise FormulaError(f"`{formula}`: a linear model has a numeric outcome, not Surv().")
    if frame.weights is not None and (frame.weights <= 0).any():
        n_zero = int((frame.weights <= 0).sum())
        raise InputError(f"weights '{weights}' are 0 in {n_zero} rows; leave those rows out.")
    if frame.cluster is not None and robust is not None:
        raise InputError("cluster() already asks for a robust variance; leave robust out.")
    x = _design(frame)
    kept = _independent(x)
    names = ("(Intercept)", *frame.design.names)
    if len(x) <= kept.sum():
        raise DesignError(f"lm: {len(x)} rows cannot estimate {kept.sum()} coefficients.")
    if not kept.all():
        singular = ", ".join(f"'{name}'" for name, k in zip(names, kept, strict=True) if not k)
        warnings.warn(
            f"column {singular} is constant or a linear combination of other columns: its "
            "coefficient is NaN. Leave it out of the formula.",
            SingularColumnWarning,
            stacklevel=2,
        )
    coefficients = np.full(len(names), np.nan)
    variance = np.full((len(names), len(names)), np.nan)
    fit = _fit(frame, x[:, kept], robust)
    coefficients[kept] = fit.params
    variance[np.ix_(kept, kept)] = fit.cov_params()
    kind = "cluster" if frame.cluster is not None else robust
    return LinearModel(frame, formula, names, coefficients, variance, kind)


def _fit(frame: ModelFrame, x: np.ndarray, robust: str | None) -> Any:
    from statsmodels.regression.linear_model import WLS

    assert frame.y is not None
    model = WLS(frame.y - _offset(frame), x, weights=_weights(frame))
    if frame.cluster is not None:
        return model.fit(method="qr", cov_type="cluster", cov_kwds={"groups": frame.cluster})
    return model.fit(method="qr", cov_type=robust or "nonrobust")


def _design(frame: ModelFrame) -> np.ndarray:
    return np.column_stack([np.ones(frame.n), frame.x])


def _offset(frame: ModelFrame) -> np.ndarray:
    return np.zeros(frame.n) if frame.offset is None else frame.offset


def _weights(frame: ModelFrame) -> np.ndarray:
    return np.ones(frame.n) if frame.weights is None else frame.weights


def _independent(x: np.ndarray) -> np.ndarray:
    """True for the columns that do not depend on earlier ones."""
    norm = np.linalg.norm(x, axis=0)
    scaled = x / np.where(norm > 0, norm, 1.0)
    diagonal = np.zeros(x.shape[1])
    r = linalg.qr(scaled, mode="r")[0]
    diagonal[: min(r.shape)] = np.abs(np.diag(r))
    return diagonal > 1e-9
