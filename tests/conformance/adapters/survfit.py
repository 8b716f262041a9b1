"""Kaplan-Meier and related curves."""

from __future__ import annotations

import re
from typing import Any

from faceage_stats.survival.km.survfit import SurvFit, survfit

from . import adapter


def survival_formula(args: Any, right: str, data: Any) -> str:
    """Surv(...) ~ right, from the columns that a case names."""
    names = [args.get("start"), args["time"], event_of(args["event"], data)]
    return f"Surv({', '.join(name for name in names if name)}) ~ {right}"


def event_of(event: str, data: Any) -> str:
    """R reads a status of 1 and 2 as 2 = event; here it is said."""
    if event in data and set(data[event].dropna().unique()) == {1, 2}:
        return f"{event} == 2"
    return event


@adapter("kaplan_meier")
def kaplan_meier(args: Any, data: Any, case: Any) -> dict[str, Any]:
    right = " + ".join(args.get("group") or ["1"])
    if "formula" in args:
        right = args["formula"].partition("~")[2].strip()
    fit = survfit(
        survival_formula(args, right, data),
        data,
        weights=args.get("weights"),
        cluster=args.get("cluster"),
        id=args.get("id"),
        start_time=args.get("start_time"),
        conf_type=args["conf_type"],
        conf_level=args["conf_level"],
        estimator=args.get("estimator", "kaplan-meier"),
    )
    shown = next(iter(case["expected"]["groups"].values())).get("curve_first")
    first = len(shown["time"]) if shown else 0
    return {
        "groups": {r_label(label, right): _group(fit, label, args, first) for label in fit.strata}
    }


def r_label(label: str, formula: str) -> str:
    """R keeps the wrapper in the label of a group that is an expression."""
    for wrapper, expression in re.findall(r"\b(I|factor)\(([^()]*)\)", formula):
        label = label.replace(f"{expression}=", f"{wrapper}({expression})=")
    return label


def _group(fit: SurvFit, label: str, args: Any, first: int) -> dict[str, Any]:
    def own(frame: Any) -> Any:
        return frame[frame["strata"] == label]

    curve, median = own(fit.tidy()), own(fit.median()).iloc[0]
    quantiles = own(fit.quantile(args["probs"]))
    group = {
        "n": median["n"],
        "records": median["n"],
        "n_start": curve["n_risk"].iloc[0],
        "events": median["n_event"],
        "median": median["median"],
        "median_lower": median["conf_low"],
        "median_upper": median["conf_high"],
        "quantiles": {
            "probs": quantiles["prob"],
            "time": quantiles["time"],
            "lower": quantiles["conf_low"],
            "upper": quantiles["conf_high"],
        },
        "curve": {"time": curve["time"], **_columns(curve, "n_event", "n_censor")},
        "curve_first": {
            "n_times": len(curve),
            "time": curve["time"].head(first),
            "n_enter": None,  # of multi-state curves only
            **_columns(curve.head(first), "n_event", "n_censor"),
        },
    }
    if args.get("times") is not None:
        at = own(fit.at(args["times"]))
        names = ("n_event_since_previous", "n_censor_since_previous")
        group["at_times"] = {"times": at["time"], **_columns(at, *names)}
    return group


def _columns(frame: Any, events: str, censored: str) -> dict[str, Any]:
    return {
        "n_risk": frame["n_risk"],
        events: frame["n_event"],
        censored: frame["n_censor"],
        "surv": frame["estimate"],
        "std_err": frame["std_error"],
        "lower": frame["conf_low"],
        "upper": frame["conf_high"],
        "cumhaz": frame["cumhaz"],
        "cumhaz_std_err": frame["cumhaz_se"],
    }
