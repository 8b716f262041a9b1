"""Tests of proportional hazards."""

from __future__ import annotations

from typing import Any

import pandas as pd

import faceage_stats as fs

from . import adapter, only
from .coxph import outcome_formula


@adapter("cox_zph")
def proportional_hazards(args: Any, data: pd.DataFrame, case: Any) -> dict[str, Any]:
    only(args, **{"global": True})
    fit = fs.coxph(
        outcome_formula(args, data),
        data,
        ties=args["ties"],
        weights=args.get("weights"),
        cluster=args.get("cluster"),
    )
    test = fs.cox_zph(fit, args["transform"], terms=args["group_terms"])
    table = test.tidy()
    return {
        "rows": table["term"],
        "chisq": table["statistic"],
        "df": table["df"],
        "p": table["p_value"],
        "transformed_time_first5": test.x[:5],
        "event_time_first5": test.time[:5],
        "scaled_schoenfeld_plus_coef_first5": test.y[:5].tolist(),
    }
