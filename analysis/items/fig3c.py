"""Figure 3c. Hazard ratio per decade of FaceAge, adjusted step by step."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._present import curate, model, varying
from items._sites import SITES

TABLES = ("maastro",)
CAP = 7  # years of follow-up
FEWEST = 5  # deaths; a site with fewer has no model of its own
STEPS = {
    "univariable": ((), "uva"),
    "+ age": (("age10",), "age"),
    "+ sex": (("age10", "sex"), "age_sex"),
    "+ site": (("age10", "sex", "site"), "age_sex_site"),
}


def make(data, settings):
    """Cox models per decade of FaceAge, in the whole cohort and within each site."""
    cohort = curate(data["maastro"], "maastro", follow_up_cap=CAP)
    blocks = [steps(cohort.rows, STEPS).assign(cohort="All patients", id_part="maastro")]
    within = {step: STEPS[step] for step in ("univariable", "+ age", "+ sex")}
    for site, label in SITES.items():
        rows = cohort.rows[cohort.rows["site"] == site]
        if rows["death"].sum() >= FEWEST:
            blocks.append(steps(rows, within).assign(cohort=label, id_part=site))
    hr = pd.concat(blocks, ignore_index=True)
    hr["id"] = [f"faceage_{r.id_part}_hr_{r.step_id}" for r in hr.itertuples()]
    figure = partial(
        fs.figures.forest,
        hr,
        effect="HR per decade of FaceAge",
        label="model",
        group="cohort",
        width="double",
    )
    shown = ["cohort", "model", "estimate", "conf_low", "conf_high", "p_value", "n", "n_event",
             "lr_statistic", "lr_p_value"]  # fmt: skip
    return fs.Item(
        figure=figure,
        caption=(
            "Hazard ratio of death per decade of FaceAge with 95% confidence interval, adjusted "
            "step by step, in {n} patients and within sites; follow-up capped at "
            f"{CAP} years. Cox models, Efron's treatment of ties."
        ),
        numbers={"n": int(hr["n"].iloc[0])},
        tables={"hazard_ratios": hr[shown]},
        values=values(hr),
        source_data=hr[shown],
        flow=cohort.flow,
        columns={
            "cohort": "patients of the model",
            "lr_statistic": "likelihood-ratio statistic of FaceAge given the other covariates",
            "lr_p_value": "p value of that test",
        },
    )


def steps(rows, models):
    """FaceAge row of each model, with the likelihood-ratio test against the model without it."""
    records = []
    for step, (covariates, step_id) in models.items():
        if not set(covariates[-1:]) <= set(varying(rows, covariates)):
            continue  # what this step adds is the same for all patients
        fit = fs.coxph(f"Surv(years, death) ~ {model(rows, ['faceage10'], covariates)}", data=rows)
        others = model(rows, [], covariates) or "1"
        without = fs.coxph(f"Surv(years, death) ~ {others}", data=rows)
        test = fs.anova(without, fit).tidy().iloc[-1]
        row = fit.tidy(exponentiate=True).query("term == 'faceage10'").iloc[0]
        records.append(
            {**row, "model": step, "step_id": step_id, "lr_statistic": test["statistic"],
             "lr_p_value": test["p_value"], **fit.glance().iloc[0][["n", "n_event"]]}
        )  # fmt: skip
    return pd.DataFrame(records)


def values(hr):
    """Recovered values under the ids of the published ones."""
    columns = ["id", "term", "estimate", "conf_low", "conf_high", "p_value", "n", "n_event"]
    headline = hr[hr["id"] == "faceage_maastro_hr_age_sex_site"].assign(
        id="faceage_maastro_hr_adjusted"
    )
    return pd.concat([hr, headline])[columns]
