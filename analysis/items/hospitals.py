"""Several hospitals. FaceAge's hazard ratio in each, stratified by hospital, and pooled."""

from functools import partial

import numpy as np
import pandas as pd

import faceage_stats as fs
from faceage_stats.reporting.agreement import pool
from items._marker import STEP_COLUMNS, hazard_steps
from items._present import curate, model, need, used_levels
from items._quoted import quoted

TABLES = ("maastro",)
SEVERAL_HOSPITALS = True
CAP = 7  # years of follow-up
FEWEST = 5  # deaths; a hospital with fewer has no model of its own
COVARIATES = ("age10", "sex", "site")
STEPS = {
    "univariable": ((), "uva"),
    "+ age": (("age10",), "age"),
    "+ sex": (("age10", "sex"), "age_sex"),
    "+ site": (COVARIATES, "age_sex_site"),
}
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
    """The adjusted model of figure 3c in each hospital, in all by strata, and the mean of each."""
    need("hospital" in data["maastro"], "the tables of two hospitals or more")
    cohort = curate(data["maastro"], "maastro", follow_up_cap=CAP)
    rows = cohort.rows.assign(hospital=cohort.rows["hospital"].astype(str))
    deaths = rows.groupby("hospital")["death"].sum()
    names = [name for name in deaths.index if deaths[name] >= FEWEST]
    need(len(names) > 1, f"two hospitals with {FEWEST} deaths each")
    rows = used_levels(rows[rows["hospital"].isin(names)])
    each = {name: fitted(used_levels(rows[rows["hospital"] == name])) for name in names}
    together = fs.coxph(formula(rows), data=rows)
    unlike = fs.coxph(f"{formula(rows)} + faceage10:hospital", data=rows)
    logs, errors = ([row[name] for row in each.values()] for name in ("log", "std_error"))
    means = {label: pool(logs, errors, method=method) for method, label in MEANS.items()}
    table = hazard_ratios(each, together, means)
    spread = pd.DataFrame(
        [{"label": label, "statistic": mean.q, "p_value": mean.q_p_value,
          "i_squared": mean.i_squared, "tau_squared": mean.tau_squared}
         for label, mean in means.items()]
    )  # fmt: skip
    return fs.Item(
        answer=(
            "Stratified by hospital, a decade of FaceAge has a hazard ratio of "
            "{hospitals_together}; the hospitals "
            "{hospitals_spread:p<0.05|differ|do not clearly differ} ({hospitals_spread:p} of "
            "Cochran's Q; {n} patients)."
        ),
        checks=(
            "That the hazard ratio is the same in each hospital is tested twice: Cochran's Q, and "
            "the interaction of FaceAge with hospital ([table](hospitals-table-interaction))."
        ),
        figure=partial(
            fs.figures.forest, table, effect="HR per decade of FaceAge", label="label",
            width="double",
        ),
        caption=(
            "Hazard ratio of death per decade of FaceAge with 95% confidence interval, adjusted "
            "for age, sex and site, in each hospital, in the {n} patients of all stratified by "
            "hospital, and the random-effects mean of the hospitals (DerSimonian and Laird, and "
            "by restricted maximum likelihood); "
            f"follow-up capped at {CAP} years. Cox models, Efron's treatment of ties."
        ),
        numbers={"n": together.n},
        tables={
            "hazard_ratios": table,
            "step_by_step": step_by_step(rows, names),
            "median_survival": fs.survfit(f"{OUTCOME} ~ hospital", data=rows).median(),
            "heterogeneity": spread,
            "interaction": fs.anova(together, unlike).tidy().tail(1).assign(
                term="FaceAge by hospital"
            ),
            "characteristics": fs.table_one(
                rows, "hospital", ["age", "faceage", "gap", "sex", "years", "death"]
            ),
        },
        values=quoted(
            hospitals_together=table[table["label"] == STRATIFIED],
            hospitals_spread=spread.assign(estimate=spread["statistic"]),
        ),
        source_data=table,
        flow=cohort.flow,
        columns=COLUMNS,
        roles={"i_squared": "proportion", "tau_squared": "estimate"},
    )  # fmt: skip


def step_by_step(rows, names):
    """FaceAge's ratio in each hospital and in all by strata, adjusted step by step."""
    parts = {name: used_levels(rows[rows["hospital"] == name]) for name in names}
    steps = [
        hazard_steps(part, "faceage10", STEPS).assign(label=label)
        for label, part in {**parts, STRATIFIED: rows}.items()
    ]
    shown = ["label", "model", "estimate", "conf_low", "conf_high", "p_value", "n", "n_event",
             "scale", "lr_statistic", "lr_p_value"]  # fmt: skip
    return pd.concat(steps, ignore_index=True)[shown]


def formula(rows):
    """The adjusted model, of what varies here; of several hospitals, stratified by hospital."""
    return f"{OUTCOME} ~ {model(rows, ['faceage10'], COVARIATES)}"


def fitted(rows):
    """FaceAge's row of the adjusted model of one hospital, with its logarithm and its error."""
    fit = fs.coxph(formula(rows), data=rows)
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
