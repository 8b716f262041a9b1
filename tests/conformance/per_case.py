"""One row per case: R's call, ours, and the number of both that comes closest to its tolerance.

python -m tests.conformance.per_case   # writes elsewhere.csv anew, where the other suite lies
"""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import CellType, FunctionType
from typing import Any

import pandas as pd

import faceage_stats as fs
from faceage_stats._call import checked_call
from faceage_stats._result import Result

from .cases_io import HERE, Case, collect_cases
from .runner import Outcome, run_case

__all__ = ["ELSEWHERE", "elsewhere", "per_case", "ran"]

# Cases whose data may not be copied into this repository: their numbers, as they came out here.
ELSEWHERE = HERE / "elsewhere.csv"


def elsewhere() -> list[Case]:
    """Cases of the suite beside the repository that are not among our own."""
    own = {(c.file, c.name) for c in collect_cases() if c.folder == HERE / "cases"}
    beside = HERE.parents[2] / "shared" / "conformance"
    return [
        c for c in collect_cases() if c.folder == beside.resolve() and (c.file, c.name) not in own
    ]


def ran(case: Case) -> tuple[Outcome, str]:
    """Run a case, and write down which public functions its adapter called."""
    calls: list[str] = []
    inside: list[str] = []  # what a public function calls is not what its user writes

    def noting(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def noted(*args: Any, **options: Any) -> Any:
            if not inside:
                calls.append(_written(function.__name__, args, options))
            inside.append(function.__name__)
            try:
                return function(*args, **options)
            finally:
                inside.pop()

        return noted

    behind = [(cell, cell.cell_contents) for cell in _public_functions()]
    for cell, function in behind:
        cell.cell_contents = noting(function)
    try:
        outcome = run_case(case)
    finally:
        for cell, function in behind:
            cell.cell_contents = function
    return outcome, "; ".join(dict.fromkeys(calls))


@functools.cache
def _public_functions() -> tuple[CellType, ...]:
    """What stands behind the check of each public call: one cell each, which can be filled anew."""
    for name in fs.__all__:
        getattr(fs, name)  # imports it
    check = checked_call(len).__code__  # all of them share it
    found = (each for each in gc.get_objects() if isinstance(each, FunctionType))
    return tuple((each.__closure__ or ())[0] for each in found if each.__code__ is check)


def _written(name: str, args: Iterable[Any], options: Mapping[str, Any]) -> str:
    """Write a call as a reader would: tables are d, results fit."""
    given = [_argument(value) for value in args]
    given += [f"{key}={_argument(v)}" for key, v in options.items() if v is not None]
    return f"{name}({', '.join(given)})"


def _argument(value: Any) -> str:
    if isinstance(value, pd.DataFrame):
        return "d"
    if isinstance(value, Result):
        return "fit"
    if callable(value):  # it prints where it lies in memory
        return "..."
    text = repr(value)
    return text if isinstance(value, str | bool | int | float) or len(text) < 60 else "..."


def per_case(runs: Iterable[tuple[Outcome, str]]) -> pd.DataFrame:
    """Tabulate what `ran` gives.

    Columns: file, case, r_call, our_call, n, n_agreeing, field, r_value, ours,
    relative_to_tolerance, note (why a number has no answer, or R's is not right).
    """
    return pd.DataFrame([_row(*each) for each in runs])


def _row(outcome: Outcome, calls: str) -> dict[str, Any]:
    answered = [c for c in outcome.comparisons if c.answered]
    numbers = [c for c in answered if isinstance(c.expected, float | int) and c.tolerance > 0]
    closest = max(
        (c for c in numbers if c.passed),
        key=lambda c: abs(float(c.got) - float(c.expected)) / c.tolerance,
        default=None,
    )
    lines = [" ".join(each.split()) for each in str(outcome.case.content["r_call"]).splitlines()]
    row = {
        "file": outcome.case.file,
        "case": outcome.case.name,
        "r_call": "\n".join(lines),
        "our_call": calls,
        "n": len(answered),
        "n_agreeing": sum(c.passed for c in answered),
        "field": None,
        "r_value": None,
        "ours": None,
        "relative_to_tolerance": None,
        "note": "; ".join(dict.fromkeys(outcome.reasons.values())) or None,
    }
    if closest is not None:
        difference = abs(float(closest.got) - float(closest.expected))
        row |= {
            "field": closest.field,
            "r_value": f"{float(closest.expected):.15g}",
            "ours": f"{float(closest.got):.15g}",
            "relative_to_tolerance": float(f"{difference / closest.tolerance:.3g}"),
        }
    return row


if __name__ == "__main__":
    per_case(map(ran, elsewhere())).to_csv(Path(ELSEWHERE), index=False)
