"""Log-rank family."""

from __future__ import annotations

import re
from typing import Any

from faceage_stats.survival.survdiff import logrank_trend, pairwise_survdiff, survdiff

from . import adapter
from .survfit import survival_formula


def _with_strata(args: Any, group: str) -> str:
    strata = args.get("strata") or []
    columns = [strata] if isinstance(strata, str) else list(strata)
    return survival_formula(args, group + (f" + strata({', '.join(columns)})" if columns else ""))


@adapter("logrank")
def logrank(args: Any, data: Any, case: Any) -> dict[str, Any]:
    test = survdiff(args["formula"], data, rho=args["rho"])
    return {
        "groups": [_r_label(label, args["formula"]) for label in test.groups],
        "n": test.n,
        "observed": test.observed,
        "expected": test.expected,
        "var": test.vcov,
        "chisq": test.statistic,
        "df": test.df,
        "p": test.p_value,
    }


def _r_label(label: str, formula: str) -> str:
    """R keeps I() in the label of a group that is an expression."""
    for expression in re.findall(r"I\(([^()]*)\)", formula):
        label = label.replace(f"{expression}=", f"I({expression})=")
    return label


@adapter("pairwise_logrank")
def pairwise(args: Any, data: Any, case: Any) -> dict[str, Any]:
    group, formula = args["group"], _with_strata(args, args["group"])
    tables = {
        method: pairwise_survdiff(formula, data, rho=args["rho"], p_adjust=method).tidy()
        for method in args["adjust"]
    }
    table = next(iter(tables.values()))
    return {
        "group1": table["group1"].str.removeprefix(f"{group}="),
        "group2": table["group2"].str.removeprefix(f"{group}="),
        "chisq": table["statistic"],
        "p": table["p_value"],
        "p_adjusted": {method: each["p_adjusted"] for method, each in tables.items()},
    }


@adapter("logrank_trend")
def trend(args: Any, data: Any, case: Any) -> dict[str, Any]:
    test = logrank_trend(_with_strata(args, args["group"]), data, scores=args["scores"])
    return {"logrank_trend": {"stat": test.statistic, "df": 1, "p": test.p_value}}
