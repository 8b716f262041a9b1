"""Rows of a Fine-Gray model, and the Cox fit of them."""

from __future__ import annotations

from typing import Any

import pandas as pd

import faceage_stats as fs

from . import adapter


@adapter("finegray")
def finegray(args: Any, data: Any, case: Any) -> dict[str, Any]:
    codes = {0: "censor", **{code: name for name, code in args["event_codes"].items()}}
    names = data[args["event"]].map(codes)
    data = data.assign(
        state=pd.Categorical(names, list(codes.values())), row=range(1, len(data) + 1)
    )
    terms = [term["column"] for term in args["terms"]]
    strata = f" + strata({args['censoring_strata']})" if args["censoring_strata"] else ""
    times = ", ".join(filter(None, [args["start"], args["time"]]))
    rows = fs.finegray(
        f"Surv({times}, state) ~ {' + '.join(terms)} + row{strata}",
        data,
        cause=args["event_of_interest"],
        weights=args["weights"],
        id=args["id"],
    )
    fit = fs.coxph(
        f"Surv(fgstart, fgstop, fgstatus) ~ {' + '.join(terms)}",
        rows,
        weights="fgwt",
        cluster="row",
    )
    tidy = fit.tidy().query("~is_reference")
    first = case["expected"]["first_rows"]
    shown = rows.head(len(first["row"]))
    return {
        "n_rows": len(rows),
        "sum_of_weights": rows["fgwt"].sum(),
        "weighted_time": (rows["fgwt"] * (rows["fgstop"] - rows["fgstart"])).sum(),
        "first_rows": {name: shown[name].tolist() for name in first},
        "cox": {
            "n": fit.n,
            "nevent": fit.n_event,
            "terms": tidy["term"],
            "coef": tidy["estimate"],
            "se": tidy["std_error"],
            "robust_se": tidy["robust_se"],
            "z": tidy["statistic"],
            "p": tidy["p_value"],
        },
    }
