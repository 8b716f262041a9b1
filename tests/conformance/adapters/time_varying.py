"""Follow-up in episodes: split and merged rows, and the Cox models on them."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

import faceage_stats as fs

from . import adapter
from .coxph import coefficients, overall, terms_of


def rows_of(table: pd.DataFrame, expected: Any, start: str, stop: str, event: str) -> dict:
    """The rows that a case shows, and how many there are."""
    shown = {
        key: {name: getattr(table[name], end)(len(values)) for name, values in part.items()}
        for key, end in (("first_rows", "head"), ("last_rows", "tail"))
        if (part := expected.get(key))
    }
    answer = {
        **shown,
        "n_rows": len(table),
        "total_time": (table[stop] - table[start]).sum(),
        "column_order": table.columns.tolist(),
    }
    return answer | ({"total_events": table[event].sum()} if event in table else {})


@adapter("surv_split")
def surv_split(args: Any, data: pd.DataFrame, case: Any) -> dict[str, Any]:
    times = [args["start"], args["time"]] if args["start"] else [args["time"]]
    table = fs.surv_split(
        f"Surv({', '.join([*times, args['event']])}) ~ .",
        data,
        cut=args["cut"],
        id=args["id"] if args["id_is_added"] else None,
        episode=args["episode"],
        zero=args["zero"],
    )
    assert set(args["keep"]) <= set(table.columns)
    answer = rows_of(table, case["expected"], times[0] if args["start"] else "tstart",
                     args["time"], args["event"])  # fmt: skip
    counts = table[args["episode"]].value_counts().sort_index() if args["episode"] else None
    return answer | {
        "n_input": len(data),
        "rows_per_episode": None if counts is None else counts.tolist(),
        "episode_values": None if counts is None else counts.index.tolist(),
    }


@adapter("tmerge")
def tmerge(args: Any, data: pd.DataFrame, case: Any) -> dict[str, Any]:
    event = args["event"]
    first = {event["name"]: f"event({args['tstop']}, {event['value']})"} if event else {}
    table = fs.tmerge(
        data[[args["id"], *args["keep"]]],
        data,
        id=args["id"],
        tstart=args["tstart"],
        tstop=args["tstop"],
        **first,
    )
    additions = {step["name"]: step_text(step) for step in args["steps"]}
    table = fs.tmerge(table, case["data2"], id=args["id"], options=args["options"], **additions)
    counts = pd.DataFrame(table.attrs["tmerge"]["counts"]).T
    answer = rows_of(table, case["expected"], "tstart", "tstop", event["name"] if event else "")
    answer["tcount"] = {
        "rows": counts.index,
        "columns": counts.columns,
        "values": counts.to_numpy().tolist(),
    }
    if "cox" in case["expected"]:
        answer["cox"] = cox_on_rows(table, case["r_call"])
    return answer


def step_text(step: dict[str, Any]) -> str:
    """A step as R and we write it: tdc(day, faceage, 60)."""
    assert set(step) <= {"kind", "name", "time", "value", "init"}, step
    given = [str(step[key]) for key in ("time", "value", "init") if key in step]
    return f"{step['kind']}({', '.join(given)})"


def cox_on_rows(table: pd.DataFrame, r_call: str) -> dict[str, Any]:
    """The model that the R call fits on the merged rows."""
    call = re.search(r"coxph\((.*? ~ .*?), data = m,.*?(?:cluster = (\w+))?\)$", r_call)
    assert call, r_call
    return answer_of(fs.coxph(call[1], table, cluster=call[2]))


def answer_of(fit: Any) -> dict[str, Any]:
    return {
        "n": fit.n,
        "nevent": fit.n_event,
        "loglik_null": fit.estimate.log_lik_null,
        "loglik": fit.log_lik,
        "vcov": fit.vcov().to_numpy().tolist(),
        **coefficients(fit),
        **overall(fit),
    }


@adapter("coxph_tt")
def coxph_tt(args: Any, data: pd.DataFrame, case: Any) -> dict[str, Any]:
    right = [*terms_of(args["terms"]), f"tt({args['tt_column']})"]
    return answer_of(
        fs.coxph(
            f"Surv({args['time']}, {args['event']}) ~ {' + '.join(right)}",
            data,
            ties=args["ties"],
            tt=args["tt_function"],
        )
    )


@adapter("cox_step_function")
def step_function(args: Any, data: pd.DataFrame, case: Any) -> dict[str, Any]:
    time, event, column = args["time"], args["event"], args["column"]
    rows = fs.surv_split(f"Surv({time}, {event}) ~ .", data, cut=args["cut"], episode="ep")
    names = [f"{column}_ep{k + 1}" for k in range(len(args["cut"]) + 1)]
    for k, name in enumerate(names):
        rows[name] = rows[column] * (rows["ep"] == k + 1)
    left, others = f"Surv(tstart, {time}, {event})", terms_of(args["other_terms"])
    fit, constant = (
        fs.coxph(f"{left} ~ {' + '.join([*others, *own])}", rows, ties=args["ties"])
        for own in (names, [column])
    )
    test = fs.anova(constant, fit).tidy().iloc[1]
    without = coefficients(constant)
    return answer_of(fit) | {
        "constant_effect": {
            "coef": without["coef"],
            "se": without["se"],
            "loglik": constant.log_lik,
        },
        "lr_against_constant": {
            "stat": test["statistic"],
            "df": test["df"],
            "p": test["p_value"],
        },
    }
