"""Net benefit as dcurves gives it."""

from __future__ import annotations

from typing import Any

from faceage_stats.prediction.risk.decision_curve import decision_curve
from faceage_stats.prediction.risk.decision_result import TREAT_ALL, TREAT_NONE

from . import adapter, only

COLUMNS = {
    "net_benefit": "estimate",
    "tp_rate": "tp_rate",
    "fp_rate": "fp_rate",
    "net_intervention_avoided": "net_intervention_avoided",
}


@adapter("decision_curve")
def net_benefit(args: Any, data: Any, case: Any) -> dict[str, Any]:
    only(args, censored_code="0")
    left, options = args["outcome"], {"prevalence": args["prevalence"]}
    if args["kind"] != "binary":
        left = f"Surv({args['time']}, {args['event']})"
        options |= {"times": args["horizon"]}
    if args["kind"] == "competing_risks":
        options |= {"cause": args["event_of_interest"]}
    curve = decision_curve(
        f"{left} ~ {' + '.join(args['models'])}",
        data,
        args["thresholds"],
        harm=args["harm"],
        n_resamples=0,
        **options,
    )
    table = curve.tidy()
    answer: dict[str, Any] = {
        "n": curve.n,
        "prevalence": curve.prevalence,
        "thresholds": curve.thresholds,
    }
    names = {TREAT_ALL: "treat_all", TREAT_NONE: "treat_none"}
    for strategy in curve.strategies:
        rows = table[table["marker"] == strategy]
        values = {name: rows[column].to_numpy() for name, column in COLUMNS.items()}
        answer[names.get(strategy, strategy)] = values
    return answer
