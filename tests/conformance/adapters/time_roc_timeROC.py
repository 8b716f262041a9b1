"""Time-dependent AUC as timeROC gives it."""

from __future__ import annotations

from typing import Any

from faceage_stats.prediction.horizon.time_roc import time_roc

from . import adapter, only
from .r_order import first_minus_second

CONTROLS = {
    "event-free": "controls_event_free",
    "all": "controls_event_free_or_other_event",
}


@adapter("time_roc")
def time_dependent_roc(args: Any, data: Any, case: Any) -> dict[str, Any]:
    only(
        args,
        estimator="cumulative/dynamic, inverse-probability-of-censoring weighted",
        censoring_model="marginal Kaplan-Meier",
        higher_marker="higher risk (a leading minus means: negate the column)",
    )
    terms = [f"I(-{m[1:]})" if m.startswith("-") else m for m in args["markers"]]
    formula = f"Surv({args['time']}, {args['event']}) ~ {' + '.join(terms)}"
    results = {
        controls: time_roc(
            formula,
            data,
            args["times"],
            cause=args["cause"],
            controls=controls,
            convention="timeROC",
        )
        for controls in CONTROLS
    }
    competing = bool((results["all"].augment()["status"] == 2).any())
    markers = [_marker(results, i, competing, args) for i in range(len(terms))]
    answer = {"n": results["all"].n, "times": results["all"].times, "markers": markers}
    if len(terms) == 2:
        compared = {name: _compare(results[key]) for key, name in CONTROLS.items()}
        answer["compare_first_minus_second"] = compared if competing else compared[CONTROLS["all"]]
    return answer


def _marker(results: Any, position: int, competing: bool, args: Any) -> dict[str, Any]:
    counts = results["all"].counts
    answer = {
        "marker": args["markers"][position],
        "weighted_incidence": counts["incidence"],
        "weighted_event_free": counts["event_free"],
        "n_cases": counts["n_case"],
        "n_controls": counts["n_control"],
        "n_other_events": counts["n_other"],
        "n_censored_before": counts["n_excluded"],
    }
    own = {
        name: _area(results[key], position, args["conf_level"]) for key, name in CONTROLS.items()
    }
    return {**answer, **(own if competing else own[CONTROLS["all"]])}


def _area(result: Any, position: int, level: float) -> dict[str, Any]:
    table = result.tidy(conf_level=level)
    rows = table[table["marker"] == result.markers[position]]
    names = {"estimate": "auc", "std_error": "se", "conf_low": "conf_low", "conf_high": "conf_high"}
    return {new: rows[old].to_numpy() for old, new in names.items()}


def _compare(result: Any) -> dict[str, Any]:
    rows = first_minus_second(result.contrasts())
    names = {"estimate": "difference", "std_error": "se", "statistic": "z", "p_value": "p"}
    return {new: rows[old].to_numpy() for old, new in names.items()}
