"""ROC curves: weighted thresholds, percent, power of two curves, rates and their tests."""

from __future__ import annotations

from typing import Any

import faceage_stats as fs

from . import adapter
from .r_order import first_minus_second

COORDS = ("threshold", "sensitivity", "specificity", "ppv", "npv", "accuracy")


def _curve(args: Any, data: Any, marker: str = "marker", direction: str | None = None) -> Any:
    return fs.roc(
        f"`{args['outcome']}` ~ `{args[marker]}`",
        data,
        direction=direction or args["direction"],
        levels=(args["control_level"], args["case_level"]),
    )


def _pair(args: Any, data: Any) -> list[Any]:
    one, other = args["directions"]
    return [_curve(args, data, "marker1", one), _curve(args, data, "marker2", other)]


@adapter("roc_best_threshold")
def best_threshold(args: Any, data: Any, case: Any) -> dict[str, Any]:
    best = _curve(args, data).coords(
        args["method"].replace(".", "_"),
        cost=args["relative_cost"],
        prevalence=args["prevalence"],
        ci="none",
    )
    return {name: best[name] for name in COORDS[:3]}


@adapter("roc_percent")
def percent(args: Any, data: Any, case: Any) -> dict[str, Any]:
    """Shares here, percent there."""
    assert args["percent"]
    curve = _curve(args, data)
    row, best = curve.tidy().iloc[0], curve.coords("youden", ci="none")
    high, low = (limit / 100 for limit in args["partial_specificity"])
    part = curve.partial_auc(low, high, n_resamples=100)
    shares = {name: 100 * best[name] for name in COORDS[1:]}
    return {
        "auc": 100 * curve.auc,
        "ci": [100 * row[name] for name in ("conf_low", "estimate", "conf_high")],
        "partial_auc_corrected": 100 * part.corrected,
        "best": {"threshold": best["threshold"], **shares},
    }


@adapter("roc_power_two_curves")
def power_of_two(args: Any, data: Any, case: Any) -> dict[str, Any]:
    level = args.get("sig.level", 0.05)
    row = fs.roc_test_power(*_pair(args, data), power=args["power"], sig_level=level).iloc[0]
    names = {"ncases": "n_case", "ncontrols": "n_control", "auc1": "estimate1", "auc2": "estimate2"}
    return {
        **{theirs: row[ours] for theirs, ours in names.items()},
        "power": row["power"],
        "sig_level": level,
    }


@adapter("roc_test_at_specificity")
def at_specificity(args: Any, data: Any, case: Any) -> dict[str, Any]:
    return _at(args, data, "specificity")


@adapter("roc_test_at_sensitivity")
def at_sensitivity(args: Any, data: Any, case: Any) -> dict[str, Any]:
    return _at(args, data, "sensitivity")


def _at(args: Any, data: Any, given: Any) -> dict[str, Any]:
    test = fs.roc_test(
        *_pair(args, data), method=given, n_resamples=args["resamples"], **{given: args["at"]}
    )
    row = first_minus_second(test.tidy()).iloc[0]
    one, other = test.estimate
    return {"d": row["statistic"], "p": row["p_value"], "value1": one, "value2": other}


@adapter("roc_ci_at_points")
def at_points(args: Any, data: Any, case: Any) -> dict[str, Any]:
    curve, n = _curve(args, data), args["resamples"]
    at = args["at"]
    return {
        "sensitivity_at_specificity": _limits(curve.band(specificities=at, n_resamples=n)),
        "specificity_at_sensitivity": _limits(curve.band(sensitivities=at, n_resamples=n)),
    }


def _limits(band: Any) -> dict[str, Any]:
    return {"lower": band["conf_low"], "median": band["median"], "upper": band["conf_high"]}
