"""Patients with two photographs, in classes of the time between them."""

import pandas as pd

import faceage_stats as fs
from items._present import model

CLASSES = {"short": "10-365 days", "mid": "366-730 days", "long": "731-1,460 days"}
COVARIATES = ("interval_years", "sex", "race", "diagnosis")
FEWEST = 5  # deaths; an interval class with fewer has no model


def above(rows, cut_off):
    """Cox model of a rate above the cut-off against the others, or None where it cannot be fitted.

    Years of face per year are the unit of the cut-off.
    """
    rows = rows.assign(above=(rows["far"] > cut_off).astype(int))
    if rows["above"].nunique() < 2 or rows.groupby("above")["death"].sum().min() < FEWEST:
        return None
    return fs.coxph(f"Surv(years, death) ~ {model(rows, ['above'], COVARIATES)}", data=rows)


def by_class(rows):
    """Rows of each class of the interval."""
    return {name: rows[rows["interval_class"] == name] for name in CLASSES}


def in_a_third(rows, seed):
    """A third of the rows by chance, and the rest."""
    first = rows.sample(frac=1 / 3, random_state=seed)
    return first, rows.drop(index=first.index)


def hazard_ratios(fits):
    """Row of the cut-off in each model that could be fitted."""
    found = {name: fit for name, fit in fits.items() if fit is not None}
    if not found:
        return pd.DataFrame()
    table = fs.bind_tidy(found, exponentiate=True).query("term == 'above'")
    counts = {name: fit.glance().iloc[0][["n", "n_event"]] for name, fit in found.items()}
    return table.assign(
        n=[int(counts[name]["n"]) for name in table["model"]],
        n_event=[int(counts[name]["n_event"]) for name in table["model"]],
    )
