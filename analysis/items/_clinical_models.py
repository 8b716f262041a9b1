"""Clinical Cox models of the thoracic and the palliative cohort, with FaceAge and with age."""

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
                  "p_value", "n", "n_event"]]  # fmt: skip
