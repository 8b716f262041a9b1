"""Clinical Cox models of the thoracic and the palliative cohort, with FaceAge and with age."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from faceage_stats.reporting.formats import format_estimate_ci, format_p
from items._forest import uncounted
from items._present import stratified, varying
from items._quoted import quoted

MODELS = {
    "univariable": "Univariable",
    "covariates + faceage10": "Multivariable with FaceAge",
    "covariates + age10": "Multivariable with age in its place",
    "covariates + both": "Multivariable with both",
}
ANSWER = (
    "Beside the clinical covariates a decade of FaceAge has a hazard ratio of {clinical_faceage} "
    "({clinical_faceage:p}), and a decade of age in its place {clinical_age} ({clinical_age:p}). "
    "FaceAge {clinical_faceage_added:p<0.05|adds|does not clearly add} to a model that holds age "
    "({clinical_faceage_added:p}); age {clinical_age_added:p<0.05|adds|does not clearly add} to a "
    "model that holds FaceAge ({clinical_age_added:p})."
)
CHECKS = (
    "Proportional hazards, score test over all terms of the model with FaceAge: {clinical_zph:p}; "
    "each term is in the table of proportional hazards above."
)
COLUMNS = {
    "label": "covariate",
    "marker1": "first model of a comparison",
    "marker2": "second model of a comparison",
    "estimate1": "concordance of the first model, in the patients it was fitted to",
    "estimate2": "concordance of the second model, in the patients it was fitted to",
}


def hazard_ratios(fit, labels):
    """Every hazard ratio of the models shown, with a readable name; without reference levels."""
    table = fit.tidy(exponentiate=True)
    table = table[table["model"].isin(list(MODELS)) & ~table["is_reference"]]
    table = table.assign(label=table["term"].map(labels), model=table["model"].map(MODELS))
    return table[["model", "label", "term", "estimate", "conf_low", "conf_high", "std_error",
                  "p_value", "n", "n_event", "scale"]]  # fmt: skip


def shown(fit, hr, patients, everyone, against=""):
    """Figures, captions and tables: the clinical model with FaceAge and with age; survival."""
    drawn = hr[hr["model"].isin(list(MODELS.values())[1:3])]
    figure = partial(
        uncounted, drawn, effect="Hazard ratio of death", label="label", group="model",
        width="double",
    )  # fmt: skip
    caption = (
        f"Hazard ratios of death with 95% confidence intervals in {{n}} {patients} patients with "
        "complete covariates ({n_event} deaths): the clinical model with FaceAge, and the same "
        f"model with age in its place. {against}Cox models, Efron's treatment of ties."
    )
    counts = fit.glance().iloc[0]
    curves = survival(everyone, patients)
    return {
        "numbers": {"n": int(counts["n"]), "n_event": int(counts["n_event"]),
                    "n_all": len(everyone), "n_event_all": int(everyone["death"].sum())},
        "figure": {"": fs.Figure(figure, caption, "Hazard ratios"), "survival": curves["figure"]},
        "answer": ANSWER,
        "checks": CHECKS,
        "tables": {
            "hazard_ratios": partial(side_by_side, hr),
            "hazard_ratios_numbers": hr,
            "likelihood_ratio_tests": fit.tests(),
            "proportional_hazards": fit.zph(),
            "models": fit.fits(),
            "concordance_differences": fit.contrasts(),
            **curves["tables"],
        },
        "source_data": drawn,
        "columns": COLUMNS,
    }  # fmt: skip


def survival(rows, patients):
    """Kaplan-Meier curves of all patients by FaceAge group, and their medians."""
    groups = " + ".join(varying(rows, ["faceage_group"])) or "1"
    km = fs.survfit(f"Surv(years, death) ~ {groups}", data=rows)
    whole = fs.survfit("Surv(years, death) ~ 1", data=rows)
    figure = fs.Figure(
        partial(fs.figures.km, km, time_label="Years since start of radiotherapy"),
        caption=(
            f"Survival of all {{n_all}} {patients} patients ({{n_event_all}} deaths) by FaceAge "
            "group, also of those with incomplete covariates. Kaplan-Meier estimates with 95% "
            "confidence bands; numbers at risk count patients under observation just before each "
            "time."
        ),
        label="Survival by FaceAge group",
    )
    tables = {"median_survival_of_all": partial(fs.SurvFit.median, whole)}
    if groups != "1":
        test = stratified(f"Surv(years, death) ~ {groups}", rows)
        tables |= {"median_survival": partial(fs.SurvFit.median, km),
                   "logrank": fs.survdiff(test, data=rows).glance()}  # fmt: skip
    return {"figure": figure, "tables": tables}


def side_by_side(hr):
    """One row per covariate, each model beside the others, as papers print it."""
    cells = pd.DataFrame(
        {
            "label": hr["label"],
            "model": hr["model"],
            "HR (95% CI)": [
                format_estimate_ci(*row)
                for row in hr[["estimate", "conf_low", "conf_high"]].itertuples(index=False)
            ],
            "p": hr["p_value"].map(format_p),
        }
    )
    order = {label: i for i, label in enumerate(dict.fromkeys(hr["label"]))}
    wide = cells.pivot(index="label", columns="model").fillna("")
    columns = [(what, model) for model in dict.fromkeys(hr["model"]) for what in cells.columns[2:]]
    wide = wide[columns].loc[sorted(wide.index, key=order.get)]
    wide.columns = [f"{model}: {what}" for what, model in columns]
    return wide.rename_axis("Covariate").reset_index()


def values(fit, hr, ids):
    """Published hazard ratios, and what the answer and the checks name."""
    markers = {"faceage": "faceage10", "age": "age10"}
    in_place = {"faceage": "Multivariable with FaceAge",
                "age": "Multivariable with age in its place"}  # fmt: skip
    tests = fit.tests().assign(estimate=lambda d: d["statistic"])
    tests = tests[tests["group1"].isin(["covariates + faceage10", "covariates + age10"])]
    whole = fit.zph().query("term == 'GLOBAL' and model == 'covariates + faceage10'")
    also = quoted(
        **{f"clinical_{name}": hr[(hr["model"] == in_place[name]) & (hr["term"] == term)]
           for name, term in markers.items()},
        **{f"clinical_{name}_added": tests[tests["term"] == term]
           for name, term in markers.items()},
        clinical_zph=whole.assign(estimate=whole["statistic"]),
    )  # fmt: skip
    return pd.concat([published(hr, ids), also])


def published(hr, ids):
    """Recovered hazard ratios under the ids of the published ones, by model and term."""
    keys = list(zip(hr["model"], hr["term"], strict=True))
    rows = hr.assign(id=[ids.get(key) for key in keys], quantity="hazard_ratio")
    return rows.dropna(subset="id")[["id", "quantity", "term", "estimate", "conf_low", "conf_high",
                                     "p_value", "n", "n_event"]]  # fmt: skip
