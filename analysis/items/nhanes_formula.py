"""Real people: what the fine print of a biological age does to its hazard ratio."""

import math
from functools import partial

import pandas as pd

import faceage_stats as fs
from items._marker import OUTCOME

TABLES = ("nhanes",)
MARKER = "phenoage"
MAIN = "As used: linear form, capped at 100"
CHOICES = {
    MAIN: {},
    "Uncapped": {"cap": None},
    "Capped at 120": {"cap": 120},
    "Capped at 110": {"cap": 110},
    "Capped at 90": {"cap": 90},
    "Divisor 0.090165": {"divisor": 0.090165},
    "Creatinine as measured": {"calibrate_creatinine": False},
}
CRP_IN_MG_L = 0.09536762 * math.log(10) / 0.09165  # years that everybody is older
COLUMNS = {
    "correlation": "correlation with age",
    "gap": "mean of PhenoAge minus age, years",
    "concordance": "C index of the model",
}


def make(data, settings):
    """The adjusted model of figure 3c's twin under every choice of the formula."""
    cohort = fs.curate(data["nhanes"], "nhanes")
    rows = cohort.rows
    variants = {name: (rows, fs.phenoage(rows, **given)) for name, given in CHOICES.items()}
    plus = rows.assign(crp_mg_l=rows["crp_mg_l"] + 10)  # ln(1 + mg/dL)
    variants["ln(1 + CRP)"] = (rows, fs.phenoage(plus))
    variants["CRP in mg/L inside the logarithm"] = (rows, moved(rows, CRP_IN_MG_L))
    inside = rows["mortality10"] < 1
    variants["Textbook two steps, which lose the sickest"] = (
        rows[inside],
        fs.phenoage(rows[inside]),
    )
    hr = pd.DataFrame([choice(name, *each) for name, each in variants.items()])
    return fs.Item(
        figure=fs.Figure(partial(
            fs.figures.forest, hr, effect="HR per decade of PhenoAge", label="model", ratio=True,
            width="double",
        ), label="Hazard ratios by variant of the formula"),
        caption=(
            "Hazard ratio of death per decade of PhenoAge given age and sex, with 95% confidence "
            "interval, in up to {n} people, under other choices of the formula."
        ),
        answer=(
            "Uncapped, the most extreme one per cent of people pull the hazard ratio per decade "
            "from {nhanes_formula_capped} to {nhanes_formula_uncapped}."
        ),
        numbers={"n": len(rows)},
        tables={"choices": hr},
        values=hr.iloc[:2].assign(
            id=["nhanes_formula_capped", "nhanes_formula_uncapped"], quantity="hazard_ratio"
        )[["id", "quantity", "estimate", "conf_low", "conf_high", "p_value", "n", "n_event"]],
        source_data=hr,
        flow=cohort.flow,
        columns=COLUMNS,
        roles=dict.fromkeys(COLUMNS, "estimate"),
    )  # fmt: skip


def moved(rows, years):
    """PhenoAge moved by so many years, and capped again."""
    return pd.DataFrame({MARKER: (rows["phenoage_uncapped"] + years).clip(upper=100)})


def choice(name, rows, ages):
    """One row: the hazard ratio of this PhenoAge, its correlation with age, its mean gap."""
    rows = rows.assign(marker=ages[MARKER], marker10=ages[MARKER] / 10)
    fit = fs.coxph(f"{OUTCOME} ~ marker10 + age10 + sex", data=rows)
    row = fit.tidy(exponentiate=True).iloc[0]
    shown = ["estimate", "conf_low", "conf_high", "p_value", "n", "n_event"]
    return {
        "model": name,
        **row[shown],
        "concordance": fit.concordance,
        "correlation": rows["marker"].corr(rows["age"]),
        "gap": (rows["marker"] - rows["age"]).mean(),
    }
