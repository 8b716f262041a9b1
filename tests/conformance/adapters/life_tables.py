"""Expected survival, standardised mortality and person-years."""

from __future__ import annotations

from typing import Any

import pandas as pd

import faceage_stats as fs
from tests.conformance.cases_io import LAST_DIGIT

from . import adapter

_SEX = {1: "male", 2: "female", "m": "male", "f": "female"}


def _table_and_people(args: Any, data: Any, case: Any) -> tuple[Any, Any, dict[str, Any]]:
    rates = pd.read_csv(case["folder"] / args["rate_table"], **LAST_DIGIT)
    people = data.assign(sex_text=data[args["sex"]].map(lambda s: _SEX.get(s, s)))
    known = {"rates": rates, "age": args["age_years"], "sex": "sex_text"}
    return rates, people, {**known, "start": args["entry_date"]}


@adapter("expected_survival")
def expected(args: Any, data: Any, case: Any) -> dict[str, Any]:
    _, people, known = _table_and_people(args, data, case)
    surv = f"Surv({args['time']}, {args['event']})"
    group = args["group"] or "1"
    curves = {
        method: fs.survexp(f"{surv} ~ {group}", people, times=args["times"], method=method, **known)
        for method in ("ederer", "hakulinen", "conditional")
    }
    own = curves["ederer"].augment()
    exact, byar = (fs.smr(f"{surv} ~ 1", people, method=m, **known) for m in ("exact", "byar"))
    row, test, approximate = exact.tidy().iloc[0], exact.logrank().iloc[0], byar.tidy().iloc[0]
    by_group = fs.smr(f"{surv} ~ {group}", people, **known).tidy()
    ages = fs.pyears(f"{surv} ~ {group}", people, age=args["age_years"], breaks=[0, 150])
    return {
        "n": len(own),
        "individual_expected_hazard_first6": own["cumhaz"].head(6),
        "individual_expected_survival_first6": own["estimate"].head(6),
        "observed": row["observed"],
        "expected": row["expected"],
        "smr": row["estimate"],
        "smr_lower_exact": row["conf_low"],
        "smr_upper_exact": row["conf_high"],
        "smr_p_exact": row["p_value"],
        "smr_lower_byar": approximate["conf_low"],
        "smr_upper_byar": approximate["conf_high"],
        "one_sample_logrank_chisq": test["statistic"],
        "one_sample_logrank_p": test["p_value"],
        "times": args["times"],
        "groups": list(by_group["strata"]),
        "ederer1": _by_group(curves["ederer"]),
        "hakulinen": _by_group(curves["hakulinen"]),
        "conditional_ederer2": _by_group(curves["conditional"]),
        "pyears": {
            "person_years": by_group["person_years"],
            "n": by_group["n"],
            "events": by_group["observed"],
            "expected": by_group["expected"],
            "offtable": ages.glance()["person_years_outside"].item(),
        },
    }


def _by_group(curve: fs.SurvExp) -> list[list[float]]:
    return [part["estimate"].tolist() for _, part in curve.tidy().groupby("strata", sort=False)]


@adapter("person_years")
def person_years(args: Any, data: Any, case: Any) -> dict[str, Any]:
    counted = fs.pyears(
        f"Surv({args['time']}, {args['event']}) ~ {args['group'] or '1'}",
        data,
        age=args["age_years"],
        breaks=args["age_breaks"],
    )
    table = counted.tidy()
    labels = [label.partition("=")[2] for label in table["strata"].unique()]

    def wide(column: str) -> list[list[float]]:
        parts = [part[column].to_numpy() for _, part in table.groupby("strata", sort=False)]
        return pd.DataFrame(parts).T.to_numpy().tolist()

    return {
        "bands": list(table["level"].unique()),
        "group_levels": labels if args["group"] else None,
        "person_years": wide("person_years"),
        "n": wide("n"),
        "events": wide("n_event"),
        "offtable": counted.glance()["person_years_outside"].item(),
    }
