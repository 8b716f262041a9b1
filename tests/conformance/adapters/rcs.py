"""Restricted cubic splines: basis, default knots, a Cox model with a spline."""

from __future__ import annotations

from typing import Any

import pandas as pd

import faceage_stats as fs
from faceage_stats._expression.splines import rcs_basis, rcs_knots

from . import adapter


@adapter("rcs_basis")
def basis(args: Any, data: Any, case: Any) -> dict[str, Any]:
    return {"basis": rcs_basis(args["x"], args["knots"], args["norm"]).tolist()}


@adapter("rcs_default_knots")
def default_knots(args: Any, data: pd.DataFrame, case: Any) -> dict[str, Any]:
    values = data[args["column"]]
    return {"n": values.notna().sum(), "knots": rcs_knots(values, args["n_knots"])}


@adapter("rcs_cox")
def spline_cox(args: Any, data: pd.DataFrame, case: Any) -> dict[str, Any]:
    left = f"Surv({args['time']}, {args['event']}) ~ "
    others = " + ".join(args["others"])
    spline = f"rcs({args['spline']}, knots={args['knots']})"
    fit = fs.coxph(f"{left}{spline} + {others}", data, ties=args["ties"])
    linear = fs.coxph(f"{left}{args['spline']} + {others}", data, ties=args["ties"])
    total = fit.drop1("wald").tidy().iloc[0]
    beyond = fit.coef.index[1 : len(args["knots"]) - 1]  # the first is linear
    nonlinear = fs.anova(linear, fit).tidy().iloc[1]
    raw, wanted = fit.tidy(), case["expected"].get("log_hr_vs_reference", {})
    answer = {
        "n": fit.n,
        "n_events": fit.n_event,
        "coef": raw["estimate"],
        "se": raw["std_error"],
        "loglik_null": fit.estimate.log_lik_null,
        "loglik": fit.log_lik,
        "wald_total": _test(total),
        "wald_nonlinear": _test(fit.wald_test(beyond).tidy().iloc[0]),
        "lr_nonlinear": _test(nonlinear),
    }
    if wanted:
        answer["log_hr_vs_reference"] = _log_hr(fit, args, data, wanted)
    return answer


def _test(row: pd.Series) -> dict[str, float]:
    return {"chisq": row["statistic"], "df": row["df"], "p": row["p_value"]}


def _log_hr(fit: Any, args: Any, data: pd.DataFrame, wanted: Any) -> dict[str, Any]:
    def at(x: Any) -> pd.DataFrame:
        frame = pd.DataFrame({args["spline"]: x})
        return frame.assign(**{name: data[name].iloc[0] for name in args["others"]})

    table = fit.contrast(at(wanted["x"]), at([wanted["reference"]]))
    return {
        "x": wanted["x"],
        "reference": wanted["reference"],
        "log_hr": table["estimate"],
        "se": table["std_error"],
        "conf_low": table["conf_low"],
        "conf_high": table["conf_high"],
    }
