"""Propensity weights, their balance, and what is weighted by them."""

from __future__ import annotations

from typing import Any

import faceage_stats as fs

from . import adapter
from .coxph import terms_of
from .survfit import survival_formula


@adapter("iptw")
def weights(args: Any, data: Any, case: Any) -> dict[str, Any]:
    listed = args["propensity_terms"]
    terms = terms_of(listed)
    columns = [name for term in listed for name in term.get("of", [term.get("column")])]
    used = [args["treatment"], *columns, args["time"], args["event"], *args["balance"]]
    found = fs.ipw(
        f"{args['treatment']} ~ {' + '.join(terms)}",
        data.dropna(subset=used).assign(row=range(len(data.dropna(subset=used)))),
        estimand=args["estimand"],
        stabilised=args["stabilised"],
        truncate=args["truncate_weight_quantiles"],
        trim=args["drop_propensity_outside"],
    )
    rows, arms = found.augment(), found.tidy()
    balance = found.balance(args["balance"])
    formula = survival_formula(args, args["treatment"], rows)
    curves = fs.survfit(formula, rows, weights="weight", cluster="row").at(args["times"])
    cox = fs.coxph(formula, rows, weights="weight", robust=True)
    effect, ratio = cox.tidy().iloc[0], cox.tidy(exponentiate=True).iloc[0]
    by_arm = {"control": f"{args['treatment']}=0", "treated": f"{args['treatment']}=1"}
    return {
        "n": len(rows),
        "propensity_first6": rows["propensity"].head(6),
        "weight_first6": rows["weight"].head(6),
        "weight_sum": dict(zip("01", arms["weight"], strict=True)),
        "weight_max": rows["weight"].max(),
        "effective_sample_size": dict(zip("01", arms["n_effective"], strict=True)),
        "balance": {
            "variables": balance["variable"],
            "smd_before": balance["smd_before"],
            "smd_after": balance["smd_after"],
            "mean_treated": balance["mean1"],
            "mean_control": balance["mean2"],
        },
        "km": {arm: _curve(curves[curves["strata"] == label]) for arm, label in by_arm.items()},
        "cox": {
            "n": cox.n,
            "coef": [effect["estimate"]],
            "se": [effect["std_error"]],
            "robust_se": [effect["robust_se"]],
            "z": [effect["statistic"]],
            "p": [effect["p_value"]],
            "hr_lower": ratio["conf_low"],
            "hr_upper": ratio["conf_high"],
        },
    }


@adapter("weighted_table")
def weighted_table(args: Any, data: Any, case: Any) -> dict[str, Any]:
    group, of = args["group"], [*args["continuous"], args["categorical"]]
    rows = data.dropna(subset=[args["weights"], group, *of])
    table = fs.table_one(
        rows.astype({args["categorical"]: "category"}), group, of, overall=False, test=True,
        weights=args["weights"],
    )  # fmt: skip
    cells, tests = table.tidy(), table.comparisons().set_index("variable")
    sizes = table.groups()
    levels = cells[cells["variable"] == args["categorical"]]
    by_group = {
        name: levels.pivot(index="level", columns="group", values=name).to_numpy()
        for name in ("weight", "fraction")
    }
    of_factor = tests.loc[args["categorical"]]
    return {
        "n": len(rows),
        "weighted_n": dict(zip(sizes["group"], sizes["weight"], strict=True)),
        "groups": sizes["group"],
        "continuous": {
            name: {
                "mean": part["mean"],
                "se_of_mean": part["std_error"],
                "sd": part["std_dev"],
                "quartiles": part[["q25", "median", "q75"]].to_numpy(),
                "t": tests.loc[name, "statistic"],
                "df": tests.loc[name, "df"],
                "p": tests.loc[name, "p_value"],
            }
            for name, part in cells.groupby("variable")
            if name in args["continuous"]
        },
        "categorical": {
            "levels": levels["level"].unique(),
            "weighted_counts": by_group["weight"],
            "column_proportions": by_group["fraction"],
            "rao_scott_f": of_factor["statistic"],
            "rao_scott_df": [of_factor["df"], of_factor["df_residual"]],
            "p": of_factor["p_value"],
        },
    }


def _curve(table: Any) -> dict[str, Any]:
    return {
        "times": table["time"],
        "surv": table["estimate"],
        "robust_std_err": table["std_error"],
        "n_risk_weighted": table["n_risk"],
    }
