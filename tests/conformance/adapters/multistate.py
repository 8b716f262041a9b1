"""Probabilities of states over time."""

from __future__ import annotations

from typing import Any

import pandas as pd

import faceage_stats as fs

from . import adapter


@adapter("aalen_johansen")
def states(args: Any, data: Any, case: Any) -> dict[str, Any]:
    codes = {0: "censor", **{code: name for name, code in args["event_codes"].items()}}
    names = data[args["event"]].map(codes)
    data = data.assign(state=pd.Categorical(names, list(codes.values())))
    times = ", ".join(filter(None, [args["start"], args["time"]]))
    fit = fs.aalen_johansen(
        f"Surv({times}, state) ~ {args['group'] or '1'}",
        data,
        id=args["id"],
        istate=args["initial_state_column"],
        weights=args["weights"],
    )
    moves = fit.transitions()
    reached = list(dict.fromkeys(moves["to_state"]))
    counts = [part["n"].tolist() for _, part in moves.groupby("from_state", sort=False)]
    at = fit.at(args["times"])
    return {
        "states": list(fit.states),
        "times": at["time"].unique(),
        "transitions": {"from": list(fit.states), "to": reached, "counts": counts},
        "groups": {label: _group(part) for label, part in at.groupby("strata", sort=False)},
    }


def _group(table: pd.DataFrame) -> dict[str, Any]:
    names = {
        "probability_in_state": "estimate",
        "std_err": "std_error",
        "lower": "conf_low",
        "upper": "conf_high",
        "n_risk": "n_risk",
        "n_event_into_state_since_previous": "n_event",
    }
    by_time = [part for _, part in table.groupby("time", sort=False)]
    return {key: [part[name].tolist() for part in by_time] for key, name in names.items()}
