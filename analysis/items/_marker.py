"""Analyses of a biological age, whichever it is: the name of its column is an argument."""

from functools import partial

import numpy as np
import pandas as pd

import faceage_stats as fs
from items._present import model, stratified, varying

OUTCOME = "Surv(years, death)"
STEP_COLUMNS = {
    "lr_statistic": "likelihood-ratio statistic of the marker given the other covariates",
    "lr_p_value": "p value of that test",
}


def survival_of_groups(rows, group, *, years, tau):
    """Kaplan-Meier curves of the groups of a marker, and the tables that go with them."""
    formula = f"{OUTCOME} ~ {group}"
    km = fs.survfit(formula, data=rows)
    pairs = fs.pairwise_survdiff(stratified(formula, rows), data=rows, p_adjust="holm")
    return km, {
        "median_survival": partial(fs.SurvFit.median, km),
        "restricted_mean": km.rmst(tau),
        "survival_at_years": partial(fs.SurvFit.at, km, years),
        "pairwise": pairs.tidy(),
    }


def hazard_steps(rows, marker, models):
    """Row of the marker in each model, with the test against the model without it.

    `models` is name -> (covariates beside the marker, part of an id).
    """
    records = []
    for step, (covariates, step_id) in models.items():
        if not set(covariates[-1:]) <= set(varying(rows, covariates)):
            continue  # what this step adds is the same for all
        fit = fs.coxph(f"{OUTCOME} ~ {model(rows, [marker], covariates)}", data=rows)
        without = fs.coxph(f"{OUTCOME} ~ {model(rows, [], covariates) or '1'}", data=rows)
        test = fs.anova(without, fit).tidy().iloc[-1]
        row = fit.tidy(exponentiate=True).query(f"term == '{marker}'").iloc[0]
        records.append(
            {**row, "model": step, "step_id": step_id, "lr_statistic": test["statistic"],
             "lr_p_value": test["p_value"], **fit.glance().iloc[0][["n", "n_event"]]}
        )  # fmt: skip
    return pd.DataFrame(records)


def functional_form(rows, straight, formula, marker, *, knots, reference):
    """Spline of a marker (years) beside the straight line per decade, and the test against it."""
    spline = fs.coxph(formula.replace(f"{marker}10", f"rcs({marker}, {knots})"), data=rows)
    low, high = rows[marker].quantile([0.05, 0.95]).round()
    grid = np.linspace(low, high, 80)  # between rounded percentiles, which are of no patient
    first = rows.iloc[[0]]
    at = pd.concat([first] * len(grid)).assign(**{marker: grid, f"{marker}10": grid / 10})
    base = first.assign(**{marker: reference, f"{marker}10": reference / 10})
    curves = {"restricted cubic spline": spline, "straight line": straight}
    frame = pd.concat(
        [
            fit.contrast(at, base, exponentiate=True).assign(x=grid, model=name)
            for name, fit in curves.items()
        ],
        ignore_index=True,
    )
    test = fs.anova(straight, spline).tidy().tail(1).assign(term="spline against straight line")
    return frame[["model", "x", "estimate", "conf_low", "conf_high"]], test
