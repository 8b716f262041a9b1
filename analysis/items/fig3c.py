"""Figure 3c. Hazard ratio per decade of FaceAge, adjusted step by step."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._marker import STEP_COLUMNS, hazard_steps
from items._present import curate, model
from items._quoted import quoted
from items._sites import SITES

TABLES = ("maastro",)
CAP = 7  # years of follow-up
FEWEST = 5  # deaths; a site with fewer has no model of its own
LEFT = (
    "No hazard ratio was published for head and neck and for other sites. Those of the synthetic "
    "patients are what the published ratios of all patients and of the four other sites leave: "
    "they say nothing about these tumours."
)
STEPS = {
    "univariable": ((), "uva"),
    "+ age": (("age10",), "age"),
    "+ sex": (("age10", "sex"), "age_sex"),
    "+ site": (("age10", "sex", "site"), "age_sex_site"),
}


def make(data, settings):
    """Cox models per decade of FaceAge, in the whole cohort and within each site."""
    cohort = curate(data["maastro"], "maastro", follow_up_cap=CAP)
    blocks = [
        hazard_steps(cohort.rows, "faceage10", STEPS).assign(
            cohort="All patients", id_part="maastro"
        )
    ]
    within = {step: STEPS[step] for step in ("univariable", "+ age", "+ sex")}
    for site, label in SITES.items():
        rows = cohort.rows[cohort.rows["site"] == site]
        if rows["death"].sum() >= FEWEST:
            blocks.append(
                hazard_steps(rows, "faceage10", within).assign(cohort=label, id_part=site)
            )
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
             "lr_statistic", "lr_p_value", "scale"]  # fmt: skip
    return fs.Item(
        figure=fs.Figure(figure, label="Figure 3c"),
        caption=(
            "Hazard ratio of death per decade of FaceAge with 95% confidence interval, adjusted "
            "step by step, in {n} patients and within sites; follow-up capped at "
            f"{CAP} years. Cox models, Efron's treatment of ties."
        ),
        answer=(
            "A decade of FaceAge {faceage_maastro_hr_adjusted:vs 1|raises|lowers|does not clearly "
            "change} the hazard of death: hazard ratio {faceage_maastro_hr_uva} by itself and "
            "{faceage_maastro_hr_adjusted} at equal age, sex and tumour site "
            "({faceage_maastro_hr_adjusted:p}; {faceage_maastro_hr_adjusted:n} patients, "
            "{faceage_maastro_hr_adjusted:n_event} deaths)."
        ),
        checks=(
            "Proportional hazards, score test: {zph_faceage:p} for FaceAge, {zph_global:p} for all "
            "terms ([table](sensitivity-table-proportional-hazards)); linearity and influence are "
            "examined on the page of [sensitivity](sensitivity.md)."
        ),
        notes=LEFT if settings.sources["maastro"] == "synthetic" else "",
        numbers={"n": int(hr["n"].iloc[0])},
        tables={"hazard_ratios": hr[shown]},
        values=pd.concat([values(hr), assumptions(cohort.rows)]),
        source_data=hr[shown],
        flow=cohort.flow,
        columns={
            "cohort": "patients of the model",
            **STEP_COLUMNS,
        },
    )


def assumptions(rows):
    """Tests of proportional hazards of the adjusted model; a statistic is its estimate."""
    terms = model(rows, ["faceage10"], STEPS["+ site"][0])
    table = fs.cox_zph(fs.coxph(f"Surv(years, death) ~ {terms}", rows)).tidy()
    table = table.assign(estimate=table["statistic"])
    return quoted(
        zph_faceage=table[table["term"] == "faceage10"], zph_global=table[table["term"] == "GLOBAL"]
    )


def values(hr):
    """Recovered values under the ids of the published ones."""
    columns = ["id", "term", "estimate", "conf_low", "conf_high", "p_value", "n", "n_event"]
    headline = hr[hr["id"] == "faceage_maastro_hr_age_sex_site"].assign(
        id="faceage_maastro_hr_adjusted"
    )
    return pd.concat([hr, headline])[columns]
