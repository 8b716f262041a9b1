"""Thoracic cohort. Clinical Cox models with FaceAge, and with age in its place."""

import faceage_stats as fs
from items._clinical_models import COLUMNS, MODELS, hazard_ratios

TABLES = ("thoracic",)
COVARIATES = ("sex", "smoker", "ecog_group", "stage", "grade_group", "ethnicity", "intent",
              "histology")  # fmt: skip
LABELS = {
    "faceage10": "FaceAge, per decade",
    "age10": "Age, per decade",
    "sexmale": "Male sex",
    "smokerever": "Ever smoker",
    "ecog_group>1": "ECOG above 1",
    "stageII": "Stage II against I",
    "stageIII": "Stage III against I",
    "stageIV": "Stage IV against I",
    "grade_group>1": "Grade above 1",
    "ethnicitynon_white": "Ethnicity other than white",
    "intentcurative": "Curative intent",
    "histologysclc": "Small-cell against non-small-cell",
    "histologyother": "Other histology against non-small-cell",
}


def make(data, settings):
    """Univariable and multivariable models, likelihood-ratio and proportional-hazards tests."""
    cohort = fs.curate(data["thoracic"], "thoracic", complete=COVARIATES)
    fit = fs.marker_substitution(
        f"Surv(years, death) ~ {' + '.join(COVARIATES)}",
        cohort.rows,
        marker="faceage10",
        other="age10",
    )
    hr = hazard_ratios(fit, LABELS)
    drawn = hr[hr["model"].isin(list(MODELS.values())[1:3])]
    figure = fs.figures.forest(
        drawn.drop(columns=["n", "n_event"]), effect="Hazard ratio of death", label="label",
        group="model", width="double",
    )  # fmt: skip
    counts = fit.glance().iloc[0]
    return fs.Item(
        figure=figure,
        caption=(
            f"Hazard ratios of death with 95% confidence intervals in {counts['n']:,} thoracic "
            f"patients with complete covariates ({counts['n_event']:,} deaths): the clinical model "
            "with FaceAge, and the same model with age in its place. Cox models, Efron's "
            "treatment of ties."
        ),
        tables={
            "hazard_ratios": hr,
            "likelihood_ratio_tests": fit.tests(),
            "proportional_hazards": fit.zph(),
            "models": fit.glance(),
            "concordance_differences": fit.contrasts(),
        },
        values=values(hr),
        source_data=drawn,
        flow=cohort.flow,
        columns=COLUMNS,
    )


def values(hr):
    """Recovered values under the ids of the published ones."""
    ids = {
        ("Multivariable with FaceAge", "faceage10"): "faceage_thoracic_hr_adjusted",
        ("Multivariable with age in its place", "age10"): "faceage_thoracic_age_not_significant",
    }
    found = [(r.model, r.term) in ids for r in hr.itertuples()]
    rows = hr[found].assign(
        id=[ids[(r.model, r.term)] for r in hr[found].itertuples()], quantity="hazard_ratio"
    )
    return rows[["id", "quantity", "term", "estimate", "conf_low", "conf_high", "p_value", "n",
                 "n_event"]]  # fmt: skip
