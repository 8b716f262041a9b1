"""The first term of a Cox, logistic or linear model, and the likelihood for nested tests."""

from __future__ import annotations

import warnings
from collections.abc import Set
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._formula.constant import without_constant_factors
from faceage_stats._formula.frame import (
    ModelFrame,
    SurvivalFrame,
    model_frame,
    survival_frame,
)
from faceage_stats._formula.parse import is_surv, split_formula
from faceage_stats._formula.sides import Special, read_right
from faceage_stats.association.regression.design_matrix import independent_columns
from faceage_stats.association.regression.linear_model import LinearModel
from faceage_stats.association.regression.lm import lm
from faceage_stats.association.regression.logistic import logistic
from faceage_stats.errors import (
    DesignError,
    FaceageWarning,
    InfiniteCoefficientWarning,
)
from faceage_stats.survival.cox.coxph import coxph

__all__ = [
    "SPECIALS",
    "Family",
    "FirstTerm",
    "NestedTest",
    "family_of",
    "first_term",
    "nested_test",
    "read",
]

Family = Literal["cox", "binomial", "gaussian"]
FEW_EVENTS = 10
_CALLER = "subgroup_forest()"
_CONSTANT = "the first term does not vary"
SPECIALS: frozenset[Special] = frozenset({"strata", "cluster", "offset"})
# what the model of each family uses
_USED: dict[Family, Set[Special]] = {
    "cox": SPECIALS,
    "binomial": {"offset"},
    "gaussian": {"offset", "cluster"},
}


class FirstTerm(NamedTuple):
    """Estimate of the first coefficient; NaN with a note when there is none."""

    estimate: float
    std_error: float
    df: float
    n: int
    n_event: float
    note: str


class NestedTest(NamedTuple):
    """Test of the terms that one model has beyond another; NaN with a note when there is none."""

    statistic: float
    df: float
    p_value: float
    note: str


def family_of(formula: str, data: pd.DataFrame) -> Family:
    """Choose Cox for Surv(), binomial for an outcome of 0 and 1, otherwise gaussian."""
    if is_surv(split_formula(formula)[0]):
        return "cox"
    y = model_frame(formula, data, allow=SPECIALS, caller=_CALLER).y
    return "binomial" if bool(np.isin(y, (0, 1)).all()) else "gaussian"


def read(formula: str, data: pd.DataFrame, family: Family) -> SurvivalFrame | ModelFrame:
    """Evaluate the formula as the model of the family does; what it does not use is refused."""
    evaluate = survival_frame if family == "cox" else model_frame
    return evaluate(formula, data, allow=_USED[family], caller=_CALLER)


def first_term(formula: str, data: pd.DataFrame, family: Family) -> FirstTerm:
    """Fit in a subgroup; what cannot be estimated becomes a note, never an error."""
    try:
        varying, frame = without_constant_factors(
            formula, data, lambda each: read(each, data, family)
        )
    except DesignError:
        n_event = np.nan if family == "gaussian" else 0
        return FirstTerm(np.nan, np.nan, np.inf, 0, n_event, "no complete patients")
    n, n_event = frame.n, np.nan if family == "gaussian" else _n_event(frame)
    first = read_right(formula, data, SPECIALS, _CALLER)[1].products[0]
    varies = first in frame.design.right.products
    reason = _cannot(frame.x, n, n_event, family) if varies else _CONSTANT
    if reason:
        return FirstTerm(np.nan, np.nan, np.inf, n, n_event, reason)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", FaceageWarning)
        fit = _fit(varying, data, family)
    infinite = any(issubclass(w.category, InfiniteCoefficientWarning) for w in caught)
    row = _first_row(fit)
    estimate, std_error = float(row["estimate"]), float(row["std_error"])
    if not np.isfinite(estimate) or (infinite and abs(estimate) * np.std(frame.x[:, 0]) > 8):
        note = "no finite estimate: separation" if infinite else "determined by the covariates"
        return FirstTerm(np.nan, np.nan, np.inf, n, n_event, note)
    notes = ["a covariate level has no events"] if infinite else []
    fewest = min(n_event, n - n_event) if family == "binomial" else n_event
    if fewest < FEW_EVENTS:  # never of a gaussian outcome, whose number of events is NaN
        notes.append(f"fewer than {FEW_EVENTS} events")
    df = float(row.get("df", np.inf))
    return FirstTerm(estimate, std_error, df, n, n_event, "; ".join(notes))


def _n_event(frame: SurvivalFrame | ModelFrame) -> int:
    return int((frame.surv.event if isinstance(frame, SurvivalFrame) else frame.y).sum())


def _cannot(x: np.ndarray, n: int, n_event: float, family: Family) -> str:
    """Why the first coefficient has no estimate; empty when it may have one."""
    if family != "gaussian" and n_event == 0:
        return "no events"
    if family == "binomial" and n_event == n:
        return "events only"
    if np.ptp(x[:, 0]) == 0:
        return _CONSTANT
    if n <= x.shape[1] + 1:
        return "more covariates than patients"
    last = np.column_stack([np.ones(n), x[:, 1:], x[:, 0]])
    if family == "gaussian" and not independent_columns(last)[-1]:
        return "determined by the covariates"
    return ""


def _fit(formula: str, data: pd.DataFrame, family: Family) -> Any:
    if family == "cox":
        return coxph(formula, data)
    return (logistic if family == "binomial" else lm)(formula, data)


def _first_row(fit: Any) -> dict[str, Any]:
    """Row of the first coefficient that is neither the intercept nor a reference level."""
    rows = fit.tidy().to_dict(orient="records")
    return next(row for row in rows if not row["is_reference"] and row["term"] != "(Intercept)")


def nested_test(smaller: str, larger: str, data: pd.DataFrame, family: Family) -> NestedTest:
    """Test the terms that `larger` adds: likelihood ratio, or F in a linear model."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FaceageWarning)
            fit0, fit1 = (_fit(formula, data, family) for formula in (smaller, larger))
    except DesignError as error:
        return NestedTest(np.nan, np.nan, np.nan, str(error))
    row0, row1 = (fit.glance().iloc[0] for fit in (fit0, fit1))
    added = float(row1["df"] - row0["df"])
    if added < 1:
        return NestedTest(np.nan, np.nan, np.nan, "the interaction cannot be estimated")
    if family == "gaussian":
        return _wald_test(fit0, fit1) if fit1.robust else _f_test(fit0, fit1)
    statistic = 2 * float(row1["log_lik"] - row0["log_lik"])
    return NestedTest(statistic, added, float(stats.chi2.sf(statistic, added)), "")


def _f_test(smaller: LinearModel, larger: LinearModel) -> NestedTest:
    test = larger.f_test(smaller).iloc[0]
    return NestedTest(float(test["statistic"]), float(test["df"]), float(test["p_value"]), "")


def _wald_test(smaller: LinearModel, larger: LinearModel) -> NestedTest:
    """F by the variance of clustered rows, of the coefficients that the smaller model lacks."""
    estimates = larger.coef.dropna()
    added = [name for name in estimates.index if name not in smaller.names]
    values = estimates[added].to_numpy(float)
    variance = larger.vcov().loc[added, added].to_numpy(float)
    statistic = float(values @ np.linalg.solve(variance, values)) / len(added)
    p_value = float(stats.f.sf(statistic, len(added), larger.df_residual))
    return NestedTest(statistic, float(len(added)), p_value, "")
