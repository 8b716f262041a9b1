"""Covariates of the models of palliative patients."""

COVARIATES = ("cancer_group", "ecog_group", "any_prior_rt", "any_admission", "any_er_admission",
              "mets_liver", "mets_brain", "mets_spine", "mets_adrenal", "mets_other",
              "years_to_first_metastasis", "years_metastasis_to_consult")  # fmt: skip
