"""Restricted mean survival time."""

from __future__ import annotations

from typing import Any

from faceage_stats.survival.km.rmst import rmst

from . import adapter
from .survfit import survival_formula


@adapter("rmst")
def restricted_mean(args: Any, data: Any, case: Any) -> dict[str, Any]:
    group = args.get("group")
    fit = rmst(
        survival_formula(args, group or "1", data),
        data,
        tau=args["tau"],
        weights=args.get("weights"),
        conf_level=args["conf_level"],
    )
    tidy = fit.tidy()
    answer = {
        "groups": [label.removeprefix(f"{group}=") for label in fit.strata],
        "rmst": tidy["estimate"],
        "se": tidy["std_error"],
        "lower": tidy["conf_low"],
        "upper": tidy["conf_high"],
        "rmtl": tidy["rmtl"],
    }
    if len(fit.strata) == 1:
        return answer
    difference, ratio = fit.contrasts(), fit.ratio()
    return answer | {
        "difference_vs_first": {
            "estimate": difference["estimate"],
            "se": difference["std_error"],
            "lower": difference["conf_low"],
            "upper": difference["conf_high"],
            "z": difference["statistic"],
            "p": difference["p_value"],
        },
        "ratio_vs_first": {
            "estimate": ratio["estimate"],
            "lower": ratio["conf_low"],
            "upper": ratio["conf_high"],
            "p": ratio["p_value"],
        },
    }
