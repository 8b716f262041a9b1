"""Rows of the TRIPOD+AI checklist that a fitted model can fill in."""

from __future__ import annotations

import numpy as np
import pandas as pd

from faceage_stats._wald import limits
from faceage_stats.survival.cox.result import CoxPH
from faceage_stats.survival.km.survfit import survfit

__all__ = ["tripod_rows"]

_AUTHORS = {
    "5a": (
        "Data",
        "Sources of the development and evaluation data, why they were chosen, and how "
        "representative they are.",
    ),
    "6a": ("Participants", "Setting, centres and their location."),
    "6b": ("Participants", "Eligibility criteria; the curation flow lists exclusions with counts."),
    "8c": ("Outcome", "Blinding of outcome assessment, if any."),
    "14": ("Fairness", "Approaches to model fairness; see the performance within subgroups."),
    "16": (
        "Training and evaluation",
        "Differences between development and evaluation data in setting, eligibility, outcome and "
        "predictors.",
    ),
    "17": ("Ethics", "Approval and consent."),
    "18f": ("Open science", "Availability of the analysis code."),
    "26": ("Limitations", "Representativeness, sample size, overfitting, missing data."),
}


def tripod_rows(fit: CoxPH, times: tuple[float, ...]) -> pd.DataFrame:
    """Rows of the checklist, in its order: ``item topic report source``.

    References
    ----------
    Collins GS, Moons KGM, Dhiman P and others (2024). TRIPOD+AI statement: updated guidance for
    reporting clinical prediction models that use regression or machine learning methods. BMJ
    385:e078378. doi:10.1136/bmj-2023-078378
    """
    filled = {**_methods(fit, times), **_results(fit)}
    rows = [(item, *row, "fit") for item, row in filled.items()]
    rows += [(item, *row, "authors") for item, row in _AUTHORS.items()]
    table = pd.DataFrame(rows, columns=["item", "topic", "report", "source"])
    return table.sort_values("item", key=lambda s: s.map(_order), ignore_index=True)


def _order(item: str) -> tuple[int, str]:
    digits = "".join(c for c in item if c.isdigit())
    return int(digits), item[len(digits) :]


def _methods(fit: CoxPH, times: tuple[float, ...]) -> dict[str, tuple[str, str]]:
    surv = fit.frame.surv
    at = ", ".join(f"{t:g}" for t in times)
    n_parameters = len(fit.coef)
    terms = ", ".join(term.label for term in fit.design.terms)
    return {
        "8a": (
            "Outcome",
            f"Time to '{surv.event_name}' in '{surv.time_name}'; survival is predicted at {at}.",
        ),
        "9b": ("Predictors", f"{terms} ({n_parameters} parameters)."),
        "10": (
            "Sample size",
            f"{fit.n} patients and {fit.n_event} events, {fit.n_event / n_parameters:.1f} events "
            "per parameter; pmsampsize_survival gives the size needed.",
        ),
        "11": (
            "Missing data",
            f"Complete cases: {fit.n_missing} of {fit.n + fit.n_missing} patients were excluded "
            "because a predictor or the outcome was missing.",
        ),
        "12a": (
            "Analytical methods",
            "All complete cases were used for development; evaluation data are those given to "
            "validate(), which applies the model unchanged.",
        ),
        "12b": (
            "Analytical methods",
            f"Predictors enter as {terms}; factors against a reference level.",
        ),
        "12c": (
            "Analytical methods",
            f"Cox proportional-hazards model, {fit.ties.capitalize()}'s treatment of ties, all "
            "predictors kept. Internal validation by bootstrap optimism (optimism()).",
        ),
        "12e": (
            "Analytical methods",
            "Discrimination (C index, AUC at fixed times), calibration (slope, observed and "
            "expected risk, smooth curve) and Brier score (validate()).",
        ),
        "12g": (
            "Analytical methods",
            "Predictions in evaluation data: baseline survival at each time, to the power of the "
            "exponentiated linear predictor (predict()).",
        ),
        "15": ("Model output", f"Probability of survival at {at}, for each patient (predict())."),
    }


def _results(fit: CoxPH) -> dict[str, tuple[str, str]]:
    c, c_se = fit.glance().iloc[0][["concordance", "concordance_se"]]
    low, high = limits(c, c_se, within=(0, 1))
    return {
        "20a": (
            "Participants",
            f"{fit.n} patients, {fit.n_event} with and {fit.n - fit.n_event} without the event; "
            f"{_follow_up(fit)}.",
        ),
        "20b": (
            "Participants",
            "Characteristics overall and by data source, missing values among them: table_one().",
        ),
        "21": ("Model development", f"{fit.n} patients and {fit.n_event} events in the model."),
        "22": (
            "Model specification",
            "Coefficients (tidy()), baseline survival at the means (baseline()), points "
            "(points()).",
        ),
        "23a": (
            "Model performance",
            f"Apparent C index {c:.3f} (95% confidence interval {low:.3f} to {high:.3f}); to be "
            "corrected for optimism (optimism()).",
        ),
    }


def _follow_up(fit: CoxPH) -> str:
    """Median follow-up by the reverse Kaplan-Meier method: an event ends it as censoring does."""
    surv = fit.frame.surv
    rows = pd.DataFrame({"time": surv.time, "censored": 1 - surv.event})
    if not rows["censored"].any():
        return "every patient had the event, so that there is no follow-up without it"
    median = float(survfit("Surv(time, censored) ~ 1", rows).median()["median"].iloc[0])
    if np.isnan(median):
        return "the median follow-up (reverse Kaplan-Meier) is not reached"
    return f"median follow-up {median:.3g} (reverse Kaplan-Meier)"
