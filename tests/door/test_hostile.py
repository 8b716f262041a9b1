"""Whatever a reader brings: an answer, or a refusal in words; the table stays as it was.

Truth: no exception but those of `faceage_stats.errors`, no warning of another library, no
identifier in their text, and the table compared with a copy. Seeds are fixed: the cohorts are the
same on every machine. Each statistic sees other cohorts, drawn from all that can be composed; how
many it sees here is small, `python -m tests.door.wide_run 2000` shows it thousands.
"""

from __future__ import annotations

import importlib
import re
import warnings
import zlib
from inspect import signature
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, seed, settings

import faceage_stats as fs
from faceage_stats.errors import FaceageError
from tests.door.calls import CALLS, NO_TABLE, NOT_A_STATISTIC
from tests.door.cohorts import SECRET, Cohort, clean_cohort, hostile_cohorts
from tests.door.faults import CHANGED, fault_of, fault_of_answer, read, snapshot
from tests.door.wide_run import drawn
from tests.package_walk import public_functions, room_of

EACH_SEES = 20  # cohorts for a statistic; together the statistics see more than 2,000
ROOMS = ("survival", "association", "prediction")
# of the floor, on tables or on vectors of a table
FLOOR = {"p_adjust", "resample", "bind_tidy"}


def test_every_public_statistic_is_called() -> None:
    known = set(CALLS) | set(NO_TABLE) | set(NOT_A_STATISTIC)
    public = {f.__name__ for f in public_functions() if room_of(f.__module__) in ROOMS} | FLOOR
    assert public - known == set(), "add a call to tests/door/calls.py"
    assert known - public == set(), "no longer public"


@pytest.mark.parametrize("name", CALLS)
def test_hostile_cohorts_are_answered_or_refused_in_words(name: str) -> None:
    @seed(zlib.crc32(name.encode()))
    @settings(
        max_examples=EACH_SEES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(hostile_cohorts())
    def push(cohort: Cohort) -> None:
        before = snapshot(cohort.data)
        for k, call in enumerate(CALLS[name]):
            fault = fault_of_answer(call, cohort)
            assert fault is None, f"{name}[{k}]: {fault}"
            assert snapshot(cohort.data) == before, f"{name}[{k}]: {CHANGED}"

    push()


def test_cohorts_are_those_of_their_seed_whatever_code_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = list(drawn(100))
    (tmp_path / "of_constants.py").write_text(f"NUMBERS = {list(range(200))}", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("of_constants")
    assert list(drawn(100)) == before


NAMED = r"'\w+'( and \d+ more)? (is|are) missing in|missing in \d+ rows"
# What has an answer without values, and counts of a table of three dimensions.
WITHOUT_VALUES = {"state_by", "age_decade", "variant_qc", "adjust_family", "p_adjust", "qvalue"}


@pytest.mark.parametrize("name", [name for name in CALLS if name not in WITHOUT_VALUES])
def test_columns_without_values_are_named(name: str) -> None:
    data = clean_cohort(30).data
    empty = {column: None if column != "day" else pd.NaT for column in data.columns[1:]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for call in CALLS[name][:2]:
            with pytest.raises(FaceageError, match=NAMED):
                read(call(Cohort(data.assign(**empty))))


def of_text(name: str) -> list[str]:
    """Arguments of a statistic that take one text: the name of a column, an option."""
    parameters = signature(getattr(fs, name)).parameters.values()
    return [
        each.name
        for each in parameters
        if re.search(r"\bstr\b|Literal", str(each.annotation))
        and not re.search("Any|Sequence|Mapping|Collection", str(each.annotation))
    ]


@pytest.mark.parametrize("name", CALLS)
def test_what_is_no_text_is_refused_in_words(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cohort, statistic = clean_cohort(20), getattr(fs, name)
    faults = []
    for argument in of_text(name):
        for value in (["x"], {"x": 1}, 5):

            def changed(*given: Any, a: str = argument, v: Any = value, **options: Any) -> Any:
                call = signature(statistic).bind_partial(*given, **options)
                call.arguments[a] = v
                return statistic(*call.args, **call.kwargs)

            monkeypatch.setattr(fs, name, changed)
            fault = fault_of(CALLS[name][0], cohort)
            if fault:
                faults.append(f"{name}({argument}={value!r}): {fault}")
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults)


HOSTILE = (0, -1, 1, 2.5, float("nan"), float("inf"), 1e308, "a", None, True, [], [1, "a"], {})


@pytest.mark.parametrize("name", NO_TABLE)
def test_hostile_numbers_are_answered_or_refused_in_words(name: str) -> None:
    function, right = getattr(fs, name), NO_TABLE[name]
    read(function(**right))
    faults = []
    for argument in right:
        for value in HOSTILE:
            given = Cohort(pd.DataFrame({"patient_id": [SECRET]}))
            options = {**right, argument: value}
            fault = fault_of(lambda c, options=options: function(**options), given)
            if fault:
                faults.append(f"{name}({argument}={value!r}): {fault}")
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults)
