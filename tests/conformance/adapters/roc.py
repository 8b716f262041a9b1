"""ROC curves of markers and their comparison."""

from __future__ import annotations

from typing import Any

import numpy as np

from faceage_stats.prediction.roc.comparison import roc_test
from faceage_stats.prediction.roc.roc import roc

from . import adapter
from .r_order import first_minus_second

COORDS = ("threshold", "specificity", "sensitivity", "ppv", "npv", "accuracy")
COUNTS = ("tp", "tn", "fp", "fn")


def _curve(args: Any, data: Any, marker: str, direction: str) -> Any:
    formula = f"`{args['outcome']}` ~ `{marker}`"
    return roc(formula, data, direction=direction, levels=(args["negative"], args["positive"]))


@adapter("roc")
def single(args: Any, data: Any, case: Any) -> dict[str, Any]:
    curve = _curve(args, data, args["marker"], args["direction"])
    row = curve.tidy(conf_level=args["conf_level"]).iloc[0]
    interval = curve.ci("delong", conf_level=args["conf_level"]).iloc[0]
    best, points = curve.coords("youden", ci="none"), curve.coords("all", ci="none")
    answer = {
        "n_negative": row["n"] - row["n_event"],
        "n_positive": row["n_event"],
        "direction_used": curve.direction,
        "auc": curve.auc,
        "delong_var": curve.curve.variance,
        "delong_se": row["std_error"],
        "ci_lower": interval["conf_low"],
        "ci_upper": interval["conf_high"],
        "z_vs_half": row["statistic"],
        "p_vs_half": row["p_value"],
        "youden": {
            **_columns(best, COORDS + COUNTS),
            "youden": best["youden"] + 1,
            "youden_j": best["youden"],
        },
        "closest_topleft": _columns(curve.coords("closest_topleft", ci="none"), COORDS[:3]),
        "curve": {
            "thresholds": points["threshold"],
            **_columns(points, ("sensitivity", "specificity")),
        },
    }
    for end in ("ci_lower", "ci_upper"):
        if not row["std_error"] or 0 < answer[end] < 1:  # it was not cut
            answer[f"{end}_unclipped"] = answer[end]
    if args["thresholds"]:
        at = curve.coords(threshold=args["thresholds"], ci="none")
        answer["at_thresholds"] = _columns(at, COORDS + COUNTS)
    if args["partial_auc"]:
        answer["partial_auc"] = _partial(curve, **args["partial_auc"])
    return answer


def _columns(table: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: table[name].to_numpy() for name in names}


def _partial(curve: Any, **wanted: Any) -> dict[str, float]:
    part = curve.partial_auc(wanted["from"], wanted["to"], focus=wanted["focus"], n_resamples=100)
    return {"raw": part.raw, "corrected": part.corrected}


@adapter("roc_test_paired")
def paired(args: Any, data: Any, case: Any) -> dict[str, Any]:
    curves = [_curve(args, data, args[f"marker{i}"], args[f"direction{i}"]) for i in (1, 2)]
    test = roc_test(*curves, paired=True, alternative=args["alternative"])
    row = first_minus_second(test.tidy(conf_level=args["conf_level"])).iloc[0]
    return {
        **_common(test, row),
        "statistic_name": "Z",
        "df": None,
        "conf_int_difference": row[["conf_low", "conf_high"]].to_list(),
        "covariance": test.vcov().iloc[0, 1],
    }


@adapter("roc_test_unpaired")
def unpaired(args: Any, data: Any, case: Any) -> dict[str, Any]:
    groups = [data[data[args["split_column"]] == args[f"group{i}"]] for i in (1, 2)]
    curves = [_curve(args, groups[i], args[f"marker{i + 1}"], args["direction"]) for i in (0, 1)]
    test = roc_test(*curves, paired=False, alternative=args["alternative"])
    row = first_minus_second(test.tidy()).iloc[0]
    return {
        **_common(test, row),
        "statistic_name": "D",
        "df": row["df"],
        "conf_int_difference": None,  # pROC 1.18 gives none for the unpaired test
        "z_normal": row["statistic"],
        "p_normal": test.glance()["p_value"].item(),  # chi-squared: that of a normal statistic
    }


def _common(test: Any, row: Any) -> dict[str, Any]:
    return {
        "auc": test.estimate,
        "difference": row["estimate"],
        "statistic": row["statistic"],
        "p": row["p_value"],
        "method": test.method,
        "alternative": test.alternative,
        "se": np.sqrt(np.diag(test.vcov())),
        "difference_se": row["std_error"],
    }
