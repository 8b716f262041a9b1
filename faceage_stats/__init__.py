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
    "coxph": "survival.cox.coxph",
    "anova": "survival.cox.coxph",
    "cox_zph": "survival.cox.cox_zph",
    "coxnet": "survival.cox.coxnet",
    "coxph_screen": "survival.cox.coxph_screen",
    "firth_logistic": "survival.firth.firth_logistic",
    "survfit": "survival.km.survfit",
    "survdiff": "survival.km.survdiff",
    "pairwise_survdiff": "survival.km.survdiff",
    "logrank_trend": "survival.km.survdiff",
    "concordance": "survival.concordance.concordance",
    "concordance_test": "survival.concordance.concordance",
    "rmst": "survival.km.rmst",
    "cuminc": "survival.competing.cuminc",
    "crr": "survival.competing.crr",
    "adjusted_curves": "survival.adjusted_curves",
    "optimism": "survival.optimism",
    # prediction
    "marker_substitution": "prediction.substitution.marker_substitution",
    "teachh": "prediction.substitution.teachh",
    "teachh_substitution": "prediction.substitution.teachh_substitution",
    "risk_model": "prediction.risk.risk_model",
    "mrmc": "prediction.readers.mrmc",
    "state_by": "prediction.horizon.state_by",
    "reader_survival": "prediction.readers.reader_survival",
    "reader_auc": "prediction.readers.reader_auc",
    "reader_agreement": "prediction.readers.reader_agreement",
    "reader_power": "prediction.readers.reader_power",
    "ReaderVariance": "prediction.readers.reader_power",
    "cox_power": "prediction.planning.cox_power",
    "cox_sample_size": "prediction.planning.cox_power",
    "cox_sample_size_pilot": "prediction.planning.cox_power",
    "pmsampsize_binary": "prediction.planning.pmsampsize",
    "pmsampsize_survival": "prediction.planning.pmsampsize",
    "roc": "prediction.roc.roc",
    "roc_test": "prediction.roc.comparison",
    "time_roc": "prediction.horizon.time_roc",
    "brier": "prediction.horizon.brier",
    "logistic": "association.regression.logistic",
    "calibration": "prediction.risk.calibration",
    "royston": "prediction.risk.royston",
    "nri": "prediction.risk.reclassification",
    "idi": "prediction.risk.reclassification",
    "rcorrp_cens": "prediction.risk.rcorrp_cens",
    "decision_curve": "prediction.risk.decision_curve",
    "survival_head": "prediction.ranking.survival_head",
    "survival_ranking_loss": "prediction.ranking.survival_ranking_loss",
    # association
    "acat": "association.genomics.acat",
    "age_gap": "association.age_gap",
    "accuracy": "association.agreement.accuracy",
    "accuracy_test": "association.agreement.comparison",
    "age_decade": "association.agreement.accuracy",
    "bland_altman": "association.agreement.bland_altman",
    "calibration_line": "association.agreement.accuracy",
    "aov": "association.classical.aov",
    "binom_test": "association.classical.counts",
    "chisq_test": "association.classical.counts",
    "fisher_test": "association.classical.counts",
    "mantelhaen_test": "association.classical.counts",
    "max_t": "association.genomics.max_t",
    "mcnemar_test": "association.classical.counts",
    "prop_test": "association.classical.counts",
    "cor_dependent_test": "association.classical.dependent_correlation",
    "cor_diff_test": "association.classical.correlation",
    "cor_test": "association.classical.correlation",
    "partial_cor": "association.classical.correlation",
    "gene_set_test": "association.genomics.gene_set",
    "gene_screen": "association.genomics.gene_screen",
    "cliff_delta": "association.classical.cliff_delta",
    "hedges_g": "association.classical.effect_size",
    "icc": "association.agreement.icc",
    "kappa": "association.agreement.kappa",
    "lin_ccc": "association.agreement.lin_ccc",
    "lm": "association.regression.lm",
    "repeatability": "association.agreement.repeatability",
    "smd": "association.classical.effect_size",
    "smd_categorical": "association.classical.effect_size",
    "adjust_family": "association.classical.p_adjust",
    "complete_case": "association.missing.complete_case",
    "impute": "association.missing.impute",
    "e_value": "association.sensitivity.e_value",
    "influence": "association.sensitivity.influence",
    "landmark": "association.sensitivity.influence",
    "p_adjust": "association.classical.p_adjust",
    "side_by_side": "association.sensitivity.influence",
    "pool_chisq": "association.missing.pool_statistics",
    "pool_rubin": "association.missing.pool",
    "pool_scalar": "association.missing.pool",
    "pool_test": "association.missing.pool_statistics",
    "wilcox_test": "association.classical.ranks",
    "hwe_test": "association.genomics.variant_qc",
    "kruskal_test": "association.classical.means",
    "levene_test": "association.classical.means",
    "oneway_test": "association.classical.means",
    "read_gmt": "association.genomics.gmt",
    "qvalue": "association.genomics.qvalue",
    "senescence_example": "association.genomics.gmt",
    "set_test": "association.genomics.variant_set",
    "shapiro_test": "association.classical.means",
    "subgroup_forest": "association.regression.subgroup_forest",
    "t_test": "association.classical.means",
    "variant_qc": "association.genomics.variant_qc",
    "variant_screen": "association.genomics.variant_screen",
    "var_test": "association.classical.means",
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
