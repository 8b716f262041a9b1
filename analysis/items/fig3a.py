"""Figure 3a. Survival by FaceAge group."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._marker import OUTCOME, survival_of_groups
from items._present import curate, stratified
from items._quoted import quoted

TABLES = ("maastro",)
CAP = 7  # years of follow-up
GROUP = "faceage_group"


def make(data, settings):
    """Kaplan-Meier curves and log-rank test, follow-up capped with time and event together."""
    cohort = curate(data["maastro"], "maastro", follow_up_cap=CAP)
    published = curate(data["maastro"], "maastro", follow_up_cap=CAP, as_published=True)
    compared = stratified(f"{OUTCOME} ~ {GROUP}", cohort.rows)
    km, tables = survival_of_groups(cohort.rows, GROUP, years=[1, 2, 3, 5, CAP], tau=CAP)
    test = fs.survdiff(compared, data=cohort.rows)
    as_published = fs.survdiff(compared, data=published.rows)
    trend = fs.logrank_trend(compared, data=cohort.rows)
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
        figure=fs.Figure(figure, label="Figure 3a"),
        caption=(
            "Survival of {n} patients by FaceAge group, with {n_event} deaths within "
            f"{CAP} years. Kaplan-Meier estimates with log-transformed 95% confidence bands; "
            "numbers at risk count patients under observation just before each time."
        ),
        answer=(
            "Survival {logrank_faceage_groups:p<0.05|differs|does not clearly differ} between the "
            "FaceAge groups (log-rank {logrank_faceage_groups:p}; trend "
            "{logrank_faceage_trend:p}): {n} patients, {n_event} deaths within seven years. The "
            "groups are mostly age groups; what FaceAge says beyond age is in "
            "[figure 3c](fig3c.md)."
        ),
        checks=(
            "Kaplan-Meier curves assume that censoring says nothing about the risk. The log-rank "
            "test loses power where hazards are not proportional; the [test of proportional "
            "hazards](sensitivity-table-proportional-hazards) is with the main result."
        ),
        numbers={"n": len(cohort.rows), "n_event": int(cohort.rows["death"].sum())},
        tables={"tests": tests, **tables},
        values=quoted(
            logrank_faceage_groups=test.glance(), logrank_faceage_trend=trend.glance()
        ).assign(estimate=[test.statistic, trend.statistic]),
        source_data=partial(fs.figures.km_data, km),
        flow=cohort.flow,
        notes=(
            f"The public code sets the event to 0 from {CAP} x 365 days on and keeps the longer "
            "time; the second row of the tests repeats that."
        ),
    )
