"""Firth's penalised likelihood: finite estimates under separation and with rare events."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._coefficient_rows import coefficient_rows
from faceage_stats._formula import ModelFrame, model_frame
from faceage_stats._result import Result, frozen_result, normal_interval
from faceage_stats.errors import DesignError, FormulaError, InputError
from faceage_stats.survival.cox.data import CoxData
from faceage_stats.survival.firth.kernel import cox_objective, logistic_objective
from faceage_stats.survival.firth.profile import (
    Maximum,
    Objective,
    maximise,
    profile_limits,
    ratio_statistics,
)

__all__ = ["FirthCox", "FirthLogistic", "firth_logistic", "fit_firth_cox"]


@frozen_result
class _Firth(Result):
    """What the penalised Cox and logistic fits share.

    Attributes
    ----------
    frame : ModelFrame
        Rows used, design matrix, outcome.
    top : Maximum
        Where the penalised likelihood is largest, in the scaled columns.
    objective : callable
    scale : ndarray
        Coefficients are `top.beta` times this.
    null : Maximum
        The maximum with every coefficient (but an intercept) at 0.
    """

    frame: ModelFrame
    top: Maximum
    objective: Objective
    scale: np.ndarray
    null: Maximum

    @property
    def n(self) -> int:
        """Rows used."""
        return self.frame.n

    @property
    def n_missing(self) -> int:
        """Rows dropped because a used column was missing."""
        return self.frame.n_missing

    @property
    def names(self) -> list[str]:
        """Coefficient names."""
        return self.frame.design.names

    @property
    def event(self) -> np.ndarray:
        """Events of the rows used, 0 or 1."""
        raise NotImplementedError

    @property
    def log_lik(self) -> float:
        """Penalised log-likelihood; only differences within one design mean anything."""
        return self.top.value

    @cached_property
    def coef(self) -> pd.Series:
        """Coefficients by name."""
        return pd.Series(self._in_columns(self.top.beta), index=self.names, name="estimate")

    def _in_columns(self, beta: np.ndarray) -> np.ndarray:
        return beta * self.scale

    def vcov(self) -> pd.DataFrame:
        """Inverse of the unpenalised information at the penalised estimate."""
        inverse = np.linalg.inv(self.top.information) * np.outer(self.scale, self.scale)
        return pd.DataFrame(inverse, index=self.names, columns=self.names)

    @cached_property
    def _ratios(self) -> np.ndarray:
        return ratio_statistics(self.objective, self.top)

    def _values(self, conf_level: float, method: str, exponentiate: bool) -> dict[str, np.ndarray]:
        if method not in ("profile", "wald"):
            raise InputError(f"method is {method!r}; choose 'profile' or 'wald'.")
        estimate, std_error = self.coef.to_numpy(), np.sqrt(np.diag(self.vcov()))
        low, high = normal_interval(estimate, std_error, conf_level)
        statistic = estimate / std_error
        p_value = 2 * stats.norm.sf(np.abs(statistic))
        if method == "profile":
            limits = profile_limits(self.objective, self.top, conf_level)
            low, high = (self._in_columns(limit) for limit in limits)
            statistic, p_value = self._ratios, stats.chi2.sf(self._ratios, 1)
        if exponentiate:
            with np.errstate(over="ignore"):
                estimate, low, high = np.exp(estimate), np.exp(low), np.exp(high)
        return {
            "estimate": estimate,
            "std_error": std_error,
            "statistic": statistic,
            "p_value": p_value,
            "conf_low": low,
            "conf_high": high,
        }

    def tidy(
        self, *, exponentiate: bool = False, conf_level: float = 0.95, method: str = "profile"
    ) -> pd.DataFrame:
        """One row per coefficient and reference level.

        ``method="profile"``: profile penalised-likelihood limits, statistic and p value of the
        penalised likelihood-ratio test (one degree of freedom). ``"wald"``: normal theory.
        """
        values = self._values(conf_level, method, exponentiate)
        reference = 1.0 if exponentiate else 0.0
        return coefficient_rows(self.frame.design, self.frame.x, self.event, values, reference)

    def glance(self) -> pd.DataFrame:
        """One row: counts, penalised log-likelihoods and the test of all coefficients."""
        statistic = 2 * (self.top.value - self.null.value)
        df = len(self.frame.design.columns)
        row = {
            "n": self.n,
            "n_event": int(self.event.sum()),
            "n_missing": self.n_missing,
            "log_lik": self.top.value,
            "log_lik_null": self.null.value,
            "df": df,
            "statistic_log": statistic,
            "p_value_log": stats.chi2.sf(statistic, df),
            "iterations": self.top.iterations,
        }
        return pd.DataFrame([row])


@frozen_result
class FirthCox(_Firth):
    """Firth-penalised Cox model, made by ``coxph(..., penalty="firth")``."""

    ties: str = "breslow"

    @property
    def event(self) -> np.ndarray:
        """Events of the rows used, 0 or 1."""
        assert self.frame.surv is not None  # coxph refuses anything else
        return self.frame.surv.event

    def augment(self) -> pd.DataFrame:
        """One row per row used: its position and linear predictor, centred at the means."""
        centred = self.frame.x - self.frame.x.mean(axis=0)
        return pd.DataFrame(
            {"row": self.frame.rows, "linear_predictor": centred @ self.coef.to_numpy()}
        )

    def _title(self) -> str:
        return f"Firth-penalised coxph {self.frame.design.formula}, {self.ties} ties"


@frozen_result
class FirthLogistic(_Firth):
    """Firth-penalised logistic regression, made by `firth_logistic`."""

    @property
    def names(self) -> list[str]:
        """Coefficient names, the intercept first."""
        return ["(Intercept)", *self.frame.design.names]

    @property
    def event(self) -> np.ndarray:
        """Outcomes of the rows used, 0 or 1."""
        assert self.frame.y is not None  # firth_logistic refuses anything else
        return self.frame.y

    def tidy(
        self, *, exponentiate: bool = False, conf_level: float = 0.95, method: str = "profile"
    ) -> pd.DataFrame:
        """One row per coefficient, the intercept first; see `FirthCox.tidy`."""
        values = self._values(conf_level, method, exponentiate)
        table = coefficient_rows(
            self.frame.design,
            self.frame.x,
            self.event,
            {name: value[1:] for name, value in values.items()},
            1.0 if exponentiate else 0.0,
        )
        first = {name: value[0] for name, value in values.items()}
        first |= {"term": "(Intercept)", "variable": "(Intercept)", "level": None}
        first |= {"is_reference": False, "n": self.n, "n_event": int(self.event.sum())}
        intercept = pd.DataFrame([first], columns=table.columns)
        return pd.concat([intercept, table], ignore_index=True) if len(table) else intercept

    def augment(self) -> pd.DataFrame:
        """One row per row used: its position, linear predictor, fitted probability."""
        lp = self.coef.iloc[0] + self.frame.x @ self.coef.to_numpy()[1:]
        return pd.DataFrame(
            {"row": self.frame.rows, "linear_predictor": lp, "fitted": 1 / (1 + np.exp(-lp))}
        )

    def _title(self) -> str:
        return f"Firth-penalised logistic regression {self.frame.design.formula}"


def fit_firth_cox(frame: ModelFrame, data: CoxData, *, ties: str) -> FirthCox:
    """Maximise Firth's penalised partial likelihood (called by `coxph`)."""
    assert frame.surv is not None  # coxph refuses anything else
    p = frame.x.shape[1]
    if not p:
        raise DesignError(f"`{frame.design.formula}` has no covariate to penalise.")
    if not frame.surv.event.any():
        raise DesignError(f"`{frame.design.formula}`: there are no events among {frame.n} rows.")
    objective = cox_objective(data, efron=ties == "efron")
    _refuse_singular(objective(np.zeros(p)).information, frame)
    top = maximise(objective, np.zeros(p), np.ones(p, bool))
    null = maximise(objective, np.zeros(p), np.zeros(p, bool))
    return FirthCox(frame, top, objective, data.scale, null, ties)


def _refuse_singular(information: np.ndarray, frame: ModelFrame) -> None:
    size = np.sqrt(np.maximum(np.diag(information), 0.0))
    flat = size <= 1e-9 * size.max(initial=0.0)
    names = [name for name, f in zip(frame.design.names, flat, strict=True) if f]
    if not flat.any():
        correlation = information / np.outer(size, size)
        if np.linalg.eigvalsh(correlation)[0] > 1e-12:
            return
        names = frame.design.names
    raise DesignError(
        f"columns {', '.join(names)} are constant or linearly dependent: Firth's penalty needs a "
        "design of full rank. Leave one out."
    )


def firth_logistic(formula: str, data: Any) -> FirthLogistic:
    """Fit a logistic regression with Firth's penalty, as R's ``logistf``.

    Parameters
    ----------
    formula : str
        ``y ~ x + C(g)``, y 0/1.
    data : pandas.DataFrame or polars.DataFrame

    Returns
    -------
    FirthLogistic
        ``tidy(exponentiate=True)``: odds ratios with profile penalised-likelihood limits and
        penalised likelihood-ratio tests; ``glance()``, ``augment()``, ``vcov()``.

    Raises
    ------
    InputError
        The outcome is not 0/1.
    DesignError
        A column is constant or linearly dependent.

    Notes
    -----
    Standard errors come from the unpenalised information at the penalised estimate (Heinze and
    Schemper; logistf before 1.24.1). Tests hold one coefficient at 0 and keep the penalty of the
    full design.

    References
    ----------
    Firth D (1993). Bias reduction of maximum likelihood estimates. Biometrika 80, 27-38.
    Heinze G, Schemper M (2002). A solution to the problem of separation in logistic regression.
    Statistics in Medicine 21, 2409-2419.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"y": [0, 0, 0, 1, 1, 1], "x": [0, 0, 0, 1, 1, 1]})
    >>> firth_logistic("y ~ x", df).coef.round(4).to_dict()
    {'(Intercept)': -1.9459, 'x': 3.8918}
    """
    frame = model_frame(formula, data)
    if frame.y is None:
        raise FormulaError(f"`{formula}`: use coxph(..., penalty='firth') for a Surv() outcome.")
    if not np.isin(frame.y, (0, 1)).all():
        n_other = int((~np.isin(frame.y, (0, 1))).sum())
        raise InputError(f"the outcome of `{formula}` is not 0/1 in {n_other} rows. Recode it.")
    if frame.offset is not None or frame.strata is not None:
        raise FormulaError(f"`{formula}`: firth_logistic takes no offset() and no strata().")
    spread = frame.x.std(axis=0)
    scale = 1 / np.where(spread > 0, spread, 1.0)
    x = np.column_stack([np.ones(frame.n), frame.x * scale])
    objective = logistic_objective(x, frame.y)
    p = x.shape[1]
    if p > 1:
        centred = x[:, 1:] - x[:, 1:].mean(axis=0)
        _refuse_singular(centred.T @ centred, frame)
    top = maximise(objective, np.zeros(p), np.ones(p, bool))
    null = maximise(objective, np.zeros(p), np.arange(p) == 0)
    return FirthLogistic(frame, top, objective, np.concatenate([[1.0], scale]), null)
