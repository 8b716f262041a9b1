"""Run conformance cases through the public API and tabulate every value.

python -m tests.conformance.runner --out table.csv
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from faceage_stats.errors import FaceageError, FaceageWarning

from .adapters import Arguments, load_adapters
from .cases_io import Case, collect_cases, prepare_data, prepare_newdata, row_numbers, second_table
from .compare import MISSING, Comparison, Tolerance, compare

__all__ = ["Outcome", "reason_without_r", "run_case", "summary_line", "table"]

HERE = Path(__file__).resolve().parent
UNANSWERED, REFUSALS = HERE / "unanswered.json", HERE / "refusals.json"
CORRECTED = HERE / "corrected.json"
# Keys of `expected` that ask for a behaviour, not for a value.
BEHAVIOUR = ("warnings", "error")
# Keys whose text is R's wording or a remark; compared where an adapter has an answer of its own.
WORDING = ("method", "statistic_name", "rows")


@dataclass(frozen=True)
class Outcome:
    """What became of one case."""

    case: Case
    comparisons: tuple[Comparison, ...]
    reasons: Mapping[str, str]  # field -> why it has no answer

    @property
    def failures(self) -> list[Comparison]:
        return [c for c in self.comparisons if not c.passed and c.field not in self.reasons]

    @property
    def n_compared(self) -> int:
        return sum(c.answered for c in self.comparisons)

    @property
    def n_without_answer(self) -> int:
        return sum(not c.answered for c in self.comparisons)

    @property
    def passed(self) -> bool:
        return not self.failures


def run_case(case: Case) -> Outcome:
    """Answer a case and compare everything that it expects."""
    expected = _expected_values(case.content)
    adapter = load_adapters().get(case.kind)
    if adapter is None:
        comparisons = list(compare(expected, MISSING, Tolerance.of(case.content)))
    else:
        comparisons = _answer_and_compare(case, adapter, expected)
    reasons = {
        c.field: reason
        for c in comparisons
        if not c.passed and (reason := reason_without_r(case, c))
    }
    return Outcome(case, tuple(comparisons), reasons)


def _expected_values(content: Mapping[str, Any]) -> dict[str, Any]:
    """`expected`, cut down to `compare_only`, and without labels where they may differ."""
    only = content.get("compare_only")
    expected = {k: v for k, v in content["expected"].items() if only is None or k in only}
    if content.get("labels_may_differ"):
        groups = expected["groups"]
        expected["groups"] = [{k: v for k, v in g.items() if k != "label"} for g in groups]
    return expected


def _answer_and_compare(case: Case, adapter: Any, expected: dict[str, Any]) -> list[Comparison]:
    content = case.content
    answer: Mapping[str, Any] = {}
    refusal: FaceageError | None = None
    arguments = Arguments(content["args"])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("error")
        warnings.simplefilter("always", FaceageWarning)
        try:
            given = {
                **content, "newdata": prepare_newdata(case), "data2": second_table(case),
                "folder": case.folder, "row_numbers": row_numbers(case),
            }  # fmt: skip
            answer = adapter(arguments, prepare_data(case), given)
        except FaceageError as error:
            refusal = error
    if refusal and "may_refuse" in content:
        return [Comparison("refusal", content["may_refuse"], repr(refusal), 0.0, True)]
    comparisons = []
    if not refusal and arguments.unread():
        ignored = ", ".join(arguments.unread())
        comparisons.append(Comparison("args", "every argument read", ignored, 0.0, False))
    if "warnings" in expected:
        said = "; ".join(str(w.message) for w in caught) or "no warning"
        comparisons.append(Comparison("warnings", "a warning", said, 0.0, bool(caught)))
    if "error" in expected:
        said = [type(each).__name__ for each in (refusal, *(w.message for w in caught)) if each]
        due = _refusals().get(case.name, said[0] if said else "a refusal")
        comparisons.append(Comparison("error", due, ", ".join(said), 0.0, due in said))
    elif refusal:
        comparisons.append(Comparison("error", "no error", repr(refusal), 0.0, False))
    values = {k: v for k, v in expected.items() if k not in BEHAVIOUR and _is_due(k, v, answer)}
    comparisons.extend(compare(values, answer, Tolerance.of(content)))
    return comparisons


def _is_due(key: str, value: Any, answer: Mapping[str, Any]) -> bool:
    return not (key in WORDING and isinstance(value, str) and key not in answer)


@lru_cache(maxsize=1)
def _refusals() -> dict[str, str]:
    """Which of our errors is due in a case where R refuses; a warning, where we have an answer."""
    return dict(json.loads(REFUSALS.read_text(encoding="utf-8")))


@lru_cache(maxsize=1)
def _corrections() -> dict[str, dict[str, Any]]:
    """Cases in which R is wrong: why, and R's numbers once its error is worked around."""
    corrections = json.loads(CORRECTED.read_text(encoding="utf-8"))
    for each in corrections.values():
        right = compare(each.pop("expected"), MISSING, Tolerance(0.0, 0.0, {}, {}))
        each["values"] = {c.field: c.expected for c in right}
    return dict(corrections)


@lru_cache(maxsize=1)
def _unanswered_rules() -> list[dict[str, Any]]:
    return list(json.loads(UNANSWERED.read_text(encoding="utf-8")))


def reason_without_r(case: Case, comparison: Comparison) -> str | None:
    """The listed reason why a value has no answer, or is not R's; None when it is not listed.

    A rule with `within` is for an answer that differs because R's number is inexact: it may differ
    by that much and no more. Where R is wrong, ours is R's once its error is worked around.
    """
    field = comparison.field
    corrected = _corrections().get(case.name, {"values": {}})
    if comparison.answered and field in corrected["values"]:
        right = corrected["values"][field]
        near = abs(comparison.got - right) <= Tolerance.of(case.content).at(field).allowed(right)
        return corrected["reason"] if near else None
    for rule in _unanswered_rules():
        if rule["analysis"] != case.kind or rule.get("case", case.name) != case.name:
            continue
        if not rule.get("args", {}).items() <= case.content["args"].items():
            continue
        if not any(_is_of(field, prefix) for prefix in _listed(rule.get("field"))):
            continue
        if "within" not in rule:
            return None if comparison.answered else rule["reason"]
        if comparison.answered and _apart(comparison, rule) <= rule["within"]:
            return rule["reason"]
    return None


def _listed(fields: str | list[str] | None) -> list[str | None]:
    return list(fields) if isinstance(fields, list) else [fields]


def _is_of(field: str, prefix: str | None) -> bool:
    return prefix is None or field == prefix or field.startswith((f"{prefix}.", f"{prefix}["))


def _apart(comparison: Comparison, rule: Mapping[str, Any]) -> float:
    """The difference; of reciprocals above 1 where R looks for those."""
    got, expected = float(comparison.got), float(comparison.expected)
    if rule.get("reciprocal_above_1") and expected > 1:
        return abs(1 / got - 1 / expected)
    return abs(got - expected)


def summary_line(counts: Iterable[tuple[int, int]]) -> str:
    """The closing line, from (compared, without an answer) of every case."""
    counts = list(counts)
    compared = sum(c for c, _ in counts)
    unanswered = sum(u for _, u in counts)
    return (
        f"conformance: {len(counts)} cases, {compared} values compared, "
        f"{unanswered} values without an answer"
    )


def table(outcomes: Iterable[Outcome] | None = None) -> pd.DataFrame:
    """One row per compared value.

    Columns: file, case, kind, field, r_value, ours, relative_difference, tolerance,
    passed, reason (why there is no answer).
    """
    if outcomes is None:
        outcomes = [run_case(case) for case in collect_cases()]
    rows = [
        {
            "file": outcome.case.file,
            "case": outcome.case.name,
            "kind": outcome.case.kind,
            "field": c.field,
            "r_value": c.expected,
            "ours": c.got if c.answered else None,
            "relative_difference": c.relative_difference,
            "tolerance": c.tolerance,
            "passed": c.passed,
            "reason": outcome.reasons.get(c.field),
        }
        for outcome in outcomes
        for c in outcome.comparisons
    ]
    return pd.DataFrame(rows)


def main(argv: Sequence[str] | None = None) -> int:
    """Write the table of every value and print the closing line; 1 when a case fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="CSV file to write")
    parser.add_argument("--file", action="append", help="only this topic; may be repeated")
    options = parser.parse_args(argv)
    cases = [c for c in collect_cases() if not options.file or c.file in options.file]
    outcomes = [run_case(case) for case in cases]
    if options.out:
        partial = options.out.with_name(options.out.name + ".part")
        table(outcomes).to_csv(partial, index=False)
        os.replace(partial, options.out)
    for outcome in outcomes:
        if not outcome.passed:
            print(f"{outcome.case.label}: {len(outcome.failures)} values differ")
            for c in outcome.failures[:5]:
                print(f"    {c.field}: R {c.expected!r}, ours {c.got!r}, allowed {c.tolerance:.3g}")
    print(summary_line((o.n_compared, o.n_without_answer) for o in outcomes))
    return int(any(not outcome.passed for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
