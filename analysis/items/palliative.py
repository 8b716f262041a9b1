"""Palliative cohort. Clinical Cox models with FaceAge, and with age in its place."""

import faceage_stats as fs
from items._clinical_models import COLUMNS, MODELS, hazard_ratios
from items._palliative import COVARIATES, with_gynaecological_as_other

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


def make(data, settings):
    """Univariable and multivariable models, likelihood-ratio and proportional-hazards tests."""
    cohort = fs.curate(data["palliative"], "palliative", complete=COVARIATES)
    fit = fs.marker_substitution(
        f"Surv(years, death) ~ {' + '.join(COVARIATES)}",
        with_gynaecological_as_other(cohort.rows),
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
            f"Hazard ratios of death with 95% confidence intervals in {counts['n']:,} palliative "
            f"patients with complete covariates ({counts['n_event']:,} deaths): the clinical model "
            "with FaceAge, and the same model with age in its place. Cancer types are set against "
            "breast and colorectal cancer. Cox models, Efron's treatment of ties."
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
        notes=(
            "The public script refers to covariates that it never defines and to category codes "
            "that depend on the order of the rows; here every level is declared. Gynaecological "
            "cancer counts as other cancer, as in that script."
        ),
    )


def values(hr):
    """Recovered value under the id of the published one."""
    row = hr[(hr["model"] == "Multivariable with FaceAge") & (hr["term"] == "faceage10")]
    row = row.assign(id="faceage_palliative_hr_adjusted", quantity="hazard_ratio")
    return row[["id", "quantity", "term", "estimate", "conf_low", "conf_high", "p_value", "n",
                "n_event"]]  # fmt: skip
