"""Real people: survival by biological age of blood, and by its gap."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._marker import survival_of_groups

TABLES = ("nhanes",)
MARKER = "phenoage"
OLD, CAP, YEARS, TAU = 60, 18, [5, 10, 15], 15  # age; years drawn; tabulated; of the means
QUARTERS = ("Q1 (youngest for age)", "Q2", "Q3", "Q4 (oldest for age)")
GROUP, QUARTER = (f"Surv(years, death) ~ {name}" for name in (f"{MARKER}_group", "quarter"))


def make(data, settings):
    """Kaplan-Meier curves of the groups of FaceAge's figure 3a, and of quarters of the gap."""
    cohort = fs.curate(data["nhanes"], "nhanes")
    rows = cohort.rows.assign(quarter=quarters(cohort.rows))
    old = rows[rows["age"] >= OLD]
    km, tables = survival_of_groups(old, f"{MARKER}_group", years=YEARS, tau=TAU)
    curves = {"": km, "quarters": fs.survfit(QUARTER, rows)}
    tests = {
        "groups, log-rank": fs.survdiff(GROUP, old),
        "quarters, log-rank": fs.survdiff(QUARTER, rows),
        "quarters, stratified by age band": fs.survdiff(f"{QUARTER} + strata(age_band)", rows),
    }
    captions = {
        "": (
            f"Survival of {{n_old}} people aged {OLD} or more ({{n_event_old}} deaths) by PhenoAge."
        ),
        "quarters": (
            "Survival of {n} people of all ages ({n_event} deaths) by quarter of the gap that age "
            "does not explain."
        ),
    }
    method = " Kaplan-Meier estimates with log-transformed 95% confidence bands."
    labels = {"": "Survival by PhenoAge", "quarters": "Survival by quarter of the gap"}
    p_values = {"": "groups, log-rank", "quarters": "quarters, log-rank"}
    return fs.Item(
        figure={
            name: fs.Figure(
                partial(
                    fs.figures.km,
                    km,
                    p_value=tests[p_values[name]].p_value,
                    max_time=CAP,
                    time_label="Years since the examination",
                ),
                caption=captions[name] + method,
                label=labels[name],
            )
            for name, km in curves.items()
        },
        answer=(
            "Of people aged 60 or more, {nhanes_survival10_lowest:%} of those with a PhenoAge of "
            "at most 65 and {nhanes_survival10_highest:%} of those above 85 lived ten years."
        ),
        numbers={
            "n": len(rows),
            "n_event": int(rows["death"].sum()),
            "n_old": len(old),
            "n_event_old": int(old["death"].sum()),
        },
        tables={
            "tests": fs.adjust_family(
                pd.concat([t.glance().assign(method=n) for n, t in tests.items()]),
                family="log-rank tests of this page",
                p_adjust="none",
            ),
            **tables,
            "survival_of_quarters": partial(fs.SurvFit.at, curves["quarters"], YEARS),
            "restricted_mean_of_quarters": curves["quarters"].rmst(TAU),
        },
        values=values(curves[""]),
        source_data=partial(fs.figures.km_data, curves[""]),
        flow=cohort.flow,
    )


def quarters(rows):
    """Quarters of the residual of the marker on age."""
    residual = fs.lm(f"{MARKER} ~ age", rows).augment()["residual"]
    return pd.qcut(residual, 4, labels=list(QUARTERS)).cat.as_unordered()


def values(km):
    """Ten-year survival of the lowest and of the highest group."""
    at = km.at([10]).iloc[[0, -1]]
    ids = ["nhanes_survival10_lowest", "nhanes_survival10_highest"]
    return at.assign(id=ids, quantity="survival")[
        ["id", "quantity", "estimate", "conf_low", "conf_high"]
    ]
