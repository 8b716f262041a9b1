"""The first term of a Cox, logistic or linear model, and the likelihood for nested tests."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special, stats

from faceage_stats._formula import model_frame
from faceage_stats._formula.parse import split_formula
from faceage_stats.errors import DesignError, FaceageWarning, InfiniteCoefficientWarning

__all__ = ["FAMILIES", "FirstTerm", "family_of", "first_term", "nested_test"]

# family -> what exp(estimate), or the estimate itself, is
FAMILIES = {"cox": "hazard ratio", "binomial": "odds ratio", "gaussian": "mean difference"}
FEW_EVENTS = 10


@dataclass(frozen=True)
class FirstTerm:
    """Estimate of the first coefficient; NaN with a note when there is none."""

    estimate: float
    std_error: float
    df: float
    n: int
    n_event: float
    note: str

    def row(self, conf_level: float) -> dict[str, Any]:
        """Estimate, test and interval."""
        z = self.estimate / self.std_error
        half = stats.t.ppf(0.5 + conf_level / 2, self.df) * self.std_error
        return {
            "estimate": self.estimate,
            "std_error": self.std_error,
            "statistic": z,
            "p_value": float(2 * special.stdtr(self.df, -abs(z))),
            "conf_low": self.estimate - half,
            "conf_high": self.estimate + half,
            "n": self.n,
            "n_event": self.n_event,
            "note": self.note,
        }


def family_of(formula: str, data: pd.DataFrame) -> str:
    """Cox for Surv(), binomial for an outcome of 0 and 1, otherwise gaussian."""
    if split_formula(formula)[0].startswith("Surv"):
        return "cox"
    y = model_frame(formula, data).y
    assert y is not None
    return "binomial" if bool(np.isin(y, (0, 1)).all()) else "gaussian"


def first_term(formula: str, data: pd.DataFrame, family: str) -> FirstTerm:
    """Fit in a subgroup; what cannot be estimated becomes a note, never an error."""
    try:
        frame = model_frame(formula, data)
    except DesignError:
        return FirstTerm(np.nan, np.nan, np.inf, 0, _no_events(family), "no complete patients")
    n = frame.n
    n_event = np.nan if family == "gaussian" else _n_event(frame)
    reason = _cannot(frame.x[:, 0], n, n_event, len(frame.design.names), family)
    if reason:
        return FirstTerm(np.nan, np.nan, np.inf, n, n_event, reason)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", FaceageWarning)
        estimate, std_error, df = _fit(formula, data, family)[:3]
    infinite = any(issubclass(w.category, InfiniteCoefficientWarning) for w in caught)
    if not np.isfinite(estimate) or (infinite and abs(estimate) * np.std(frame.x[:, 0]) > 8):
        note = "no finite estimate: separation" if infinite else "determined by the covariates"
        return FirstTerm(np.nan, np.nan, np.inf, n, n_event, note)
    notes = ["a covariate level has no events"] if infinite else []
    if family != "gaussian" and min(n_event, n - n_event if family == "binomial" else n_event) < (
        FEW_EVENTS
    ):
        notes.append(f"fewer than {FEW_EVENTS} events")
    return FirstTerm(estimate, std_error, df, n, n_event, "; ".join(notes))


def _no_events(family: str) -> float:
    return np.nan if family == "gaussian" else 0


def _n_event(frame: Any) -> int:
    return int(frame.y.sum() if frame.surv is None else frame.surv.event.sum())


def _cannot(x: np.ndarray, n: int, n_event: float, p: int, family: str) -> str:
    """Why the first coefficient has no estimate; empty when it may have one."""
    if family != "gaussian" and n_event == 0:
        return "no events"
    if family == "binomial" and n_event == n:
        return "events only"
    if np.ptp(x) == 0:
        return "the first term does not vary"
    if n <= p + 1:
        return "more covariates than patients"
    return ""


def _fit(
    formula: str, data: pd.DataFrame, family: str
) -> tuple[float, float, float, float, float, float]:
    """First coefficient, standard error, df of its t; log-likelihood or residual sum, df, n."""
    if family == "cox":
        from faceage_stats.survival.cox.coxph import coxph

        fit = coxph(formula, data)
        row, glance = fit.tidy().query("not is_reference"), fit.glance().iloc[0]
        estimate, std_error, df = row["estimate"], row["std_error"], np.inf
    elif family == "binomial":
        from faceage_stats.association.regression.logistic import logistic

        logit = logistic(formula, data)
        row, glance = logit.tidy().query("not is_reference").iloc[1:], logit.glance().iloc[0]
        estimate, std_error, df = row["estimate"], row["std_error"], np.inf
    else:
        return _least_squares(formula, data)
    return (
        float(estimate.iloc[0]) if len(estimate) else np.nan,
        float(std_error.iloc[0]) if len(std_error) else np.nan,
        df,
        float(glance["log_lik"]),
        float(glance["df"]),
        float(glance["n"]),
    )


def _least_squares(
    formula: str, data: pd.DataFrame
) -> tuple[float, float, float, float, float, float]:
    """Linear model; columns that repeat others are dropped, the first coefficient last."""
    frame = model_frame(formula, data)
    assert frame.y is not None
    x = np.column_stack([np.ones(frame.n), frame.x[:, 1:], frame.x[:, :1]])
    scale = np.maximum(np.abs(x).max(axis=0), 1e-300)
    q, r = np.linalg.qr(x / scale)
    kept = np.abs(np.diag(r)) > 1e-9
    q, r = np.linalg.qr((x / scale)[:, kept])
    effects = q.T @ frame.y
    rss = float(np.square(frame.y - q @ effects).sum())
    df = frame.n - int(kept.sum())
    if not kept[-1] or df < 1:
        return np.nan, np.nan, df, rss, float(kept.sum()), frame.n
    estimate = effects[-1] / r[-1, -1] / scale[-1]
    std_error = np.sqrt(rss / df) / abs(r[-1, -1]) / scale[-1]
    return float(estimate), float(std_error), df, rss, float(kept.sum()), frame.n


def nested_test(smaller: str, larger: str, data: pd.DataFrame, family: str) -> dict[str, Any]:
    """Likelihood-ratio test (F test for a linear model) of the terms that `larger` adds."""
    empty = {"statistic": np.nan, "df": np.nan, "p_value": np.nan}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FaceageWarning)
            *_, fit0, df0, n = _fit(smaller, data, family)
            *_, fit1, df1, _ = _fit(larger, data, family)
    except DesignError as error:
        return {**empty, "note": str(error)}
    added = df1 - df0
    if added < 1:
        return {**empty, "note": "no level can be told apart from the others"}
    if family == "gaussian":
        statistic = (fit0 - fit1) / added / (fit1 / (n - df1))
        p = float(stats.f.sf(statistic, added, n - df1))
    else:
        statistic = 2 * (fit1 - fit0)
        p = float(stats.chi2.sf(statistic, added))
    return {"statistic": statistic, "df": added, "p_value": p, "note": ""}
