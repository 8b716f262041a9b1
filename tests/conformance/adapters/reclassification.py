"""NRI, IDI, risk-group tables, paired concordance."""

from __future__ import annotations

from typing import Any

from faceage_stats.prediction.risk.rcorrp_cens import rcorrp_cens
from faceage_stats.prediction.risk.reclassification import idi, nri

from . import adapter
from .r_order import first_minus_second

# our quantity -> Hmisc's suffix
SUFFIXES = {"nri_event": "nri_ev", "nri_nonevent": "nri_ne", "nri": "nri", "idi": "idi"}


@adapter("continuous_nri_idi")
def continuous(args: Any, data: Any, case: Any) -> dict[str, Any]:
    outcome = args["outcome"]
    if args.get("horizon") is not None:  # rows whose status at the horizon is known
        time, event, horizon = data[args["time"]], data[args["event"]], args["horizon"]
        data = data[(event == 1) | (time >= horizon)]
        data = data.assign(known_event=((event == 1) & (time <= horizon)).astype(int))
        outcome = "known_event"
    formula = f"{outcome} ~ {args['risk_old']} + {args['risk_new']}"
    moves, change = nri(formula, data), idi(formula, data)
    means = change.tidy().set_index("quantity")["estimate"]
    answer = {
        "n": moves.n,
        "n_used": moves.n,
        "na": moves.n_event,
        "nb": moves.n - moves.n_event,
        "pup_ev": moves.parts["up_event"],
        "pup_ne": moves.parts["up_nonevent"],
        "pdown_ev": moves.parts["down_event"],
        "pdown_ne": moves.parts["down_nonevent"],
        "improveSens": means["idi_event"],
        "improveSpec": means["idi_nonevent"],
    }
    for result in (moves, change):
        for row in result.tidy().itertuples():
            if name := SUFFIXES.get(row.quantity):
                answer |= {name: row.estimate, f"se_{name}": row.std_error}
                answer |= {f"z_{name}": row.statistic, f"p_{name}": row.p_value}
    return answer


@adapter("category_nri")
def categories(args: Any, data: Any, case: Any) -> dict[str, Any]:
    formula = f"{args['outcome']} ~ {args['risk_old']} + {args['risk_new']}"
    result = nri(formula, data, cuts=args["cuts"])
    table = result.tidy().set_index("quantity")
    row = table.loc["nri"]
    return {
        "table_event_old_by_new": result.tables["event"].to_numpy(),
        "table_nonevent_old_by_new": result.tables["nonevent"].to_numpy(),
        "nri_event": table.loc["nri_event", "estimate"],
        "nri_nonevent": table.loc["nri_nonevent", "estimate"],
        "nri": row["estimate"],
        "se_null": row["std_error_null"],
        "z_null": row["statistic_null"],
        "p_null": row["p_value_null"],
        "se": row["std_error"],
        "z": row["statistic"],
        "p": row["p_value"],
        "lower95": row["conf_low"],
        "upper95": row["conf_high"],
    }


@adapter("survival_nri_kaplan_meier")
def survival(args: Any, data: Any, case: Any) -> dict[str, Any]:
    formula = f"Surv({args['time']}, {args['event']}) ~ {args['risk_old']} + {args['risk_new']}"
    result = nri(formula, data, times=args["horizon"], cuts=args["cuts"])
    estimates = result.tidy().set_index("quantity")["estimate"]
    return {"n": result.n, **result.parts, **estimates.to_dict()}


@adapter("rcorrp_cens")
def paired_concordance(args: Any, data: Any, case: Any) -> dict[str, Any]:
    formula = f"Surv({args['time']}, {args['event']}) ~ {args['marker1']} + {args['marker2']}"
    result = rcorrp_cens(formula, data, method=args["method"])
    row = first_minus_second(result.tidy()).iloc[0]
    return {
        "dxy": row["estimate"],
        "s_d_": result.std_error,
        "x1_more_concordant": result.estimate1,
        "x2_more_concordant": result.estimate2,
        "n": result.n,
        "missing": result.n_missing,
        "uncensored": result.n_event,
        "relevant_pairs": result.relevant_pairs,
        "uncertain": result.uncertain_pairs,
        "c_x1": result.concordance1,
        "c_x2": result.concordance2,
        "dxy_x1": 2 * result.concordance1 - 1,
        "dxy_x2": 2 * result.concordance2 - 1,
        "z": row["statistic"],
        "p": row["p_value"],
    }
