"""Figure 3a. Survival by FaceAge group."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._present import curate

TABLES = ("maastro",)
CAP = 7  # years of follow-up
FORMULA = "Surv(years, death) ~ faceage_group"


def make(data, settings):
    """Kaplan-Meier curves and log-rank test, follow-up capped with time and event together."""
    cohort = curate(data["maastro"], "maastro", follow_up_cap=CAP)
    published = curate(data["maastro"], "maastro", follow_up_cap=CAP, as_published=True)
    km = fs.survfit(FORMULA, data=cohort.rows)
    test = fs.survdiff(FORMULA, data=cohort.rows)
    as_published = fs.survdiff(FORMULA, data=published.rows)
    trend = fs.logrank_trend(FORMULA, data=cohort.rows)
    figure = partial(
        fs.figures.km,
        km,
        p_value=test.p_value,
        time_label="Years since start of radiotherapy",
        max_time=CAP,
    )
    tests = pd.concat(
        {
            "log-rank": test.glance(),
            "log-rank, as published (event cut, time uncut)": as_published.glance(),
            "log-rank test for trend": trend.glance(),
        },
        names=["method"],
    )
    tests = tests.droplevel(1).drop(columns="method", errors="ignore").reset_index()
    return fs.Item(
        figure=figure,
        caption=(
            "Survival of {n} patients by FaceAge group, with {n_event} deaths within "
            f"{CAP} years. Kaplan-Meier estimates with log-transformed 95% confidence bands; "
            "numbers at risk count patients under observation just before each time."
        ),
        numbers={"n": len(cohort.rows), "n_event": int(cohort.rows["death"].sum())},
        tables={
            "median_survival": km.median(),
            "restricted_mean": km.rmst(CAP),
            "survival_at_years": partial(fs.SurvFit.at, km, [1, 2, 3, 5, CAP]),
            "tests": tests,
            "pairwise": fs.pairwise_survdiff(FORMULA, data=cohort.rows, p_adjust="holm").tidy(),
        },
        source_data=partial(fs.figures.km_data, km),
        flow=cohort.flow,
        notes=(
            f"The public code sets the event to 0 from {CAP} x 365 days on and keeps the longer "
            "time; the second row of the tests repeats that."
        ),
    )
