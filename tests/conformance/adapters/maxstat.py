"""Maximally selected statistics."""

from __future__ import annotations

from typing import Any

from faceage_stats.association.classical.maxstat import maxstat_test

from . import adapter
from .survfit import survival_formula


@adapter("maximally_selected_statistic")
def best_cut(args: Any, data: Any, case: Any) -> dict[str, Any]:
    if args["scores"] == "LogRank":
        formula = survival_formula(args, args["marker"], data)
    else:
        formula = f"{args['outcome']} ~ {args['marker']}"
    options = {"minprop": args["minprop"], "maxprop": args["maxprop"]}
    methods = [method for method in args["p_methods"] if method != "HL"]
    tests = {m: maxstat_test(formula, data, p_method=m, **options) for m in methods}
    test = tests["Lau94"]
    assert test.scores == args["scores"]
    table = test.tidy()
    answer = {
        "cut_point": test.cut_point,
        "p": {method: each.p_value for method, each in tests.items()},
        "n_cut_points": len(table),
        "cut_points_first8": table["cut_point"].head(8),
    }
    if "HL" in args["p_methods"]:  # whose statistic is of rounded scores
        return answer
    statistics = table["statistic"].head(8)
    return {
        **answer,
        "statistic": test.statistic,
        "standardised_statistics_first8": statistics,
    }
