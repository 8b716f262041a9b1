"""Log-rank family."""

from __future__ import annotations

from typing import Any

from faceage_stats.survival.cox.coxph import coxph
from faceage_stats.survival.km.logrank_trend import logrank_trend
from faceage_stats.survival.km.maxcombo import maxcombo
from faceage_stats.survival.km.pairwise_survdiff import pairwise_survdiff
from faceage_stats.survival.km.survdiff import survdiff

from . import adapter
from .survfit import r_label, survival_formula


def _with_strata(args: Any, group: str, data: Any) -> str:
    strata = args.get("strata") or []
    columns = [strata] if isinstance(strata, str) else list(strata)
    within = f" + strata({', '.join(columns)})" if columns else ""
    return survival_formula(args, group + within, data)


@adapter("logrank")
def logrank(args: Any, data: Any, case: Any) -> dict[str, Any]:
    formula = survival_formula(args, args["formula"].partition("~")[2].strip(), data)
    test = survdiff(formula, data, rho=args["rho"])
    return {
        "groups": [r_label(label, args["formula"]) for label in test.groups],
        "n": test.tidy()["n"],
        "observed": test.tidy()["observed"],
        "expected": test.tidy()["expected"],
        "var": test.vcov().to_numpy(),
        "chisq": test.statistic,
        "df": test.df,
        "p": test.p_value,
    }


@adapter("pairwise_logrank")
def pairwise(args: Any, data: Any, case: Any) -> dict[str, Any]:
    group, formula = args["group"], _with_strata(args, args["group"], data)
    tables = {
        method: pairwise_survdiff(formula, data, rho=args["rho"], p_adjust=method).tidy()
        for method in args["adjust"]
    }
    table = next(iter(tables.values()))
    p_adjusted = {method: each["p_adjusted"] for method, each in tables.items()}
    return {
        "group1": table["group1"].str.removeprefix(f"{group}="),
        "group2": table["group2"].str.removeprefix(f"{group}="),
        "chisq": table["statistic"],
        "p": table["p_value"],
        "p_adjusted": p_adjusted if len(tables) > 1 else table["p_adjusted"],
    }


@adapter("logrank_trend")
def trend(args: Any, data: Any, case: Any) -> dict[str, Any]:
    test = logrank_trend(_with_strata(args, args["group"], data), data, scores=args["scores"])
    levels = dict(zip(args["levels"], args["scores"], strict=True))
    scored = data.assign(score=data[args["group"]].astype(str).map(levels).astype(float))
    fit = coxph(_with_strata(args, "score", data), scored, ties=args["ties"])
    score = fit.tests().set_index("method").loc["score"]
    row, own = fit.tidy().iloc[0], test.tidy().iloc[0]
    return {
        "logrank_trend": {"stat": own["statistic"], "df": own["df"], "p": own["p_value"]},
        "cox_score": {"stat": score["statistic"], "df": score["df"], "p": score["p_value"]},
        "cox_coef": row["estimate"],
        "cox_se": row["std_error"],
        "cox_wald_p": row["p_value"],
    }


WEIGHTS = {
    "logrank": "fleming_harrington",
    "fh": "fleming_harrington",
    "gehan_breslow": "gehan",
    **{name: name for name in ("tarone_ware", "peto_peto", "modified_peto")},
}


@adapter("weighted_logrank")
def weighted(args: Any, data: Any, case: Any) -> dict[str, Any]:
    powers = {"rho": args["fh_p"], "gamma": args["fh_q"]} if args["weight"] == "fh" else {}
    formula = survival_formula(args, args["group"], data)
    test = survdiff(formula, data, weight=WEIGHTS[args["weight"]], **powers)
    table = test.tidy()
    return {
        "groups": table["group"].str.removeprefix(f"{args['group']}="),
        "n": table["n"],
        "observed": table["n_event"],
        "weighted_o_minus_e": table["excess"],
        "var": test.vcov().to_numpy(),
        "chisq": test.statistic,
        "df": test.df,
        "p": test.p_value,
        "weights_first10": test.weights()["weight"].head(10),
        "z": table["statistic"].iloc[1],  # of the second of two groups
    }


@adapter("maxcombo")
def largest(args: Any, data: Any, case: Any) -> dict[str, Any]:
    formula = survival_formula(args, args["group"], data)
    weights = [(each["p"], each["q"]) for each in args["fh"]]
    test = maxcombo(formula, data, weights=weights)
    less = maxcombo(formula, data, weights=weights, alternative="less")
    return {
        "z": test.tidy()["statistic"],
        "correlation": test.vcov().to_numpy(),
        "max_abs_z": test.statistic,
        "p_two_sided": test.p_value,
        "min_z": less.statistic,
        "p_one_sided_second_group_lives_longer": less.p_value,
    }
