"""Cumulative incidence, Gray's test, Fine-Gray regression."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats.survival.competing.crr import crr
from faceage_stats.survival.competing.cuminc import cuminc

from . import adapter


def _coded(data: Any, args: Any) -> Any:
    """Censoring as 0, whatever its code in the file."""
    status = data[args["status"]]
    return data.assign(**{args["status"]: status.where(status != args["censored_code"], 0)})


@adapter("cumulative_incidence")
def cumulative_incidence(args: Any, data: Any, case: Any) -> dict[str, Any]:
    group = args.get("group")
    right = group or "1"
    if args.get("strata"):
        right += f" + strata({args['strata']})"
    formula = f"Surv({args['time']}, {args['status']}) ~ {right}"
    fit = cuminc(formula, _coded(data, args), rho=args["rho"])
    table = fit.at(args["times"])
    table["cause"] = pd.to_numeric(table["cause"])
    curves = [
        {
            "group": None if group is None else label.removeprefix(f"{group}="),
            "cause": cause,
            "cumulative_incidence": part["estimate"],
            "variance": part["std_error"] ** 2,
            "se": part["std_error"],
        }
        for (cause, label), part in table.groupby(["cause", "group"], sort=True)
    ]
    answer = {"n": len(data), "times": args["times"], "curves": curves}
    if fit.tests is not None:
        answer["gray_test"] = [
            {"cause": int(t.cause), "chisq": t.statistic, "df": t.df, "p": t.p_value}
            for t in fit.gray_test().itertuples()
        ]
    return answer


@adapter("fine_gray")
def fine_gray(args: Any, data: Any, case: Any) -> dict[str, Any]:
    formula = f"Surv({args['time']}, {args['status']}) ~ {' + '.join(args['terms'])}"
    groups = args.get("censoring_groups")
    fit = crr(formula, _coded(data, args), cause=args["cause"], censoring_groups=groups)
    tidy, ratios, glance = fit.tidy(), fit.tidy(exponentiate=True), fit.glance().iloc[0]
    answer = {
        "n": fit.n,
        "n_events": fit.n_event,
        "terms": tidy["term"],
        "coef": tidy["estimate"],
        "se": tidy["std_error"],
        "se_naive": tidy["naive_se"],
        "shr": ratios["estimate"],
        "shr_low": ratios["conf_low"],
        "shr_high": ratios["conf_high"],
        "z": tidy["statistic"],
        "p": tidy["p_value"],
        "vcov": fit.vcov().to_numpy(),
        "loglik": glance["log_lik"],
        "loglik_null": glance["log_lik_null"],
    }
    if args.get("predict_rows"):
        times = args["predict_times"]
        predicted = fit.predict(pd.DataFrame(args["predict_rows"]), times=times)
        rows = np.reshape(predicted["estimate"].to_numpy(), (-1, len(times)))
        answer["predicted_cumulative_incidence"] = {"times": times, "rows": rows}
    return answer
