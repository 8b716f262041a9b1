"""Parametric survival models."""

from __future__ import annotations

from typing import Any

import pandas as pd

import faceage_stats as fs

from . import adapter
from .coxph import r_stratum, terms_of


@adapter("survreg")
def parametric(args: Any, data: Any, case: Any) -> dict[str, Any]:
    right = terms_of(args["terms"]) or ["1"]
    if args["scale_strata"]:
        right.append(f"strata({args['scale_strata']})")
    options = {} if args["df_t"] is None else {"df": args["df_t"]}
    fit = fs.survreg(
        f"{_outcome(args['outcome'])} ~ {' + '.join(right)}",
        data,
        distribution=args["distribution"],
        scale=args["fixed_scale"],
        weights=args["weights"],
        **options,
    )
    table = fit.tidy()
    table = table[table["std_error"].notna()]
    row, scale_of = fit.glance().iloc[0], args["scale_strata"]
    answer = {
        "n": row["n"],
        "terms": [r_stratum(t, data) if scale_of and "=" in t else t for t in table["term"]],
        "table_value": table["estimate"].tolist(),
        "table_se": table["std_error"].tolist(),
        "table_z": table["statistic"].tolist(),
        "table_p": table["p_value"].tolist(),
        "coef": fit.coef.tolist(),
        "scale": fit.scale.tolist(),
        "loglik_intercept_only": row["log_lik_null"],
        "loglik": row["log_lik"],
        "df_total": row["df"],
        "n_omitted": row["n_missing"],
        "vcov": fit.vcov().to_numpy().tolist(),
        "aic": row["aic"],
        "bic": row["bic"],
        "lr_test": None,  # without a covariate
    }
    if args["newdata"]:
        answer["predict"] = _predicted(fit, pd.DataFrame(args["newdata"]), args["quantile_p"])
    if row["df_log"]:
        names = {"stat": "statistic_log", "df": "df_log", "p": "p_value_log"}
        answer["lr_test"] = {r: row[ours] for r, ours in names.items()}
    if "as_proportional_hazards" in case["expected"]:
        ratios = fit.hazard_ratios(exponentiate=False)
        log_hr = ratios.loc[~ratios["is_reference"], "estimate"].tolist()
        answer["as_proportional_hazards"] = {"shape": 1 / fit.scale.iloc[0], "log_hr": log_hr}
    return answer


def _predicted(fit: Any, newdata: pd.DataFrame, probs: Any) -> dict[str, Any]:
    kinds = ("quantile", "uquantile")
    quantile = {kind: fit.predict(newdata, kind, probs=probs) for kind in kinds}
    response, lp = fit.predict(newdata), fit.predict(newdata, "lp")
    return {
        "response": response["estimate"].tolist(),
        "response_se": response["std_error"].tolist(),
        "lp": lp["estimate"].tolist(),
        "lp_se": lp["std_error"].tolist(),
        **{kind: _wide(table, "estimate") for kind, table in quantile.items()},
        **{f"{kind}_se": _wide(table, "std_error") for kind, table in quantile.items()},
    }


def _outcome(outcome: Any) -> str:
    if outcome["kind"] == "interval2":
        return f"Surv({outcome['lower']}, {outcome['upper']}, type = 'interval2')"
    if outcome["kind"] == "left":
        return f"Surv({outcome['value']}, {outcome['observed_when']}, type = 'left')"
    return f"Surv({outcome['time']}, {outcome['event']})"


def _wide(table: pd.DataFrame, column: str) -> list[list[float]]:
    """One row per row of new data, one column per probability."""
    by_prob = [part[column].to_numpy() for _, part in table.groupby("prob", sort=False)]
    return pd.DataFrame(by_prob).T.to_numpy().tolist()
