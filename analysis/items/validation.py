"""Validation against R, number by number."""

import sys
from pathlib import Path

import pandas as pd

import faceage_stats as fs

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # the cases and their runner live with the tests

TABLES = ()
READS = "cases computed by R"
FILES = (
    "tests/conformance/cases/*.json", "tests/conformance/*.json", "tests/conformance/**/*.py",
    "tests/conformance/elsewhere.csv", "benchmarks/results/*.csv",
)  # fmt: skip
SHOWN = ["file", "case", "field", "r_value", "ours", "relative_difference", "relative_to_tolerance"]


def make(data, settings):
    """Run every case that ships with the tests and set R's numbers beside ours."""
    from tests.conformance.cases_io import collect_cases
    from tests.conformance.per_case import ELSEWHERE, per_case, ran
    from tests.conformance.runner import table

    runs = [ran(case) for case in collect_cases() if ROOT in Path(case.folder).parents]
    values = table(outcome for outcome, _ in runs)
    cases = pd.concat([per_case(runs), pd.read_csv(ELSEWHERE, dtype={"r_value": str, "ours": str})])
    wrong = cases["note"].fillna("").str.contains("R is wrong")
    answered = values[values["ours"].notna()]
    numbers = ["r_value", "ours", "relative_difference", "tolerance"]
    numeric = answered.assign(
        **{name: pd.to_numeric(answered[name], errors="coerce") for name in numbers}
    ).dropna(subset="relative_difference")
    difference = (numeric["ours"] - numeric["r_value"]).abs()
    numeric = numeric.assign(relative_to_tolerance=difference / numeric["tolerance"])
    topics = (
        numeric.groupby("file", sort=False)
        .agg(n_cases=("case", "nunique"), n=("field", "size"), n_agreeing=("passed", "sum"),
             median_difference=("relative_difference", "median"),
             largest_ratio=("relative_to_tolerance", "max"))
        .reset_index()
    )  # fmt: skip
    numeric = numeric.sort_values("relative_to_tolerance", ascending=False, kind="stable")
    digits = {name: numeric[name].map("{:.15g}".format) for name in ("r_value", "ours")}
    numeric = numeric.assign(**digits)
    apart = numeric.loc[~numeric["passed"].astype(bool), [*SHOWN[:5], "reason"]]
    return fs.Item(
        answer=(
            "{n_agreeing} of {n_compared} numbers of {n_case} cases equal R's within the tolerance "
            "of their case; each of the {n_apart} others stands below, and so does the reason. The "
            "table of cases has all {n_all}, of which {n_elsewhere} are of data that may not be "
            "copied here."
        ),
        checks=(
            "Tolerances stand in the cases, with R's call; the second table shows the numbers that "
            "come closest to theirs."
        ),
        numbers={
            "n_case": int(topics["n_cases"].sum()),
            "n_compared": int(topics["n"].sum()),
            "n_agreeing": int(topics["n_agreeing"].sum()),
            "n_apart": len(apart),
            "n_all": len(cases),
            "n_elsewhere": len(cases) - len(runs),
        },
        caption=(
            f"{int(topics['n_cases'].sum())} cases, {int(topics['n'].sum()):,} numbers compared; "
            f"{len(apart)} outside their tolerance, each with its reason. The values closest to "
            "their tolerance come first."
        ),
        tables={
            "topics": topics,
            "other_than_r": apart.drop(columns="reason"),
            "reasons": apart.groupby(["file", "case", "reason"], sort=False)
            .agg(n=("field", "size"))
            .reset_index(),
            "r_is_wrong": cases.loc[wrong, ["file", "case", "r_call", "our_call"]],
            "cases": cases.drop(columns="n_agreeing").reset_index(drop=True),
            "every_value": numeric[SHOWN],
        },
        columns={
            "file": "topic",
            "case": "case",
            "r_call": "call of R",
            "our_call": "call of this package",
            "n": "numbers compared",
            "note": "why a number has no answer, or is not R's",
            "reason": "why a number is not R's",
            "field": "number compared",
            "n_cases": "cases with numbers",
            "n_agreeing": "numbers within their tolerance",
            "median_difference": "median relative difference",
            "largest_ratio": "largest difference relative to the tolerance of the case",
            "relative_to_tolerance": "difference relative to the tolerance of the case",
            "r_value": "R's value",
            "ours": "value of this package",
            "relative_difference": "difference divided by R's value",
        },
    )
