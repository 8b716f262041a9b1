"""Clinical Cox models of the thoracic and the palliative cohort, with FaceAge and with age."""

from functools import partial

import faceage_stats as fs

MODELS = {
    "univariable": "Univariable",
    "covariates + faceage10": "Multivariable with FaceAge",
    "covariates + age10": "Multivariable with age in its place",
    "covariates + both": "Multivariable with both",
}
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


def shown(fit, hr, patients, against=""):
    """Figure, caption and tables: the clinical model with FaceAge, and with age in its place."""
    drawn = hr[hr["model"].isin(list(MODELS.values())[1:3])]
    figure = partial(
        fs.figures.forest,
        drawn.drop(columns=["n", "n_event"]), effect="Hazard ratio of death", label="label",
        group="model", width="double",
    )  # fmt: skip
    counts = fit.glance().iloc[0]
    return {
        "numbers": {"n": int(counts["n"]), "n_event": int(counts["n_event"])},
        "figure": figure,
        "caption": (
            f"Hazard ratios of death with 95% confidence intervals in {{n}} {patients} patients "
            "with complete covariates ({n_event} deaths): the clinical model "
            f"with FaceAge, and the same model with age in its place. {against}Cox models, "
            "Efron's treatment of ties."
        ),
        "tables": {
            "hazard_ratios": hr,
            "likelihood_ratio_tests": fit.tests(),
            "proportional_hazards": fit.zph(),
            "models": fit.fits(),
            "concordance_differences": fit.contrasts(),
        },
        "source_data": drawn,
        "columns": COLUMNS,
    }


def values(hr, ids):
    """Recovered hazard ratios under the ids of the published ones, by model and term."""
    keys = list(zip(hr["model"], hr["term"], strict=True))
    rows = hr.assign(id=[ids.get(key) for key in keys], quantity="hazard_ratio")
    return rows.dropna(subset="id")[["id", "quantity", "term", "estimate", "conf_low", "conf_high",
                                     "p_value", "n", "n_event"]]  # fmt: skip
