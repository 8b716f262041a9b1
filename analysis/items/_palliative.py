"""Covariates and cancer groups of the models of palliative patients."""

from items._present import used_levels

COVARIATES = ("cancer_group", "ecog_group", "any_prior_rt", "any_admission", "any_er_admission",
              "mets_liver", "mets_brain", "mets_spine", "mets_adrenal", "mets_other",
              "years_to_first_metastasis", "years_metastasis_to_consult")  # fmt: skip


def with_gynaecological_as_other(rows):
    """Count gynaecological cancer as other cancer, as the public code does."""
    group = rows["cancer_group"].mask(rows["cancer_type"] == "gynaecological", "other")
    return used_levels(rows.assign(cancer_group=group))
