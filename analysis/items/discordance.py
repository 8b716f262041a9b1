"""Extreme gap. Patients of 60 or more who look much older or younger, and early death."""

from functools import partial

import numpy as np
import pandas as pd

import faceage_stats as fs
from items._present import curate, model, need

TABLES = ("older_rt",)
OUTCOME = "Surv(years, death)"
COVARIATES = ("age10", "sex", "diagnosis", "intent")
HORIZONS = (30, 60, 90)  # days
OLDER, YOUNGER = "discordance>=10", "discordance<=-5"
NAMES = {OLDER: "Looks 10 years older or more", YOUNGER: "Looks 5 years younger or more"}
IDS = {OLDER: "faceage60_hr_gap_ge10", YOUNGER: "faceage60_hr_gap_le_minus5"}
ADJUSTMENTS = {"unadjusted": (), "age, sex, diagnosis, intent": COVARIATES}
SPLINE = ("ns(age10, df=4)", *COVARIATES[1:])
SHOWN = ["model", "term", "estimate", "conf_low", "conf_high", "p_value", "scale"]


def make(data, settings):
    """Who is discordant; survival by class of the gap; death within 30, 60 and 90 days."""
    cohort = curate(data["older_rt"], "older_rt")
    rows = cohort.rows
    need(rows["discordance"].nunique() == 3, "patients in each class of the gap")
    hr = hazards(rows)
    early = pd.concat([early_death(rows, days) for days in HORIZONS], ignore_index=True)
    groups = rows.assign(age_gap=rows["discordance"])  # the legend's title
    km = fs.survfit(f"{OUTCOME} ~ age_gap", data=groups)
    main = hr[hr["model"] == "age, sex, diagnosis, intent"]
    older = early[early["term"] == OLDER]
    return fs.Item(
        figure={
            "": fs.Figure(
                partial(forest, hr, effect="HR of death against a gap of -5 to 10 years"),
                caption=(
                    "Hazard ratio of death of {n} patients of 60 or more ({n_event} deaths) who "
                    "look much older or younger than they are, against the others, with 95% "
                    "confidence interval."
                ),
                label="Hazard ratios by class of the gap",
            ),
            "early": fs.Figure(
                partial(
                    forest, early, label="level",
                    effect="Odds ratio of early death against a gap of -5 to 10 years",
                ),
                caption=(
                    "Odds ratio of death within 30, 60 and 90 days of up to {n} patients, adjusted "
                    "for age, sex, diagnosis and intent, with 95% confidence interval; patients "
                    "censored before are left out. For 90 days no number is published."
                ),
                label="Early death",
            ),
            "km": fs.Figure(
                partial(
                    fs.figures.km, km, max_time=10, time_label="Years since radiotherapy",
                    p_value=fs.survdiff(f"{OUTCOME} ~ discordance", data=rows).p_value,
                ),
                caption=(
                    "Survival of {n} patients by FaceAge minus age, years. Kaplan-Meier estimates "
                    "with log-transformed 95% confidence bands and log-rank test, not adjusted."
                ),
                label="Survival by class of the gap",
            ),
        },
        answer=(
            "Patients who look 10 years older or more have a hazard ratio of death of "
            "{faceage60_hr_gap_ge10}, those who look 5 years younger or more of "
            "{faceage60_hr_gap_le_minus5}; the former's odds ratio of death within 30 days is "
            "{faceage60_or_30day_gap_ge10}."
        ),
        checks=(
            "Age is in the gap: without age in the model the young look older by regression to the "
            "mean alone ([table](discordance-table-who-looks-older)). With age as a spline the "
            "hazard ratios hardly move."
        ),
        numbers={"n": len(rows), "n_event": int(rows["death"].sum())},
        tables={
            "hazard_ratios": hr[SHOWN],
            "classes": classes(rows),
            "survival": partial(fs.SurvFit.median, km),
            "medians": rows[["age", "faceage", "gap"]].median().rename_axis("variable")
            .rename("median").reset_index(),
            "who_looks_older": who(rows),
            "early_death": early,
            "risk_differences": risk_differences(km),
            "proportional_hazards": fs.cox_zph(fit(rows, COVARIATES)).tidy(),
        },
        values=values(rows, main, older),
        source_data=hr[SHOWN],
        flow=cohort.flow,
        columns={
            "days": "Days since the start of radiotherapy",
            "n_censored": "Censored before, left out",
            "n_event": "Deaths; of differences in the class with fewer, where both have some",
            "level": "Death within",
        },
        roles={"days": "setting"},
        notes=(
            "The published abstract names the two outer classes and not its covariates; the class "
            "between them as the reference, and the covariates, are our reading."
        ),
    )  # fmt: skip


def forest(table, **options):
    """Forest plot with a heading for each class."""
    drawn = table.replace({"term": NAMES})
    options.setdefault("label", "model")
    return fs.figures.forest(drawn, group="term", width="double", **options)


def fit(rows, covariates):
    """The Cox model of the classes."""
    return fs.coxph(f"{OUTCOME} ~ {model(rows, ['discordance'], covariates)}", data=rows)


def hazards(rows):
    """Hazard ratios of the outer classes: alone, adjusted, and with age as a spline."""
    fits = {name: fit(rows, covariates) for name, covariates in ADJUSTMENTS.items()}
    right = " + ".join(["discordance", SPLINE[0], *SPLINE[1:]])
    fits["the same, age as a spline"] = fs.coxph(f"{OUTCOME} ~ {right}", data=rows)
    table = fs.bind_tidy(fits, exponentiate=True)
    return table[table["term"].isin(NAMES)].sort_values("term", kind="stable", ascending=False)


def classes(rows):
    """Share of each class, and of those who look older than they are."""
    found = {f"gap {name}": rows["discordance"] == name for name in rows["discordance"].unique()}
    found |= {"FaceAge above age": rows["gap"] > 0}
    return pd.concat(
        [
            fs.prop_test(int(where.sum()), len(rows), correct=False).tidy()
            .assign(group=name, scale="proportion")
            for name, where in found.items()
        ],
        ignore_index=True,
    )[["group", "estimate", "conf_low", "conf_high", "n", "scale"]]  # fmt: skip


def who(rows):
    """Odds of looking 10 years older or more, without age in the model and with it."""
    rows = rows.assign(older=(rows["gap"] >= 10).astype(int))
    models = {"without age": COVARIATES[1:], "with age": COVARIATES}
    fits = {
        name: fs.logistic(f"older ~ {model(rows, [], covariates)}", rows)
        for name, covariates in models.items()
    }
    table = fs.bind_tidy(fits, exponentiate=True)
    return table[~table["is_reference"] & (table["term"] != "(Intercept)")][SHOWN]


def early_death(rows, days):
    """Odds ratios of death by a day; patients censored before are left out and counted."""
    years = days / 365.25
    died = (rows["years"] <= years + 1e-9) & (rows["death"] == 1)
    known = died | (rows["years"] > years + 1e-9)
    used = rows[known].assign(early=died[known].astype(int))
    table = fs.logistic(f"early ~ {model(used, ['discordance'], COVARIATES)}", used).tidy(
        exponentiate=True
    )
    shown = ["term", "estimate", "conf_low", "conf_high", "p_value", "n", "n_event", "scale"]
    table = table[table["term"].isin(NAMES)][shown]
    return table.assign(
        level=f"{days} days", days=days, n=len(used), n_event=int(used["early"].sum()),
        n_censored=int((~known).sum()),
    ).sort_values("term", ascending=False)  # fmt: skip


def risk_differences(km):
    """Differences of the risk of death by each day; a class without deaths has no Wald test."""
    times = [days / 365.25 for days in HORIZONS]
    deaths = km.risk_table(times).set_index(["time", "strata"])["n_event"]
    table = km.contrasts(times)
    groups = [pd.MultiIndex.from_frame(table[["time", group]]) for group in ("group1", "group2")]
    fewer, more = np.sort([deaths.loc[group].to_numpy() for group in groups], axis=0)
    return table[["group1", "group2"]].assign(
        days=(table["time"] * 365.25).round().astype(int),
        estimate=-table["estimate"],  # a risk is 1 less survival
        conf_low=-table["conf_high"],
        conf_high=-table["conf_low"],
        p_value=table["p_value"].where(fewer > 0),
        scale="difference in risk",
        n_event=np.where(fewer > 0, fewer, more),
    )


def values(rows, main, early):
    """The published numbers."""
    hr = main.assign(
        id=main["term"].map(IDS),
        quantity="hazard_ratio", n=len(rows), n_event=int(rows["death"].sum()),
    )  # fmt: skip
    odds = early[early["days"] < 90].assign(quantity="odds_ratio")
    odds["id"] = [f"faceage60_or_{days}day_gap_ge10" for days in odds["days"]]
    share = classes(rows).query("group == 'FaceAge above age'")
    limits = ["estimate", "conf_low", "conf_high"]
    share = (100 * share[limits]).assign(id="faceage60_share_older", quantity="percent")
    medians = pd.DataFrame(
        {
            "id": ["faceage60_median_faceage", "faceage60_median_age"],
            "quantity": "median",
            "estimate": [rows["faceage"].median(), rows["age"].median()],
        }
    )
    rest = pd.concat([share, medians], ignore_index=True).assign(n=len(rows))
    columns = ["id", "quantity", "term", "estimate", "conf_low", "conf_high", "p_value"]
    table = pd.concat([hr, odds, rest], ignore_index=True)
    return table[[*columns, "n", "n_event"]]
