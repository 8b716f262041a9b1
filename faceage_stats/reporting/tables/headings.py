"""Headings of the columns of results, as papers print them."""

from __future__ import annotations

from faceage_stats.reporting.words import in_words, title_of

__all__ = ["heading_of"]

HEADINGS = {
    "aic": "AIC",
    "bic": "BIC",
    "adjusted_for": "Given",
    "allele_frequency": "Allele frequency",
    "concordance": "C index",
    "concordance_se": "SE of the C index",
    "cumhaz": "Cumulative hazard",
    "cumhaz_se": "SE of the cumulative hazard",
    "df_residual": "Residual df",
    "df": "df",
    "display_item": "In the paper",
    "estimate_max": "Largest estimate",
    "estimate_min": "Smallest estimate",
    "estimate1": "First",
    "estimate2": "Second",
    "fahr-faceage": "FAHR-FaceAge",
    "fahr-facesurvival": "FAHR-FaceSurvival",
    "dlib-age": "dlib's age",
    "family": "Adjusted over",
    "file": "Topic",
    "fmi": "Missing information",
    "fp_rate": "False positives, proportion",
    "fraction": "Proportion",
    "group1": "First group",
    "group2": "Second group",
    "id": "Published number",
    "is_reference": "Reference",
    "log_lik": "Log likelihood",
    "marker1": "First marker",
    "marker2": "Second marker",
    "mean_abs_effect": "Mean absolute effect",
    "median": "Median",
    "modality": "Arm",
    "modality1": "First arm",
    "modality2": "Second arm",
    "n": "n",
    "n_absent": "Absent",
    "n_after": "After",
    "n_before": "Before",
    "n_case": "Deaths",
    "n_censor": "Censored",
    "n_changed": "Changed",
    "n_control": "Alive",
    "n_event": "Events",
    "n_excluded": "Excluded",
    "n_gene": "Genes",
    "n_missing": "Missing",
    "n_reader": "Readers",
    "n_missing_variant": "Often missing",
    "n_risk": "At risk",
    "n_train": "Trained on",
    "n_variant": "Variants",
    "p_adjust": "Adjustment",
    "p_adjusted": "Adjusted p",
    "p_bh": "p (Benjamini-Hochberg)",
    "p_holm": "p (Holm)",
    "p_maxt": "p (max-T)",
    "p_reported": "p as printed",
    "p_value": "p",
    "photo": "Photograph",
    "planted": "Planted",
    "proportion_a": "Proportion, astronaut",
    "proportion_b": "Proportion, Grace Hopper",
    "published_estimate": "Published",
    "published_p": "Published p",
    "recovered_estimate": "Recovered",
    "recovered_n": "Recovered n",
    "recovered_p": "Recovered p",
    "q05": "5th percentile",
    "q25": "Lower quartile",
    "q75": "Upper quartile",
    "q95": "95th percentile",
    "q_value": "q value",
    "r_age": "Correlation with age",
    "r_call": "Call of R, and ours",
    "r_cox": "Correlation, Cox model",
    "r_coxnet": "Correlation, Cox elastic net",
    "r_hat": "R-hat",
    "r_ranking": "Correlation, ranking head",
    "r_true_gap": "Correlation with the true gap",
    "r_with_other": "Correlation with the other person's map",
    "rmst": "Restricted mean, years",
    "rmtl": "Time lost, years",
    "robust_se": "Robust SE",
    "smd": "SMD",
    "std_dev": "SD",
    "std_error": "SE",
    "s_per_pass": "Seconds a pass",
    "strata": "Group",
    "tau": "Up to, years",
    "tied_x": "Tied markers",
    "tied_xy": "Tied in both",
    "tied_y": "Tied times",
    "time": "Years",
    "tp_rate": "True positives, proportion",
    "variant_id": "Variant",
}
_UNITS = {"_ms": "ms", "_s": "s", "_mb": "MB", "_gigabytes": "GB"}


def heading_of(column: str) -> str:
    """Heading of a column.

    Parameters
    ----------
    column : str

    Returns
    -------
    str

    Examples
    --------
    >>> heading_of("p_adjusted"), heading_of("n_gene"), heading_of("least_expected")
    ('Adjusted p', 'Genes', 'Least expected')
    >>> heading_of("p_adjusted_skat"), heading_of("age_given_faceage_p_holm")
    ('Adjusted p, SKAT', 'Age given FaceAge, p (Holm)')
    """
    if column in HEADINGS:
        return HEADINGS[column]
    if ", N = " in column:  # of a baseline table
        group, _, size = column.partition(", N = ")
        return f"{in_words(group)}, N = {size}"
    if column.startswith("n_"):
        return title_of(column.removeprefix("n_"))
    for value in ("p_value", "p_adjusted", "p_holm", "p_bh"):
        if column.startswith(f"{value}_"):
            return f"{HEADINGS[value]}, {title_of(column[len(value) + 1 :])}"
        if column.endswith(f"_{value}"):
            return f"{title_of(column[: -len(value) - 1])}, {HEADINGS[value]}"
    unit = next((end for end in _UNITS if column.endswith(end)), "")
    return f"{title_of(column.removesuffix(unit))}{unit and ', '}{_UNITS.get(unit, '')}"
