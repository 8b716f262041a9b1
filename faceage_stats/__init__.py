"""Statistics for face-derived biological age, with R's names and R's numbers.

Public names are imported on first use, so that ``import faceage_stats`` stays fast.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

# public name -> module that defines it
_PUBLIC: dict[str, str] = {
    # results
    "bind_tidy": "_result",
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
    "coxph_screen": "survival.screen",
    "survfit": "survival.survfit",
    "survdiff": "survival.survdiff",
    "pairwise_survdiff": "survival.survdiff",
    "logrank_trend": "survival.survdiff",
    "concordance": "survival.concordance",
    "concordance_test": "survival.concordance",
    "rmst": "survival.rmst",
    # association
    "age_gap": "association.age_gap",
    # reporting
    "Item": "reporting.store",
    "figures": "reporting.figures",
    "table_one": "reporting.tables",
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
