"""Time-dependent AUC and Brier score as riskRegression::Score gives them."""

from __future__ import annotations

from typing import Any

from faceage_stats.prediction.horizon.brier import NULL_MODEL, brier
from faceage_stats.prediction.horizon.time_roc import Weighting, time_roc

from . import adapter, only


@adapter("time_dependent_auc_brier")
def score(args: Any, data: Any, case: Any) -> dict[str, Any]:
    only(args, cens_method="ipcw")
    formula = f"Surv({args['time']}, {args['event']}) ~ 1"
    risks = {model: args["risk_columns"][model] for model in args["models"]}
    weighting = Weighting(args["cens_model"], conservative=args["conservative_se"])
    options = {"risks": risks, "weighting": weighting}
    level = args["conf_level"]
    loss = brier(formula, data, args["times"], **options)
    answer = {
        "times": loss.times,
        "n": loss.n,
        "n_cases": loss.counts["n_case"],
        "n_controls": loss.counts["n_control"],
        "censoring_survival_at_times": loss.counts["censoring_survival"],
        "censoring_survival_before_own_time_first5": loss.augment()["censoring_survival"][:5],
        "brier": _by_model(loss.tidy(conf_level=level), "brier"),
        "brier_contrasts": _contrasts(loss, level),
    }
    ipa = _by_model(loss.ipa().tidy(), "ipa")
    ibs = _by_model(loss.ibs("step").tidy(), "ibs")
    for model in (NULL_MODEL, *args["models"]):
        answer["brier"][model] |= {"ipa": ipa[model]["ipa"], "ibs": ibs[model]["ibs"]}
    if len(args["times"]) > 1:
        last = loss.ibs("trapezoid").tidy().groupby("marker")["estimate"].last()
        answer["ibs_trapezoid"] = last.to_dict()
    if "auc" in case["expected"]:
        auc = time_roc(formula, data, args["times"], **options)
        answer["auc"] = _by_model(auc.tidy(conf_level=level), "auc")
        answer["auc_contrasts"] = _contrasts(auc, level)
    return answer


def _by_model(table: Any, name: str) -> dict[str, dict[str, Any]]:
    names = {"estimate": name, "std_error": "se", "conf_low": "lower", "conf_high": "upper"}
    return {
        model: {new: rows[old].to_numpy() for old, new in names.items()}
        for model, rows in table.groupby("marker")
    }


def _contrasts(result: Any, level: float) -> list[dict[str, Any]]:
    """The later model minus the earlier one, as riskRegression orders them."""
    if len(result.markers) < 2:
        return []
    rows = result.contrasts(conf_level=level)
    return [
        {
            "time": row.time,
            "model": row.marker1,
            "reference": row.marker2,
            "delta": row.estimate,
            "se": row.std_error,
            "lower": row.conf_low,
            "upper": row.conf_high,
            "p": row.p_value,
        }
        for row in rows.itertuples()
    ]
