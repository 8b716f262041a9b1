"""What each column of a result is, for disclosure control: counts of people, estimates, times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

__all__ = ["ROLES", "Role", "role_of"]

Role = Literal[
    "count",
    "estimate",
    "sum",
    "error",
    "p_value",
    "statistic",
    "proportion",
    "time",
    "quantile",
    "df",
    "setting",
    "withheld",
]

_COUNTS = ("n", "observed", "expected", "recovered_n")
_ESTIMATES = (
    *("estimate", "estimate1", "estimate2", "conf_low", "conf_high", "mean", "mean_low"),
    *("mean_high", "std_dev"),
    *("concordance", "apparent", "points"),
    *("optimism", "bias", "rmst", "rmtl", "cumhaz", "riv", "lambda", "fmi", "df_complete"),
    *("r_hat", "risk_ratio", "e_value", "change", "r_squared_adjusted", "r_squared"),
    *("mean_sq", "eta_squared", "sigma", "smd", "smd_low", "smd_high", "predicted"),
    *("brier", "r_squared_nagelkerke", "r_squared_mcfadden"),
    *("sigma_post", "df_prior", "s2_prior", "correlation", "deviance_ratio"),
    *("recovered_estimate", "recovered_conf_low", "recovered_conf_high", "pi0"),
    *("least_expected", "most_expected", "mean1", "mean2", "smd_before", "smd_after"),
    *("r_squared_max", "estimate_uncorrected", "error_sd", "true_sd"),
    *("reliability", "dispersion"),
    *("slope", "eta_squared_partial", "epsilon_gg", "epsilon_hf"),
)
# Over all patients: by a mean of one patient they give the number of patients.
_SUMS = (
    *("log_lik", "log_lik_null", "log_lik_cv", "aic", "sum_sq", "rss", "deviance"),
    *("null_deviance", "pearson", "person_years", "person_years_outside", "log_odds"),
)
_ERRORS = (
    *("std_error", "robust_se", "naive_se", "concordance_se", "cumhaz_se", "smd_se"),
    "std_error_null",
)
# With the margins of a table a test gives its cells: two digits, as p values.
_STATISTICS = (
    *("statistic", "statistic_log", "statistic_wald", "statistic_sc", "statistic_robust"),
    *("statistic_null", "lr_statistic"),
)
_P_VALUES = (
    *("p_value", "p_adjusted", "p_value_log", "p_value_wald", "p_value_sc", "p_value_robust"),
    *("p_value_null", "p_holm", "p_bh", "q_value", "p_maxt", "p_permutation", "hwe_p"),
    *("lr_p_value", "recovered_p", "p_value_gg", "p_value_hf"),
)
_PROPORTIONS = (
    *("fraction", "sensitivity", "specificity", "tp_rate", "fp_rate", "prevalence", "agreement"),
    *("net_intervention_avoided", "missing_proportion", "allele_frequency", "maf"),
)
_QUANTILES = ("q05", "q25", "median", "q75", "q95", "threshold")
# Of the design, of readers, genes, models and publications: not of patients.
_SETTINGS = (
    *("conf_level", "tau", "prob", "is_reference", "suppressed", "n_reader", "n_column"),
    *("n_no_estimate", "n_not_converged", "n_imputation", "n_repeat", "n_set", "n_gene"),
    *("n_absent", "n_variant", "n_rare", "n_constant", "n_passed", "n_missing_variant", "n_hwe"),
    *("n_test", "n_factor", "n_level", "n_fold", "n_feature", "n_nonzero", "n_resamples"),
    *("least_expected", "most_expected", "n_note"),
    *("n_failed", "n_merged", "seed", "iterations", "iteration", "imputation", "gain", "power"),
    *(
        "group",
        "level",
        "strata",
        "reader",
        "modality",
        "cause",
        "decimals",
        "null_value",
        "rho",
        "penalty",
        "passed",
        "planted",
        "gamma",
        "added_variance",
    ),
    *("published_estimate", "published_conf_low", "published_conf_high", "published_p"),
    "published_decimals",
    *("implied_se", "implied_se_low", "implied_se_high", "implied_statistic", "implied_p"),
    *("implied_p_low", "implied_p_high", "asymmetry", "timewt", "p_reported"),
)
# Of one patient, or exact for few: never released. `report` and what follows give
# counts exactly; a weight is that of a patient.
_WITHHELD = (
    *("row", "fold", "score_ranking", "score_cox", "difference", "dfbetas", "estimate_min"),
    *("estimate_max", "report", "df_residual", "bic", "std_residual"),
    *("excess", "weight", "weight_max", "cut_point"),
    *("concordant", "discordant", "tied_x", "tied_y", "tied_xy"),  # pairs, which may be few
)

ROLES: dict[str, Role] = {
    **dict.fromkeys(_COUNTS, "count"),
    **dict.fromkeys(_ESTIMATES, "estimate"),
    **dict.fromkeys(_SUMS, "sum"),
    **dict.fromkeys(_ERRORS, "error"),
    **dict.fromkeys(_P_VALUES, "p_value"),
    **dict.fromkeys(_STATISTICS, "statistic"),
    **dict.fromkeys(_PROPORTIONS, "proportion"),
    "time": "time",
    **dict.fromkeys(("df", "df_log"), "df"),
    **dict.fromkeys(_QUANTILES, "quantile"),
    **dict.fromkeys(_SETTINGS, "setting"),
    **dict.fromkeys(_WITHHELD, "withheld"),
}


def role_of(column: str, roles: Mapping[str, Role] | None = None) -> Role:
    """Say what a numeric column is; one that nobody described is withheld.

    Parameters
    ----------
    column : str
        Its name.
    roles : mapping of column to role, optional
        Of columns that the glossary does not have.

    Returns
    -------
    str
        A column ``n_*`` counts patients unless it is known to count something else.

    Examples
    --------
    >>> role_of("n_case"), role_of("n_reader"), role_of("estimate"), role_of("bmi_of_patient")
    ('count', 'setting', 'estimate', 'withheld')
    """
    known = {**ROLES, **(roles or {})}
    if column in known:
        return known[column]
    return "count" if column.startswith("n_") else "withheld"
