"""Several hospitals. FaceAge's hazard ratio in each, stratified by hospital, and pooled."""

from functools import partial

import numpy as np
import pandas as pd

import faceage_stats as fs
from faceage_stats.reporting.agreement import pool
from faceage_stats.reporting.words import in_words
from items._cohort import labels, printed, readable
from items._marker import STEP_COLUMNS, hazard_steps
from items._present import HOSPITAL, curate, model, need, used_levels
from items._quoted import quoted

TABLES = (
    "maastro", "thoracic", "palliative", "older_rt", "harvard_rt", "maastro_rt", "serial_photos",
)  # fmt: skip
ANY_OF = (
    "maastro", "thoracic", "palliative", "older_rt", "harvard_rt", "maastro_rt", "serial_photos",
)  # fmt: skip
SEVERAL_HOSPITALS = True
FEWEST = 5  # deaths; a hospital with fewer has no model of its own
# of each cohort: how it is curated, and what is adjusted for besides age and sex
COHORTS = {
    "maastro": ({"follow_up_cap": 7}, "site"),
    "thoracic": ({}, "stage"),
    "palliative": ({}, "cancer_group"),
    "older_rt": ({}, "diagnosis"),
    "harvard_rt": ({}, "cancer_group"),
    "maastro_rt": ({}, "cancer_group"),
    "serial_photos": ({}, "diagnosis"),
}
SCHEMA = dict.fromkeys(("harvard_rt", "maastro_rt"), "fahr_rt")  # of a table not called as it
DESCRIBED = ["age", "faceage", "gap", "sex", "years", "death"]
OUTCOME = "Surv(years, death)"
STRATIFIED = "All, stratified by hospital"
MEANS = {"DL": "Random-effects mean", "REML": "Random-effects mean, REML"}
COLUMNS = {
    "label": "hospital, or all of them",
    **STEP_COLUMNS,
    "i_squared": "proportion of the variation between hospitals that is more than chance",
    "tau_squared": "variance of the log hazard ratio between hospitals",
}


def make(data, settings):
    """FaceAge's adjusted ratio in each hospital, by strata, and its mean: of every cohort."""
    names = [name for name in COHORTS if name in data and HOSPITAL in data[name]]
    need(names, "the tables of two hospitals or more")
    found = [of_cohort(data[name], name, f"_{name}" * (i > 0)) for i, name in enumerate(names)]
    figures = {"" if i == 0 else name: fs.Figure(partial(fs.figures.forest, each["table"],
               effect="HR per decade of FaceAge", label="label", width="double"),
               caption=each["caption"])
               for i, (name, each) in enumerate(zip(names, found, strict=True))}  # fmt: skip
    return fs.Item(
        answer=" ".join(each["answer"] for each in found),
        checks=(
            "That the hazard ratio is the same in each hospital is tested twice: Cochran's Q, and "
            "the interaction of FaceAge with hospital ([table](hospitals-table-interaction))."
        ),
        figure=figures,
        numbers={f"n{each['suffix']}": each["n"] for each in found},
        tables={f"{name}{each['suffix']}": table for each in found
                for name, table in each["tables"].items()},
        values=pd.concat([each["values"] for each in found], ignore_index=True),
        source_data=pd.concat(
            [each["table"].assign(cohort=name) for name, each in zip(names, found, strict=True)]
        ),
        flow=found[0]["flow"],
        columns=COLUMNS,
        roles={"i_squared": "proportion", "tau_squared": "estimate"},
    )  # fmt: skip


def of_cohort(table, cohort, suffix):
    """Figure, tables and texts of the hospitals of one cohort; `suffix` tells it from another."""
    options, last = COHORTS[cohort]
    curated = curate(table, SCHEMA.get(cohort, cohort), **options)
    covariates = ("age10", "sex", last)
    rows = curated.rows.assign(hospital=curated.rows[HOSPITAL].astype(str))
    rows = rows.dropna(subset=[name for name in covariates if rows[name].notna().any()])
    deaths = rows.groupby(HOSPITAL)["death"].sum()
    names = [name for name in deaths.index if deaths[name] >= FEWEST]
    need(len(names) > 1, f"two hospitals with {FEWEST} deaths each")
    rows = used_levels(rows[rows[HOSPITAL].isin(names)])
    each = {n: fitted(used_levels(rows[rows[HOSPITAL] == n]), covariates) for n in names}
    adjusted = formula(rows, covariates)
    together = fs.coxph(adjusted, data=rows)
    unlike = fs.coxph(f"{adjusted} + faceage10:hospital", data=rows)
    km = fs.survfit(f"{OUTCOME} ~ hospital", data=rows)
    logs, errors = ([row[name] for row in each.values()] for name in ("log", "std_error"))
    means = {label: pool(logs, errors, method=method) for method, label in MEANS.items()}
    ratios = hazard_ratios(each, together, means)
    spread = pd.DataFrame(
        [{"label": label, "statistic": mean.q, "p_value": mean.q_p_value,
          "i_squared": mean.i_squared, "tau_squared": mean.tau_squared}
         for label, mean in means.items()]
    )  # fmt: skip
    capped = "; follow-up capped at {follow_up_cap} years".format(**options) if options else ""
    table_one = fs.table_one(readable(rows), HOSPITAL, DESCRIBED, labels=labels(DESCRIBED))
    ids = {f"hospitals_together{suffix}": ratios[ratios["label"] == STRATIFIED],
           f"hospitals_spread{suffix}": spread.assign(estimate=spread["statistic"])}  # fmt: skip
    return {
        "suffix": suffix,
        "table": ratios,
        "n": together.n,
        "flow": curated.flow,
        "values": quoted(**ids),
        "answer": (
            "Stratified by hospital, a decade of FaceAge has a hazard ratio of "
            f"{{hospitals_together{suffix}}}; the hospitals "
            f"{{hospitals_spread{suffix}:p<0.05|differ|do not clearly differ}} "
            f"({{hospitals_spread{suffix}:p}} of Cochran's Q; {{n{suffix}}} patients)."
        ),
        "caption": (
            "Hazard ratio of death per decade of FaceAge with 95% confidence interval, adjusted "
            f"for age, sex and {in_words(last).lower()}, in each hospital, in the {{n{suffix}}} "
            "patients of all stratified by hospital, and the random-effects mean of the hospitals "
            f"(DerSimonian and Laird, and by restricted maximum likelihood){capped}. Cox models, "
            "Efron's treatment of ties."
        ),
        "tables": {
            "hazard_ratios": ratios,
            "step_by_step": step_by_step(rows, names, last),
            "median_survival": partial(fs.SurvFit.median, km),
            "heterogeneity": spread,
            "interaction": fs.anova(together, unlike).tidy().tail(1).assign(
                term="FaceAge by hospital"
            ),
            "characteristics": partial(printed, table_one),
            "characteristics_numbers": table_one,
        },
    }  # fmt: skip


def step_by_step(rows, names, last):
    """FaceAge's ratio in each hospital and in all by strata, adjusted step by step."""
    parts = {name: used_levels(rows[rows[HOSPITAL] == name]) for name in names}
    models = {
        "univariable": ((), "uva"),
        "+ age": (("age10",), "age"),
        "+ sex": (("age10", "sex"), "age_sex"),
        f"+ {in_words(last).lower()}": (("age10", "sex", last), f"age_sex_{last}"),
    }
    steps = [
        hazard_steps(part, "faceage10", models).assign(label=label)
        for label, part in {**parts, STRATIFIED: rows}.items()
    ]
    shown = ["label", "model", "estimate", "conf_low", "conf_high", "p_value", "n", "n_event",
             "scale", "lr_statistic", "lr_p_value"]  # fmt: skip
    return pd.concat(steps, ignore_index=True)[shown]


def formula(rows, covariates):
    """The adjusted model, of what varies here; of several hospitals, stratified by hospital."""
    return f"{OUTCOME} ~ {model(rows, ['faceage10'], covariates)}"


def fitted(rows, covariates):
    """FaceAge's row of the adjusted model of one hospital, with its logarithm and its error."""
    fit = fs.coxph(formula(rows, covariates), data=rows)
    row = fit.tidy().query("term == 'faceage10'").iloc[0]
    ratio = fit.tidy(exponentiate=True).query("term == 'faceage10'").iloc[0]
    counts = {"n": fit.n, "n_event": fit.n_event}
    return {**ratio, "log": row["estimate"], "std_error": row["std_error"], **counts}


def hazard_ratios(each, together, means):
    """One row per hospital, one stratified, and the pooled ones."""
    stratified = together.tidy(exponentiate=True).query("term == 'faceage10'").iloc[0]
    rows = [{**row, "label": name} for name, row in each.items()]
    rows.append({**stratified, "label": STRATIFIED, "n": together.n, "n_event": together.n_event})
    for label, mean in means.items():
        ratio, low, high = np.exp([mean.estimate, mean.conf_low, mean.conf_high])
        rows.append({"label": label, "estimate": ratio, "conf_low": low, "conf_high": high})
    shown = ["label", "estimate", "conf_low", "conf_high", "p_value", "n", "n_event", "scale"]
    return pd.DataFrame(rows)[shown].assign(scale=stratified["scale"])
