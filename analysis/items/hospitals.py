"""Several hospitals. FaceAge's hazard ratio in each, stratified by hospital, and pooled."""

from functools import partial

import numpy as np
import pandas as pd

import faceage_stats as fs
from faceage_stats.reporting.agreement import pool
from items._present import curate, model, need, used_levels
from items._quoted import quoted

TABLES = ("maastro",)
SEVERAL_HOSPITALS = True
CAP = 7  # years of follow-up
FEWEST = 5  # deaths; a hospital with fewer has no model of its own
COVARIATES = ("age10", "sex", "site")
OUTCOME = "Surv(years, death)"
STRATIFIED = "All, stratified by hospital"
POOLED = "Random-effects mean"
COLUMNS = {
    "label": "hospital, or all of them",
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
    both = pool([row["log"] for row in each.values()], [row["std_error"] for row in each.values()])
    table = hazard_ratios(each, together, both)
    spread = {"statistic": both.q, "p_value": both.q_p_value, "i_squared": both.i_squared,
              "tau_squared": both.tau_squared}  # fmt: skip
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
            "hospital, and the random-effects mean of the hospitals (DerSimonian and Laird); "
            f"follow-up capped at {CAP} years. Cox models, Efron's treatment of ties."
        ),
        numbers={"n": together.n},
        tables={
            "hazard_ratios": table,
            "heterogeneity": pd.DataFrame([spread]),
            "interaction": fs.anova(together, unlike).tidy().tail(1).assign(
                term="FaceAge by hospital"
            ),
            "characteristics": fs.table_one(
                rows, "hospital", ["age", "faceage", "gap", "sex", "years", "death"]
            ),
        },
        values=quoted(
            hospitals_together=table[table["label"] == STRATIFIED],
            hospitals_spread=pd.DataFrame([{"estimate": both.q, "p_value": both.q_p_value}]),
        ),
        source_data=table,
        flow=cohort.flow,
        columns=COLUMNS,
        roles={"i_squared": "proportion", "tau_squared": "estimate"},
    )  # fmt: skip


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


def hazard_ratios(each, together, both):
    """One row per hospital, one stratified, one pooled."""
    stratified = together.tidy(exponentiate=True).query("term == 'faceage10'").iloc[0]
    mean, low, high = np.exp([both.estimate, both.conf_low, both.conf_high])
    rows = [{**row, "label": name} for name, row in each.items()]
    rows.append({**stratified, "label": STRATIFIED, "n": together.n, "n_event": together.n_event})
    rows.append({"label": POOLED, "estimate": mean, "conf_low": low, "conf_high": high})
    shown = ["label", "estimate", "conf_low", "conf_high", "p_value", "n", "n_event", "scale"]
    return pd.DataFrame(rows)[shown].assign(scale=stratified["scale"])
