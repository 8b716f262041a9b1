"""Statistics for face-derived biological age, with R's names and R's numbers.

Public names are imported on first use, so that ``import faceage_stats`` stays fast.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.2.0"

# public name -> module that defines it
_PUBLIC: dict[str, str] = {
    # results
    "bind_tidy": "_result",
    "resample": "_resample",
    "boot_ci": "_resample",
    "errors": "errors",
    # cohorts
    "validate": "cohorts.schema",
    "read_table": "cohorts.tables",
    "curate": "cohorts.curation",
    "simulate": "cohorts.synthetic",
    "fetch_utk": "cohorts.remote",
    # survival
    "coxph": "survival.coxph",
    "anova": "survival.coxph",
    "cox_zph": "survival.zph",
    "coxnet": "survival.coxnet",
    "coxph_screen": "survival.screen",
    "firth_logistic": "survival.firth",
    "survfit": "survival.survfit",
    "survdiff": "survival.survdiff",
    "pairwise_survdiff": "survival.survdiff",
    "logrank_trend": "survival.survdiff",
    "concordance": "survival.concordance",
    "concordance_test": "survival.concordance",
    "rmst": "survival.rmst",
    "cuminc": "survival.competing_risks",
    "crr": "survival.fine_gray",
    "adjusted_curves": "survival.adjusted_curves",
    "optimism": "survival.optimism",
    # prediction
    "marker_substitution": "prediction.substitution",
    "teachh": "prediction.teachh",
    "teachh_substitution": "prediction.teachh_substitution",
    "risk_model": "prediction.risk_model",
    "mrmc": "prediction.mrmc",
    "state_by": "prediction.state",
    "reader_survival": "prediction.reader_survival",
    "reader_auc": "prediction.readers",
    "reader_agreement": "prediction.reader_agreement",
    "reader_power": "prediction.reader_power",
    "ReaderVariance": "prediction.reader_power",
    "cox_power": "prediction.sample_size",
    "cox_sample_size": "prediction.sample_size",
    "cox_sample_size_pilot": "prediction.sample_size",
    "pmsampsize_binary": "prediction.pmsampsize",
    "pmsampsize_survival": "prediction.pmsampsize",
    "roc": "prediction.roc",
    "roc_test": "prediction.roc_test",
    "time_roc": "prediction.time_roc",
    "brier": "prediction.brier",
    "logistic": "association.logistic",
    "calibration": "prediction.calibration",
    "royston": "prediction.royston",
    "nri": "prediction.reclassification",
    "idi": "prediction.reclassification",
    "rcorrp_cens": "prediction.rcorrp_cens",
    "decision_curve": "prediction.decision_curve",
    "survival_head": "prediction.survival_head",
    "survival_ranking_loss": "prediction.ranking_loss",
    # association
    "acat": "association.acat",
    "age_gap": "association.age_gap",
    "accuracy": "association.agreement",
    "accuracy_test": "association.accuracy_test",
    "age_decade": "association.agreement",
    "bland_altman": "association.bland_altman",
    "calibration_line": "association.agreement",
    "aov": "association.anova",
    "binom_test": "association.categorical",
    "chisq_test": "association.categorical",
    "fisher_test": "association.categorical",
    "mantelhaen_test": "association.categorical",
    "max_t": "association.maxt",
    "mcnemar_test": "association.categorical",
    "prop_test": "association.categorical",
    "cor_dependent_test": "association.dependent_correlation",
    "cor_diff_test": "association.correlation",
    "cor_test": "association.correlation",
    "partial_cor": "association.correlation",
    "gene_set_test": "association.gene_sets",
    "gene_screen": "association.genes",
    "cliff_delta": "association.cliff_delta",
    "hedges_g": "association.effect_size",
    "icc": "association.reliability",
    "kappa": "association.kappa",
    "lin_ccc": "association.lin_concordance",
    "lm": "association.linear_model",
    "repeatability": "association.repeatability",
    "smd": "association.effect_size",
    "smd_categorical": "association.effect_size",
    "adjust_family": "association.multiplicity",
    "complete_case": "association.complete_cases",
    "impute": "association.imputation",
    "e_value": "association.e_value",
    "influence": "association.sensitivity",
    "landmark": "association.sensitivity",
    "p_adjust": "association.multiplicity",
    "side_by_side": "association.sensitivity",
    "pool_chisq": "association.pooled_tests",
    "pool_rubin": "association.pooling",
    "pool_scalar": "association.pooling",
    "pool_test": "association.pooled_tests",
    "wilcox_test": "association.ranks",
    "hwe_test": "association.variant_qc",
    "kruskal_test": "association.tests",
    "levene_test": "association.tests",
    "oneway_test": "association.tests",
    "read_gmt": "association.gmt",
    "qvalue": "association.qvalue",
    "senescence_example": "association.gmt",
    "set_test": "association.set_tests",
    "shapiro_test": "association.tests",
    "subgroup_forest": "association.subgroups",
    "t_test": "association.tests",
    "variant_qc": "association.variant_qc",
    "variant_screen": "association.variant_screen",
    "var_test": "association.tests",
    # reporting
    "Item": "reporting.store",
    "figures": "reporting.figures",
    "table_one": "reporting.tables",
    "tbl_regression": "reporting.tables",
    "paper_values": "reporting.paper",
    "audit": "reporting.audit",
}

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'faceage_stats' has no attribute {name!r}")
    module = importlib.import_module(f"faceage_stats.{_PUBLIC[name]}")
    is_module = _PUBLIC[name].rpartition(".")[2] == name and not hasattr(module, name)
    value = module if is_module else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
