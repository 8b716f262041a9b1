"""Thoracic cohort. Clinical Cox models with FaceAge, and with age in its place."""

import faceage_stats as fs
from items._clinical_models import hazard_ratios, shown, values
from items._present import curate, model

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
IDS = {
    ("Multivariable with FaceAge", "faceage10"): "faceage_thoracic_hr_adjusted",
    ("Multivariable with age in its place", "age10"): "faceage_thoracic_age_not_significant",
}


def make(data, settings):
    """Univariable and multivariable models, likelihood-ratio and proportional-hazards tests."""
    cohort = curate(data["thoracic"], "thoracic", complete=COVARIATES)
    rows = cohort.rows
    fit = fs.marker_substitution(
        f"Surv(years, death) ~ {model(rows, [], COVARIATES)}",
        rows,
        marker="faceage10",
        other="age10",
    )
    hr = hazard_ratios(fit, LABELS)
    everyone = curate(data["thoracic"], "thoracic").rows
    return fs.Item(
        **shown(fit, hr, "thoracic", everyone), values=values(fit, hr, IDS), flow=cohort.flow
    )
