"""Every case of every suite: our numbers against R's (truth: R, version in the cases' README)."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from .cases_io import Case, collect_cases
from .per_case import ELSEWHERE, elsewhere, ran
from .runner import CORRECTED, HERE, REFUSALS, UNANSWERED, reason_without_r, run_case

CASES = collect_cases()


@pytest.mark.parametrize("case", CASES, ids=[case.label for case in CASES])
def test_case_agrees_with_r(case: Case, count_values) -> None:
    outcome = run_case(case)
    count_values(outcome.n_compared, outcome.n_without_answer)
    lines = [
        f"{c.field}: R {c.expected!r}, ours {c.got!r}, allowed difference {c.tolerance:.3g}"
        for c in outcome.failures
    ]
    assert not lines, f"{len(lines)} of {len(outcome.comparisons)} values:\n" + "\n".join(
        lines[:20]
    )


def test_every_refusal_of_our_cases_is_named() -> None:
    refused = {
        c.name for c in CASES if c.folder == HERE / "cases" and "error" in c.content["expected"]
    }
    assert refused == set(json.loads(REFUSALS.read_text(encoding="utf-8")))


def test_no_listed_reason_is_stale() -> None:
    """What is listed as without an answer, or as inexact in R, must still be so somewhere."""
    reasons = {rule["reason"] for rule in json.loads(UNANSWERED.read_text(encoding="utf-8"))}
    assert all(reasons)
    kinds = {case.kind for case in CASES}
    for rule in json.loads(UNANSWERED.read_text(encoding="utf-8")):
        if rule["analysis"] not in kinds:
            continue  # a suite that is not on this machine
        outcomes = [run_case(case) for case in CASES if case.kind == rule["analysis"]]
        used = any(
            reason_without_r(outcome.case, c) == rule["reason"]
            for outcome in outcomes
            for c in outcome.comparisons
            if not c.passed
        )
        assert used, f"unanswered.json still lists {rule}, but every such value agrees"


def test_no_correction_of_r_is_stale() -> None:
    """Where R is said to be wrong, its number must differ from ours, and ours be the right one."""
    for name, correction in json.loads(CORRECTED.read_text(encoding="utf-8")).items():
        case = next(c for c in CASES if c.name == name)
        assert correction["reason"] in run_case(case).reasons.values(), name


@pytest.mark.skipif(not elsewhere(), reason="the suite beside the repository is not here")
def test_numbers_recorded_of_the_other_suite_are_those_of_today() -> None:
    """A case of each file whose data may not be copied: the page shows what came out here."""
    recorded = pd.read_csv(ELSEWHERE, dtype=str).set_index(["file", "case"])
    cases = elsewhere()
    assert {(c.file, c.name) for c in cases} == set(recorded.index)
    for case in {c.file: c for c in cases}.values():
        outcome, calls = ran(case)
        row = recorded.loc[(case.file, case.name)]
        assert row["our_call"] == calls
        # which number differs most is a matter of last digits: the recorded one is looked up
        now = next((c for c in outcome.comparisons if c.field == row["field"]), None)
        if now is not None:
            assert float(row["r_value"]) == pytest.approx(float(now.expected), rel=1e-14)
            assert float(row["ours"]) == pytest.approx(float(now.got), rel=1e-9)
        else:
            assert pd.isna(row["field"])
