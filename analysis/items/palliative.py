"""Palliative cohort. Clinical Cox models with FaceAge, and with age in its place."""

import faceage_stats as fs
from items._clinical_models import hazard_ratios, shown, values
from items._palliative import COVARIATES
from items._present import curate, model

TABLES = ("palliative",)
LABELS = {
    "faceage10": "FaceAge, per decade",
    "age10": "Age, per decade",
    "cancer_grouplung": "Lung cancer",
    "cancer_groupprostate": "Prostate cancer",
    "cancer_groupother": "Other cancer",
    "ecog_group2": "ECOG 2 against 0-1",
    "ecog_group3-4": "ECOG 3-4 against 0-1",
    "any_prior_rt": "Any prior palliative radiotherapy",
    "any_admission": "Any hospital admission",
    "any_er_admission": "Any emergency-room admission",
    "mets_liver": "Liver metastases",
    "mets_brain": "Brain metastases",
    "mets_spine": "Spine metastases",
    "mets_adrenal": "Adrenal metastases",
    "mets_other": "Other metastases",
    "years_to_first_metastasis": "Diagnosis to first metastasis, per year",
    "years_metastasis_to_consult": "Metastasis to consultation, per year",
}
IDS = {("Multivariable with FaceAge", "faceage10"): "faceage_palliative_hr_adjusted"}


def make(data, settings):
    """Univariable and multivariable models, likelihood-ratio and proportional-hazards tests."""
    cohort = curate(data["palliative"], "palliative", complete=COVARIATES)
    fit = fs.marker_substitution(
        f"Surv(years, death) ~ {model(cohort.rows, [], COVARIATES)}",
        cohort.rows,
        marker="faceage10",
        other="age10",
    )
    hr = hazard_ratios(fit, LABELS)
    against = "Cancer types are set against breast and colorectal cancer. "
    return fs.Item(
        **shown(fit, hr, "palliative", curate(data["palliative"], "palliative").rows, against),
        values=values(fit, hr, IDS),
        flow=cohort.flow,
        notes=(
            "The public script refers to covariates that it never defines and to category codes "
            "that depend on the order of the rows; here every level is declared. Gynaecological "
            "cancer counts as other cancer, as in that script."
        ),
    )
