"""FAHR-FaceSurvival. Survival by quartile, with cut points carried to an independent cohort."""

from functools import partial

import numpy as np
import pandas as pd

import faceage_stats as fs
from items._present import stratified
from items._quoted import quoted

TABLES = ("harvard_rt", "maastro_rt")
NAMES = {"harvard_rt": "Development", "maastro_rt": "Independent"}
QUARTERS = ("Q1", "Q2", "Q3", "Q4")
CAPTIONS = {
    "harvard_rt": (
        "Survival by quartile of FAHR-FaceSurvival in {n_development} patients of the development "
        "cohort. Kaplan-Meier estimates with log-transformed 95% confidence bands."
    ),
    "maastro_rt": (
        "The same in {n_independent} patients of the independent cohort, by the cut points of the "
        "development cohort."
    ),
}
# race is not recorded in a Dutch chart
CRUDE = "Surv(years, death) ~ quartile"
COVARIATES = {
    "harvard_rt": "fahr_faceage10 + age10 + sex + race + cancer_group",
    "maastro_rt": "fahr_faceage10 + age10 + sex + cancer_group",
}


def make(data, settings):
    """Kaplan-Meier curves and adjusted Cox models by quartile of the development cohort."""
    cohorts = {name: fs.curate(data[name], "fahr_rt").rows for name in TABLES}
    cuts = np.quantile(cohorts["harvard_rt"]["fahr_survival"], [0.25, 0.5, 0.75])
    cohorts = {name: quartered(rows, cuts) for name, rows in cohorts.items()}
    curves = {n: fs.survfit(CRUDE, data=d) for n, d in cohorts.items()}
    logrank = {n: fs.survdiff(stratified(CRUDE, d), data=d) for n, d in cohorts.items()}
    hr = pd.concat([hazard_ratios(rows, name) for name, rows in cohorts.items()])
    trends = pd.concat([trend(rows, name) for name, rows in cohorts.items()])
    figures = {
        key: fs.Figure(
            partial(
                fs.figures.km,
                curves[name],
                p_value=logrank[name].p_value,
                time_label="Years since photograph",
            ),
            caption=CAPTIONS[name],
            label=f"Survival, {NAMES[name]}",
        )
        for key, name in {"": "harvard_rt", "independent": "maastro_rt"}.items()
    }
    adjusted = hr[(hr["variable"] == "quartile") & (hr["model"] == "adjusted")]
    figures["hazard_ratios"] = fs.Figure(
        partial(
            fs.figures.forest,
            adjusted,
            effect="Adjusted HR against the lowest quartile",
            label="level",
            group="cohort",
        ),
        caption=(
            "Hazard ratios of death by quartile with 95% confidence intervals, adjusted for "
            "FAHR-FaceAge, age, sex, race (Harvard only) and cancer group, in {n_adjusted} "
            "patients of the development cohort and {n_adjusted_independent} of the independent "
            "one."
        ),
        label="Adjusted hazard ratios",
    )
    return fs.Item(
        figure=figures,
        answer=(
            "Patients of the highest quartile have {fahr_survival_q4_vs_q1} times the hazard of "
            "those of the lowest in the development cohort, and "
            "{fahr_survival_q4_vs_q1_independent} times in the independent one, at equal "
            "FAHR-FaceAge, age, sex and cancer group."
        ),
        checks=(
            "Equal steps between the quartiles: unequal ones fit "
            "{fahr_unequal_steps:p<0.05|better|no better} ({fahr_unequal_steps:p}, "
            "[trend](fahr-quartiles-table-trend))."
        ),
        numbers={
            "n_development": len(cohorts["harvard_rt"]),
            "n_independent": len(cohorts["maastro_rt"]),
            "n_adjusted": n_adjusted(hr, "harvard_rt"),
            "n_adjusted_independent": n_adjusted(hr, "maastro_rt"),
        },
        tables={
            "hazard_ratios": hr,
            "trend": trends,
            "logrank": stacked({n: fit.glance() for n, fit in logrank.items()}),
            "survival_at_years": partial(at_years, curves),
            "cut_points": pd.DataFrame({"level": QUARTERS[1:], "threshold": cuts}),
        },
        values=pd.concat([values(hr), also(hr, trends)]),
        source_data=partial(drawn, curves),
        roles={"p_value_unequal_steps": "p_value"},
        columns={"p_value_unequal_steps": "p value: do unequal steps fit better than equal ones?"},
        notes=(
            "Adjusted for FAHR-FaceAge and age per decade, sex, race (development cohort) and "
            "cancer group; patients with a missing covariate are excluded from the adjusted "
            "models, which the counts show. A score equal to a cut point belongs to the lower "
            "quartile."
        ),
    )


def quartered(rows, cuts):
    """Quartile of the score by given cut points."""
    edges = [-np.inf, *cuts, np.inf]
    return rows.assign(quartile=pd.cut(rows["fahr_survival"], edges, labels=list(QUARTERS)))


def hazard_ratios(rows, name):
    """Every coefficient of the crude and of the adjusted model."""
    formulas = {"crude": CRUDE, "adjusted": f"{CRUDE} + {COVARIATES[name]}"}
    fits = {model: fs.coxph(stratified(f, rows), data=rows) for model, f in formulas.items()}
    return fs.bind_tidy(fits, exponentiate=True).assign(cohort=NAMES[name])


def n_adjusted(hr, name):
    """Patients of the adjusted model: those of all quartiles."""
    chosen = (hr["cohort"] == NAMES[name]) & (hr["model"] == "adjusted")
    return int(hr.loc[chosen & (hr["variable"] == "quartile"), "n"].sum())


def trend(rows, name):
    """Hazard ratio per quartile, adjusted, and the test whether unequal steps fit better."""
    rows = rows.assign(step=rows["quartile"].cat.codes)
    line, steps = (
        fs.coxph(stratified(f"Surv(years, death) ~ {term} + {COVARIATES[name]}", rows), data=rows)
        for term in ("step", "quartile")
    )
    test = fs.anova(line, steps).tidy().iloc[-1]
    row = line.tidy(exponentiate=True).head(1)
    return row.assign(cohort=NAMES[name], p_value_unequal_steps=test["p_value"])


def at_years(curves):
    """Survival after 1, 2 and 5 years."""
    return stacked({name: km.at([1, 2, 5]) for name, km in curves.items()})


def drawn(curves):
    """The steps of the curves."""
    return stacked({name: fs.figures.km_data(km) for name, km in curves.items()})


def stacked(frames):
    """Tables of both cohorts, labelled."""
    return pd.concat([frame.assign(cohort=NAMES[n]) for n, frame in frames.items()])


def also(hr, trends):
    """The hazard ratio of the independent cohort, and the test of unequal steps in the first."""
    chosen = (hr["cohort"] == NAMES["maastro_rt"]) & (hr["model"] == "adjusted")
    return quoted(
        fahr_survival_q4_vs_q1_independent=hr[chosen & (hr["term"] == "quartileQ4")],
        fahr_unequal_steps=trends.assign(p_value=trends["p_value_unequal_steps"]),
    )


def values(hr):
    """The published hazard ratio of the highest against the lowest quartile."""
    chosen = (hr["cohort"] == NAMES["harvard_rt"]) & (hr["model"] == "adjusted")
    row = hr[chosen & (hr["term"] == "quartileQ4")].assign(
        id="fahr_survival_q4_vs_q1", quantity="hazard_ratio"
    )
    quartiles = hr[chosen & (hr["variable"] == "quartile")]  # together they are all patients
    row = row.assign(n=quartiles["n"].sum(), n_event=quartiles["n_event"].sum())
    columns = ["id", "quantity", "term", "estimate", "conf_low", "conf_high", "p_value"]
    return row[[*columns, "n", "n_event"]]
