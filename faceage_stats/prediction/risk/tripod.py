"""Rows of the TRIPOD+AI checklist (Collins and others 2024) that a fitted model can fill in."""

from __future__ import annotations

import pandas as pd

from faceage_stats.survival.cox.coxph import CoxPH

__all__ = ["tripod_rows"]

_AUTHORS = {
    "5a": ("Data", "Sources of the development and evaluation data, and why they were chosen."),
    "6a": ("Participants", "Setting, centres and their location."),
    "6b": ("Participants", "Eligibility criteria; the curation flow lists exclusions with counts."),
    "8b": ("Outcome", "Blinding of outcome assessment, if any."),
    "14": ("Fairness", "Approaches to model fairness; see the performance within subgroups."),
    "17": ("Ethics", "Approval and consent."),
    "18f": ("Open science", "Availability of the code and of the model."),
    "26": ("Limitations", "Representativeness, sample size, overfitting, missing data."),
}


def tripod_rows(fit: CoxPH, times: tuple[float, ...]) -> pd.DataFrame:
    """``item topic report source``, in the order of the checklist."""
    filled = {name: (*row, "fit") for name, row in _from_fit(fit, times).items()}
    left = {name: (*row, "authors") for name, row in _AUTHORS.items()}
    rows = [(item, *row) for item, row in (filled | left).items()]
    table = pd.DataFrame(rows, columns=["item", "topic", "report", "source"])
    return table.sort_values("item", key=lambda s: s.map(_order), ignore_index=True)


def _order(item: str) -> tuple[int, str]:
    digits = "".join(c for c in item if c.isdigit())
    return int(digits), item[len(digits) :]


def _from_fit(fit: CoxPH, times: tuple[float, ...]) -> dict[str, tuple[str, str]]:
    surv = fit.frame.surv
    assert surv is not None  # a Cox fit always has one
    summary = fit.glance().iloc[0]
    at = ", ".join(f"{t:g}" for t in times)
    n_parameters = len(fit.coef)
    terms = ", ".join(term.label for term in fit.design.terms)
    return {
        "8a": (
            "Outcome",
            f"Time to '{surv.event_name}' in '{surv.time_name}'; survival is predicted at {at}.",
        ),
        "9a": ("Predictors", f"{terms} ({n_parameters} parameters)."),
        "10": (
            "Sample size",
            f"{fit.n} patients and {fit.n_event} events, {fit.n_event / n_parameters:.1f} events "
            "per parameter; pmsampsize_survival gives the size needed.",
        ),
        "11": (
            "Missing data",
            f"Complete cases: {fit.n_missing} of {fit.n + fit.n_missing} patients were left out "
            "because a predictor or the outcome was missing.",
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
        "15": ("Model output", f"Probability of survival at {at}, for each patient (predict())."),
        "16": (
            "Training and evaluation",
            "Development and evaluation data are told apart by the caller; validate() applies the "
            "model unchanged.",
        ),
        "20a": (
            "Participants",
            f"{fit.n} patients with {fit.n_event} events; longest follow-up {surv.time.max():g}.",
        ),
        "21": ("Model development", f"{fit.n} patients and {fit.n_event} events in the model."),
        "22": (
            "Model specification",
            "Coefficients (tidy()), baseline survival at the means (baseline()), points "
            "(points()).",
        ),
        "23a": (
            "Model performance",
            f"Apparent C index {summary['concordance']:.3f} (SE "
            f"{summary['concordance_se']:.3f}); to be corrected for optimism (optimism()).",
        ),
    }
